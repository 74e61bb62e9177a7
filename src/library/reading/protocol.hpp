#pragma once

#include <cstddef>
#include <cstdint>

/// What the program asks its confined readers, and how they answer. An answer begins with confine::Answer.
namespace earmark::library::protocol {

enum class Request {
    open,              ///< name, size; descriptors of the file and of the samples' memory. Answer: nothing
    looks_like_audio,  ///< Answer: 0 or 1
    read_content,      ///< Answer: the hash as text, then tags as for read_tags, which are always there
    read_tags,         ///< Answer: 0 or 1 for whether there are any; number of genres, genres, the same of
                       ///< moods, the other fields
    open_audio,        ///< sample rate. Answer: container, codec, rate, channels, declared seconds; rate of the samples
    seconds,           ///< Answer: seconds
    skip_to,           ///< sample. Answer: 0 or 1
    read,              ///< half of the memory (0 or 1), samples. Answer: samples, whether that was the end, whether
                       ///< the recording has changed its rate, warnings
};

/// Samples that are read at a time: one half of the memory that both processes see.
inline constexpr std::size_t half_samples = std::size_t{1} << 16;
inline constexpr std::size_t memory_bytes = 2 * half_samples * sizeof(float);

// What no reader exceeds; more is not believed.
inline constexpr std::size_t longest_tag = std::size_t{1} << 22;
inline constexpr std::int64_t most_values = 1 << 16;
inline constexpr std::size_t longest_name = 256;
inline constexpr std::int64_t most_warnings = 64;
inline constexpr std::size_t longest_warning = 1024;
inline constexpr std::size_t longest_error = std::size_t{1} << 14;
inline constexpr double longest_seconds = 1e9;
inline constexpr float loudest_sample = 1e7F;

}  // namespace earmark::library::protocol
