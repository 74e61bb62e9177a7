#include "audio/mixdown.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

#include "audio/ffmpeg.hpp"

namespace earmark::audio {

namespace {

template <typename T>
constexpr double full_scale() {
    if constexpr (std::is_floating_point_v<T>) return 1.0;
    if constexpr (std::is_same_v<T, std::uint8_t>) return 128.0;
    if constexpr (std::is_same_v<T, std::int16_t>) return 32768.0;
    if constexpr (std::is_same_v<T, std::int32_t>) return 2147483648.0;
    return 9223372036854775808.0;
}

template <typename T>
constexpr int zero = std::is_same_v<T, std::uint8_t> ? 128 : 0;

/// One channel of a frame: `data[i * stride]`.
template <typename T>
const T* channel(const AVFrame& frame, bool planar, int index) {
    return planar ? reinterpret_cast<const T*>(frame.extended_data[index])
                  : reinterpret_cast<const T*>(frame.extended_data[0]) + index;
}

/// One and two channels, which nearly all music has. `Sum` holds the sum of two `T` without loss.
template <typename T, typename Sum, int stride>
void mix_one(const T* a, std::ptrdiff_t count, float* out) {
    constexpr Sum scale = Sum(1.0 / full_scale<T>());
    for (std::ptrdiff_t i = 0; i < count; ++i) out[i] = static_cast<float>((Sum(a[i * stride]) - zero<T>)*scale);
}

template <typename T, typename Sum, int stride>
void mix_two(const T* a, const T* b, std::ptrdiff_t count, float* out) {
    constexpr Sum scale = Sum(0.5 / full_scale<T>());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        out[i] = static_cast<float>((Sum(a[i * stride]) + Sum(b[i * stride]) - 2 * zero<T>)*scale);
    }
}

template <typename T>
void mix_many(const AVFrame& frame, bool planar, int channels, float* out) {
    const double scale = 1.0 / (full_scale<T>() * channels);
    const std::ptrdiff_t stride = planar ? 1 : channels;
    for (std::ptrdiff_t i = 0; i < frame.nb_samples; ++i) {
        double sum = 0.0;
        for (int c = 0; c < channels; ++c) {
            sum += static_cast<double>(channel<T>(frame, planar, c)[i * stride]) - zero<T>;
        }
        out[i] = static_cast<float>(sum * scale);
    }
}

template <typename T>
void mix_channels(const AVFrame& frame, bool planar, float* out) {
    using Sum = std::conditional_t<sizeof(T) <= 2 || std::is_same_v<T, float>, float, double>;
    const int channels = frame.ch_layout.nb_channels;
    if (channels == 1) {
        mix_one<T, Sum, 1>(channel<T>(frame, planar, 0), frame.nb_samples, out);
    } else if (channels == 2 && planar) {
        mix_two<T, Sum, 1>(channel<T>(frame, planar, 0), channel<T>(frame, planar, 1), frame.nb_samples, out);
    } else if (channels == 2) {
        mix_two<T, Sum, 2>(channel<T>(frame, planar, 0), channel<T>(frame, planar, 1), frame.nb_samples, out);
    } else {
        mix_many<T>(frame, planar, channels, out);
    }
}

}  // namespace

/// Called for the rare frame in which something came out beyond the limit or not finite: mixes it once more, with care.
template <typename T>
void Mixdown::mend(const AVFrame& frame, bool planar) {
    const int channels = frame.ch_layout.nb_channels;
    const std::ptrdiff_t stride = planar ? 1 : channels;
    for (std::ptrdiff_t i = 0; i < frame.nb_samples; ++i) {
        double sum = 0.0;
        bool finite = true;
        for (int c = 0; c < channels; ++c) {
            const auto value = static_cast<double>(channel<T>(frame, planar, c)[i * stride]);
            if (std::isfinite(value)) {
                sum += value / channels;
            } else {
                finite = false;
            }
        }
        const double within = std::clamp(sum, -double{limit}, double{limit});
        if (!finite) ++not_finite_;
        if (within != sum) ++clamped_;
        mono_[i] = static_cast<float>(within);
    }
}

std::span<const float> Mixdown::mix(const AVFrame& frame) {
    if (frame.nb_samples <= 0 || frame.ch_layout.nb_channels <= 0) return {};
    mono_.resize(static_cast<std::size_t>(frame.nb_samples));
    float* const out = mono_.data();
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const bool planar = ffmpeg().av_sample_fmt_is_planar(format) != 0;
    switch (ffmpeg().av_get_packed_sample_fmt(format)) {
        case AV_SAMPLE_FMT_U8:
            mix_channels<std::uint8_t>(frame, planar, out);
            return mono_;
        case AV_SAMPLE_FMT_S16:
            mix_channels<std::int16_t>(frame, planar, out);
            return mono_;
        case AV_SAMPLE_FMT_S32:
            mix_channels<std::int32_t>(frame, planar, out);
            return mono_;
        case AV_SAMPLE_FMT_S64:
            mix_channels<std::int64_t>(frame, planar, out);
            return mono_;
        case AV_SAMPLE_FMT_FLT:
            mix_channels<float>(frame, planar, out);
            break;
        case AV_SAMPLE_FMT_DBL:
            mix_channels<double>(frame, planar, out);
            break;
        default:
            return {};
    }
    // Only floating point can hold NaN, infinities or giants. The comparison is false for NaN too.
    int odd = 0;
    for (const float value : mono_) odd += static_cast<int>(!(std::fabs(value) <= limit));
    if (odd > 0) {
        if (ffmpeg().av_get_packed_sample_fmt(format) == AV_SAMPLE_FMT_FLT) {
            mend<float>(frame, planar);
        } else {
            mend<double>(frame, planar);
        }
    }
    return mono_;
}

}  // namespace earmark::audio
