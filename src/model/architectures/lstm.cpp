#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

namespace {

/// Two layers of LSTM over the frames. Defaults are the paper's, and those of the course that its code follows.
class Lstm : public Architecture {
  public:
    void read(OptionReader& options) override {
        options.width("units", units_);
        options.width("dense", dense_);
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        layers.recurrent(LayerKind::lstm, "lstm1", units_, true);
        layers.recurrent(LayerKind::lstm, "lstm2", units_, false);
        layers.dense("dense1", dense_, true);
        layers.dropout(dropout_);
    }

  private:
    std::int64_t units_ = 64;
    std::int64_t dense_ = 64;
    double dropout_ = 0.3;
};

}  // namespace

std::unique_ptr<Architecture> make_lstm() {
    return std::make_unique<Lstm>();
}

}  // namespace earmark::model
