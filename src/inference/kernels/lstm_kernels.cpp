#include "inference/kernels/lstm_kernels.hpp"

#include <algorithm>
#include <cstdint>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/lstm_kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr std::int64_t gates = 4;
constexpr std::int64_t tile = gates * lanes;  // values that a product makes at a time, for up to `rows` examples
// Sixteen sums, four weights and a factor: what fits the registers, of which older instruction sets have sixteen.
constexpr int rows = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// sums[row][0…3] += sum over k < count of a[row·row_step + k·step] · b[k·b_step …], the inner loop of all there is
/// here.
template <int Rows>
HWY_INLINE void product(V (&sums)[Rows][gates], const float* HWY_RESTRICT a, std::int64_t row_step, std::int64_t step,
                        const float* HWY_RESTRICT b, std::int64_t b_step, std::int64_t count) {
    const Floats d;
    for (std::int64_t k = 0; k < count; ++k) {
        const V b0 = hn::Load(d, b);
        const V b1 = hn::Load(d, b + lanes);
        const V b2 = hn::Load(d, b + 2 * lanes);
        const V b3 = hn::Load(d, b + 3 * lanes);
        for (int row = 0; row < Rows; ++row) {
            const V factor = hn::Set(d, a[row * row_step]);
            sums[row][0] = hn::MulAdd(factor, b0, sums[row][0]);
            sums[row][1] = hn::MulAdd(factor, b1, sums[row][1]);
            sums[row][2] = hn::MulAdd(factor, b2, sums[row][2]);
            sums[row][3] = hn::MulAdd(factor, b3, sums[row][3]);
        }
        a += step;
        b += b_step;
    }
}

/// Calls use.template operator()<Rows>(first) for groups of `rows` examples, and for the rest.
template <class Use>
HWY_INLINE void in_groups(std::int64_t count, const Use& use) {
    std::int64_t first = 0;
    for (; first + rows <= count; first += rows) use.template operator()<rows>(first);
    if constexpr (rows > 2) {
        if (count - first >= 2) {
            use.template operator()<2>(first);
            first += 2;
        }
    }
    if (first < count) use.template operator()<1>(first);
}

/// 2^(x·factor), to some 1e-7 of it where that is not tiny or huge: x·factor = n + f with a whole number n, and 2^f =
/// 1 + f·p(f), p by Remez' algorithm for the least relative error where |f| <= 1/2.
HWY_INLINE V power_of_two(V x, float factor) {
    const Floats d;
    const hn::RebindToSigned<Floats> integers;
    constexpr float largest = 125.0F;
    constexpr float rounder = 12582912.0F;  // 1.5 · 2^23: what is added to it becomes whole, in its lowest bits
    const V y = hn::Min(hn::Max(hn::Mul(x, hn::Set(d, factor)), hn::Set(d, -largest)), hn::Set(d, largest));
    const V rounded = hn::Add(y, hn::Set(d, rounder));
    const V f = hn::Sub(y, hn::Sub(rounded, hn::Set(d, rounder)));
    V p = hn::Set(d, 1.32647273e-3F);
    p = hn::MulAdd(p, f, hn::Set(d, 9.67151299e-3F));
    p = hn::MulAdd(p, f, hn::Set(d, 5.55073358e-2F));
    p = hn::MulAdd(p, f, hn::Set(d, 0.240222424F));
    p = hn::MulAdd(p, f, hn::Set(d, 0.693147004F));
    p = hn::MulAdd(p, f, hn::Set(d, 1.0F));
    const auto exponent = hn::ShiftLeft<23>(hn::BitCast(integers, rounded));
    return hn::BitCast(d, hn::Add(hn::BitCast(integers, p), exponent));
}

constexpr float log2_of_e = 1.44269504F;

/// 1 / x to about one unit in the last place: Newton's step doubles the digits of the approximation.
HWY_INLINE V reciprocal(V x) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
    const V y = hn::ApproximateReciprocal(x);
    return hn::MulAdd(y, hn::NegMulAdd(x, y, hn::Set(Floats(), 1.0F)), y);
#else
    return hn::Div(hn::Set(Floats(), 1.0F), x);
#endif
}

HWY_INLINE V sigmoid(V x) {
    return reciprocal(hn::Add(hn::Set(Floats(), 1.0F), power_of_two(x, -log2_of_e)));
}

HWY_INLINE V tanh(V x) {
    const Floats d;
    const V one = hn::Set(d, 1.0F);
    return hn::NegMulAdd(hn::Set(d, 2.0F), reciprocal(hn::Add(one, power_of_two(x, 2.0F * log2_of_e))), one);
}

HWY_INLINE void store_some(V values, std::int64_t count, float* HWY_RESTRICT to) {
    const Floats d;
    if (count >= lanes) {
        hn::StoreU(values, d, to);
        return;
    }
    HWY_ALIGN float all[lanes];
    hn::Store(values, d, all);
    std::copy_n(all, std::max<std::int64_t>(count, 0), to);
}

/// The first `count` values of four vectors.
HWY_INLINE void store_tile(const V (&values)[gates], std::int64_t count, float* to) {
    for (int part = 0; part < gates && part * lanes < count; ++part)
        store_some(values[part], count - part * lanes, to + part * lanes);
}

HWY_INLINE V load_some(const float* from, std::int64_t count) {
    const Floats d;
    if (count >= lanes) return hn::LoadU(d, from);
    HWY_ALIGN float all[lanes] = {};
    std::copy_n(from, count, all);
    return hn::Load(d, all);
}

/// One frame of some examples, one vector of units.
template <int Rows>
HWY_INLINE void step_forward(Lstm::Work& work, std::int64_t first, std::int64_t frame, std::int64_t block,
                             const float* input, float* states) {
    const Floats d;
    const auto& [batch, frames, width, units] = work.sizes;
    const float* weights = work.weights->values.data() + block * (width + units) * tile;
    V sums[Rows][gates];
    for (int row = 0; row < Rows; ++row)
        for (int gate = 0; gate < gates; ++gate)
            sums[row][gate] = hn::Load(d, work.weights->bias.data() + block * tile + gate * lanes);
    product<Rows>(sums, input + (first * frames + frame) * width, frames * width, 1, weights, tile, width);
    if (frame > 0) {
        product<Rows>(sums, states + (first * frames + frame - 1) * units, frames * units, 1, weights + width * tile,
                      tile, units);
    }
    const std::int64_t cell_row = work.blocks * lanes;
    const std::int64_t now = work.training ? frame * batch : 0;
    const std::int64_t before = work.training ? (frame - 1) * batch : 0;
    for (int row = 0; row < Rows; ++row) {
        const std::int64_t example = first + row;
        const V i = sigmoid(sums[row][0]);
        const V f = sigmoid(sums[row][1]);
        const V g = tanh(sums[row][2]);
        const V o = sigmoid(sums[row][3]);
        V cell = hn::Mul(i, g);
        if (frame > 0) {
            cell = hn::MulAdd(f, hn::Load(d, work.cells.data() + (before + example) * cell_row + block * lanes), cell);
        }
        const V cell_tanh = tanh(cell);
        hn::Store(cell, d, work.cells.data() + (now + example) * cell_row + block * lanes);
        store_some(hn::Mul(o, cell_tanh), units - block * lanes,
                   states + (example * frames + frame) * units + block * lanes);
        if (!work.training) continue;
        float* kept = work.gates.data() + (now + example) * work.columns + block * tile;
        hn::Store(i, d, kept);
        hn::Store(f, d, kept + lanes);
        hn::Store(g, d, kept + 2 * lanes);
        hn::Store(o, d, kept + 3 * lanes);
    }
}

void forward(Lstm::Work& work, const Lstm::Share& share, const float* input, float* states) {
    for (std::int64_t frame = 0; frame < work.sizes.frames; ++frame) {
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            in_groups(share.count, [&]<int Rows>(std::int64_t first) {
                step_forward<Rows>(work, share.first + first, frame, block, input, states);
            });
        }
    }
}

/// The gradients of the gates' sums of some frames: block × frame × example × tile, so that those of a block, which
/// `add_products` runs over again and again, lie together.
struct GateGradients {
    float* values;
    std::int64_t block_step;
    std::int64_t frame_step;

    GateGradients(Lstm::Share& share, std::int64_t frames)
        : values(share.gate_gradients.data()),
          block_step(frames * share.count * tile),
          frame_step(share.count * tile) {}
};

/// The gradients of one frame from those of its states and of the cells after it.
void differentiate_gates(const Lstm::Work& work, Lstm::Share& share, std::int64_t frame, const float* states,
                         float* result, std::int64_t block_step, const Lstm::Gradients& gradients) {
    const Floats d;
    const V one = hn::Set(d, 1.0F);
    const auto& [batch, frames, width, units] = work.sizes;
    const std::int64_t cell_row = work.blocks * lanes;
    const std::int64_t state_row = (work.blocks + gates - 1) / gates * tile;
    const bool from_above = !gradients.last_state_only || frame == frames - 1;
    for (std::int64_t n = 0; n < share.count; ++n) {
        const std::int64_t example = share.first + n;
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            const std::int64_t at = (frame * batch + example) * cell_row + block * lanes;
            const float* kept = work.gates.data() + (frame * batch + example) * work.columns + block * tile;
            const V i = hn::Load(d, kept);
            const V f = hn::Load(d, kept + lanes);
            const V g = hn::Load(d, kept + 2 * lanes);
            const V o = hn::Load(d, kept + 3 * lanes);
            // tanh(c) = h / o, and o is never zero.
            const V h = load_some(states + (example * frames + frame) * units + block * lanes, units - block * lanes);
            const V cell_tanh = hn::Mul(h, reciprocal(o));
            if (frame > 1) {  // what the next frame needs is on its way while this one is multiplied
                const std::int64_t next = batch * cell_row;
                for (int gate = 0; gate < gates; ++gate) hwy::Prefetch(kept - batch * work.columns + gate * lanes);
                hwy::Prefetch(work.cells.data() + at - 2 * next);
            }
            V state = hn::Load(d, share.state_gradients.data() + n * state_row + block * lanes);
            if (from_above) {
                const std::int64_t row = gradients.last_state_only ? example : example * frames + frame;
                state =
                    hn::Add(state, load_some(gradients.states + row * units + block * lanes, units - block * lanes));
            }
            float* cell_gradient = share.cell_gradients.data() + n * cell_row + block * lanes;
            const V cell =
                hn::MulAdd(hn::Mul(state, o), hn::NegMulAdd(cell_tanh, cell_tanh, one), hn::Load(d, cell_gradient));
            hn::Store(hn::Mul(cell, f), d, cell_gradient);
            V forget = hn::Zero(d);
            if (frame > 0) {
                const V cell_before = hn::Load(d, work.cells.data() + at - batch * cell_row);
                forget = hn::Mul(hn::Mul(cell, cell_before), hn::Mul(f, hn::Sub(one, f)));
            }
            const V sums[gates] = {hn::Mul(hn::Mul(cell, g), hn::Mul(i, hn::Sub(one, i))), forget,
                                   hn::Mul(hn::Mul(cell, i), hn::NegMulAdd(g, g, one)),
                                   hn::Mul(hn::Mul(state, cell_tanh), hn::Mul(o, hn::Sub(one, o)))};
            float* to = result + block * block_step + n * tile;
            float* bias = share.bias_sums.data() + block * tile;
            for (int gate = 0; gate < gates; ++gate) {
                hn::Store(sums[gate], d, to + gate * lanes);
                hn::Store(hn::Add(hn::Load(d, bias + gate * lanes), sums[gate]), d, bias + gate * lanes);
            }
        }
    }
}

/// result[n] = gate gradients of example n times the weights of `back`: what flows back to `width` values.
void flow_back(const Lstm::Work& work, std::int64_t count, const float* gate_gradients, std::int64_t block_step,
               const float* back, std::int64_t width, float* result, std::int64_t result_row) {
    const Floats d;
    for (std::int64_t column = 0; column < width; column += tile) {
        in_groups(count, [&]<int Rows>(std::int64_t first) {
            const float* weights = back + column * work.columns;
            V sums[Rows][gates];
            for (auto& row : sums)
                for (V& sum : row) sum = hn::Zero(d);
            for (std::int64_t block = 0; block < work.blocks; ++block, weights += tile * tile)
                product<Rows>(sums, gate_gradients + block * block_step + first * tile, tile, 1, weights, tile, tile);
            for (int row = 0; row < Rows; ++row)
                store_tile(sums[row], width - column, result + (first + row) * result_row + column);
        });
    }
}

/// sums[m][column] += sum over examples and frames of values[example][m] · gate gradients[example][column].
/// @param values  of the first example in the last of the frames, which are taken backward
void add_products(const Lstm::Work& work, std::int64_t count, std::int64_t frames, const float* values,
                  std::int64_t width, const GateGradients& gate_gradients, float* sums) {
    const Floats d;
    for (std::int64_t block = 0; block < work.blocks; ++block) {
        in_groups(width, [&]<int Rows>(std::int64_t first) {
            V local[Rows][gates];
            float* const at = sums + (block * (work.sizes.width + work.sizes.units) + first) * tile;
            for (int row = 0; row < Rows; ++row)
                for (int gate = 0; gate < gates; ++gate) local[row][gate] = hn::Load(d, at + row * tile + gate * lanes);
            const float* from = gate_gradients.values + block * gate_gradients.block_step;
            for (std::int64_t frame = 0; frame < frames; ++frame, from += gate_gradients.frame_step) {
                product<Rows>(local, values - frame * width + first, 1, work.sizes.frames * width, from, tile, count);
            }
            for (int row = 0; row < Rows; ++row)
                for (int gate = 0; gate < gates; ++gate) hn::Store(local[row][gate], d, at + row * tile + gate * lanes);
        });
    }
}

void backward(const Lstm::Work& work, Lstm::Share& share, const float* input, const float* states,
              const Lstm::Gradients& gradients) {
    const auto& [batch, frames, width, units] = work.sizes;
    const std::int64_t state_row = (work.blocks + gates - 1) / gates * tile;
    for (auto* sums : {&share.state_gradients, &share.cell_gradients, &share.weight_sums, &share.bias_sums})
        std::fill(sums->begin(), sums->end(), 0.0F);
    const GateGradients gate_gradients(share, share.frames_a_pass);
    for (std::int64_t last = frames - 1; last >= 0; last -= share.frames_a_pass) {
        const std::int64_t pass = std::min(share.frames_a_pass, last + 1);
        for (std::int64_t i = 0; i < pass; ++i) {
            const std::int64_t frame = last - i;
            float* const here = gate_gradients.values + i * gate_gradients.frame_step;
            differentiate_gates(work, share, frame, states, here, gate_gradients.block_step, gradients);
            if (gradients.input != nullptr) {
                flow_back(work, share.count, here, gate_gradients.block_step, work.weights->input_back.data(), width,
                          gradients.input + (share.first * frames + frame) * width, frames * width);
            }
            if (frame > 0) {
                flow_back(work, share.count, here, gate_gradients.block_step, work.weights->state_back.data(), units,
                          share.state_gradients.data(), state_row);
            }
        }
        add_products(work, share.count, pass, input + (share.first * frames + last) * width, width, gate_gradients,
                     share.weight_sums.data());
        // Before the first frame the state is zero.
        const std::int64_t with_state = std::min(pass, last);
        if (with_state == 0) break;
        add_products(work, share.count, with_state, states + (share.first * frames + last - 1) * units, units,
                     gate_gradients, share.weight_sums.data() + width * tile);
    }
}

}  // namespace

const LstmKernels* target_lstm_kernels() {
    static constexpr LstmKernels result{lanes, forward, backward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_lstm_kernels);

const LstmKernels& lstm_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_lstm_kernels)();
}

}  // namespace earmark::inference
#endif
