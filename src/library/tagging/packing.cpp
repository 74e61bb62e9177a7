#include "library/tagging/packing.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"

namespace earmark::library {

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
    for (std::size_t i = 0; i < sizeof word; ++i)
        word = static_cast<Word>(word | static_cast<Word>(bytes[i]) << (8 * i));
    bytes = bytes.subspan(sizeof word);
    return word;
}

std::vector<float> take_floats(std::span<const std::uint8_t>& bytes, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = std::bit_cast<float>(take<std::uint32_t>(bytes));
    return values;
}

std::vector<std::uint8_t> pack_floats(std::span<const float> values) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(values.size_bytes());
    append(bytes, values);
    return bytes;
}

}  // namespace

files::ContentHash::Digest digest_of(Bytes bytes) {
    files::ContentHash::Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string json_text(const std::vector<std::string>& words) {
    return nlohmann::json(words).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> words_of(const std::string& json) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    std::vector<std::string> words;
    if (parsed.is_array()) {
        for (const auto& word : parsed) {
            if (word.is_string()) words.push_back(word.get<std::string>());
        }
    }
    if (!parsed.is_array() || words.size() != parsed.size()) {
        base::fail(ErrorCode::corrupt, "the index holds a damaged list. Move the index away and scan anew.");
    }
    return words;
}

std::vector<std::uint8_t> pack_probabilities(std::span<const float> probabilities) {
    return pack_floats(probabilities);
}

std::vector<float> unpack_probabilities(std::span<const std::uint8_t> bytes, std::size_t labels) {
    if (bytes.size() != labels * sizeof(float)) {
        base::fail(ErrorCode::corrupt,
                   "the index holds {} bytes of probabilities for {} genres. Forget the file and scan it.",
                   bytes.size(), labels);
    }
    return take_floats(bytes, labels);
}

std::vector<std::uint8_t> pack_embedding(std::span<const float> embedding) {
    return pack_floats(embedding);
}

std::vector<float> unpack_embedding(std::span<const std::uint8_t> bytes) {
    if (bytes.size() % sizeof(float) != 0) {
        base::fail(ErrorCode::corrupt, "the index holds an embedding of {} bytes. Forget the file and scan it.",
                   bytes.size());
    }
    return take_floats(bytes, bytes.size() / sizeof(float));
}

std::vector<std::uint8_t> pack_short_probabilities(std::span<const float> probabilities) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(2 * probabilities.size());
    for (const float probability : probabilities) {
        append(bytes, static_cast<std::uint16_t>(std::lround(65535.0F * std::clamp(probability, 0.0F, 1.0F))));
    }
    return bytes;
}

std::vector<float> unpack_short_probabilities(std::span<const std::uint8_t> bytes, std::size_t labels) {
    if (bytes.size() != 2 * labels) {
        base::fail(ErrorCode::corrupt,
                   "the index holds {} bytes of probabilities for {} labels. Forget the file and scan it.",
                   bytes.size(), labels);
    }
    std::vector<float> values(labels);
    for (float& value : values) value = static_cast<float>(take<std::uint16_t>(bytes)) / 65535.0F;
    return values;
}

std::vector<std::uint8_t> pack_short_embedding(std::span<const float> embedding) {
    float greatest = 0.0F;
    for (const float value : embedding) greatest = std::max(greatest, std::fabs(value));
    const float factor = greatest / 127.0F;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(sizeof factor + embedding.size());
    append(bytes, std::bit_cast<std::uint32_t>(factor));
    for (const float value : embedding) {
        const auto whole = static_cast<std::int8_t>(factor > 0.0F ? std::lround(value / factor) : 0);
        bytes.push_back(static_cast<std::uint8_t>(whole));
    }
    return bytes;
}

std::vector<float> unpack_short_embedding(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(float)) {
        base::fail(ErrorCode::corrupt, "the index holds an embedding of {} bytes. Forget the file and scan it.",
                   bytes.size());
    }
    const float factor = std::bit_cast<float>(take<std::uint32_t>(bytes));
    std::vector<float> values;
    values.reserve(bytes.size());
    for (const std::uint8_t byte : bytes) values.push_back(factor * static_cast<float>(static_cast<std::int8_t>(byte)));
    return values;
}

std::vector<std::uint8_t> pack_segments(const std::vector<SegmentPrediction>& segments) {
    std::vector<std::uint8_t> bytes;
    for (const SegmentPrediction& segment : segments) {
        append(bytes, std::bit_cast<std::uint64_t>(segment.start_seconds));
        append(bytes, std::bit_cast<std::uint64_t>(segment.end_seconds));
        append(bytes, std::span<const float>(segment.probabilities));
    }
    return bytes;
}

std::vector<SegmentPrediction> unpack_segments(std::span<const std::uint8_t> bytes, std::size_t labels) {
    const std::size_t size = 2 * sizeof(double) + labels * sizeof(float);
    if (bytes.size() % size != 0) {
        base::fail(ErrorCode::corrupt, "the index holds {} bytes of segments of {} each. Forget the file and scan it.",
                   bytes.size(), size);
    }
    std::vector<SegmentPrediction> segments(bytes.size() / size);
    for (SegmentPrediction& segment : segments) {
        segment.start_seconds = std::bit_cast<double>(take<std::uint64_t>(bytes));
        segment.end_seconds = std::bit_cast<double>(take<std::uint64_t>(bytes));
        segment.probabilities = take_floats(bytes, labels);
    }
    return segments;
}

}  // namespace earmark::library
