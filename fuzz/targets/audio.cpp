#include "earmark/audio.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "earmark/error.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

constexpr std::size_t most_samples = std::size_t{1} << 20;  // a small file can hold hours of silence

/// What came of reading: the samples up to the error that ended them.
struct Outcome {
    std::vector<float> samples;
    std::string ending;

    bool operator==(const Outcome&) const = default;
};

template <typename Source>
Outcome read_through(Source&& source, const AudioOptions& options) {
    Outcome outcome;
    try {
        AudioReader reader(std::forward<Source>(source), options);
        const AudioInfo& info = reader.info();
        require(info.sample_rate > 0 && info.channels > 0, "audio without a rate or channels");
        require(std::isfinite(info.declared_seconds) && info.declared_seconds >= 0.0, "a length that is none");
        while (outcome.samples.size() < most_samples) {
            const std::span<const float> block = reader.read(4096);
            if (block.empty()) break;
            require(block.size() <= 4096, "more samples than asked for");
            outcome.samples.insert(outcome.samples.end(), block.begin(), block.end());
        }
        const double seconds = reader.seconds();
        require(std::isfinite(seconds) && seconds >= 0.0, "a length that is none");
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) throw;
        outcome.ending = error.what();
    }
    // Clamped to ±10^6 before it is resampled, which overshoots.
    for (const float value : outcome.samples) {
        require(std::isfinite(value) && std::abs(value) <= 1e7F, "a sample that is no number, or beyond the limit");
    }
    return outcome;
}

/// The size of an input decides how it is read, so that any file is an input: at its own rate or at another, and
/// sometimes from a stream as well, which has to come to the same.
void run_audio(Bytes bytes) {
    const AudioOptions options{.sample_rate = bytes.size() % 2 == 0 ? 22050 : 0, .name = "fuzzed"};
    const Outcome from_memory = read_through(std::as_bytes(bytes), options);
    if (bytes.size() % 8 > 1) return;
    const ByteSource stream = [rest = std::as_bytes(bytes)](std::span<std::byte> buffer) mutable {
        const std::size_t count = std::min({buffer.size(), rest.size(), std::size_t{1000}});
        if (count > 0) std::memcpy(buffer.data(), rest.data(), count);
        rest = rest.subspan(count);
        return count;
    };
    require(read_through(stream, options) == from_memory, "a stream sounds other than the same bytes in memory");
}

const Registration audio_target("audio", run_audio);

}  // namespace

}  // namespace earmark::fuzz
