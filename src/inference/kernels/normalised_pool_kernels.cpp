#include "inference/kernels/normalised_pool_kernels.hpp"

#include <algorithm>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/normalised_pool_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Integers = hn::RebindToSigned<Floats>;
using Bytes = hn::Rebind<std::uint8_t, Floats>;
using V = hn::Vec<Floats>;
using Work = NormalisedPool::Work;
using Share = NormalisedPool::Share;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr std::int64_t factors = 4;  // of a block

void moments(const Work& work, const float* plane, float* sums) {
    const Floats d;
    const std::int64_t count = work.pool.input[1] * work.pool.input[2];
    const V share = hn::Set(d, 1.0F / static_cast<float>(count));
    // Several sums at a time, so that one addition need not wait for the one before.
    constexpr int ways = 4;
    const auto total = [&](const auto& term) {
        V parts[ways];
        for (V& part : parts) part = hn::Zero(d);
        std::int64_t i = 0;
        for (; i + ways <= count; i += ways)
            for (int way = 0; way < ways; ++way)
                parts[way] = hn::Add(parts[way], term(hn::Load(d, plane + (i + way) * lanes)));
        for (; i < count; ++i) parts[0] = hn::Add(parts[0], term(hn::Load(d, plane + i * lanes)));
        return hn::Add(hn::Add(parts[0], parts[1]), hn::Add(parts[2], parts[3]));
    };
    const V mean = hn::Mul(share, total([](V x) { return x; }));
    const V squares = total([&](V x) {
        const V distance = hn::Sub(x, mean);
        return hn::Mul(distance, distance);
    });
    hn::Store(mean, d, sums);
    hn::Store(squares, d, sums + lanes);
}

void forward(Work& work, const Share& share, const float* input, float* output) {
    const Floats d;
    const model::Layer& pool = work.pool;
    const std::int64_t width = pool.input[2];
    const std::int64_t side[2] = {pool.kernel[0], pool.kernel[1]};
    for (std::int64_t plane = share.first * work.blocks; plane < (share.first + share.count) * work.blocks; ++plane) {
        const float* const block = work.factors.data() + plane % work.blocks * factors * lanes;
        const V mean = hn::Load(d, block);
        const V inverse = hn::Load(d, block + lanes);
        const V scale = hn::Load(d, block + 2 * lanes);
        const V shift = hn::Load(d, block + 3 * lanes);
        const float* const image = input + plane * pool.input[1] * width * lanes;
        std::int64_t at = plane * pool.output[1] * pool.output[2] * lanes;
        for (std::int64_t y = 0; y < pool.output[1]; ++y) {
            for (std::int64_t x = 0; x < pool.output[2]; ++x, at += lanes) {
                const float* const corner = image + (y * side[0] * width + x * side[1]) * lanes;
                // That only what is greater than zero wins is the ReLU. What is not a number wins, so as to be seen.
                V best = hn::Zero(d);
                V chosen = hn::Zero(d);
                V winner = hn::Set(d, Work::none);
                float number = 0.0F;
                for (std::int64_t row = 0; row < side[0]; ++row) {
                    for (std::int64_t column = 0; column < side[1]; ++column, number += 1.0F) {
                        const V value = hn::Load(d, corner + (row * width + column) * lanes);
                        const V normalised = hn::Mul(hn::Sub(value, mean), inverse);
                        const V result = hn::MulAdd(normalised, scale, shift);
                        const auto wins = hn::Not(hn::Le(result, best));
                        best = hn::IfThenElse(wins, result, best);
                        chosen = hn::IfThenElse(wins, normalised, chosen);
                        winner = hn::IfThenElse(wins, hn::Set(d, number), winner);
                    }
                }
                hn::Store(best, d, output + at);
                hn::Store(chosen, d, work.normalised.data() + at);
                hn::StoreU(hn::DemoteTo(Bytes(), hn::ConvertTo(Integers(), winner)), Bytes(), work.winners.data() + at);
            }
        }
    }
}

HWY_INLINE auto winners_at(const Work& work, std::int64_t at) {
    return hn::PromoteTo(Integers(), hn::LoadU(Bytes(), work.winners.data() + at));
}

void sum_up(const Work& work, Share& share, const float* output_gradient) {
    const Floats d;
    const std::int64_t count = work.pool.output[1] * work.pool.output[2];
    std::fill(share.sums.begin(), share.sums.end(), 0.0F);
    for (std::int64_t plane = share.first * work.blocks; plane < (share.first + share.count) * work.blocks; ++plane) {
        V of_shift = hn::Zero(d);
        V of_scale = hn::Zero(d);
        for (std::int64_t at = plane * count * lanes; at < (plane + 1) * count * lanes; at += lanes) {
            const auto won = hn::RebindMask(d, hn::Ne(winners_at(work, at), hn::Set(Integers(), Work::none)));
            const V gradient = hn::IfThenElseZero(won, hn::Load(d, output_gradient + at));
            of_shift = hn::Add(of_shift, gradient);
            of_scale = hn::MulAdd(gradient, hn::Load(d, work.normalised.data() + at), of_scale);
        }
        float* const sums = share.sums.data() + plane % work.blocks * 2 * lanes;
        hn::Store(hn::Add(hn::Load(d, sums), of_shift), d, sums);
        hn::Store(hn::Add(hn::Load(d, sums + lanes), of_scale), d, sums + lanes);
    }
}

void backward(const Work& work, const Share& share, const float* input, const float* output_gradient,
              float* input_gradient) {
    const Floats d;
    const model::Layer& pool = work.pool;
    const std::int64_t height = pool.input[1];
    const std::int64_t width = pool.input[2];
    const std::int64_t side[2] = {pool.kernel[0], pool.kernel[1]};
    for (std::int64_t plane = share.first * work.blocks; plane < (share.first + share.count) * work.blocks; ++plane) {
        const float* const block = work.factors.data() + plane % work.blocks * factors * lanes;
        const V of_gradient = hn::Load(d, block);
        const V constant = hn::Load(d, block + lanes);
        const V of_value = hn::Load(d, block + 2 * lanes);
        const float* const image = input + plane * height * width * lanes;
        float* const result = input_gradient + plane * height * width * lanes;
        const auto rest = [&](std::int64_t at) { return hn::MulAdd(of_value, hn::Load(d, image + at), constant); };
        std::int64_t at = plane * pool.output[1] * pool.output[2] * lanes;
        for (std::int64_t y = 0; y < pool.output[1]; ++y) {
            for (std::int64_t x = 0; x < pool.output[2]; ++x, at += lanes) {
                const V gradient = hn::Mul(of_gradient, hn::Load(d, output_gradient + at));
                const auto winner = winners_at(work, at);
                std::int32_t number = 0;
                for (std::int64_t row = 0; row < side[0]; ++row) {
                    for (std::int64_t column = 0; column < side[1]; ++column, ++number) {
                        const std::int64_t target = ((y * side[0] + row) * width + x * side[1] + column) * lanes;
                        const auto won = hn::RebindMask(d, hn::Eq(winner, hn::Set(Integers(), number)));
                        hn::Store(hn::Add(rest(target), hn::IfThenElseZero(won, gradient)), d, result + target);
                    }
                }
            }
        }
        // What no pool took in.
        for (std::int64_t y = 0; y < height; ++y) {
            const std::int64_t first = y < pool.output[1] * side[0] ? pool.output[2] * side[1] : 0;
            for (std::int64_t target = (y * width + first) * lanes; target < (y + 1) * width * lanes; target += lanes)
                hn::Store(rest(target), d, result + target);
        }
    }
}

}  // namespace

const NormalisedPoolKernels* target_normalised_pool_kernels() {
    static constexpr NormalisedPoolKernels result{lanes, moments, forward, sum_up, backward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_normalised_pool_kernels);

const NormalisedPoolKernels& normalised_pool_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_normalised_pool_kernels)();
}

}  // namespace earmark::inference
#endif
