#include "model/architectures/choi.hpp"

namespace earmark::model {

namespace {

constexpr int kernel_frames = 4;
constexpr double epsilon = 1e-3;
constexpr std::int64_t default_parameters = 1'000'000;

/// Convolutions over the frames: of each band by itself (k1c2), or of all bands together, which the first one joins
/// (k2c1); then two dense layers.
class ChoiOneDimensional : public Architecture {
  public:
    ChoiOneDimensional(ChoiWidths widths, std::vector<std::int64_t> pools, bool joins_bands)
        : widths_(std::move(widths)), pools_(std::move(pools)), joins_bands_(joins_bands) {}

    void read(OptionReader& options) override {
        widths_.read(options, "hidden");
        options.widths("pools", pools_, widths_.filters.size());
        options.rate("dropout", dropout_);
    }

    void build(LayerBuilder& layers) const override {
        widths_.build(layers, [this](LayerBuilder& each, const ChoiWidths& widths) { add(each, widths); });
    }

  private:
    void add(LayerBuilder& layers, const ChoiWidths& widths) const {
        layers.image();
        for (std::size_t i = 0; i < widths.filters.size(); ++i) {
            const int bands = i == 0 && joins_bands_ ? static_cast<int>(layers.coefficients()) : 1;
            layers.convolution(fmt::format("convolution{}", i + 1), widths.filters[i],
                               {.kernel = {kernel_frames, bands}, .same_coefficients = false});
            end_choi_block(layers, i + 1, {static_cast<int>(pools_[i]), 1}, 0.0, epsilon);
        }
        layers.flatten();
        for (std::size_t i = 0; i < widths.others.size(); ++i) {
            layers.dense(fmt::format("dense{}", i + 1), widths.others[i], false);
            layers.elu();
            layers.dropout(dropout_);
        }
    }

    ChoiWidths widths_;
    std::vector<std::int64_t> pools_;
    bool joins_bands_;
    double dropout_ = 0.5;
};

}  // namespace

std::unique_ptr<Architecture> make_k1c2() {
    return std::make_unique<ChoiOneDimensional>(
        ChoiWidths{.filters = {47, 47, 95, 95}, .others = {95, 95}, .parameters = default_parameters},
        std::vector<std::int64_t>{4, 5, 8, 8}, false);
}

std::unique_ptr<Architecture> make_k2c1() {
    return std::make_unique<ChoiOneDimensional>(
        ChoiWidths{.filters = {152, 152, 304, 304, 304}, .others = {304, 304}, .parameters = default_parameters},
        std::vector<std::int64_t>{4, 4, 4, 5, 4}, true);
}

}  // namespace earmark::model
