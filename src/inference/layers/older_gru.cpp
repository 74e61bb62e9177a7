#include "inference/layers/older_gru.hpp"

#include <algorithm>
#include <cmath>
#include <dnnl.hpp>

namespace earmark::inference {

namespace {

constexpr float slope = 0.2F;
constexpr float middle = 0.5F;

/// Matrices, row by row, of which each row begins `stride` values after the one before.
struct Rows {
    const float* values;
    std::int64_t stride;
};

/// target = a · b + share · target, for a of rows × depth and b of depth × columns; "T" takes a matrix transposed.
void multiply(char a_as, char b_as, std::int64_t rows, std::int64_t columns, std::int64_t depth, Rows a, Rows b,
              float share, float* target, std::int64_t stride) {
    dnnl::sgemm(a_as, b_as, rows, columns, depth, 1.0F, a.values, a.stride, b.values, b.stride, share, target, stride);
}

/// The slope of a gate with respect to what it is made of.
float slope_of(float gate) {
    return gate > 0.0F && gate < 1.0F ? slope : 0.0F;
}

}  // namespace

OlderGru::OlderGru(const Sizes& sizes) : sizes_(sizes) {
    const std::int64_t states = sizes.batch * sizes.frames * sizes.units;
    gates_.resize(3 * states);
    reset_.resize(states);
}

void OlderGru::forward(const Weights& weights, const float* input, float* states) {
    const auto [batch, frames, width, units] = sizes_;
    const std::int64_t gates = 3 * units;
    for (std::int64_t i = 0; i < batch * frames; ++i) std::copy_n(weights.bias, gates, gates_.data() + i * gates);
    multiply('N', 'T', batch * frames, gates, width, {input, width}, {weights.input, width}, 1.0F, gates_.data(),
             gates);
    for (std::int64_t t = 0; t < frames; ++t) {
        float* const now = gates_.data() + t * gates;
        const float* const before = states + (t - 1) * units;
        if (t > 0) {
            multiply('N', 'T', batch, 2 * units, units, {before, frames * units}, {weights.recurrent, units}, 1.0F, now,
                     frames * gates);
        }
        for (std::int64_t i = 0; i < batch; ++i) {
            float* const gate = now + i * frames * gates;
            for (std::int64_t u = 0; u < 2 * units; ++u) gate[u] = std::clamp(slope * gate[u] + middle, 0.0F, 1.0F);
            for (std::int64_t u = 0; u < units; ++u)
                reset_[(i * frames + t) * units + u] = t > 0 ? gate[units + u] * before[i * frames * units + u] : 0.0F;
        }
        if (t > 0) {
            multiply('N', 'T', batch, units, units, {reset_.data() + t * units, frames * units},
                     {weights.recurrent + 2 * units * units, units}, 1.0F, now + 2 * units, frames * gates);
        }
        for (std::int64_t i = 0; i < batch; ++i) {
            float* const gate = now + i * frames * gates;
            for (std::int64_t u = 0; u < units; ++u) {
                float& candidate = gate[2 * units + u];
                candidate = std::tanh(candidate);
                const float kept = t > 0 ? gate[u] * before[i * frames * units + u] : 0.0F;
                states[(i * frames + t) * units + u] = kept + (1.0F - gate[u]) * candidate;
            }
        }
    }
}

void OlderGru::backward(const Weights& weights, const float* input, const float* states, const float* output_gradient,
                        bool last_only, float* input_gradient, const Gradients& gradients) {
    const auto [batch, frames, width, units] = sizes_;
    const std::int64_t gates = 3 * units;
    gate_gradients_.resize(gates_.size());
    state_gradient_.assign(batch * units, 0.0F);
    reset_gradient_.resize(batch * units);
    std::fill_n(gradients.recurrent_weight, gates * units, 0.0F);
    for (std::int64_t t = frames - 1; t >= 0; --t) {
        const auto before = [&](std::int64_t i, std::int64_t u) {
            return t > 0 ? states[(i * frames + t - 1) * units + u] : 0.0F;
        };
        float* const now = gate_gradients_.data() + t * gates;
        for (std::int64_t i = 0; i < batch; ++i) {
            const float* const gate = gates_.data() + (i * frames + t) * gates;
            float* const gradient = now + i * frames * gates;
            for (std::int64_t u = 0; u < units; ++u) {
                float of_state = state_gradient_[i * units + u];
                if (!last_only)
                    of_state += output_gradient[(i * frames + t) * units + u];
                else if (t == frames - 1)
                    of_state += output_gradient[i * units + u];
                const float candidate = gate[2 * units + u];
                gradient[u] = of_state * (before(i, u) - candidate) * slope_of(gate[u]);
                gradient[2 * units + u] = of_state * (1.0F - gate[u]) * (1.0F - candidate * candidate);
                state_gradient_[i * units + u] = of_state * gate[u];
            }
        }
        multiply('N', 'N', batch, units, units, {now + 2 * units, frames * gates},
                 {weights.recurrent + 2 * units * units, units}, 0.0F, reset_gradient_.data(), units);
        for (std::int64_t i = 0; i < batch; ++i) {
            const float* const gate = gates_.data() + (i * frames + t) * gates;
            float* const gradient = now + i * frames * gates;
            for (std::int64_t u = 0; u < units; ++u) {
                const float of_reset = reset_gradient_[i * units + u];
                gradient[units + u] = of_reset * before(i, u) * slope_of(gate[units + u]);
                state_gradient_[i * units + u] += of_reset * gate[units + u];
            }
        }
        if (t == 0) break;
        multiply('N', 'N', batch, units, 2 * units, {now, frames * gates}, {weights.recurrent, units}, 1.0F,
                 state_gradient_.data(), units);
        multiply('T', 'N', 2 * units, units, batch, {now, frames * gates}, {states + (t - 1) * units, frames * units},
                 1.0F, gradients.recurrent_weight, units);
    }
    const Rows all{gate_gradients_.data(), gates};
    multiply('T', 'N', units, units, batch * frames, {gate_gradients_.data() + 2 * units, gates},
             {reset_.data(), units}, 0.0F, gradients.recurrent_weight + 2 * units * units, units);
    multiply('T', 'N', gates, width, batch * frames, all, {input, width}, 0.0F, gradients.input_weight, width);
    std::fill_n(gradients.bias, gates, 0.0F);
    for (std::int64_t i = 0; i < batch * frames; ++i)
        for (std::int64_t g = 0; g < gates; ++g) gradients.bias[g] += gate_gradients_[i * gates + g];
    if (input_gradient == nullptr) return;
    multiply('N', 'N', batch * frames, width, gates, all, {weights.input, width}, 0.0F, input_gradient, width);
}

}  // namespace earmark::inference
