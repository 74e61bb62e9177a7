#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "library/reading/confined_tracks.hpp"

namespace earmark::commands {

/// Adds --no-confinement, which sets `confined` to false.
void add_confinement_option(CLI::App& command, bool& confined);

/// Opens music files for a command, to be read by confined processes or in this one.
class TrackOpener {
  public:
    /// To be made first of all that a command does: see library::ConfinedTracks.
    explicit TrackOpener(bool confined);

    std::unique_ptr<library::TrackReader> operator()(const std::filesystem::path& file);

    /// Says, after the work, which protections this kernel does not have.
    void report_missing_protections() const;

  private:
    std::optional<library::ConfinedTracks> confined_;
};

}  // namespace earmark::commands
