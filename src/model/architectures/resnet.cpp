#include <algorithm>

#include "model/architectures/image_network.hpp"

namespace earmark::model {

namespace {

constexpr std::int64_t most_blocks = 64;

/// Stages of residual blocks (He, Zhang, Ren & Sun 2016), where asked with squeeze-and-excitation (Hu, Shen & Sun
/// 2018).
class Resnet : public Architecture {
  public:
    void read(OptionReader& options) override {
        image_.read(options);
        options.width("blocks", blocks_, 1, most_blocks);
        options.width("squeeze", squeeze_, 0);
        options.flag("separable", separable_);
        head_.read(options);
    }

    void build(LayerBuilder& layers) const override {
        image_.add_image(layers);
        layers.padded_convolution("stem", image_.filters[0]);
        layers.batch_norm("stem_norm", true);
        for (std::size_t stage = 0; stage < image_.filters.size(); ++stage) {
            layers.pool(LayerKind::max_pool, fmt::format("the pool of stage {}", stage + 1), image_.pools[stage].frames,
                        image_.pools[stage].coefficients);
            for (std::int64_t block = 0; block < blocks_; ++block) {
                add_block(layers, fmt::format("stage{}.block{}", stage + 1, block + 1), image_.filters[stage]);
                layers.dropout(image_.block_dropout);
            }
        }
        head_.add(layers);
        layers.dropout(image_.dropout);
    }

  private:
    void add_block(LayerBuilder& layers, const std::string& prefix, std::int64_t filters) const {
        const std::int64_t channels = layers.channels();
        const int input = layers.here();
        add_convolution(layers, prefix, 1, filters);
        layers.batch_norm(prefix + ".norm1", true);
        add_convolution(layers, prefix, 2, filters);
        layers.batch_norm(prefix + ".norm2");
        if (squeeze_ > 0) {
            const int image = layers.here();
            layers.average();
            layers.dense(prefix + ".squeeze", std::max<std::int64_t>(filters / squeeze_, 1), true);
            layers.dense(prefix + ".excite", filters, false);
            layers.scale(image);
        }
        if (channels == filters) {
            layers.add(input);
            return;
        }
        const int result = layers.here();
        layers.go_to(input);
        layers.padded_convolution(prefix + ".projection", filters, 1);
        layers.batch_norm(prefix + ".projection_norm");
        layers.add(result);
    }

    /// 3×3, or, where separable, 3×3 in each channel and then 1×1 across them.
    void add_convolution(LayerBuilder& layers, const std::string& prefix, int number, std::int64_t filters) const {
        if (separable_) {
            layers.padded_convolution(fmt::format("{}.depthwise{}", prefix, number), layers.channels(), 3,
                                      layers.channels());
            layers.padded_convolution(fmt::format("{}.pointwise{}", prefix, number), filters, 1);
        } else {
            layers.padded_convolution(fmt::format("{}.convolution{}", prefix, number), filters);
        }
    }

    ImageOptions image_{.filters = {16, 32, 64, 128}, .pools = {{2, 2}}};
    std::int64_t blocks_ = 1;   // a stage
    std::int64_t squeeze_ = 0;  // reduction of squeeze-and-excitation; 0: none
    bool separable_ = false;
    HeadOptions head_;
};

}  // namespace

std::unique_ptr<Architecture> make_resnet() {
    return std::make_unique<Resnet>();
}

}  // namespace earmark::model
