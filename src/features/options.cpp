#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/throw.hpp"
#include "earmark/features.hpp"
#include "features/table_kind.hpp"

namespace earmark {
namespace {

template <typename Value>
struct Named {
    Value value;
    std::string_view name;
};
template <typename Value>
Named(Value, std::string_view) -> Named<Value>;  // clang before 17 does not deduce it of an aggregate

constexpr std::array kinds{Named{FeatureKind::waveform, "waveform"}, Named{FeatureKind::spectrogram, "spectrogram"},
                           Named{FeatureKind::mel, "mel"},           Named{FeatureKind::logmel, "logmel"},
                           Named{FeatureKind::mfcc, "mfcc"},         Named{table_kind, "table"}};
constexpr std::array paddings{Named{Padding::zero, "zero"}, Named{Padding::reflect, "reflect"}};
constexpr std::array spectrum_scales{Named{SpectrumScale::power, "power"},
                                     Named{SpectrumScale::magnitude, "magnitude"}};
constexpr std::array mel_scales{Named{MelScale::slaney, "slaney"}, Named{MelScale::htk, "htk"}};
constexpr std::array mel_norms{Named{MelNorm::area, "area"}, Named{MelNorm::none, "none"},
                               Named{MelNorm::peak, "peak"}};
constexpr std::array compressions{Named{Compression::decibels, "decibels"}, Named{Compression::log10_1p, "log10-1p"},
                                  Named{Compression::ln_offset, "ln-offset"}};

template <typename Table, typename Value>
std::string_view name_of(const Table& table, Value value) noexcept {
    for (const auto& entry : table) {
        if (entry.value == value) return entry.name;
    }
    return "unknown";
}

template <typename Table>
auto value_of(const Table& table, std::string_view what, std::string_view name) {
    std::string names;
    for (const auto& entry : table) {
        if (entry.name == name) return entry.value;
        if (!names.empty()) names += ", ";
        names += entry.name;
    }
    base::fail(ErrorCode::bad_option, "There is no {} named \"{}\". Choose one of {}.", what, name, names);
}

// Far beyond what anyone analyses with, and little enough that tables of that size fit into memory: options may come
// from a model file that someone else made.
constexpr int greatest_sample_rate = 1'536'000;
constexpr int greatest_fft_size = 1 << 20;
constexpr int greatest_hop_length = 1 << 24;
constexpr int greatest_mel_bands = 1024;
constexpr int greatest_table_columns = 1 << 16;

void check_range(std::string_view name, int value, int least, int greatest) {
    if (value < least || value > greatest) {
        base::fail(ErrorCode::bad_option, "{} is {}. It must be from {} to {}.", name, value, least, greatest);
    }
}

template <typename Table, typename Value>
void check_named(std::string_view what, const Table& table, Value value) {
    if (name_of(table, value) == "unknown") {
        base::fail(ErrorCode::bad_option, "The {} is {}, which is none.", what, static_cast<int>(value));
    }
}

// A positive number that single precision holds without loss.
void check_positive(std::string_view name, std::string_view what, double value) {
    constexpr double least = std::numeric_limits<float>::min();
    constexpr double greatest = std::numeric_limits<float>::max();
    if (!(value >= least && value <= greatest)) {
        base::fail(ErrorCode::bad_option, "{} is {}. It must be a {} from {:.3g} to {:.3g}.", name, value, what, least,
                   greatest);
    }
}

}  // namespace

std::string_view to_string(FeatureKind kind) noexcept {
    return name_of(kinds, kind);
}
FeatureKind feature_kind(std::string_view name) {
    return value_of(kinds, "kind of features", name);
}

std::string_view to_string(Padding padding) noexcept {
    return name_of(paddings, padding);
}
Padding padding(std::string_view name) {
    return value_of(paddings, "padding", name);
}

std::string_view to_string(SpectrumScale scale) noexcept {
    return name_of(spectrum_scales, scale);
}
SpectrumScale spectrum_scale(std::string_view name) {
    return value_of(spectrum_scales, "scale of a spectrum", name);
}

std::string_view to_string(MelScale scale) noexcept {
    return name_of(mel_scales, scale);
}
MelScale mel_scale(std::string_view name) {
    return value_of(mel_scales, "mel scale", name);
}

std::string_view to_string(MelNorm norm) noexcept {
    return name_of(mel_norms, norm);
}
MelNorm mel_norm(std::string_view name) {
    return value_of(mel_norms, "norm of mel bands", name);
}

std::string_view to_string(Compression compression) noexcept {
    return name_of(compressions, compression);
}
Compression compression(std::string_view name) {
    return value_of(compressions, "compression", name);
}

void validate(const FeatureOptions& options) {
    check_named("kind of features", kinds, options.kind);
    if (options.kind == table_kind) return check_range("coefficients", options.coefficients, 1, greatest_table_columns);
    check_named("padding", paddings, options.padding);
    check_range("sample_rate", options.sample_rate, 1, greatest_sample_rate);
    check_range("fft_size", options.fft_size, 16, greatest_fft_size);
    check_named("scale of the spectrum", spectrum_scales, options.spectrum);
    check_named("mel scale", mel_scales, options.mel_scale);
    check_named("norm of mel bands", mel_norms, options.mel_norm);
    check_named("compression", compressions, options.compression);
    check_positive("compression_constant", "number", options.compression_constant);
    if (options.window_length != 0) check_range("window_length", options.window_length, 16, options.fft_size);
    if (options.window_length % 2 != 0)
        base::fail(ErrorCode::bad_option, "window_length is {}. It must be even.", options.window_length);
    if (options.fft_size % 2 != 0)
        base::fail(ErrorCode::bad_option, "fft_size is {}. It must be even.", options.fft_size);
    check_range("hop_length", options.hop_length, 1, greatest_hop_length);
    check_range("mel_bands", options.mel_bands, 1, greatest_mel_bands);
    check_range("coefficients", options.coefficients, 1, options.mel_bands);

    const double half_rate = 0.5 * options.sample_rate;
    const double maximum = options.maximum_frequency == 0.0 ? half_rate : options.maximum_frequency;
    if (!(options.minimum_frequency >= 0.0 && options.minimum_frequency < maximum && maximum <= half_rate)) {
        base::fail(
            ErrorCode::bad_option,
            "The mel bands are to span {} to {} Hz. At {} samples per second they must rise from at least 0 Hz to at "
            "most {} Hz.",
            options.minimum_frequency, maximum, options.sample_rate, half_rate);
    }
    check_positive("reference", "power", options.reference);
    check_positive("amin", "power", options.amin);
    if (options.top_db && !(*options.top_db >= 0.0 && *options.top_db <= std::numeric_limits<float>::max())) {
        base::fail(ErrorCode::bad_option, "top_db is {}. It must be at least 0 dB; leave it away to keep all.",
                   *options.top_db);
    }
}

int coefficient_count(const FeatureOptions& options) {
    if (options.kind == table_kind) return options.coefficients;
    switch (options.kind) {
        case FeatureKind::waveform:
            return 1;
        case FeatureKind::spectrogram:
            return options.fft_size / 2 + 1;
        case FeatureKind::mel:
        case FeatureKind::logmel:
            return options.mel_bands;
        case FeatureKind::mfcc:
            return options.coefficients;
    }
    base::fail(ErrorCode::bad_option, "The kind of features is {}, which is none.", static_cast<int>(options.kind));
}

bool needs_maximum_power(const FeatureOptions& options) noexcept {
    return options.compression == Compression::decibels && options.top_db &&
           (options.kind == FeatureKind::logmel || options.kind == FeatureKind::mfcc);
}

int frame_length(const FeatureOptions& options) noexcept {
    return options.window_length == 0 ? options.fft_size : options.window_length;
}

std::int64_t frame_count(const FeatureOptions& options, std::int64_t samples) {
    if (samples <= 0) return 0;
    if (options.kind == FeatureKind::waveform) return samples;
    if (!options.centred) {
        const int length = frame_length(options);
        return samples < length ? 0 : 1 + (samples - length) / options.hop_length;
    }
    return 1 + samples / options.hop_length;
}

}  // namespace earmark
