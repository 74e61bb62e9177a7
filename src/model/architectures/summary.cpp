#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

namespace {

/// Dense layers over statistics over time of each band.
class Summary : public Architecture {
  public:
    void read(OptionReader& options) override {
        options.widths("hidden", hidden_);
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        layers.summary();
        layers.batch_norm("norm");
        layers.flatten();
        layers.hidden(hidden_, dropout_);
    }

  private:
    std::vector<std::int64_t> hidden_{512};
    double dropout_ = 0.3;
};

}  // namespace

std::unique_ptr<Architecture> make_summary() {
    return std::make_unique<Summary>();
}

}  // namespace earmark::model
