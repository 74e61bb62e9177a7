#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/stop.hpp"
#include "dataset/copies.hpp"
#include "dataset/feature_store.hpp"
#include "formats/npy.hpp"

namespace earmark::dataset {

/// A folder that appears whole or not at all: filled under a temporary name beside `path`, then renamed. Without
/// `commit` it is removed with all that is in it.
class AtomicFolder {
  public:
    /// @throws Error cannot_write, also when `path` exists and is no empty folder
    explicit AtomicFolder(std::filesystem::path path);
    ~AtomicFolder();
    AtomicFolder(const AtomicFolder&) = delete;
    AtomicFolder& operator=(const AtomicFolder&) = delete;

    const std::filesystem::path& temporary() const noexcept { return temporary_; }
    void commit();

  private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    bool committed_ = false;
};

/// Writes a store track by track; nothing but the index and what tells sounds apart is kept in memory.
class StoreWriter {
  public:
    /// @throws Error cannot_write
    StoreWriter(std::filesystem::path output, const FeatureOptions& features, const SegmentOptions& segments,
                const Labelling& labelling = {});

    /// Appends a track's segments, of a store in which each track has one label. @throws Error cannot_write
    void add(std::string_view track, std::string_view genre, std::span<const SegmentTime> times,
             std::span<const float> values);
    /// The same where it may have several. @param holds  see StoredTrack::holds
    void add(std::string_view track, std::span<const std::uint8_t> holds, std::span<const SegmentTime> times,
             std::span<const float> values);
    /// Looks for tracks that are one recording on `jobs` threads, and ends the store; until then there is none.
    /// @return the copies by name @throws Error cannot_write, interrupted
    std::vector<TrackCopy> commit(const std::vector<std::string>& labels, int jobs = 0,
                                  const base::StopFlag* stop = nullptr);

    std::int64_t segments() const noexcept { return values_.rows(); }

  private:
    void add_segments(std::string_view track, const std::vector<std::string>& genre, std::span<const SegmentTime> times,
                      std::span<const float> values);

    FeatureOptions features_;
    SegmentOptions segment_options_;
    AtomicFolder folder_;
    formats::NpyWriter values_;
    Labelling labelling_;
    std::string index_;
    std::string labels_;  // of tracks that may have several
    std::vector<std::string> names_;
    std::vector<std::string> genres_;
    std::vector<SoundPrint> prints_;
};

}  // namespace earmark::dataset
