#include "model/architectures/image_network.hpp"

namespace earmark::model {

namespace {

/// Blocks of one convolution, batch norm and pool.
class Vgg : public Architecture {
  public:
    void read(OptionReader& options) override {
        image_.read(options);
        head_.read(options);
    }

    void build(LayerBuilder& layers) const override {
        image_.add_image(layers);
        for (std::size_t i = 0; i < image_.filters.size(); ++i) {
            layers.padded_convolution(fmt::format("convolution{}", i + 1), image_.filters[i]);
            layers.batch_norm(fmt::format("norm{}", i + 1), true);
            layers.pool(LayerKind::max_pool, fmt::format("block {}", i + 1), image_.pools[i].frames,
                        image_.pools[i].coefficients);
            layers.dropout(image_.block_dropout);
        }
        head_.add(layers);
        layers.dropout(image_.dropout);
    }

  private:
    ImageOptions image_{.filters = {32, 64, 128, 128}, .pools = {{2, 2}}};
    HeadOptions head_;
};

}  // namespace

std::unique_ptr<Architecture> make_vgg() {
    return std::make_unique<Vgg>();
}

}  // namespace earmark::model
