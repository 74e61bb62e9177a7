#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "audio/sample_source.hpp"
#include "confine/channel.hpp"
#include "confine/message.hpp"
#include "confine/shared_memory.hpp"
#include "library/reading/protocol.hpp"
#include "library/reading/track_reader.hpp"

namespace earmark::library {

/// Answers requests (protocol.hpp) on files that come as open descriptors, one file at a time.
class TrackServer {
  public:
    /// Failures are answers, too.
    confine::MessageWriter answer(confine::Channel::Received& received);

  private:
    void handle(confine::MessageReader& request, std::vector<files::Descriptor>& descriptors,
                confine::MessageWriter& answer);
    void open(confine::MessageReader& request, std::vector<files::Descriptor>& descriptors);
    void read_content(confine::MessageWriter& answer);
    void read_tags(confine::MessageWriter& answer);
    void open_audio(confine::MessageReader& request, confine::MessageWriter& answer);
    void read(confine::MessageReader& request, confine::MessageWriter& answer);
    void close();

    std::optional<confine::SharedMemory> memory_;
    std::shared_ptr<audio::Input> input_;
    std::unique_ptr<TrackReader> track_;
    std::unique_ptr<audio::SampleSource> audio_;
};

/// What a confined process does: answers until the channel ends.
void serve_tracks(const confine::Channel& channel);

}  // namespace earmark::library
