#include "features/segment_options.hpp"

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"
#include "features/framer.hpp"
#include "features/table_kind.hpp"

namespace earmark {

namespace {

// A block is held in memory: at most 256 MiB, 50 minutes at 22 050 Hz.
constexpr double greatest_block = 1 << 26;

/// Columns from one segment of a block, or of the signal, to the next.
std::int64_t column_hop(const SegmentOptions& segments) {
    return segments.hop_frames == 0 ? segments.frames : segments.hop_frames;
}

void check_hop(const SegmentOptions& segments, const FeatureOptions& features) {
    if (segments.hop_frames < 0 || segments.hop_frames > greatest_block) {
        base::fail(ErrorCode::bad_option, "`hop_frames` is {}. It must be from 0 to {}.", segments.hop_frames,
                   greatest_block);
    }
    if (segments.segments_per_block > 0 && segments.hop_frames > 0) {
        base::fail(ErrorCode::bad_option,
                   "`hop_frames` is {}, but the segments of a block follow one another. Set `segments_per_block` to 0.",
                   segments.hop_frames);
    }
    if (segments.segments_per_block == 0 && needs_maximum_power(features)) {
        base::fail(ErrorCode::bad_option,
                   "`segments_per_block` is 0, but `top_db` needs the maximum of a block. Set it to none, or choose "
                   "another compression than decibels.");
    }
}

}  // namespace

std::int64_t samples_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t count) {
    return std::llround(static_cast<double>(count) * segments.seconds * features.sample_rate);
}

std::int64_t segments_in(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t samples) {
    if (features.kind != FeatureKind::waveform && features.padding == Padding::reflect &&
        samples <= features::frame_lead(features)) {
        return 0;
    }
    const std::int64_t frames = frame_count(features, samples);
    const auto fits = [&](std::int64_t segment) {
        return frame_index(segments, segment, segments.frames - 1) < frames;
    };
    if (!fits(0)) return 0;
    // Near the last one that fits; rounding may err by a few.
    const double columns = static_cast<double>(frames) / segments.frame_step - segments.frames;
    auto last = static_cast<std::int64_t>(std::max(0.0, columns / static_cast<double>(column_hop(segments))));
    while (!fits(last)) --last;
    while (fits(last + 1)) ++last;
    return segments.segments_per_block == 0 ? last + 1 : std::min<std::int64_t>(last + 1, segments.segments_per_block);
}

std::int64_t frame_distance(const FeatureOptions& features) noexcept {
    return features.kind == FeatureKind::waveform ? 1 : features.hop_length;
}

std::int64_t start_of(const FeatureOptions& features, const SegmentOptions& segments, std::int64_t segment) {
    // Segment 0 begins with the signal, also where columns are several frames apart.
    return segment == 0 ? 0 : frame_index(segments, segment, 0) * frame_distance(features);
}

double segment_distance(const FeatureOptions& features, const SegmentOptions& segments) {
    if (segments.segments_per_block > 0) return segments.seconds;
    return static_cast<double>(column_hop(segments)) * segments.frame_step *
           static_cast<double>(frame_distance(features)) / features.sample_rate;
}

bool continues_segment(const SegmentOptions& segments, std::int64_t place) noexcept {
    if (segments.segments_per_block > 0) return place % segments.segments_per_block != 0;
    return place != 0 && column_hop(segments) == segments.frames;
}

std::int64_t frame_index(const SegmentOptions& segments, std::int64_t segment, std::int64_t column) {
    const auto columns = static_cast<double>(segment * column_hop(segments) + column);
    return static_cast<std::int64_t>(std::floor((columns + 0.5) * segments.frame_step));
}

void validate(const SegmentOptions& segments, const FeatureOptions& features) {
    validate(features);
    if (!(segments.seconds > 0.0)) {
        base::fail(ErrorCode::bad_option, "A segment is {} s long. It must be longer than 0 s.", segments.seconds);
    }
    if (segments.segments_per_block < 0) {
        base::fail(ErrorCode::bad_option,
                   "segments_per_block is {}. It must be at least 1, or 0 to take the whole signal as one block.",
                   segments.segments_per_block);
    }
    if (segments.frames < 1) {
        base::fail(ErrorCode::bad_option, "A segment has {} frames. It must have at least 1.", segments.frames);
    }
    if (features.kind == table_kind) return;  // a row is a segment, and has no length in time
    check_hop(segments, features);
    const int held = std::max(1, segments.segments_per_block);
    const double block = held * segments.seconds * features.sample_rate;
    if (!(block <= greatest_block)) {
        base::fail(
            ErrorCode::bad_option,
            "A block of {} segments of {} s at {} samples per second is longer than {} samples. Choose shorter or "
            "fewer segments.",
            held, segments.seconds, features.sample_rate, greatest_block);
    }
    if (!(segments.frame_step >= 1.0 && segments.frame_step <= greatest_block)) {
        base::fail(ErrorCode::bad_option, "frame_step is {}. It must be at least 1.", segments.frame_step);
    }
    // A single segment too: that is what short signals are repeated to.
    if (segments_in(features, segments, samples_of(features, segments, 1)) < 1 ||
        segments_in(features, segments, samples_of(features, segments, held)) < held) {
        base::fail(
            ErrorCode::bad_option,
            "{} columns, every {} frames of {} samples, do not fit into a segment of {} s at {} samples per second. "
            "Choose fewer frames or longer segments.",
            segments.frames, segments.frame_step, features.hop_length, segments.seconds, features.sample_rate);
    }
}

}  // namespace earmark
