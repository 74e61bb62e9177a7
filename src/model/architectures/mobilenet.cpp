#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

namespace {

constexpr double batch_norm_epsilon = 1e-4;

/// Convolutions within each channel, each followed by one across them (Howard et al., "MobileNets: efficient
/// convolutional neural networks for mobile vision applications", 2017). Defaults are YAMNet's.
class Mobilenet : public Architecture {
  public:
    void read(OptionReader& options) override {
        options.width("stem", stem_);
        options.widths("filters", filters_);
        options.widths("strides", strides_, filters_.size());
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        layers.image();
        layers.convolution("stem", stem_, {.stride = 2});
        layers.batch_norm("stem_norm", true, batch_norm_epsilon);
        for (std::size_t i = 0; i < filters_.size(); ++i) {
            const std::string block = fmt::format("block{}", i + 1);
            layers.convolution(block + ".depthwise", layers.channels(),
                               {.stride = static_cast<int>(strides_[i]), .groups = layers.channels()});
            layers.batch_norm(block + ".depthwise_norm", true, batch_norm_epsilon);
            layers.padded_convolution(block + ".pointwise", filters_[i], 1);
            layers.batch_norm(block + ".pointwise_norm", true, batch_norm_epsilon);
        }
        layers.average();
        layers.dropout(dropout_);
    }

  private:
    std::int64_t stem_ = 32;
    std::vector<std::int64_t> filters_{64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
    std::vector<std::int64_t> strides_{1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
    double dropout_ = 0.0;
};

}  // namespace

std::unique_ptr<Architecture> make_mobilenet() {
    return std::make_unique<Mobilenet>();
}

}  // namespace earmark::model
