#include "model/architectures/choi.hpp"

namespace earmark::model {

namespace {

/// Four blocks of kernels 3 × 3, then two layers of GRU over the frames that are left; by default as its authors
/// published it with its weights (github.com/keunwoochoi/music-auto_tagging-keras).
class ChoiCrnn : public Architecture {
  public:
    void read(OptionReader& options) override {
        widths_.read(options, "units");
        blocks_.read(options, widths_.filters.size());
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        widths_.build(layers, [this](LayerBuilder& each, const ChoiWidths& widths) {
            blocks_.add(each, widths.filters);
            each.sequence();
            each.older_gru("gru1", widths.others[0], true);
            each.older_gru("gru2", widths.others[1], false);
            each.dropout(dropout_);
        });
    }

  private:
    ChoiWidths widths_{.filters = {64, 128, 128, 128}, .others = {32, 32}};
    ChoiBlocks blocks_{
        .pools = {{2, 2}, {3, 3}, {4, 4}, {4, 4}}, .block_dropout = 0.1, .frame_norm = true, .pad_frames = 37};
    double dropout_ = 0.3;
};

}  // namespace

std::unique_ptr<Architecture> make_choi_crnn() {
    return std::make_unique<ChoiCrnn>();
}

}  // namespace earmark::model
