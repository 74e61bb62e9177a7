#include "features/mel_bank.hpp"

#include <algorithm>
#include <cmath>

namespace earmark::features {
namespace {

// Slaney 1998: 200/3 Hz a mel below 1000 Hz; above it 27 mels span a factor of 6.4.
constexpr double linear_step = 200.0 / 3.0;
constexpr double log_start_hertz = 1000.0;
constexpr double log_start_mel = log_start_hertz / linear_step;
const double log_step = std::log(6.4) / 27.0;

// O'Shaughnessy 1987, as HTK has it.
constexpr double htk_factor = 2595.0;
constexpr double htk_corner_hertz = 700.0;

// Floats; a multiple of the lanes of all vectors.
constexpr std::size_t frame_alignment = 16;

}  // namespace

double hertz_to_mel(double hertz, MelScale scale) {
    if (scale == MelScale::htk) return htk_factor * std::log10(1.0 + hertz / htk_corner_hertz);
    if (hertz < log_start_hertz) return hertz / linear_step;
    return log_start_mel + std::log(hertz / log_start_hertz) / log_step;
}

double mel_to_hertz(double mel, MelScale scale) {
    if (scale == MelScale::htk) return htk_corner_hertz * (std::pow(10.0, mel / htk_factor) - 1.0);
    if (mel < log_start_mel) return mel * linear_step;
    return log_start_hertz * std::exp(log_step * (mel - log_start_mel));
}

MelBank::MelBank(int sample_rate, int bins, int bands, double minimum_frequency, double maximum_frequency,
                 MelScale scale, MelNorm norm)
    : kernels_(kernels()),
      bins_(static_cast<std::size_t>(bins)),
      stride_((bins_ + frame_alignment - 1) / frame_alignment * frame_alignment) {
    const double lowest = hertz_to_mel(minimum_frequency, scale);
    const double highest = hertz_to_mel(maximum_frequency, scale);
    // Where sides are straight over mel, edges and bins are compared in mel.
    const bool in_mel = norm == MelNorm::peak;
    const auto edge = [&](int index) {
        const double mel = lowest + (highest - lowest) * index / (bands + 1);
        return in_mel ? mel : mel_to_hertz(mel, scale);
    };
    const std::size_t lanes = kernels_.mel_lanes;
    const double bin_width = 0.5 * sample_rate / (bins - 1);

    rows_.reserve(static_cast<std::size_t>(bands));
    for (int band = 0; band < bands; ++band) {
        const double lower = edge(band);
        const double centre = edge(band + 1);
        const double upper = edge(band + 2);
        const double height = norm == MelNorm::area ? 2.0 / (upper - lower) : 1.0;
        MelRow row;
        const std::size_t offset = weights_.size();
        const double first = std::floor((in_mel ? mel_to_hertz(lower, scale) : lower) / bin_width);
        for (auto bin = static_cast<std::size_t>(std::max(in_mel ? 1.0 : 0.0, first)); bin < bins_; ++bin) {
            const double hertz = bin_width * static_cast<double>(bin);
            const double frequency = in_mel ? hertz_to_mel(hertz, scale) : hertz;
            if (frequency >= upper) break;
            const double rising = (frequency - lower) / (centre - lower);
            const double falling = (upper - frequency) / (upper - centre);
            const double weight = std::min(rising, falling);
            if (weight <= 0.0) continue;
            if (weights_.size() == offset) row.bin = bin / lanes * lanes;
            weights_.resize(offset + bin - row.bin);
            weights_.push_back(static_cast<float>(weight * height));
        }
        row.vectors = (weights_.size() - offset + lanes - 1) / lanes;
        weights_.resize(offset + row.vectors * lanes);
        rows_.push_back(row);
    }
}

void MelBank::apply(const float* power, std::size_t frames, float* mel, float& maximum) const noexcept {
    kernels_.mel(rows_.data(), weights_.data(), rows_.size(), power, stride_, frames, mel, &maximum);
}

std::vector<float> MelBank::dense_row(int band) const {
    const auto index = static_cast<std::size_t>(band);
    std::size_t offset = 0;
    for (std::size_t i = 0; i < index; ++i) offset += rows_.at(i).vectors * kernels_.mel_lanes;
    const MelRow& row = rows_.at(index);
    std::vector<float> dense(stride_);
    std::copy_n(weights_.begin() + static_cast<std::ptrdiff_t>(offset), row.vectors * kernels_.mel_lanes,
                dense.begin() + static_cast<std::ptrdiff_t>(row.bin));
    dense.resize(bins_);
    return dense;
}

}  // namespace earmark::features
