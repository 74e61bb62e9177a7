#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

namespace {

/// Which convolutions a batch norm follows.
enum class NormPlaces { first, all, none };

constexpr auto enum_table(NormPlaces) {
    return std::array{base::EnumName{NormPlaces::first, "first"}, base::EnumName{NormPlaces::all, "all"},
                      base::EnumName{NormPlaces::none, "none"}};
}

/// Three convolutions, each with a pool. Defaults are the paper's, and those of the course that its code follows.
class Cnn : public Architecture {
  public:
    void read(OptionReader& options) override {
        options.width("filters", filters_);
        options.width("dense", dense_);
        options.rate("dropout", dropout_);
        options.choice("batch_norm", batch_norm_);
    }

    void build(LayerBuilder& layers) const override {
        layers.image();
        int number = 0;
        for (int kernel : {3, 3, 2}) {
            ++number;
            layers.convolution(fmt::format("convolution{}", number), filters_,
                               {.kernel = {kernel, kernel},
                                .same_frames = false,
                                .same_coefficients = false,
                                .bias = true,
                                .relu = true});
            layers.max_pool(kernel, 2);
            if (batch_norm_ == NormPlaces::all || (batch_norm_ == NormPlaces::first && number == 1)) {
                layers.batch_norm(fmt::format("norm{}", number));
            }
        }
        layers.flatten();
        layers.dense("dense1", dense_, true);
        layers.dropout(dropout_);
    }

  private:
    std::int64_t filters_ = 32;
    std::int64_t dense_ = 64;
    double dropout_ = 0.3;
    NormPlaces batch_norm_ = NormPlaces::first;
};

}  // namespace

std::unique_ptr<Architecture> make_cnn() {
    return std::make_unique<Cnn>();
}

}  // namespace earmark::model
