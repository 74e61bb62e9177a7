#include "inference/kernels/band_maximum_spectral_kernels.hpp"

#include <algorithm>
#include <limits>

#include "base/vector_targets.hpp"

// This file is compiled once for every instruction set, by including itself from foreach_target.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "inference/kernels/band_maximum_spectral_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace earmark::inference::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using V = hn::Vec<Floats>;
using Work = BandMaximum::Work;
using Share = BandMaximum::Share;
using Stage = BandMaximum::Stage;

constexpr std::int64_t lanes = hn::MaxLanes(Floats());
constexpr std::int64_t parts_of_a_filter = 4;
constexpr float lowest = -std::numeric_limits<float>::infinity();
constexpr std::int64_t transforms_at_a_time = 4;

struct Complex {
    V real;
    V imaginary;
};

HWY_INLINE Complex load(const float* HWY_RESTRICT from) {
    const Floats d;
    return {hn::Load(d, from), hn::Load(d, from + lanes)};
}

HWY_INLINE void store(const Complex& value, float* HWY_RESTRICT to) {
    const Floats d;
    hn::Store(value.real, d, to);
    hn::Store(value.imaginary, d, to + lanes);
}

HWY_INLINE Complex operator+(const Complex& a, const Complex& b) {
    return {hn::Add(a.real, b.real), hn::Add(a.imaginary, b.imaginary)};
}

HWY_INLINE Complex operator-(const Complex& a, const Complex& b) {
    return {hn::Sub(a.real, b.real), hn::Sub(a.imaginary, b.imaginary)};
}

/// a + i b.
HWY_INLINE Complex plus_turned(const Complex& a, const Complex& b) {
    return {hn::Sub(a.real, b.imaginary), hn::Add(a.imaginary, b.real)};
}

/// a - i b.
HWY_INLINE Complex minus_turned(const Complex& a, const Complex& b) {
    return {hn::Add(a.real, b.imaginary), hn::Sub(a.imaginary, b.real)};
}

HWY_INLINE Complex times(const Complex& value, const float* HWY_RESTRICT factor) {
    const Floats d;
    const V c = hn::Set(d, factor[0]);
    const V s = hn::Set(d, factor[1]);
    return {hn::NegMulAdd(s, value.imaginary, hn::Mul(c, value.real)),
            hn::MulAdd(s, value.real, hn::Mul(c, value.imaginary))};
}

HWY_INLINE void butterfly_of_four(Complex (&x)[4]) {
    const Complex a = x[0] + x[2];
    const Complex b = x[0] - x[2];
    const Complex c = x[1] + x[3];
    const Complex e = x[1] - x[3];
    x[0] = a + c;
    x[1] = plus_turned(b, e);
    x[2] = a - c;
    x[3] = minus_turned(b, e);
}

/// A stage in place, for all parts of the transform.
void run_stage(const Stage& stage, std::int64_t size, float* HWY_RESTRICT values) {
    const std::int64_t step = stage.size * 2 * lanes;
    const std::int64_t parts = size / (stage.radix * stage.size);
    for (std::int64_t part = 0; part < parts; ++part) {
        float* HWY_RESTRICT at = values + part * stage.radix * step;
        if (stage.radix == 2) {  // the first
            const Complex a = load(at);
            const Complex b = load(at + step);
            store(a + b, at);
            store(a - b, at + step);
            continue;
        }
        const float* HWY_RESTRICT factors = stage.factors;
        for (std::int64_t n = 0; n < stage.size; ++n, at += 2 * lanes, factors += 6) {
            Complex x[4] = {load(at), load(at + step), load(at + 2 * step), load(at + 3 * step)};
            if (n > 0)
                for (std::int64_t r = 1; r < 4; ++r) x[r] = times(x[r], factors + 2 * (r - 1));
            butterfly_of_four(x);
            for (std::int64_t r = 0; r < 4; ++r) store(x[r], at + r * step);
        }
    }
}

HWY_INLINE void take(const Complex& value, Complex& largest) {
    largest.real = hn::Max(value.real, largest.real);
    largest.imaginary = hn::Max(value.imaginary, largest.imaginary);
}

/// The spectrum of each frame, with zeros where there is none.
void transform_coefficients(const Work& work, Share& share, const float* HWY_RESTRICT input, std::int64_t rows) {
    const Floats d;
    const std::int64_t frequencies = work.size / 2 + 1;
    const auto width = static_cast<std::int64_t>(work.cosines.size()) / work.coefficients;
    std::fill(share.spectra.begin(), share.spectra.end(), 0.0F);
    for (std::int64_t frame = 0; frame < work.input_frames; ++frame) {
        float* const sums = share.image.data();
        for (std::int64_t at = 0; at < width; at += lanes) {
            V sum = hn::Zero(d);
            for (std::int64_t i = 0; i < work.coefficients; ++i)
                sum = hn::MulAdd(hn::Set(d, input[frame * work.coefficients + i]),
                                 hn::Load(d, work.cosines.data() + i * width + at), sum);
            hn::Store(sum, d, sums + at);
        }
        float* const to = share.spectra.data() + (frame + work.pad_before) * 2;
        for (std::int64_t k = 0; k < frequencies; ++k) {
            to[k * rows * 2] = sums[k];
            to[k * rows * 2 + 1] = sums[frequencies + k];
        }
        for (std::int64_t k = frequencies; k < work.size; ++k) {
            to[k * rows * 2] = sums[work.size - k];
            to[k * rows * 2 + 1] = -sums[frequencies + work.size - k];
        }
    }
}

/// The spectra of a block of filters for some frames, in the places where the transform back takes them.
void multiply_coefficients(const Work& work, const float* HWY_RESTRICT spectra, std::int64_t rows,
                           const float* HWY_RESTRICT weights, float* HWY_RESTRICT scratch) {
    const Floats d;
    for (std::int64_t k = 0; k < work.size; ++k) {
        const float* HWY_RESTRICT x = spectra + k * rows * 2;
        V real[transforms_at_a_time];
        V imaginary[transforms_at_a_time];
        for (std::int64_t i = 0; i < transforms_at_a_time; ++i) real[i] = imaginary[i] = hn::Zero(d);
        for (std::int64_t frame = 0; frame < work.kernel_frames; ++frame, weights += 2 * lanes, x += 2) {
            const V c = hn::Load(d, weights);
            const V s = hn::Load(d, weights + lanes);
            for (std::int64_t i = 0; i < transforms_at_a_time; ++i) {
                const V a = hn::Set(d, x[2 * i]);
                const V b = hn::Set(d, x[2 * i + 1]);
                real[i] = hn::MulAdd(a, c, real[i]);
                imaginary[i] = hn::MulAdd(a, s, imaginary[i]);
                real[i] = hn::NegMulAdd(b, s, real[i]);
                imaginary[i] = hn::MulAdd(b, c, imaginary[i]);
            }
        }
        float* HWY_RESTRICT to = scratch + work.places[k] * 2 * lanes;
        for (std::int64_t i = 0; i < transforms_at_a_time; ++i, to += work.size * 2 * lanes) {
            hn::Store(real[i], d, to);
            hn::Store(imaginary[i], d, to + lanes);
        }
    }
}

/// The largest values of a vector of filters through ReLU and batch norm.
HWY_INLINE V finished(V largest, const float* HWY_RESTRICT ends) {
    const Floats d;
    const V value = hn::MulAdd(hn::Load(d, ends), largest, hn::Load(d, ends + lanes));
    return hn::MulAdd(hn::Max(value, hn::Zero(d)), hn::Load(d, ends + 2 * lanes), hn::Load(d, ends + 3 * lanes));
}

/// The last stage, of which only the outputs of the convolution are computed, and only the largest of each filter is
/// kept.
Complex run_last_stage(const Stage& stage, std::int64_t outputs, const float* HWY_RESTRICT values) {
    const Floats d;
    const std::int64_t step = stage.size * 2 * lanes;
    const std::int64_t count = std::min(stage.size, outputs);
    const float* HWY_RESTRICT factors = stage.factors;
    Complex largest{hn::Set(d, lowest), hn::Set(d, lowest)};
    for (std::int64_t n = 0; n < count; ++n, values += 2 * lanes, factors += 2 * (stage.radix - 1)) {
        const std::int64_t wanted = (outputs - n + stage.size - 1) / stage.size;
        if (stage.radix == 4) {
            Complex x[4];
            x[0] = load(values);
            for (std::int64_t r = 1; r < 4; ++r) x[r] = times(load(values + r * step), factors + 2 * (r - 1));
            butterfly_of_four(x);
            for (std::int64_t r = 0; r < wanted; ++r) take(x[r], largest);
            continue;
        }
        const Complex a = load(values);
        const Complex b = times(load(values + step), factors);
        const Complex c = times(load(values + 2 * step), factors + 2);
        const Complex sum = b + c;
        take(a + sum, largest);
        if (wanted == 1) continue;
        const V half = hn::Set(d, -0.5F);
        const V height = hn::Set(d, 0.866025403784438647F);  // sqrt(3) / 2
        const Complex middle{hn::MulAdd(half, sum.real, a.real), hn::MulAdd(half, sum.imaginary, a.imaginary)};
        const Complex difference = b - c;
        take({hn::NegMulAdd(height, difference.imaginary, middle.real),
              hn::MulAdd(height, difference.real, middle.imaginary)},
             largest);
        if (wanted == 2) continue;
        take({hn::MulAdd(height, difference.imaginary, middle.real),
              hn::NegMulAdd(height, difference.real, middle.imaginary)},
             largest);
    }
    return largest;
}

void forward_along_coefficients(const Work& work, Share& share, const float* input, float* output) {
    const Floats d;
    const auto rows = static_cast<std::int64_t>(share.spectra.size()) / (2 * work.size);
    const auto inner = static_cast<std::int64_t>(work.stages.size()) - 1;
    const std::int64_t of_a_block = work.size * work.kernel_frames * 2 * lanes;
    HWY_ALIGN float results[2 * lanes];
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        transform_coefficients(work, share, input + n * work.input_frames * work.coefficients, rows);
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            const float* const ends = work.weights->ends.data() + 2 * block * parts_of_a_filter * lanes;
            const std::int64_t filters = std::min(2 * lanes, work.filters - block * 2 * lanes);
            for (std::int64_t frame = 0; frame < work.frames; frame += transforms_at_a_time) {
                multiply_coefficients(work, share.spectra.data() + frame * 2, rows,
                                      work.weights->products.data() + block * of_a_block, share.scratch.data());
                const std::int64_t count = std::min(transforms_at_a_time, work.frames - frame);
                for (std::int64_t i = 0; i < count; ++i) {
                    float* const values = share.scratch.data() + i * work.size * 2 * lanes;
                    for (std::int64_t stage = 0; stage < inner; ++stage)
                        run_stage(work.stages[stage], work.size, values);
                    const Complex largest = run_last_stage(work.stages[inner], work.outputs, values);
                    hn::Store(finished(largest.real, ends), d, results);
                    hn::Store(finished(largest.imaginary, ends + parts_of_a_filter * lanes), d, results + lanes);
                    std::copy_n(results, filters,
                                output + (n * work.frames + frame + i) * work.filters + block * 2 * lanes);
                }
            }
        }
    }
}

/// The spectra of vectors of coefficients along the frames: vector × frequency × (real, imaginary) × lanes.
/// Coefficients that are too many repeat the first.
void transform_frames(const Work& work, Share& share, const float* HWY_RESTRICT input, std::int64_t vectors) {
    const Floats d;
    HWY_ALIGN float row[lanes];
    for (std::int64_t vector = 0; vector < vectors; ++vector) {
        float* const values = share.spectra.data() + vector * work.size * 2 * lanes;
        std::fill_n(values, work.size * 2 * lanes, 0.0F);
        const std::int64_t count = std::min(lanes, work.coefficients - vector * lanes);
        for (std::int64_t frame = 0; frame < work.input_frames; ++frame) {
            const float* const from = input + frame * work.coefficients;
            std::fill_n(row, lanes, from[0]);
            std::copy_n(from + vector * lanes, count, row);
            hn::Store(hn::Load(d, row), d, values + work.places[frame + work.pad_before] * 2 * lanes);
        }
        for (const Stage& stage : work.stages) run_stage(stage, work.size, values);
        for (std::int64_t k = 0; k < work.size; ++k) {  // the way back instead of the way there
            float* const imaginary = values + (2 * k + 1) * lanes;
            hn::Store(hn::Neg(hn::Load(d, imaginary)), d, imaginary);
        }
    }
}

/// The spectra of two filters for one vector of coefficients, in the places where the transform back takes them.
void multiply_frames(const Work& work, const float* HWY_RESTRICT spectra, const float* HWY_RESTRICT weights,
                     float* HWY_RESTRICT scratch) {
    for (std::int64_t k = 0; k < work.size; ++k)
        store(times(load(spectra + k * 2 * lanes), weights + 2 * k), scratch + work.places[k] * 2 * lanes);
}

/// The last stage, of which only the outputs of the convolution are computed: what is larger than anything at its frame
/// so far takes its place among `maxima`.
void run_last_stage_of_frames(const Stage& stage, std::int64_t frames, const float* HWY_RESTRICT values,
                              float* HWY_RESTRICT maxima) {
    const std::int64_t step = stage.size * 2 * lanes;
    const std::int64_t count = std::min(stage.size, frames);
    const float* HWY_RESTRICT factors = stage.factors;
    for (std::int64_t n = 0; n < count; ++n, values += 2 * lanes, maxima += 2 * lanes, factors += 6) {
        Complex x[4];
        x[0] = load(values);
        for (std::int64_t r = 1; r < 4; ++r) x[r] = times(load(values + r * step), factors + 2 * (r - 1));
        butterfly_of_four(x);
        const std::int64_t wanted = (frames - n + stage.size - 1) / stage.size;
        for (std::int64_t r = 0; r < std::min<std::int64_t>(wanted, 4); ++r) {
            Complex largest = load(maxima + r * step);
            take(x[r], largest);
            store(largest, maxima + r * step);
        }
    }
}

void forward_along_frames(const Work& work, Share& share, const float* input, float* output) {
    const Floats d;
    const std::int64_t vectors = (work.coefficients + lanes - 1) / lanes;
    const auto inner = static_cast<std::int64_t>(work.stages.size()) - 1;
    float* const values = share.scratch.data();
    for (std::int64_t n = share.first; n < share.first + share.count; ++n) {
        transform_frames(work, share, input + n * work.input_frames * work.coefficients, vectors);
        for (std::int64_t block = 0; block < work.blocks; ++block) {
            std::fill(share.maxima.begin(), share.maxima.end(), lowest);
            for (std::int64_t vector = 0; vector < vectors; ++vector) {
                multiply_frames(work, share.spectra.data() + vector * work.size * 2 * lanes,
                                work.weights->products.data() + block * work.size * 2, values);
                for (std::int64_t stage = 0; stage < inner; ++stage) run_stage(work.stages[stage], work.size, values);
                run_last_stage_of_frames(work.stages[inner], work.frames, values, share.maxima.data());
            }
            const std::int64_t filters = std::min<std::int64_t>(2, work.filters - block * 2);
            for (std::int64_t frame = 0; frame < work.frames; ++frame)
                for (std::int64_t f = 0; f < filters; ++f) {
                    const std::int64_t filter = block * 2 + f;
                    const V largest = hn::Load(d, share.maxima.data() + (2 * frame + f) * lanes);
                    output[(n * work.frames + frame) * work.filters + filter] =
                        work.weights->finished(hn::GetLane(hn::MaxOfLanes(d, largest)), filter, lanes);
                }
        }
    }
}

}  // namespace

const BandMaximumSpectralKernels* target_band_maximum_spectral_kernels() {
    static constexpr BandMaximumSpectralKernels result{lanes, transforms_at_a_time, forward_along_coefficients,
                                                       forward_along_frames};
    return &result;
}

}  // namespace earmark::inference::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace earmark::inference {

HWY_EXPORT(target_band_maximum_spectral_kernels);

const BandMaximumSpectralKernels& band_maximum_spectral_kernels() noexcept {
    return *HWY_DYNAMIC_DISPATCH(target_band_maximum_spectral_kernels)();
}

}  // namespace earmark::inference
#endif
