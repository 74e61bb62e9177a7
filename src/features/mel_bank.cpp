#include "features/mel_bank.hpp"

#include <algorithm>
#include <cmath>

#include "features/dot.hpp"

namespace earmark {
namespace {

// Slaney 1998: 200/3 Hz a mel below 1000 Hz; above it 27 mels span a factor of 6.4.
constexpr double linear_step = 200.0 / 3.0;
constexpr double log_start_hertz = 1000.0;
constexpr double log_start_mel = log_start_hertz / linear_step;
const double log_step = std::log(6.4) / 27.0;

}  // namespace

double hertz_to_mel(double hertz) {
    if (hertz < log_start_hertz) return hertz / linear_step;
    return log_start_mel + std::log(hertz / log_start_hertz) / log_step;
}

double mel_to_hertz(double mel) {
    if (mel < log_start_mel) return mel * linear_step;
    return log_start_hertz * std::exp(log_step * (mel - log_start_mel));
}

MelBank::MelBank(int sample_rate, int bins, int bands, double minimum_frequency, double maximum_frequency)
    : bins_(static_cast<std::size_t>(bins)) {
    const double lowest = hertz_to_mel(minimum_frequency);
    const double highest = hertz_to_mel(maximum_frequency);
    const auto edge = [&](int index) { return mel_to_hertz(lowest + (highest - lowest) * index / (bands + 1)); };
    const double bin_width = 0.5 * sample_rate / (bins - 1);

    rows_.reserve(static_cast<std::size_t>(bands));
    for (int band = 0; band < bands; ++band) {
        const double lower = edge(band);
        const double centre = edge(band + 1);
        const double upper = edge(band + 2);
        const double height = 2.0 / (upper - lower);
        Row row{0, 0, weights_.size()};
        const double first = std::floor(lower / bin_width);
        for (auto bin = static_cast<std::size_t>(std::max(0.0, first)); bin < bins_; ++bin) {
            const double hertz = bin_width * static_cast<double>(bin);
            if (hertz >= upper) break;
            const double rising = (hertz - lower) / (centre - lower);
            const double falling = (upper - hertz) / (upper - centre);
            const double weight = std::min(rising, falling);
            if (weight <= 0.0) continue;
            if (row.count == 0) row.bin = bin;
            ++row.count;
            weights_.push_back(static_cast<float>(weight * height));
        }
        rows_.push_back(row);
    }
}

void MelBank::apply(const float* power, float* mel) const noexcept {
    for (const Row& row : rows_) *mel++ = dot(weights_.data() + row.offset, power + row.bin, row.count);
}

std::vector<float> MelBank::dense_row(int band) const {
    const Row& row = rows_.at(static_cast<std::size_t>(band));
    std::vector<float> dense(bins_);
    std::copy_n(weights_.begin() + static_cast<std::ptrdiff_t>(row.offset), row.count,
                dense.begin() + static_cast<std::ptrdiff_t>(row.bin));
    return dense;
}

}  // namespace earmark
