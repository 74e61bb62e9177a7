#include "inference/layers/time_pooling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace earmark::inference {

namespace {

float dot(const float* a, const float* b, std::int64_t count) {
    float sum = 0.0F;
    for (std::int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

}  // namespace

void centre(const Sequences& sizes, bool whole, const float* input, float* output) {
    const auto& [batch, frames, width] = sizes;
    const float share = 1.0F / static_cast<float>(frames);
    std::vector<float> mean(static_cast<std::size_t>(width));
    for (std::int64_t n = 0; n < batch; ++n) {
        const float* const sequence = input + n * frames * width;
        std::ranges::fill(mean, 0.0F);
        for (std::int64_t t = 0; t < frames; ++t) {
            for (std::int64_t i = 0; i < width; ++i) mean[i] += share * sequence[t * width + i];
        }
        if (whole) {
            const float sum = std::accumulate(mean.begin(), mean.end(), 0.0F);
            std::ranges::fill(mean, sum / static_cast<float>(width));
        }
        for (std::int64_t t = 0; t < frames; ++t) {
            float* const result = output + (n * frames + t) * width;
            for (std::int64_t i = 0; i < width; ++i) result[i] = sequence[t * width + i] - mean[i];
        }
    }
}

void statistics_forward(const Sequences& sizes, double epsilon, const float* input, float* output) {
    const auto& [batch, frames, width] = sizes;
    const float share = 1.0F / static_cast<float>(frames);
    for (std::int64_t n = 0; n < batch; ++n) {
        const float* const sequence = input + n * frames * width;
        float* const mean = output + n * 2 * width;
        float* const deviation = mean + width;
        std::fill_n(mean, 2 * width, 0.0F);
        for (std::int64_t t = 0; t < frames; ++t) {
            for (std::int64_t i = 0; i < width; ++i) mean[i] += share * sequence[t * width + i];
        }
        for (std::int64_t t = 0; t < frames; ++t) {
            for (std::int64_t i = 0; i < width; ++i) {
                const float distance = sequence[t * width + i] - mean[i];
                deviation[i] += share * distance * distance;
            }
        }
        for (std::int64_t i = 0; i < width; ++i) deviation[i] = std::sqrt(deviation[i] + static_cast<float>(epsilon));
    }
}

void statistics_backward(const Sequences& sizes, const float* input, const float* output, const float* output_gradient,
                         float* input_gradient) {
    const auto& [batch, frames, width] = sizes;
    const float share = 1.0F / static_cast<float>(frames);
    for (std::int64_t n = 0; n < batch; ++n) {
        const float* const mean = output + n * 2 * width;
        const float* const deviation = mean + width;
        const float* const of_mean = output_gradient + n * 2 * width;
        const float* const of_deviation = of_mean + width;
        for (std::int64_t t = 0; t < frames; ++t) {
            const float* const frame = input + (n * frames + t) * width;
            float* const result = input_gradient + (n * frames + t) * width;
            for (std::int64_t i = 0; i < width; ++i) {
                result[i] = share * (of_mean[i] + of_deviation[i] * (frame[i] - mean[i]) / deviation[i]);
            }
        }
    }
}

void summary(const Sequences& sizes, double epsilon, const float* input, float* output) {
    const auto& [batch, frames, width] = sizes;
    const float share = 1.0F / static_cast<float>(frames);
    const float share_of_steps = 1.0F / static_cast<float>(std::max<std::int64_t>(frames - 1, 1));
    const auto least = static_cast<float>(epsilon);
    for (std::int64_t n = 0; n < batch; ++n) {
        const float* const sequence = input + n * frames * width;
        float* const mean = output + n * (4 * width - 1);
        float* const slope = mean + width;
        float* const movement = slope + width - 1;
        float* const deviation = movement + width;
        std::fill_n(mean, 4 * width - 1, 0.0F);
        for (std::int64_t t = 0; t < frames; ++t) {
            for (std::int64_t i = 0; i < width; ++i) mean[i] += share * sequence[t * width + i];
        }
        for (std::int64_t i = 0; i + 1 < width; ++i) slope[i] = mean[i + 1] - mean[i];
        for (std::int64_t t = 0; t < frames; ++t) {
            const float* const frame = sequence + t * width;
            for (std::int64_t i = 0; i < width; ++i) {
                const float distance = frame[i] - mean[i];
                deviation[i] += share * distance * distance;
            }
            if (t == 0) continue;
            for (std::int64_t i = 0; i < width; ++i)
                movement[i] += share_of_steps * std::abs(frame[i] - frame[i - width]);
        }
        for (std::int64_t i = 0; i < width; ++i) {
            movement[i] = std::log(movement[i] + least);
            deviation[i] = std::log(std::sqrt(deviation[i]) + least);
        }
    }
}

void attention_forward(const Sequences& sizes, const float* weight, const float* input, float* shares, float* output) {
    const auto& [batch, frames, width] = sizes;
    for (std::int64_t n = 0; n < batch; ++n) {
        const float* const sequence = input + n * frames * width;
        float* const share = shares + n * frames;
        for (std::int64_t t = 0; t < frames; ++t) share[t] = dot(weight, sequence + t * width, width);
        const float highest = *std::max_element(share, share + frames);
        float sum = 0.0F;
        for (std::int64_t t = 0; t < frames; ++t) sum += share[t] = std::exp(share[t] - highest);
        float* const result = output + n * width;
        std::fill_n(result, width, 0.0F);
        for (std::int64_t t = 0; t < frames; ++t) {
            share[t] /= sum;
            for (std::int64_t i = 0; i < width; ++i) result[i] += share[t] * sequence[t * width + i];
        }
    }
}

void attention_backward(const Sequences& sizes, const float* weight, const float* input, const float* shares,
                        const float* output_gradient, float* input_gradient, float* weight_gradient) {
    const auto& [batch, frames, width] = sizes;
    std::fill_n(weight_gradient, width, 0.0F);
    for (std::int64_t n = 0; n < batch; ++n) {
        const float* const sequence = input + n * frames * width;
        const float* const share = shares + n * frames;
        const float* const gradient = output_gradient + n * width;
        float mean = 0.0F;  // of the gradients of the shares
        for (std::int64_t t = 0; t < frames; ++t) mean += share[t] * dot(gradient, sequence + t * width, width);
        for (std::int64_t t = 0; t < frames; ++t) {
            const float* const frame = sequence + t * width;
            const float of_score = share[t] * (dot(gradient, frame, width) - mean);
            float* const result = input_gradient + (n * frames + t) * width;
            for (std::int64_t i = 0; i < width; ++i) {
                result[i] = share[t] * gradient[i] + of_score * weight[i];
                weight_gradient[i] += of_score * frame[i];
            }
        }
    }
}

}  // namespace earmark::inference
