#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "audio/input/input.hpp"
#include "earmark/audio.hpp"
#include "library/tags/track_content.hpp"

namespace earmark::library {

/// An opened music file. Everything that is to be known of it is read through this one opening.
class TrackReader {
  public:
    TrackReader() = default;
    virtual ~TrackReader() = default;
    TrackReader(const TrackReader&) = delete;
    TrackReader& operator=(const TrackReader&) = delete;

    /// As audio::looks_like_audio.
    virtual bool looks_like_audio() = 0;
    /// As read_track_content.
    virtual TrackContent read_content() = 0;
    /// As read_track_tags.
    virtual std::optional<TrackTags> read_tags() = 0;
    /// The samples, at a rate as in AudioOptions. To be called once; the reader need not be kept for it.
    /// @throws Error as AudioReader
    virtual AudioReader open_audio(int sample_rate) = 0;
};

/// Opens a file. @throws Error as AudioReader does where the file cannot be opened
using OpenTrack = std::function<std::unique_ptr<TrackReader>(const std::filesystem::path& file)>;

/// Reads a track in this process.
class LocalTrack : public TrackReader {
  public:
    explicit LocalTrack(std::shared_ptr<audio::Input> input) : input_(std::move(input)) {}

    bool looks_like_audio() override;
    TrackContent read_content() override;
    std::optional<TrackTags> read_tags() override;
    AudioReader open_audio(int sample_rate) override;

  private:
    std::shared_ptr<audio::Input> input_;
};

/// Opens a file to be read in this process.
std::unique_ptr<TrackReader> open_track(const std::filesystem::path& file);

}  // namespace earmark::library
