#include "model/architectures/choi.hpp"

namespace earmark::model {

namespace {

/// Five blocks of kernels 3 × 3, which leave one pixel.
class ChoiCnn : public Architecture {
  public:
    ChoiCnn(ChoiWidths widths, bool frame_norm) : widths_(std::move(widths)) { blocks_.frame_norm = frame_norm; }

    void read(OptionReader& options) override {
        widths_.read(options, "");
        blocks_.read(options, widths_.filters.size());
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        widths_.build(layers, [this](LayerBuilder& each, const ChoiWidths& widths) {
            blocks_.add(each, widths.filters);
            each.flatten();
            each.dropout(dropout_);
        });
    }

  private:
    ChoiWidths widths_;
    ChoiBlocks blocks_{.pools = {{4, 2}, {4, 2}, {4, 2}, {5, 3}, {4, 4}}};
    double dropout_ = 0.5;
};

}  // namespace

/// As its authors published it with its weights (github.com/keunwoochoi/music-auto_tagging-keras).
std::unique_ptr<Architecture> make_choi_cnn() {
    return std::make_unique<ChoiCnn>(ChoiWidths{.filters = {32, 128, 128, 192, 256}, .others = {}}, true);
}

/// As the paper has it: with a million parameters by default.
std::unique_ptr<Architecture> make_k2c2() {
    return std::make_unique<ChoiCnn>(
        ChoiWidths{.filters = {67, 135, 135, 203, 271}, .others = {}, .parameters = 1'000'000}, false);
}

}  // namespace earmark::model
