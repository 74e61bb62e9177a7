#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

namespace {

/// Dense layers over all values of a segment; without hidden ones a linear classifier. Defaults are the paper's.
class Mlp : public Architecture {
  public:
    void read(OptionReader& options) override {
        options.widths_or_none("hidden", hidden_);
        options.rate("dropout", dropout_);
        options.number("l2", l2_, 0.0, 1e6);
    }

    void build(LayerBuilder& layers) const override {
        layers.flatten();
        layers.hidden(hidden_, dropout_, l2_);
    }

  private:
    std::vector<std::int64_t> hidden_{512, 256, 64};
    double dropout_ = 0.3;
    double l2_ = 0.001;
};

}  // namespace

std::unique_ptr<Architecture> make_mlp() {
    return std::make_unique<Mlp>();
}

}  // namespace earmark::model
