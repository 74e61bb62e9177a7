#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "experiment/results/results.hpp"

namespace earmark::experiment {

/// What a run has come to while it is not finished, kept in its folder as `state.json`.
struct RunState {
    std::string started;           ///< UTC, the first time
    double seconds = 0.0;          ///< at work so far
    std::int64_t peak_memory = 0;  ///< bytes, of the training process or of a baseline's
    bool trained = false;          ///< whether the model is there; what follows is known then
    int epochs = 0;
    int kept_epoch = 0;
    std::int64_t parameters = 0;
};

/// Where the results of a run lie.
std::filesystem::path run_folder(const std::filesystem::path& results, const std::string& id);

/// @throws Error cannot_write
void save_state(const RunState& state, const std::filesystem::path& folder);
/// A new state when there is none. @throws Error unreadable, corrupt
RunState load_state(const std::filesystem::path& folder);

/// Writes a run's `run.json`, which makes it a finished or failed one: all but `history` and the two parts, which lie
/// in files of their own. @throws Error cannot_write
void save_record(const RunRecord& record, const std::filesystem::path& folder);

/// How much of a record is read.
enum class RecordDetail : std::uint8_t {
    scores,  ///< without history and TrackResult
    all
};

/// Reads a finished or failed run; nothing when it is neither. `run` is taken as it stands, since the file may have
/// been edited in what makes no difference to the run.
/// @throws Error unreadable, corrupt
std::optional<RunRecord> load_record(const Run& run, const std::filesystem::path& folder, RecordDetail detail);

/// Reads PART.json and PART.csv; nothing when the part has not been evaluated.
/// @param labels  set to the genres in the order of the confusion matrices, when not nullptr
/// @throws Error unreadable, corrupt
std::optional<PartScore> load_part(const std::filesystem::path& folder, const std::string& part, RecordDetail detail,
                                   std::vector<std::string>* labels = nullptr);

}  // namespace earmark::experiment
