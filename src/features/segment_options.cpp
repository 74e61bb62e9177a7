#include "features/segment_options.hpp"

#include <cmath>

#include "base/throw.hpp"

namespace earmark {

namespace {

// A block is held in memory: at most 256 MiB, 50 minutes at 22 050 Hz.
constexpr double greatest_block = 1 << 26;

}  // namespace

std::int64_t samples_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t count) {
    return std::llround(static_cast<double>(count) * segments.seconds * features.sample_rate);
}

std::int64_t segments_in(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t samples) {
    if (features.kind != FeatureKind::waveform && features.padding == Padding::reflect &&
        samples <= features.fft_size / 2) {
        return 0;
    }
    const std::int64_t frames = frame_count(features, samples);
    std::int64_t count = 0;
    while (count < segments.segments_per_block && frame_index(segments, count, segments.frames - 1) < frames) ++count;
    return count;
}

std::int64_t frame_index(const SegmentOptions& segments, std::int64_t segment, std::int64_t column) {
    const auto columns = static_cast<double>(segment * segments.frames + column);
    return static_cast<std::int64_t>(std::floor((columns + 0.5) * segments.frame_step));
}

void validate(const SegmentOptions& segments, const FeatureOptions& features) {
    validate(features);
    if (!(segments.seconds > 0.0)) {
        base::fail(ErrorCode::bad_option, "A segment is {} s long. It must be longer than 0 s.", segments.seconds);
    }
    if (segments.segments_per_block < 1) {
        base::fail(ErrorCode::bad_option, "segments_per_block is {}. It must be at least 1.",
                   segments.segments_per_block);
    }
    if (segments.frames < 1) {
        base::fail(ErrorCode::bad_option, "A segment has {} frames. It must have at least 1.", segments.frames);
    }
    const double block = segments.segments_per_block * segments.seconds * features.sample_rate;
    if (!(block <= greatest_block)) {
        base::fail(
            ErrorCode::bad_option,
            "A block of {} segments of {} s at {} samples per second is longer than {} samples. Choose shorter or "
            "fewer segments.",
            segments.segments_per_block, segments.seconds, features.sample_rate, greatest_block);
    }
    if (!(segments.frame_step >= 1.0 && segments.frame_step <= greatest_block)) {
        base::fail(ErrorCode::bad_option, "frame_step is {}. It must be at least 1.", segments.frame_step);
    }
    // A single segment too: that is what short signals are repeated to.
    if (segments_in(features, segments, samples_of(features, segments, 1)) < 1 ||
        segments_in(features, segments, samples_of(features, segments, segments.segments_per_block)) <
            segments.segments_per_block) {
        base::fail(
            ErrorCode::bad_option,
            "{} columns, every {} frames of {} samples, do not fit into a segment of {} s at {} samples per second. "
            "Choose fewer frames or longer segments.",
            segments.frames, segments.frame_step, features.hop_length, segments.seconds, features.sample_rate);
    }
}

}  // namespace earmark
