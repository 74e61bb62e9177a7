#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "earmark/classifier.hpp"
#include "files/content_hash.hpp"
#include "library/index/database.hpp"

/// How values stand in the columns of an index. Numbers in columns of type BLOB are little-endian, one after the other
/// without gaps.
namespace earmark::library {

/// A hash. What is no hash becomes another one.
files::ContentHash::Digest digest_of(Bytes bytes);

/// Text of any bytes, as paths are.
std::string text_of(Bytes bytes);

/// A list of words as a JSON array. Bytes that are no UTF-8 become U+FFFD.
std::string json_text(const std::vector<std::string>& words);
/// @throws Error corrupt when it is none
std::vector<std::string> words_of(const std::string& json);

/// Probabilities: a 32-bit float a label, in the order of the model's labels.
std::vector<std::uint8_t> pack_probabilities(std::span<const float> probabilities);
/// @throws Error corrupt when there are not `labels` values
std::vector<float> unpack_probabilities(std::span<const std::uint8_t> bytes, std::size_t labels);

/// The same of a model of many labels: 65535 times the probability, rounded, in 16 bits a label.
std::vector<std::uint8_t> pack_short_probabilities(std::span<const float> probabilities);
/// @throws Error corrupt when there are not `labels` values
std::vector<float> unpack_short_probabilities(std::span<const std::uint8_t> bytes, std::size_t labels);

/// An embedding: a 32-bit float a dimension.
std::vector<std::uint8_t> pack_embedding(std::span<const float> embedding);
/// @throws Error corrupt when there is no whole number of values
std::vector<float> unpack_embedding(std::span<const std::uint8_t> bytes);

/// The same of a model of many labels: a 32-bit float by which all dimensions are to be multiplied, then a signed byte
/// a dimension, -127 to 127.
std::vector<std::uint8_t> pack_short_embedding(std::span<const float> embedding);
/// @throws Error corrupt when there is no factor
std::vector<float> unpack_short_embedding(std::span<const std::uint8_t> bytes);

/// The course of segments: for each its start and its end in seconds as 64-bit floats, then its probabilities.
std::vector<std::uint8_t> pack_segments(const std::vector<SegmentPrediction>& segments);
/// @throws Error corrupt when there is no whole number of segments
std::vector<SegmentPrediction> unpack_segments(std::span<const std::uint8_t> bytes, std::size_t labels);

}  // namespace earmark::library
