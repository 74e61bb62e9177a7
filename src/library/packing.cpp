#include "library/packing.hpp"

#include <bit>

#include "core/throw.hpp"

namespace earmark {

namespace {

template <typename Word>
void append(std::vector<std::uint8_t>& bytes, Word word) {
    for (std::size_t i = 0; i < sizeof word; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

void append(std::vector<std::uint8_t>& bytes, std::span<const float> values) {
    for (const float value : values) append(bytes, std::bit_cast<std::uint32_t>(value));
}

template <typename Word>
Word take(std::span<const std::uint8_t>& bytes) {
    Word word = 0;
    for (std::size_t i = 0; i < sizeof word; ++i) word |= static_cast<Word>(bytes[i]) << (8 * i);
    bytes = bytes.subspan(sizeof word);
    return word;
}

std::vector<float> take_floats(std::span<const std::uint8_t>& bytes, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = std::bit_cast<float>(take<std::uint32_t>(bytes));
    return values;
}

}  // namespace

std::vector<std::uint8_t> pack_probabilities(std::span<const float> probabilities) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(probabilities.size_bytes());
    append(bytes, probabilities);
    return bytes;
}

std::vector<float> unpack_probabilities(std::span<const std::uint8_t> bytes, std::size_t labels) {
    if (bytes.size() != labels * sizeof(float)) {
        fail(ErrorCode::corrupt,
             "the index holds {} bytes of probabilities for {} genres. Forget the file and scan it.", bytes.size(),
             labels);
    }
    return take_floats(bytes, labels);
}

std::vector<std::uint8_t> pack_segments(const std::vector<SegmentVerdict>& segments) {
    std::vector<std::uint8_t> bytes;
    for (const SegmentVerdict& segment : segments) {
        append(bytes, std::bit_cast<std::uint64_t>(segment.start_seconds));
        append(bytes, std::bit_cast<std::uint64_t>(segment.end_seconds));
        append(bytes, std::span<const float>(segment.probabilities));
    }
    return bytes;
}

std::vector<SegmentVerdict> unpack_segments(std::span<const std::uint8_t> bytes, std::size_t labels) {
    const std::size_t size = 2 * sizeof(double) + labels * sizeof(float);
    if (bytes.size() % size != 0) {
        fail(ErrorCode::corrupt, "the index holds {} bytes of segments of {} each. Forget the file and scan it.",
             bytes.size(), size);
    }
    std::vector<SegmentVerdict> segments(bytes.size() / size);
    for (SegmentVerdict& segment : segments) {
        segment.start_seconds = std::bit_cast<double>(take<std::uint64_t>(bytes));
        segment.end_seconds = std::bit_cast<double>(take<std::uint64_t>(bytes));
        segment.probabilities = take_floats(bytes, labels);
    }
    return segments;
}

}  // namespace earmark
