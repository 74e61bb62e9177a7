#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "earmark/classifier.hpp"

/// How numbers stand in the columns of type BLOB of an index. All are little-endian, one after the other without gaps.
namespace earmark {

/// Probabilities: a 32-bit float a label, in the order of the model's labels.
std::vector<std::uint8_t> pack_probabilities(std::span<const float> probabilities);
/// @throws Error corrupt when there are not `labels` values
std::vector<float> unpack_probabilities(std::span<const std::uint8_t> bytes, std::size_t labels);

/// The course of segments: for each its start and its end in seconds as 64-bit floats, then its probabilities.
std::vector<std::uint8_t> pack_segments(const std::vector<SegmentVerdict>& segments);
/// @throws Error corrupt when there is no whole number of segments
std::vector<SegmentVerdict> unpack_segments(std::span<const std::uint8_t> bytes, std::size_t labels);

}  // namespace earmark
