#include "audio/mixing/mixdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "audio/ffmpeg.hpp"

namespace earmark::audio {

/// The channels of a frame: sample number i of channel c is `channel(c)[i * stride]`.
template <typename T>
struct Channels {
    Channels(const AVFrame& frame, bool planar_frame)
        : planes(reinterpret_cast<const T* const*>(frame.extended_data)),
          packed(planes[0]),
          planar(planar_frame),
          count(frame.ch_layout.nb_channels),
          stride(planar ? 1 : count),
          samples(frame.nb_samples) {}
    Channels(std::span<const T> interleaved, int channels)
        : packed(interleaved.data()), count(channels), stride(channels), samples(std::ssize(interleaved) / channels) {}

    const T* channel(int index) const { return planar ? planes[index] : packed + index; }

    const T* const* planes = nullptr;
    const T* packed;
    bool planar = false;
    int count;
    std::ptrdiff_t stride;
    std::ptrdiff_t samples;
};

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
void mix_many(const Channels<T>& from, float* out) {
    const double scale = 1.0 / (full_scale<T>() * from.count);
    for (std::ptrdiff_t i = 0; i < from.samples; ++i) {
        double sum = 0.0;
        for (int c = 0; c < from.count; ++c) {
            sum += static_cast<double>(from.channel(c)[i * from.stride]) - zero<T>;
        }
        out[i] = static_cast<float>(sum * scale);
    }
}

template <typename T>
void mix_channels(const Channels<T>& from, float* out) {
    using Sum = std::conditional_t<sizeof(T) <= 2 || std::is_same_v<T, float>, float, double>;
    if (from.count == 1) {
        mix_one<T, Sum, 1>(from.channel(0), from.samples, out);
    } else if (from.count == 2 && from.planar) {
        mix_two<T, Sum, 1>(from.channel(0), from.channel(1), from.samples, out);
    } else if (from.count == 2) {
        mix_two<T, Sum, 2>(from.channel(0), from.channel(1), from.samples, out);
    } else {
        mix_many<T>(from, out);
    }
}

/// One channel as float.
template <typename T, int stride>
void copy_channel(const T* from, std::ptrdiff_t count, std::ptrdiff_t any_stride, float* out) {
    constexpr auto scale = static_cast<float>(1.0 / full_scale<T>());
    const std::ptrdiff_t step = stride == 0 ? any_stride : stride;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const auto value = static_cast<float>(from[i * step]);
        if constexpr (std::is_floating_point_v<T>) {
            const float within = std::min(std::max(value, -Mixdown::limit), Mixdown::limit);
            out[i] = std::fabs(value) <= std::numeric_limits<float>::max() ? within : 0.0F;
        } else {
            out[i] = (value - static_cast<float>(zero<T>)) * scale;
        }
    }
}

}  // namespace

/// Keeps what KeptChannels says.
template <typename T>
void Mixdown::keep(const Channels<T>& from) {
    kept_ = {from.count, from.count == 1 ? 0 : from.count == 2 ? 1 : from.count, nullptr, mono_.size()};
    channels_.resize(static_cast<std::size_t>(kept_.kept) * mono_.size());
    kept_.first = channels_.data();
    for (int c = 0; c < kept_.kept; ++c) {
        float* const to = channels_.data() + static_cast<std::size_t>(c) * mono_.size();
        if (from.stride == 1) {
            copy_channel<T, 1>(from.channel(c), from.samples, 1, to);
        } else if (from.stride == 2) {
            copy_channel<T, 2>(from.channel(c), from.samples, 2, to);
        } else {
            copy_channel<T, 0>(from.channel(c), from.samples, from.stride, to);
        }
    }
}

/// Called for the rare frame in which something came out beyond the limit or not finite: mixes it once more, with care.
template <typename T>
void Mixdown::mend(const Channels<T>& from) {
    for (std::ptrdiff_t i = 0; i < from.samples; ++i) {
        double sum = 0.0;
        bool finite = true;
        for (int c = 0; c < from.count; ++c) {
            const auto value = static_cast<double>(from.channel(c)[i * from.stride]);
            if (std::isfinite(value)) {
                sum += value / from.count;
            } else {
                finite = false;
            }
        }
        const double within = std::clamp(sum, -double{limit}, double{limit});
        if (!finite) ++not_finite_;
        if (within != sum) ++clamped_;
        mono_[static_cast<std::size_t>(i)] = static_cast<float>(within);
    }
}

/// Only floating point can hold NaN, infinities or giants.
template <typename T>
void Mixdown::mix_checked(const Channels<T>& from) {
    mix_channels(from, mono_.data());
    int odd = 0;
    // The comparison is false for NaN too.
    for (const float value : mono_) odd += static_cast<int>(!(std::fabs(value) <= limit));
    if (odd > 0) mend(from);
}

template <typename T>
std::span<const float> Mixdown::mix(const Channels<T>& from) {
    mono_.resize(static_cast<std::size_t>(from.samples));
    if constexpr (std::is_floating_point_v<T>) {
        mix_checked<T>(from);
    } else {
        mix_channels<T>(from, mono_.data());
    }
    keep(from);
    return mono_;
}

std::span<const float> Mixdown::mix(std::span<const float> interleaved, int channels) {
    return mix<float>({interleaved, channels});
}

std::span<const float> Mixdown::mix(const AVFrame& frame) {
    if (frame.nb_samples <= 0 || frame.ch_layout.nb_channels <= 0) return {};
    const auto format = static_cast<AVSampleFormat>(frame.format);
    const bool planar = ffmpeg().av_sample_fmt_is_planar(format) != 0;
    switch (ffmpeg().av_get_packed_sample_fmt(format)) {
        case AV_SAMPLE_FMT_U8:
            return mix<std::uint8_t>({frame, planar});
        case AV_SAMPLE_FMT_S16:
            return mix<std::int16_t>({frame, planar});
        case AV_SAMPLE_FMT_S32:
            return mix<std::int32_t>({frame, planar});
        case AV_SAMPLE_FMT_S64:
            return mix<std::int64_t>({frame, planar});
        case AV_SAMPLE_FMT_FLT:
            return mix<float>({frame, planar});
        case AV_SAMPLE_FMT_DBL:
            return mix<double>({frame, planar});
        default:
            return {};
    }
}

void Mixdown::describe(std::int64_t samples, std::vector<std::string>& warnings) const {
    if (not_finite_ > 0) {
        warnings.push_back(
            fmt::format("{} of {} samples are not finite numbers and count as silence.", not_finite_, samples));
    }
    if (clamped_ > 0) {
        warnings.push_back(
            fmt::format("{} of {} samples are beyond ±{:.0f} and were brought to it.", clamped_, samples, limit));
    }
}

}  // namespace earmark::audio
