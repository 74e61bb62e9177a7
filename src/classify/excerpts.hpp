#pragma once

#include <cstdint>
#include <vector>

#include "earmark/audio.hpp"
#include "earmark/features.hpp"
#include "earmark/model.hpp"
#include "earmark/segments.hpp"

namespace earmark::classify {

/// Single segments of a track, with the features that they have when the whole track is analyzed: the same frames of the
/// same block or signal, computed from the samples that these frames reach over. One thing differs: what those samples
/// are at their loudest sets the floor of `top_db`, not the loudest moment of the block, which is not analyzed.
class Excerpts {
  public:
    /// @param model  must outlive it
    explicit Excerpts(const Model& model);

    /// Numbers of the segments that stand for a track of `seconds`: `count` of them, one in the middle of each of
    /// `count` equal stretches; none when it has no more segments than that.
    std::vector<std::int64_t> choose(double seconds, std::int64_t count) const;

    /// Makes ready for another track.
    void begin() noexcept;

    /// Reads segment number `index`; numbers must rise within a track. Its values are valid until the next call.
    /// @return false when the reader cannot get there, or has too few samples
    bool read(AudioReader& reader, std::int64_t index, Segment& segment);

  private:
    struct Place;

    Place place_in_block(std::int64_t index) const;
    Place place_in_signal(std::int64_t index) const;
    bool read_samples(AudioReader& reader, std::int64_t first, std::int64_t end);

    const Model& model_;
    FeatureExtractor extractor_;
    FeatureMatrix matrix_;
    std::int64_t hop_;            // samples from one frame to the next
    std::int64_t reach_;          // samples of a frame before its time
    std::int64_t trail_;          // and from it on
    std::vector<float> samples_;  // those of the latest segment
    std::int64_t first_ = 0;      // where in the track they begin
    std::vector<float> values_;
};

}  // namespace earmark::classify
