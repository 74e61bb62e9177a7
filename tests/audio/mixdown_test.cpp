#include "audio/mixing/mixdown.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/samplefmt.h>
}

namespace earmark::audio {
namespace {

struct FreeFrame {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;

/// A frame of `samples[i * channels + c]`, planar or packed.
template <typename T>
Frame frame_index(AVSampleFormat format, int channels, const std::vector<T>& samples) {
    Frame frame(av_frame_alloc());
    frame->format = format;
    frame->nb_samples = static_cast<int>(samples.size()) / channels;
    av_channel_layout_default(&frame->ch_layout, channels);
    EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
    const bool planar = av_sample_fmt_is_planar(format) != 0;
    for (int i = 0; i < frame->nb_samples; ++i) {
        for (int c = 0; c < channels; ++c) {
            T* const to = reinterpret_cast<T*>(frame->extended_data[planar ? c : 0]);
            to[planar ? i : i * channels + c] = samples[static_cast<std::size_t>(i * channels + c)];
        }
    }
    return frame;
}

/// Every count of channels, planar and packed, against the definition.
template <typename T>
void check(AVSampleFormat packed, double zero, double full_scale) {
    for (const int channels : {1, 2, 3, 6, 8, 16}) {
        std::vector<T> samples;
        for (int i = 0; i < 97 * channels; ++i) {
            const double level = std::sin(0.37 * i * i) * 0.999;
            samples.push_back(static_cast<T>(level * full_scale + zero));
        }
        samples[0] = std::is_floating_point_v<T> ? T(-1) : std::numeric_limits<T>::min();
        for (const AVSampleFormat format : {packed, av_get_planar_sample_fmt(packed)}) {
            SCOPED_TRACE(av_get_sample_fmt_name(format) + std::string(" ") + std::to_string(channels));
            const Frame frame = frame_index(format, channels, samples);
            Mixdown mixdown;
            const auto mono = mixdown.mix(*frame);
            ASSERT_EQ(mono.size(), 97U);
            for (int i = 0; i < 97; ++i) {
                double mean = 0.0;
                for (int c = 0; c < channels; ++c) {
                    mean += (static_cast<double>(samples[static_cast<std::size_t>(i * channels + c)]) - zero) /
                            full_scale / channels;
                }
                ASSERT_NEAR(mono[static_cast<std::size_t>(i)], mean, 6e-8);
                if (channels == 1) {
                    ASSERT_EQ(mono[static_cast<std::size_t>(i)], static_cast<float>(mean));
                }
            }
            EXPECT_EQ(mixdown.not_finite() + mixdown.clamped(), 0);
        }
    }
}

TEST(Mixdown, AveragesChannelsOfEveryFormat) {
    check<std::uint8_t>(AV_SAMPLE_FMT_U8, 128, 128);
    check<std::int16_t>(AV_SAMPLE_FMT_S16, 0, 32768);
    check<std::int32_t>(AV_SAMPLE_FMT_S32, 0, 0x1p31);
    check<std::int64_t>(AV_SAMPLE_FMT_S64, 0, 0x1p63);
    check<float>(AV_SAMPLE_FMT_FLT, 0, 1);
    check<double>(AV_SAMPLE_FMT_DBL, 0, 1);
}

TEST(Mixdown, ABrokenChannelDoesNotSilenceTheOther) {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    for (const AVSampleFormat format : {AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP}) {
        Mixdown mixdown;
        const Frame frame = frame_index<float>(format, 2, {0.5F, 0.25F, nan, 0.5F, 0.5F, nan, nan, nan});
        const auto mono = mixdown.mix(*frame);
        EXPECT_EQ(std::vector<float>(mono.begin(), mono.end()), (std::vector<float>{0.375F, 0.25F, 0.25F, 0.0F}));
        EXPECT_EQ(mixdown.not_finite(), 3);
        EXPECT_EQ(mixdown.clamped(), 0);
    }
}

TEST(Mixdown, GiantsAreClampedAndDoNotOverflow) {
    constexpr float most = std::numeric_limits<float>::max();
    Mixdown mixdown;
    const auto mono = mixdown.mix(*frame_index<float>(AV_SAMPLE_FMT_FLT, 2, {most, most, -most, -most, most, -most}));
    EXPECT_EQ(std::vector<float>(mono.begin(), mono.end()), (std::vector<float>{1e6F, -1e6F, 0.0F}));
    EXPECT_EQ(mixdown.clamped(), 2);
    EXPECT_EQ(mixdown.not_finite(), 0);

    constexpr double more = std::numeric_limits<double>::max();
    const auto doubles = mixdown.mix(*frame_index<double>(AV_SAMPLE_FMT_DBLP, 3, {more, more, more, 1.0, 1.0, 1.0}));
    EXPECT_EQ(std::vector<float>(doubles.begin(), doubles.end()), (std::vector<float>{1e6F, 1.0F}));
}

/// Whatever the format, the channels that are kept are those of the frame.
template <typename T>
void check_kept(AVSampleFormat packed, double zero, double full_scale) {
    for (const int channels : {1, 2, 3, 8}) {
        std::vector<T> samples;
        for (int i = 0; i < 97 * channels; ++i) {
            samples.push_back(static_cast<T>(std::sin(0.37 * i * i) * 0.999 * full_scale + zero));
        }
        for (const AVSampleFormat format : {packed, av_get_planar_sample_fmt(packed)}) {
            Mixdown mixdown;
            mixdown.mix(*frame_index(format, channels, samples));
            const KeptChannels kept = mixdown.kept();
            EXPECT_EQ(kept.count, channels);
            ASSERT_EQ(kept.kept, channels == 1 ? 0 : channels == 2 ? 1 : channels);
            for (int c = 0; c < kept.kept; ++c) {
                for (int i = 0; i < 97; ++i) {
                    const auto sample = static_cast<double>(samples[static_cast<std::size_t>(i * channels + c)]);
                    ASSERT_NEAR(kept.channel(c)[i], (sample - zero) / full_scale, 6e-8);
                }
            }
        }
    }
}

TEST(Mixdown, KeepsChannelsOfEveryFormat) {
    check_kept<std::uint8_t>(AV_SAMPLE_FMT_U8, 128, 128);
    check_kept<std::int16_t>(AV_SAMPLE_FMT_S16, 0, 32768);
    check_kept<std::int32_t>(AV_SAMPLE_FMT_S32, 0, 0x1p31);
    check_kept<std::int64_t>(AV_SAMPLE_FMT_S64, 0, 0x1p63);
    check_kept<float>(AV_SAMPLE_FMT_FLT, 0, 1);
    check_kept<double>(AV_SAMPLE_FMT_DBL, 0, 1);
}

TEST(Mixdown, KeepsNothingThatIsNotFinite) {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    Mixdown mixdown;
    mixdown.mix(*frame_index<float>(AV_SAMPLE_FMT_FLT, 2, {nan, 1, infinity, 1, -infinity, 1, 3e38F, 1, -0.5F, 1}));
    const float* const left = mixdown.kept().channel(0);
    EXPECT_EQ(std::vector<float>(left, left + 5), (std::vector<float>{0.0F, 0.0F, 0.0F, 1e6F, -0.5F}));
}

TEST(Mixdown, NothingFromAnEmptyFrame) {
    Mixdown mixdown;
    const Frame frame(av_frame_alloc());
    EXPECT_TRUE(mixdown.mix(*frame).empty());
}

}  // namespace
}  // namespace earmark::audio
