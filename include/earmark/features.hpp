#pragma once

/// @file
/// Features: from mono samples to spectrograms, mel bands, decibels and MFCCs, equal to librosa's of the same name.
///
/// Formulas of the defaults: STFT with a periodic Hann window, centred frames; power |X|²; mel bands after Slaney's
/// Auditory Toolbox (1998, technical report 1998-010) with area normalisation, as
/// librosa.filters.mel(htk=False, norm="slaney"); decibels 10·log10(max(amin, S)) - 10·log10(max(amin, ref)), floored `top_db` under their maximum, as
/// librosa.power_to_db; orthonormal DCT-II, as scipy.fft.dct(type=2, norm="ortho").

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "earmark/export.h"
#include "earmark/sink.hpp"

namespace earmark {

/// The stages at which the road from sound to MFCCs can be left. Shapes are frames × coefficients.
enum class FeatureKind {
    waveform,     ///< the samples themselves: samples × 1
    spectrogram,  ///< power spectrum |X|², or |X| (see SpectrumScale): frames × (fft_size / 2 + 1)
    mel,          ///< mel bands of that spectrum: frames × mel_bands
    logmel,       ///< the same in decibels, or compressed otherwise: frames × mel_bands
    mfcc,         ///< the first coefficients of its DCT: frames × coefficients
};

/// The name of a kind, for instance "logmel".
EARMARK_API std::string_view to_string(FeatureKind kind) noexcept;
/// The kind of that name. @throws Error bad_option
EARMARK_API FeatureKind feature_kind(std::string_view name);

/// What stands for the samples beyond the two ends of a signal.
enum class Padding {
    zero,     ///< zeros, librosa's default since 0.9
    reflect,  ///< the signal mirrored about its first and last sample, librosa's default before 0.9
};

/// The name of a padding: "zero" or "reflect".
EARMARK_API std::string_view to_string(Padding padding) noexcept;
/// The padding of that name. @throws Error bad_option
EARMARK_API Padding padding(std::string_view name);

/// What a spectrogram holds and mel bands add up.
enum class SpectrumScale {
    power,      ///< |X|²
    magnitude,  ///< |X|
};

/// The name of a scale: "power" or "magnitude".
EARMARK_API std::string_view to_string(SpectrumScale scale) noexcept;
/// The scale of that name. @throws Error bad_option
EARMARK_API SpectrumScale spectrum_scale(std::string_view name);

/// The scale on which mel bands are equally wide.
enum class MelScale {
    slaney,  ///< Slaney's Auditory Toolbox: linear below 1000 Hz, logarithmic above
    htk,     ///< 2595 · log10(1 + f / 700), O'Shaughnessy's formula as in HTK
};

/// The name of a scale: "slaney" or "htk".
EARMARK_API std::string_view to_string(MelScale scale) noexcept;
/// The scale of that name. @throws Error bad_option
EARMARK_API MelScale mel_scale(std::string_view name);

/// The triangles of mel bands. A band has the edges l, c and u: three neighbours of mel_bands + 2 points that are equally
/// far apart on the mel scale. A bin of frequency f weighs max(0, min((f - l) / (c - l), (u - f) / (u - c))) · height.
enum class MelNorm {
    area,  ///< f and edges in hertz, height 2 / (u - l), so that all areas are 1: librosa's norm="slaney"
    none,  ///< f and edges in hertz, height 1: librosa's norm=None
    peak,  ///< f and edges in mel, height 1; bin 0 weighs nothing: TensorFlow's linear_to_mel_weight_matrix (with htk)
};

/// The name of a norm: "area", "none" or "peak".
EARMARK_API std::string_view to_string(MelNorm norm) noexcept;
/// The norm of that name. @throws Error bad_option
EARMARK_API MelNorm mel_norm(std::string_view name);

/// How mel bands are compressed for logmel and mfcc.
enum class Compression {
    decibels,   ///< 10 · log10, with `reference`, `amin` and `top_db`
    log10_1p,   ///< log10(1 + c · x), c being `compression_constant`
    ln_offset,  ///< ln(x + c)
};

/// The name of a compression: "decibels", "log10-1p" or "ln-offset".
EARMARK_API std::string_view to_string(Compression compression) noexcept;
/// The compression of that name. @throws Error bad_option
EARMARK_API Compression compression(std::string_view name);

/// How features are computed. The defaults are the paper's (Table I) and librosa's. Sizes also have an upper limit far
/// beyond what is useful (docs/guide/features.md), since options may come from a model file that someone else made.
struct FeatureOptions {
    FeatureKind kind = FeatureKind::mfcc;
    int sample_rate = 22050;              ///< samples per second of the input
    int fft_size = 2048;                  ///< samples of a transform, even, at least 16; see window_length
    int hop_length = 512;                 ///< samples from one frame to the next, at least 1
    int mel_bands = 128;                  ///< number of mel bands
    int coefficients = 13;                ///< number of MFCCs, at most mel_bands
    double minimum_frequency = 0.0;       ///< lower edge of the lowest mel band, hertz
    double maximum_frequency = 0.0;       ///< upper edge of the highest mel band, hertz; 0 means sample_rate / 2
    Padding padding = Padding::zero;      ///< beyond the ends of the signal
    double reference = 1.0;               ///< power that counts as 0 dB
    double amin = 1e-10;                  ///< smallest power that is told apart from silence
    std::optional<double> top_db = 80.0;  ///< decibels kept under the maximum of the signal; none keeps all
    SpectrumScale spectrum = SpectrumScale::power;    ///< what the mel bands add up, and a spectrogram holds
    MelScale mel_scale = MelScale::slaney;            ///< on which the bands are equally wide
    MelNorm mel_norm = MelNorm::area;                 ///< shape and height of the bands' triangles
    Compression compression = Compression::decibels;  ///< of mel bands, for logmel and mfcc
    double compression_constant = 1.0;                ///< the c of log10_1p and ln_offset, within single precision
    int window_length = 0;  ///< samples of a frame and of its Hann window, even; zeros follow to fft_size; 0: fft_size
    bool centred = true;  ///< frame t is centred on sample t · hop_length; else it starts there and nothing is padded

    bool operator==(const FeatureOptions&) const = default;
};

/// Checks the ranges given above. @throws Error bad_option
EARMARK_API void validate(const FeatureOptions& options);

/// Coefficients per frame that `options` yield.
EARMARK_API int coefficient_count(const FeatureOptions& options);

/// Samples per frame: window_length, or fft_size where that is 0.
EARMARK_API int frame_length(const FeatureOptions& options) noexcept;

/// Frames that a signal of `samples` samples yields: 1 + samples / hop_length if they are centred, else
/// 1 + (samples - frame_length) / hop_length; `samples` for a waveform; 0 for an empty signal or one without a frame.
EARMARK_API std::int64_t frame_count(const FeatureOptions& options, std::int64_t samples);

/// Whether the floor of `top_db` shows in the kind asked for, so that the features of a signal depend on its greatest
/// mel power (see FeatureStream).
EARMARK_API bool needs_maximum_power(const FeatureOptions& options) noexcept;

/// The instruction set that the features are computed with, the best that both this processor and this build of Earmark
/// have: "AVX-512", "AVX2", "SSE4", "SSSE3", "NEON" …, or "generic". The last bits of the features depend on it.
EARMARK_API std::string_view instruction_set() noexcept;

/// A matrix of features, row by row: `values[frame * coefficients + coefficient]`.
struct FeatureMatrix {
    std::int64_t frames = 0;
    int coefficients = 0;
    std::vector<float> values;

    /// One frame: `coefficients` values.
    std::span<const float> frame(std::int64_t index) const {
        return {values.data() + index * coefficients, static_cast<std::size_t>(coefficients)};
    }
};

/// Computes the features of whole signals. Plans, windows and filters are made once; no allocation per frame.
/// Not thread-safe; make one a thread.
class EARMARK_API FeatureExtractor {
  public:
    /// @throws Error bad_option
    explicit FeatureExtractor(const FeatureOptions& options = {});
    ~FeatureExtractor();
    FeatureExtractor(FeatureExtractor&&) noexcept;
    FeatureExtractor& operator=(FeatureExtractor&&) noexcept;

    const FeatureOptions& options() const noexcept;

    /// The features of `samples` taken as one signal: its ends are padded and its maximum sets the floor of `top_db`.
    /// `result` is overwritten; its memory is used again. Reflection needs more than frame_length / 2 samples.
    /// @throws Error too_short
    void compute(std::span<const float> samples, FeatureMatrix& result);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Computes the features of one long signal that arrives in pieces, in memory that does not grow with it.
///
/// The floor of `top_db` depends on the maximum of the whole signal, so it needs two passes: the first finds the
/// greatest mel power (`maximum_power`), the second is given it. Kinds other than logmel and mfcc, and signals without
/// `top_db`, need one pass. Both passes together give what FeatureExtractor gives.
class EARMARK_API FeatureStream {
  public:
    /// @param maximum_power  greatest mel power of the whole signal, from an earlier pass; see needs_maximum_power.
    ///                       Without it nothing is floored; a first pass is quickest with FeatureKind::mel.
    /// @throws Error bad_option
    explicit FeatureStream(const FeatureOptions& options, std::optional<float> maximum_power = {});
    ~FeatureStream();
    FeatureStream(FeatureStream&&) noexcept;
    FeatureStream& operator=(FeatureStream&&) noexcept;

    /// Takes the next samples and hands the frames that are complete to `sink`, `coefficient_count(options)` values each.
    void push(std::span<const float> samples, const Sink<std::span<const float>>& sink);
    /// Ends the signal; the next push begins another. @throws Error too_short when reflection needs more samples than
    /// there were
    void finish(const Sink<std::span<const float>>& sink);

    /// Greatest mel power of the signal so far, or of the one that ended last; 0 for waveforms and spectrograms.
    float maximum_power() const noexcept;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace earmark
