#pragma once

#include <cstdint>

namespace earmark::inference {

/// Sequences of a batch: batch × frames × width values, row-major. Most functions below make one vector of each; they
/// work on what pools have left, which is little, on the calling thread alone.
struct Sequences {
    std::int64_t batch = 1;
    std::int64_t frames = 1;
    std::int64_t width = 1;
};

/// A sequence less its mean over time of each value, or, if `whole`, less the mean of all its values. The gradient of a
/// loss with respect to the input is the same of that with respect to the output.
/// @param output  as many values as the input
void centre(const Sequences& sizes, bool whole, const float* input, float* output);

/// The mean over time of each value, and its deviation sqrt(mean squared distance from the mean + epsilon).
/// @param output  batch × (width means, then width deviations)
void statistics_forward(const Sequences& sizes, double epsilon, const float* input, float* output);

/// The gradients of a loss from those with respect to the output. After statistics_forward, with its input and output.
void statistics_backward(const Sequences& sizes, const float* input, const float* output, const float* output_gradient,
                         float* input_gradient);

/// What a summary layer makes of a sequence (see LayerKind::summary).
/// @param output  batch × (width means, width - 1 differences of neighbouring means, width logarithms of the mean
///                absolute difference from frame to frame + epsilon, width logarithms of the deviation + epsilon)
void summary(const Sequences& sizes, double epsilon, const float* input, float* output);

/// The mean over time of each value, each frame having its share: softmax over the frames of weight · frame.
/// @param weight  width
/// @param shares  batch × frames, receives the shares
/// @param output  batch × width
void attention_forward(const Sequences& sizes, const float* weight, const float* input, float* shares, float* output);

/// The gradients of a loss from those with respect to the output. After attention_forward, with its input and shares.
void attention_backward(const Sequences& sizes, const float* weight, const float* input, const float* shares,
                        const float* output_gradient, float* input_gradient, float* weight_gradient);

}  // namespace earmark::inference
