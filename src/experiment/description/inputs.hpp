#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/stop.hpp"
#include "earmark/sink.hpp"
#include "experiment/description/plan.hpp"
#include "experiment/run/launcher.hpp"

namespace earmark::experiment {

/// Where the store of some data is, or will be.
std::filesystem::path store_path(const ExperimentData& data, const std::filesystem::path& folder,
                                 const std::filesystem::path& results);

/// What the runs depend on, as far as it can be known without writing anything: data whose store has not been made yet,
/// or would have to be made anew, are missing.
/// @throws Error not_found, unreadable, corrupt, bad_data
ExperimentInputs known_inputs(const Experiment& experiment, const std::filesystem::path& folder,
                              const std::filesystem::path& results);

/// The same, after making the stores of `needed` that are not there; what came of it is kept in `results`.
/// @param folder  given with --data
/// @param tell    called with the name of each store that is made
/// @throws Error as known_inputs; bad_data when a store could not be made; interrupted
ExperimentInputs prepare_inputs(const Experiment& experiment, const std::filesystem::path& folder,
                                const std::filesystem::path& results, const std::set<std::string>& needed,
                                Launcher& launcher, const Sink<const std::string&>& tell, const base::StopFlag& stop);

/// The last lines of a log from `offset` on, in one line: what a command had to say for itself.
std::string last_words(const std::filesystem::path& log, std::size_t offset);

}  // namespace earmark::experiment
