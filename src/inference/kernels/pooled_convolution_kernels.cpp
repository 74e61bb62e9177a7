#include "inference/kernels/pooled_convolution_kernels.hpp"

#include <algorithm>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/pooled_convolution_kernels.cpp"
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
using Work = PooledConvolution::Work;
using Share = PooledConvolution::Share;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr std::int64_t side = 3;
constexpr std::int64_t values = Work::taps + 1;  // weights of a filter and its bias

/// What of a pool lies within the convolution's output along one axis.
struct Window {
    std::int64_t begin;
    std::int64_t end;
    std::int64_t start;  // of the whole pool, padding included

    Window(const model::Layer& pool, int axis, std::int64_t at, std::int64_t size)
        : start(at * pool.stride[axis] - pool.pad_before[axis]) {
        begin = std::max<std::int64_t>(start, 0);
        end = std::min<std::int64_t>(start + pool.kernel[axis], size);
    }
};

/// Rows of the convolution, as many as a pool is high, each in the place of one that is no longer needed.
class Lines {
  public:
    Lines(Share& share, const model::Layer& pool)
        : first_(share.lines.data()), size_(pool.input[2] * lanes), count_(pool.kernel[0]) {}

    std::int64_t place(std::int64_t row) const { return row % count_; }
    std::int64_t next(std::int64_t place) const { return place + 1 == count_ ? 0 : place + 1; }
    float* at_place(std::int64_t place) const { return first_ + place * size_; }
    float* operator()(std::int64_t row) const { return at_place(place(row)); }

  private:
    float* first_;
    std::int64_t size_;
    std::int64_t count_;
};

/// One row of the convolution.
HWY_INLINE void convolve(const V (&weights)[values], const float* HWY_RESTRICT input, std::int64_t columns,
                         float* HWY_RESTRICT line) {
    const Floats d;
    for (std::int64_t column = 0; column + side <= columns; ++column) {
        V sum = weights[Work::taps];
        for (std::int64_t row = 0; row < side; ++row)
            for (std::int64_t k = 0; k < side; ++k)
                sum = hn::MulAdd(hn::Set(d, input[row * columns + column + k]), weights[row * side + k], sum);
        hn::Store(sum, d, line + column * lanes);
    }
}

void forward(Work& work, Share& share, const float* input, float* output) {
    const Floats d;
    const model::Layer& pool = work.pool;
    const std::int64_t height = pool.input[1];
    const std::int64_t width = pool.input[2];
    const Lines line(share, pool);
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        const float* const image = input + n * work.rows * work.columns;
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            V weights[values];
            for (std::int64_t i = 0; i < values; ++i)
                weights[i] = hn::Load(d, work.weights->data() + (block * values + i) * lanes);
            std::int64_t at = (n * work.blocks + block) * pool.output[1] * pool.output[2] * lanes;
            std::int64_t ready = 0;
            for (std::int64_t y = 0; y < pool.output[1]; ++y) {
                const Window rows(pool, 0, y, height);
                for (; ready < rows.end; ++ready)
                    convolve(weights, image + ready * work.columns, work.columns, line(ready));
                const std::int64_t place = line.place(rows.begin);
                for (std::int64_t x = 0; x < pool.output[2]; ++x, at += lanes) {
                    const Window columns(pool, 1, x, width);
                    // That only what is greater than zero wins is the ReLU. What is not a number wins, so as to be
                    // seen.
                    V best = hn::Zero(d);
                    V winner = hn::Set(d, Work::none);
                    std::int64_t from = place;
                    for (std::int64_t row = rows.begin; row < rows.end; ++row, from = line.next(from)) {
                        const float* const values_of_row = line.at_place(from);
                        auto number =
                            static_cast<float>((row - rows.start) * pool.kernel[1] + columns.begin - columns.start);
                        for (std::int64_t column = columns.begin; column < columns.end; ++column, number += 1.0F) {
                            const V value = hn::Load(d, values_of_row + column * lanes);
                            const auto wins = hn::Not(hn::Le(value, best));
                            best = hn::IfThenElse(wins, value, best);
                            winner = hn::IfThenElse(wins, hn::Set(d, number), winner);
                        }
                    }
                    hn::Store(best, d, output + at);
                    if (work.winners.empty()) continue;
                    hn::StoreU(hn::DemoteTo(Bytes(), hn::ConvertTo(Integers(), winner)), Bytes(),
                               work.winners.data() + at);
                }
            }
        }
    }
}

/// Adds what one row of the convolution's gradient makes of those of the weights, and clears the row.
HWY_INLINE void collect(V (&sums)[values], const float* HWY_RESTRICT input, std::int64_t columns,
                        float* HWY_RESTRICT line) {
    const Floats d;
    for (std::int64_t column = 0; column + side <= columns; ++column) {
        const V gradient = hn::Load(d, line + column * lanes);
        for (std::int64_t row = 0; row < side; ++row)
            for (std::int64_t k = 0; k < side; ++k)
                sums[row * side + k] =
                    hn::MulAdd(hn::Set(d, input[row * columns + column + k]), gradient, sums[row * side + k]);
        sums[Work::taps] = hn::Add(sums[Work::taps], gradient);
        hn::Store(hn::Zero(d), d, line + column * lanes);
    }
}

void backward(const Work& work, Share& share, const float* input, const float* output_gradient) {
    const Floats d;
    const model::Layer& pool = work.pool;
    const std::int64_t height = pool.input[1];
    const std::int64_t width = pool.input[2];
    const Lines line(share, pool);
    std::fill(share.sums.begin(), share.sums.end(), 0.0F);
    std::fill(share.lines.begin(), share.lines.end(), 0.0F);
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        const float* const image = input + n * work.rows * work.columns;
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            float* const kept = share.sums.data() + block * values * lanes;
            V sums[values];
            for (std::int64_t i = 0; i < values; ++i) sums[i] = hn::Load(d, kept + i * lanes);
            std::int64_t at = (n * work.blocks + block) * pool.output[1] * pool.output[2] * lanes;
            std::int64_t done = 0;
            for (std::int64_t y = 0; y < pool.output[1]; ++y) {
                const Window rows(pool, 0, y, height);
                // The rows before this pool have all that they get.
                for (; done < rows.begin; ++done) collect(sums, image + done * work.columns, work.columns, line(done));
                const std::int64_t place = line.place(rows.begin);
                for (std::int64_t x = 0; x < pool.output[2]; ++x, at += lanes) {
                    const Window columns(pool, 1, x, width);
                    const V gradient = hn::Load(d, output_gradient + at);
                    const auto winner = hn::PromoteTo(Integers(), hn::LoadU(Bytes(), work.winners.data() + at));
                    std::int64_t to = place;
                    for (std::int64_t row = rows.begin; row < rows.end; ++row, to = line.next(to)) {
                        float* const values_of_row = line.at_place(to);
                        auto number = static_cast<std::int32_t>((row - rows.start) * pool.kernel[1] + columns.begin -
                                                                columns.start);
                        for (std::int64_t column = columns.begin; column < columns.end; ++column, ++number) {
                            const auto won = hn::RebindMask(d, hn::Eq(winner, hn::Set(Integers(), number)));
                            float* const target = values_of_row + column * lanes;
                            hn::Store(hn::Add(hn::Load(d, target), hn::IfThenElseZero(won, gradient)), d, target);
                        }
                    }
                }
            }
            for (; done < height; ++done) collect(sums, image + done * work.columns, work.columns, line(done));
            for (std::int64_t i = 0; i < values; ++i) hn::Store(sums[i], d, kept + i * lanes);
        }
    }
}

}  // namespace

const PooledConvolutionKernels* target_pooled_convolution_kernels() {
    static constexpr PooledConvolutionKernels result{lanes, forward, backward};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_pooled_convolution_kernels);

const PooledConvolutionKernels& pooled_convolution_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_pooled_convolution_kernels)();
}

}  // namespace earmark::inference
#endif
