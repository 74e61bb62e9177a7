#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "confine/worker.hpp"
#include "library/reading/serve.hpp"
#include "library/reading/track_reader.hpp"

namespace earmark::library {

/// Opens files here, and has them read by confined processes: a file that makes a decoder crash, hang or need too much
/// memory, or that takes it over, costs that file alone. What is read is the same bit for bit as in this process.
/// Thread-safe.
class ConfinedTracks {
  public:
    /// To be made while this process has one thread, and before it opens anything that a copy of it must not have.
    /// @param serve  what the processes do; tests have them do other things
    /// @throws Error as confine::Spawner
    explicit ConfinedTracks(const std::function<void(const confine::Channel&)>& serve = &serve_tracks);

    /// Opens a file; this object must outlive the reader. What goes wrong in the other process is an Error of the reader's
    /// functions: internal when it crashed, or took too much time or memory.
    /// @throws Error as open_track; unreadable when no process can be started
    std::unique_ptr<TrackReader> open(const std::filesystem::path& file);

    /// Which protections this kernel lacks, a sentence each; known once a file was read.
    std::vector<std::string> missing_protections() const { return pool_.missing_protections(); }

  private:
    confine::WorkerPool pool_;
};

}  // namespace earmark::library
