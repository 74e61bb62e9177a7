#include "model/architectures/image_network.hpp"

namespace earmark::model {

namespace {

/// Blocks of one convolution, batch norm, pool and ELU, then two layers of GRU over the frames that are left.
class Crnn : public Architecture {
  public:
    void read(OptionReader& options) override {
        image_.read(options);
        options.width("units", units_);
    }

    void build(LayerBuilder& layers) const override {
        image_.add_image(layers);
        for (std::size_t i = 0; i < image_.filters.size(); ++i) {
            layers.padded_convolution(fmt::format("convolution{}", i + 1), image_.filters[i]);
            layers.batch_norm(fmt::format("norm{}", i + 1));
            // ELU never falls, so the largest of a pool is the largest after it, too: this order is less work.
            layers.pool(LayerKind::max_pool, fmt::format("the pool of block {}", i + 1), image_.pools[i].frames,
                        image_.pools[i].coefficients);
            layers.elu();
            layers.dropout(image_.block_dropout);
        }
        layers.sequence();
        layers.recurrent(LayerKind::gru, "gru1", units_, true);
        layers.recurrent(LayerKind::gru, "gru2", units_, false);
        layers.dropout(image_.dropout);
    }

  private:
    ImageOptions image_{.filters = {32, 64, 64}, .pools = {{2, 2}, {2, 2}, {1, 3}}, .block_dropout = 0.1};
    std::int64_t units_ = 32;
};

}  // namespace

std::unique_ptr<Architecture> make_crnn() {
    return std::make_unique<Crnn>();
}

}  // namespace earmark::model
