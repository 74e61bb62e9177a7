#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earmark/features.hpp"
#include "earmark/segments.hpp"

namespace earmark::dataset {

/// What tells the sound of a track from that of others, made of its features: names, tags and containers have no part in
/// it. Prints of different feature or segment options cannot be compared.
///
/// A step is a word of up to 16 bits (after Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR
/// 2002): bit b says whether the difference of two neighbouring bands of the spectrum grew over the last third of a
/// second. Another bit rate changes few bits, and a cut moves the steps.
struct SoundPrint {
    std::uint64_t hash = 0;  ///< of the features bit by bit (XXH3); 0: not known
    /// A word each tenth of a second or so; empty where the sound is too short or too even to be told by its changes.
    std::vector<std::uint16_t> steps;
    std::int64_t spacing = 1;  ///< steps in a third of a second, at least 1
    int bits = 16;             ///< that a word has, one less than there are bands

    bool operator==(const SoundPrint&) const = default;
};

/// A few steps of a print, at equal distances: enough to find the track again.
struct SoundSketch {
    std::uint64_t hash = 0;
    std::vector<std::uint16_t> words;
    std::int64_t stride = 1;  ///< steps from one word to the next
    int bits = 16;

    bool operator==(const SoundSketch&) const = default;
};

/// Words of a sketch that is compared in memory, and of one that a model file holds.
inline constexpr std::int64_t comparison_words = 64;
inline constexpr std::int64_t stored_words = 32;

/// @param values  the track's segments, one after the other
SoundPrint sound_print(std::span<const float> values, const FeatureOptions& features, const SegmentOptions& segments);

/// @param most  words, at the most
SoundSketch sketch_of(const SoundPrint& print, std::int64_t most);

/// Why two tracks count as the same recording.
enum class Likeness : std::uint8_t {
    different,
    near,   ///< nearly the same sound: another bit rate, or a cut that shares most of it
    equal,  ///< the same features bit by bit
};

/// Whether the sound of a sketch is that of a print, at whatever shift.
Likeness compare(const SoundPrint& print, const SoundSketch& sketch);

/// A sketch as text, in base64; empty when nothing is known.
std::string to_text(const SoundSketch& sketch);
/// @throws Error corrupt, naming `where`
SoundSketch sound_sketch(std::string_view text, const std::string& where);

}  // namespace earmark::dataset
