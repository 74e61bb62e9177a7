#include "training/data/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/throw.hpp"
#include "training/data/draws.hpp"

namespace earmark::training {

namespace {

constexpr double greatest_change = 60.0;  // decibels
constexpr double greatest_stretch = 0.9;
constexpr int masks = 2;  // of bands, and as many of frames

/// The column of a run that stands at `index`, which may lie beyond its ends.
std::int64_t column_at(std::int64_t index, std::int64_t columns, bool repeated) {
    if (!repeated) return std::clamp<std::int64_t>(index, 0, columns - 1);
    const std::int64_t rest = index % columns;
    return rest < 0 ? rest + columns : rest;
}

/// a + share · (b - a), value by value.
void blend(const float* a, const float* b, float share, std::int64_t count, float* result) {
    for (std::int64_t i = 0; i < count; ++i) result[i] = a[i] + share * (b[i] - a[i]);
}

void limit_band(std::span<float> spectrogram, std::int64_t bands, base::Random& random) {
    const std::int64_t half = bands / 2;
    const bool above = random.below(2) == 0;
    const std::int64_t fallen = 1 + up_to(random, half - 1);
    silence_bands(spectrogram, bands, above ? bands - fallen : 0, above ? bands : fallen);
}

/// Calls `mask(first, end)` for two stretches of random width up to `widest` in 0 … size-1.
template <typename Mask>
void draw_masks(std::int64_t size, int widest, base::Random& random, Mask&& mask) {
    for (int i = 0; i < masks; ++i) {
        const std::int64_t width = up_to(random, std::min<std::int64_t>(widest, size));
        const std::int64_t first = up_to(random, size - width);
        mask(first, first + width);
    }
}

}  // namespace

void check(const Augmentation& options, const FeatureOptions& features, std::int64_t frames) {
    const int bands = coefficient_count(features);
    const auto within = [](const char* what, double value, double most) {
        if (!(value >= 0.0 && value <= most)) {
            base::fail(ErrorCode::bad_option, "`{}` is {}. It must lie between 0 and {}.", what, value, most);
        }
    };
    within("band_statistics", options.band_statistics, 1.0);
    within("dynamics", options.dynamics, 1.0);
    within("overlay", options.overlay, 1.0);
    within("gain", options.gain, greatest_change);
    within("equalise", options.equalise, greatest_change);
    within("band_limit", options.band_limit, 1.0);
    within("mask_bands", options.mask_bands, bands);
    within("mask_frames", options.mask_frames, static_cast<double>(frames));
    within("pitch_shift", options.pitch_shift, bands / 2.0);
    within("stretch", options.stretch, greatest_stretch);
    const bool needs_decibels = options.gain > 0.0 || options.equalise > 0.0 || options.band_limit > 0.0 ||
                                options.mask_bands > 0 || options.pitch_shift > 0.0 || options.stretch > 0.0 ||
                                options.band_statistics > 0.0 || options.dynamics > 0.0 || options.overlay > 0.0;
    const FeatureKind kind = features.kind;
    if ((needs_decibels && kind != FeatureKind::logmel) ||
        (options.mask_frames > 0 && kind != FeatureKind::logmel && kind != FeatureKind::mfcc)) {
        base::fail(
            ErrorCode::bad_option,
            "`mask_frames` needs features of the kind logmel or mfcc, all other augmentation but crops logmel; these "
            "are of the kind {}. Make a store of logmel features (`kind`), or leave these options out.",
            to_string(kind));
    }
    const bool adds_powers =
        options.gain > 0.0 || options.equalise > 0.0 || options.band_limit > 0.0 || options.overlay > 0.0;
    if (adds_powers && features.compression != Compression::decibels) {
        base::fail(
            ErrorCode::bad_option,
            "`gain`, `equalise`, `band_limit` and `overlay` need decibels; these features have the compression {}. "
            "Leave the options out, or make a store of decibels.",
            to_string(features.compression));
    }
}

void augment(std::span<float> spectrogram, const Augmentation& options, std::span<const float> mean,
             base::Random& random) {
    const auto bands = static_cast<std::int64_t>(mean.size());
    const auto frames = static_cast<std::int64_t>(spectrogram.size()) / bands;
    if (options.pitch_shift > 0.0) shift_bands(spectrogram, bands, symmetric(random, options.pitch_shift));
    if (options.equalise > 0.0 || options.gain > 0.0) {
        std::array<double, 4> points{};
        for (double& point : points) point = symmetric(random, options.equalise);
        const double gain = symmetric(random, options.gain);
        for (double& point : points) point += gain;  // the cubic through points that are all higher is as much higher
        std::vector<float> curve(mean.size());
        fill_curve(points, curve);
        add_to_bands(spectrogram, curve);
    }
    if (options.band_limit > 0.0 && uniform(random) < options.band_limit) limit_band(spectrogram, bands, random);
    if (options.mask_bands > 0) {
        draw_masks(bands, options.mask_bands, random,
                   [&](std::int64_t first, std::int64_t end) { mask_bands(spectrogram, mean, first, end); });
    }
    if (options.mask_frames > 0) {
        draw_masks(frames, options.mask_frames, random,
                   [&](std::int64_t first, std::int64_t end) { mask_frames(spectrogram, mean, first, end); });
    }
}

void take_columns(std::span<const float> run, std::int64_t bands, double first, double rate,
                  std::span<float> spectrogram) {
    const auto columns = static_cast<std::int64_t>(run.size()) / bands;
    const auto frames = static_cast<std::int64_t>(spectrogram.size()) / bands;
    const bool repeated = columns < frames;
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        const auto index = static_cast<std::int64_t>(std::floor(first + rate * static_cast<double>(frame) + 0.5));
        std::copy_n(run.data() + bands * column_at(index, columns, repeated), bands,
                    spectrogram.data() + bands * frame);
    }
}

BandStatistics band_statistics_of(std::span<const float> spectrogram, std::int64_t bands) {
    const auto width = static_cast<std::size_t>(bands);
    const auto frames = static_cast<float>(spectrogram.size() / width);
    BandStatistics band_statistics{std::vector<float>(width), std::vector<float>(width)};
    for (std::size_t i = 0; i < spectrogram.size(); i += width) {
        for (std::size_t band = 0; band < width; ++band) band_statistics.mean[band] += spectrogram[i + band] / frames;
    }
    for (std::size_t i = 0; i < spectrogram.size(); i += width) {
        for (std::size_t band = 0; band < width; ++band) {
            const float distance = spectrogram[i + band] - band_statistics.mean[band];
            band_statistics.deviation[band] += distance * distance / frames;
        }
    }
    for (float& value : band_statistics.deviation) value = std::sqrt(value);
    return band_statistics;
}

void mix_statistics(std::span<float> spectrogram, const BandStatistics& other, double mean_share,
                    double deviation_share) {
    constexpr float least = 1e-3F;  // decibels: a band that does not move has no dynamics to change
    constexpr float greatest_ratio = 4.0F;
    const std::size_t bands = other.mean.size();
    const BandStatistics own = band_statistics_of(spectrogram, static_cast<std::int64_t>(bands));
    std::vector<float> factor(bands);
    std::vector<float> mean(bands);
    for (std::size_t band = 0; band < bands; ++band) {
        const float ratio = std::max(other.deviation[band], least) / std::max(own.deviation[band], least);
        factor[band] = 1.0F + static_cast<float>(deviation_share) *
                                  (std::clamp(ratio, 1.0F / greatest_ratio, greatest_ratio) - 1.0F);
        mean[band] = own.mean[band] + static_cast<float>(mean_share) * (other.mean[band] - own.mean[band]);
    }
    for (std::size_t i = 0; i < spectrogram.size(); i += bands) {
        for (std::size_t band = 0; band < bands; ++band) {
            spectrogram[i + band] = (spectrogram[i + band] - own.mean[band]) * factor[band] + mean[band];
        }
    }
}

void overlay(std::span<float> spectrogram, std::span<const float> other, double softer) {
    // 10 log10(10^(a/10) + 10^(b/10)) = max + 10 log10(1 + 10^(-|a - b|/10))
    constexpr float power_of_decibel = 0.230258509F;  // ln 10 / 10
    const auto weaker = static_cast<float>(softer);
    for (std::size_t i = 0; i < spectrogram.size(); ++i) {
        const float b = other[i] - weaker;
        const float distance = std::abs(spectrogram[i] - b);
        spectrogram[i] =
            std::max(spectrogram[i], b) + std::log1p(std::exp(-distance * power_of_decibel)) / power_of_decibel;
    }
}

void shift_bands(std::span<float> spectrogram, std::int64_t bands, double shift) {
    // Band b takes what stood at b - shift: between source b - whole - 1 and b - whole.
    const double whole = std::floor(shift);
    const auto share = static_cast<float>(shift - whole);
    // A row with its ends repeated so often that no band asks for one outside.
    const std::int64_t margin = static_cast<std::int64_t>(std::ceil(std::abs(shift))) + 1;
    std::vector<float> row(static_cast<std::size_t>(bands + 2 * margin));
    const float* upper = row.data() + margin - static_cast<std::int64_t>(whole);
    for (float* frame = spectrogram.data(); frame != spectrogram.data() + spectrogram.size(); frame += bands) {
        std::fill_n(row.begin(), margin, frame[0]);
        std::copy_n(frame, bands, row.begin() + margin);
        std::fill_n(row.begin() + margin + bands, margin, frame[bands - 1]);
        blend(upper, upper - 1, share, bands, frame);
    }
}

void fill_curve(const std::array<double, 4>& points, std::span<float> curve) {
    const double last = std::max(1.0, static_cast<double>(curve.size()) - 1.0);
    for (std::size_t band = 0; band < curve.size(); ++band) {
        const double x = 3.0 * static_cast<double>(band) / last;
        double sum = 0.0;
        for (int i = 0; i < 4; ++i) {  // Lagrange's form
            double weight = 1.0;
            for (int j = 0; j < 4; ++j) {
                if (j != i) weight *= (x - j) / (i - j);
            }
            sum += weight * points[i];
        }
        curve[band] = static_cast<float>(sum);
    }
}

void add_to_bands(std::span<float> spectrogram, std::span<const float> curve) {
    for (std::size_t at = 0; at < spectrogram.size(); at += curve.size()) {
        for (std::size_t band = 0; band < curve.size(); ++band) spectrogram[at + band] += curve[band];
    }
}

void silence_bands(std::span<float> spectrogram, std::int64_t bands, std::int64_t first, std::int64_t end) {
    const float floor = *std::min_element(spectrogram.begin(), spectrogram.end());
    for (float* frame = spectrogram.data(); frame != spectrogram.data() + spectrogram.size(); frame += bands) {
        std::fill(frame + first, frame + end, floor);
    }
}

void mask_bands(std::span<float> spectrogram, std::span<const float> mean, std::int64_t first, std::int64_t end) {
    for (std::size_t at = 0; at < spectrogram.size(); at += mean.size()) {
        std::copy(mean.begin() + first, mean.begin() + end,
                  spectrogram.begin() + static_cast<std::ptrdiff_t>(at) + first);
    }
}

void mask_frames(std::span<float> spectrogram, std::span<const float> mean, std::int64_t first, std::int64_t end) {
    const auto bands = static_cast<std::int64_t>(mean.size());
    for (std::int64_t frame = first; frame < end; ++frame) {
        std::copy(mean.begin(), mean.end(), spectrogram.begin() + frame * bands);
    }
}

}  // namespace earmark::training
