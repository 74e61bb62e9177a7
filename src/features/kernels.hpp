#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace earmark::features {

/// Frames that the kernels take at a time, so that a weight is loaded once for all of them. What comes out for a frame
/// does not depend on those beside it.
inline constexpr std::size_t frame_group = 4;

/// Mel bands as MelKernel takes them: the weights of a band stand in whole vectors, zeros before the first and behind
/// the last, and those of the next band follow.
struct MelRow {
    std::size_t bin = 0;      // of the first weight, a multiple of mel_lanes
    std::size_t vectors = 0;  // none when the band falls between two bins
};

/// The inner loops of the features, compiled for one instruction set. Nothing needs to be aligned, though it is
/// quicker when it is.
struct Kernels {
    /// Highway's number of the instruction set.
    std::int64_t target;
    /// Floats in a vector.
    std::size_t lanes;
    /// And in one of `mel`, whose rows are too short to fill the longest.
    std::size_t mel_lanes;

    /// result[i] = a[i] · b[i]
    void (*multiply)(const float* a, const float* b, std::size_t count, float* result) noexcept;

    /// The power spectrum |X[k]|², k = 0 … half, of 2 · half real samples from Z, the Fourier transform of their pairs
    /// taken as complex numbers, halved. With Z[half] = Z[0], the even samples have the transform
    /// E[k] = Z[k] + conj Z[half-k], the odd ones O[k] = (Z[k] - conj Z[half-k]) / i, and with w = exp(-πi/half)
    /// X[k] = E[k] + w^k · O[k] and X[half-k] = conj(E[k] - w^k · O[k]).
    /// @param z          `half` complex numbers
    /// @param real, imaginary  of w^k / i, k = 1 … half / 2
    void (*power)(const float* z, const float* real, const float* imaginary, std::size_t half, float* power) noexcept;

    /// mel[band] = sum of weight · power, for up to `frame_group` frames.
    /// @param stride   from one frame's power to the next; may be read up to a multiple of `mel_lanes` behind the last
    /// bin
    /// @param maximum  raised to the greatest mel value; not by a NaN
    void (*mel)(const MelRow* rows, const float* weights, std::size_t bands, const float* power, std::size_t stride,
                std::size_t frames, float* mel, float* maximum) noexcept;

    /// decibels[i] = max(floor, 10·log10(max(amin, power[i])) - reference), to about one unit in the last place.
    /// A NaN counts as `amin`.
    void (*decibels)(const float* power, std::size_t count, float amin, float reference, float floor,
                     float* decibels) noexcept;

    /// result[i] = log10(1 + factor · input[i]), to a few units in the last place, also near 0. What is negative or NaN
    /// counts as 0.
    void (*log10_1p)(const float* input, std::size_t count, float factor, float* result) noexcept;

    /// result[i] = ln(input[i] + offset), to about one unit in the last place of the greater of it and 1. What is
    /// negative or NaN counts as 0. `offset` is positive and normal.
    void (*ln_offset)(const float* input, std::size_t count, float offset, float* result) noexcept;

    /// result[i] = √input[i]; `result` may be `input`.
    void (*root)(const float* input, std::size_t count, float* result) noexcept;

    /// result[frame][k] = sum over n of input[frame][n] · matrix[n][k], for up to `frame_group` frames.
    /// @param width  values of a row of the matrix, a multiple of `lanes`; the first `coefficients` of them are meant
    void (*dct)(const float* matrix, std::size_t size, std::size_t width, std::size_t coefficients, const float* input,
                std::size_t frames, float* result) noexcept;
};

/// The kernels for the best instruction set that this processor has and Earmark was compiled for; `instruction_set`
/// in earmark/features.hpp says which.
const Kernels& kernels() noexcept;

/// For tests: the names of all such sets, the best first.
std::vector<std::string_view> instruction_sets();
/// For tests: what `kernels` gives from now on; the best for every other name.
void use_instruction_set(std::string_view name);

}  // namespace earmark::features
