#include <algorithm>

#include "model/architectures/architecture.hpp"
#include "model/architectures/layer_builder.hpp"
#include "model/architectures/option_reader.hpp"

namespace earmark::model {

namespace {

constexpr int timbral_frames = 7;
constexpr double timbral_shares[] = {0.4, 0.7};  // of all bands
constexpr int temporal_frames[] = {128, 64, 32};

/// Kernels in the shapes of sounds: wide ones along the bands for timbre, long ones in time for rhythm; then three
/// convolutions over the frames, with shortcuts (Pons and Serra, "musicnn: pre-trained convolutional neural networks for
/// music audio tagging", ISMIR 2019). Defaults are the authors'.
class Musicnn : public Architecture {
  public:
    void read(OptionReader& options) override {
        options.width("timbral_filters", timbral_filters_);
        options.width("temporal_filters", temporal_filters_);
        options.width("middle_filters", middle_filters_);
        options.width("dense", dense_);
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        layers.image();
        const int input = layers.here();
        const auto bands = static_cast<double>(layers.coefficients());
        std::vector<int> front;
        for (const double share : timbral_shares) {
            const int kernel = std::max(static_cast<int>(share * bands), 1);
            layers.go_to(input);
            add_front(layers, fmt::format("timbral{}", front.size() + 1), timbral_filters_,
                      {.kernel = {timbral_frames, kernel}, .same_coefficients = false});
            front.push_back(layers.here());
        }
        int number = 0;
        for (const int frames : temporal_frames) {
            layers.go_to(input);
            add_front(layers, fmt::format("temporal{}", ++number), temporal_filters_, {.kernel = {frames, 1}});
            front.push_back(layers.here());
        }
        concatenate(layers, front);
        std::vector<int> all{layers.here()};
        for (number = 1; number <= 3; ++number) {
            const int shortcut = layers.here();
            const std::string name = fmt::format("middle{}", number);
            layers.convolution(name, middle_filters_, {.kernel = {timbral_frames, 1}, .bias = true, .relu = true});
            layers.batch_norm(name + "_norm");
            if (number > 1) layers.add(shortcut, false);
            all.push_back(layers.here());
        }
        concatenate(layers, all);
        add_head(layers);
    }

  private:
    /// A convolution of the input, of which the largest value over all bands is left.
    static void add_front(LayerBuilder& layers, const std::string& name, std::int64_t filters,
                          ConvolutionOptions options) {
        options.bias = true;
        options.relu = true;
        layers.convolution(name, filters, options);
        layers.batch_norm(name + "_norm");
        layers.maximum_coefficients();
    }

    static void concatenate(LayerBuilder& layers, const std::vector<int>& all) {
        layers.go_to(all.front());
        layers.concatenate({all.begin() + 1, all.end()});
    }

    void add_head(LayerBuilder& layers) const {
        const int frames = layers.here();
        layers.maximum();
        const int largest = layers.here();
        layers.go_to(frames);
        layers.average();
        const int mean = layers.here();
        layers.go_to(largest);
        layers.concatenate({mean});
        layers.batch_norm("pool_norm");
        layers.dropout(dropout_);
        layers.dense("dense1", dense_, true);
        layers.batch_norm("dense1_norm");
        layers.dropout(dropout_);
    }

    std::int64_t timbral_filters_ = 204;
    std::int64_t temporal_filters_ = 51;
    std::int64_t middle_filters_ = 64;
    std::int64_t dense_ = 200;
    double dropout_ = 0.5;
};

}  // namespace

std::unique_ptr<Architecture> make_musicnn() {
    return std::make_unique<Musicnn>();
}

}  // namespace earmark::model
