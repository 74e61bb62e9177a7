#pragma once

#include <cstdint>
#include <random>
#include <utility>

#include "base/aligned.hpp"
#include "model/layers.hpp"

namespace earmark::testing {

/// Normally distributed.
inline base::AlignedVector<float> normal_values(std::int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    base::AlignedVector<float> values(count);
    for (float& value : values) value = normal(random);
    return values;
}

/// A 3×3 convolution of images, channels × rows × columns.
inline model::Layer convolution_of(model::Shape input, std::int64_t filters, int pad_before, int pad_after, bool bias,
                                   bool relu) {
    model::Layer layer;
    layer.kind = model::LayerKind::convolution;
    layer.bias = bias;
    layer.relu = relu;
    for (int axis = 0; axis < 2; ++axis) {
        layer.kernel[axis] = 3;
        layer.pad_before[axis] = pad_before;
        layer.pad_after[axis] = pad_after;
    }
    const std::int64_t smaller = 2 - pad_before - pad_after;
    layer.output = {filters, input[1] - smaller, input[2] - smaller};
    layer.input = std::move(input);
    return layer;
}

/// Images in oneDNN's blocked layout: batch × blocks of `lanes` channels × rows × columns × channels of a block.
class BlockedLayout {
  public:
    /// @param image  channels × rows × columns
    BlockedLayout(const model::Shape& image, std::int64_t lanes)
        : channels_(image[0]), columns_(image[2]), plane_(image[1] * image[2]), lanes_(lanes) {}

    /// Values of so many images.
    std::int64_t size(std::int64_t batch) const { return batch * blocks() * plane_ * lanes_; }

    std::int64_t place(std::int64_t n, std::int64_t channel, std::int64_t row, std::int64_t column) const {
        return ((n * blocks() + channel / lanes_) * plane_ + row * columns_ + column) * lanes_ + channel % lanes_;
    }
    /// Where the value lies that is the `i`th in row-major order.
    std::int64_t place(std::int64_t i) const {
        return place(i / plane_ / channels_, i / plane_ % channels_, i % plane_ / columns_, i % columns_);
    }

  private:
    std::int64_t blocks() const { return (channels_ + lanes_ - 1) / lanes_; }

    std::int64_t channels_;
    std::int64_t columns_;
    std::int64_t plane_;
    std::int64_t lanes_;
};

}  // namespace earmark::testing
