#pragma once

#include <map>
#include <string>
#include <vector>

#include "experiment/description/experiment.hpp"

namespace earmark::experiment {

/// What an experiment's results depend on beside its file. Kept as `inputs.json` in the folder of the results, so that
/// these can be read without the data.
struct ExperimentInputs {
    std::map<std::string, std::string> data;   ///< FeatureStore::fingerprint by the name of the data
    std::map<std::string, std::string> files;  ///< hash of the content by the name of the split file
    std::string machine;                       ///< that the runs were done on
};

/// @throws Error cannot_write
void save_inputs(const ExperimentInputs& inputs, const std::filesystem::path& folder);
/// Empty when there are none yet. @throws Error unreadable, corrupt
ExperimentInputs load_inputs(const std::filesystem::path& folder);

/// All runs of an experiment: protocol by protocol, within it seed by seed, so that a first seed of everything is there
/// early, then grid by grid, setting by setting, fold by fold. A run whose inputs are not known yet has an empty id.
std::vector<Run> make_plan(const Experiment& experiment, const ExperimentInputs& inputs);

/// The entry of that name. @throws Error internal when there is none
const Protocol& protocol_of(const Experiment& experiment, const std::string& name);
const ExperimentData& data_of(const Experiment& experiment, const std::string& name);

/// Whether the split of a protocol has a part for validation.
/// @param data  the folder that its `split-file` is relative to
/// @throws Error not_found, unreadable, corrupt, bad_data
bool has_validation(const Protocol& protocol, const std::filesystem::path& data);

/// The files that the split of a protocol is made from, by option: "split-file", "group-file". Relative to --data.
std::map<std::string, std::string> split_files(const Protocol& protocol);

/// Options in a form that does not depend on their order: equal for equal settings.
std::string canonical(const Settings& settings);

/// A run for people: "mlp-3 dropout=0.3, random-segments, seed 1".
std::string label_of(const Experiment& experiment, const Run& run);

/// 16 hexadecimal digits that change with the text: FNV-1a, 64 bits.
std::string hash_of(std::string_view text);

}  // namespace earmark::experiment
