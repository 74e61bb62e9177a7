#include "inference/layers/band_maximum.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <span>

#include "inference/kernels/band_maximum_kernels.hpp"
#include "inference/kernels/band_maximum_spectral_kernels.hpp"

namespace earmark::inference {

namespace {

constexpr std::int64_t smallest_transform = 16;
constexpr std::int64_t largest_transform = 512;
constexpr std::int64_t shortest_kernel = 24;  // frames of kernels whose spectra are less work

std::int64_t rounded_up(std::int64_t value, std::int64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// The smallest power of two, or, if there may be `threes`, three times one, that holds so many values; 0: none does.
std::int64_t transform_size(std::int64_t values, bool threes) {
    for (std::int64_t power = smallest_transform; power <= largest_transform; power *= 2) {
        if (values <= power) return power;
        if (threes && values <= power / 2 * 3) return power / 2 * 3;
    }
    return 0;
}

/// Of transforms along the frames. What goes round the end of one may only meet the zeros before the input.
std::int64_t frames_of_transforms(const model::Layer& convolution) {
    const std::int64_t before = convolution.pad_before[0];
    const std::int64_t reach = convolution.output[1] + convolution.kernel[0] - 1;
    return transform_size(std::max(convolution.input[1] + before, reach - before), false);
}

std::complex<double> root(std::int64_t numerator, std::int64_t denominator) {
    return std::polar(
        1.0, 2.0 * std::numbers::pi * static_cast<double>(numerator % denominator) / static_cast<double>(denominator));
}

/// Where a frequency stands before stages that work in place.
std::int64_t place_of(std::int64_t frequency, std::span<const BandMaximum::Stage> stages) {
    if (stages.empty()) return 0;
    const BandMaximum::Stage& last = stages.back();
    return frequency % last.radix * last.size + place_of(frequency / last.radix, stages.first(stages.size() - 1));
}

}  // namespace

bool BandMaximum::fits(const model::Layer& convolution, const model::Layer& norm, const model::Layer& pool) {
    using Kind = model::LayerKind;
    if (convolution.kind != Kind::convolution || norm.kind != Kind::batch_norm || pool.kind != Kind::max_pool)
        return false;
    if (convolution.input[0] != 1 || !convolution.relu || !convolution.bias || norm.relu) return false;
    if (convolution.stride[0] != 1 || convolution.stride[1] != 1) return false;
    if (convolution.pad_before[1] != 0 || convolution.pad_after[1] != 0) return false;
    if (pool.kernel[0] != 1 || pool.kernel[1] != pool.input[2] || pool.stride[0] != 1) return false;
    if (pool.pad_before[0] != 0 || pool.pad_before[1] != 0 || pool.output[1] != pool.input[1]) return false;
    return convolution.kernel[1] == 1 || transform_size(convolution.input[2], true) > 0;
}

BandMaximum::Way BandMaximum::way_of(const model::Layer& convolution) {
    if (convolution.kernel[1] > 1) return Way::along_coefficients;
    const bool long_enough = convolution.kernel[0] >= shortest_kernel;
    return long_enough && frames_of_transforms(convolution) > 0 ? Way::along_frames : Way::plain;
}

BandMaximum::BandMaximum(const model::Layer& convolution, double epsilon, std::int64_t batch, int threads)
    : way_(way_of(convolution)),
      lanes_(band_maximum_kernels().lanes),
      kernel_coefficients_(convolution.kernel[1]),
      epsilon_(epsilon) {
    work_.input_frames = convolution.input[1];
    work_.coefficients = convolution.input[2];
    work_.filters = convolution.output[0];
    work_.kernel_frames = convolution.kernel[0];
    work_.pad_before = convolution.pad_before[0];
    work_.frames = convolution.output[1];
    work_.outputs = convolution.output[2];
    work_.weights = std::make_shared<Weights>();
    shares_ = shares_of<Share>(batch, threads);
    const std::int64_t width = rounded_up(work_.coefficients, lanes_);
    std::int64_t filters = 2;  // of a block
    if (way_ == Way::plain) {
        filters = band_maximum_kernels().filters;
        const std::int64_t frames = band_maximum_kernels().frames;
        for (Share& share : shares_) {
            share.image.resize((rounded_up(work_.frames, frames) + work_.kernel_frames - 1) * width);
            share.scratch.resize(frames * filters * lanes_);
        }
    } else if (way_ == Way::along_coefficients) {
        filters = 2 * lanes_;
        prepare_transforms(transform_size(work_.coefficients, true), work_.coefficients);
        const std::int64_t frames = band_maximum_spectral_kernels().frames;
        for (Share& share : shares_) {
            share.image.resize(rounded_up(work_.size + 2, lanes_));
            share.spectra.resize(work_.size * (rounded_up(work_.frames, frames) + work_.kernel_frames - 1) * 2);
            share.scratch.resize(frames * work_.size * 2 * lanes_);
        }
    } else {
        prepare_transforms(frames_of_transforms(convolution), work_.kernel_frames);
        for (Share& share : shares_) {
            share.spectra.resize(width * work_.size * 2);
            share.scratch.resize(work_.size * 2 * lanes_);
            share.maxima.resize(work_.frames * 2 * lanes_);
        }
    }
    work_.blocks = rounded_up(work_.filters, filters) / filters;
}

void BandMaximum::prepare_transforms(std::int64_t transform, std::int64_t rows) {
    work_.size = transform;
    const std::int64_t last = work_.size % 3 == 0 ? 3 : 4;
    std::int64_t inner = work_.size / last;
    std::vector<std::int64_t> radices;
    for (; inner % 4 == 0; inner /= 4) radices.push_back(4);
    if (inner == 2) radices.insert(radices.begin(), 2);
    radices.push_back(last);
    std::vector<std::size_t> begins;
    std::int64_t size = 1;
    for (const std::int64_t radix : radices) {
        begins.push_back(work_.factors.size());
        work_.stages.push_back({radix, size, nullptr});
        for (std::int64_t n = 0; n < size; ++n)
            for (std::int64_t r = 1; r < radix; ++r) {
                const std::complex<double> factor = root(r * n, radix * size);
                work_.factors.push_back(static_cast<float>(factor.real()));
                work_.factors.push_back(static_cast<float>(factor.imag()));
            }
        size *= radix;
    }
    for (std::size_t i = 0; i < radices.size(); ++i) work_.stages[i].factors = work_.factors.data() + begins[i];
    for (std::int64_t k = 0; k < work_.size; ++k) work_.places.push_back(place_of(k, work_.stages));
    const std::int64_t frequencies = work_.size / 2 + 1;
    const std::int64_t width = rounded_up(2 * frequencies, lanes_);
    work_.cosines.resize(rows * width);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t k = 0; k < frequencies; ++k) {
            const std::complex<double> factor = std::conj(root(i * k, work_.size));
            work_.cosines[i * width + k] = static_cast<float>(factor.real());
            work_.cosines[i * width + frequencies + k] = static_cast<float>(factor.imag());
        }
}

void BandMaximum::set_weights(const Tensors& tensors) {
    constexpr std::int64_t parts = Weights::parts;
    base::AlignedVector<float>& ends = work_.weights->ends;
    ends.assign(rounded_up(work_.filters, 2 * lanes_) * parts, 0.0F);
    std::vector<float> signs(work_.filters);
    for (std::int64_t filter = 0; filter < work_.filters; ++filter) {
        const double deviation = std::sqrt(static_cast<double>(tensors.variance[filter]) + epsilon_);
        const double scale = static_cast<double>(tensors.scale[filter]) / deviation;
        signs[filter] = scale < 0.0 ? -1.0F : 1.0F;
        const double shift =
            static_cast<double>(tensors.shift[filter]) - static_cast<double>(tensors.mean[filter]) * scale;
        const float all[parts] = {signs[filter], tensors.bias[filter], static_cast<float>(scale),
                                  static_cast<float>(shift)};
        float* const to = ends.data() + filter / lanes_ * parts * lanes_ + filter % lanes_;
        for (std::int64_t part = 0; part < parts; ++part) to[part * lanes_] = all[part];
    }
    base::AlignedVector<float>& products = work_.weights->products;
    const std::int64_t frames = work_.kernel_frames;
    if (way_ == Way::plain) {
        const std::int64_t block = band_maximum_kernels().filters;
        products.assign(work_.blocks * frames * block, 0.0F);
        for (std::int64_t filter = 0; filter < work_.filters; ++filter)
            for (std::int64_t frame = 0; frame < frames; ++frame)
                products[(filter / block * frames + frame) * block + filter % block] =
                    signs[filter] * tensors.weight[filter * frames + frame];
    } else if (way_ == Way::along_coefficients) {
        products.assign(work_.blocks * work_.size * frames * 2 * lanes_, 0.0F);
        each_frequency(tensors.weight, signs, lanes_,
                       [&](std::int64_t filter, std::int64_t frame, std::int64_t k, float real, float imaginary) {
                           const std::int64_t block = filter / (2 * lanes_);
                           float* const to = products.data() + ((block * work_.size + k) * frames + frame) * 2 * lanes_;
                           to[filter % lanes_] += real;
                           to[lanes_ + filter % lanes_] += imaginary;
                       });
    } else {
        products.assign(work_.blocks * work_.size * 2, 0.0F);
        each_frequency(tensors.weight, signs, 1,
                       [&](std::int64_t filter, std::int64_t, std::int64_t k, float real, float imaginary) {
                           float* const to = products.data() + (filter / 2 * work_.size + k) * 2;
                           to[0] += real;
                           to[1] += imaginary;
                       });
    }
}

template <typename Put>
void BandMaximum::each_frequency(const float* weight, const std::vector<float>& signs, std::int64_t pairs_apart,
                                 Put put) const {
    const std::int64_t frequencies = work_.size / 2 + 1;
    const std::int64_t width = rounded_up(2 * frequencies, lanes_);
    const std::int64_t length = way_ == Way::along_frames ? work_.kernel_frames : kernel_coefficients_;
    const std::int64_t kernels = way_ == Way::along_frames ? 1 : work_.kernel_frames;  // of a filter
    std::vector<float> sums(width);
    for (std::int64_t filter = 0; filter < work_.filters; ++filter) {
        const bool second = filter / pairs_apart % 2 == 1;
        const float factor = signs[filter] / static_cast<float>(work_.size);
        for (std::int64_t kernel = 0; kernel < kernels; ++kernel) {
            const float* const values = weight + (filter * kernels + kernel) * length;
            std::ranges::fill(sums, 0.0F);
            for (std::int64_t i = 0; i < length; ++i)
                for (std::int64_t k = 0; k < width; ++k) sums[k] += values[i] * work_.cosines[i * width + k];
            for (std::int64_t k = 0; k < work_.size; ++k) {
                const bool mirrored = k >= frequencies;
                const std::int64_t from = mirrored ? work_.size - k : k;
                const float real = factor * sums[from];
                const float imaginary = factor * (mirrored ? sums[frequencies + from] : -sums[frequencies + from]);
                put(filter, kernel, k, second ? -imaginary : real, second ? real : imaginary);
            }
        }
    }
}

void BandMaximum::forward(const float* input, float* output) {
    const BandMaximumSpectralKernels& spectral = band_maximum_spectral_kernels();
    const auto forward = way_ == Way::plain                ? band_maximum_kernels().forward
                         : way_ == Way::along_coefficients ? spectral.along_coefficients
                                                           : spectral.along_frames;
    for_each_share(shares_, [&](Share& share) { forward(work_, share, input, output); });
}

}  // namespace earmark::inference
