#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/description/experiment.hpp"

namespace earmark::experiment {

/// Arguments of a command line after the program's name, "earmark".
using Arguments = std::vector<std::string>;

/// Where a run finds and leaves things.
struct RunPlaces {
    std::filesystem::path data;    ///< the folder given with --data
    std::filesystem::path store;   ///< of the run's data
    std::filesystem::path folder;  ///< the run's own
};

/// Options as words: {"dropout": 0.3, "no-standardise": true} becomes --dropout 0.3 --no-standardise.
Arguments option_words(const Settings& options);

/// Makes the store of data that have to be imported or analyzed first.
Arguments store_command(const ExperimentData& data, const std::filesystem::path& folder,
                        const std::filesystem::path& store);

/// Trains the run's network, or goes on with its training.
Arguments training_command(const Run& run, const Protocol& protocol, const RunPlaces& places);

/// Judges the run's network, or its baseline, on a part, "valid" or "test".
Arguments evaluation_command(const Run& run, const Protocol& protocol, const RunPlaces& places,
                             const std::string& part);

/// A command as one types it into a shell.
std::string shell_line(const Arguments& words);

}  // namespace earmark::experiment
