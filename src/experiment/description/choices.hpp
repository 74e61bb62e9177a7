#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiment/results/results.hpp"

namespace earmark::experiment {

/// How a setting did on the validation part, over its seeds and folds.
struct Candidate {
    std::string grid;
    Settings options;
    int runs = 0;           ///< that the means are over
    int failed = 0;         ///< that are left out
    double accuracy = 0.0;  ///< per segment
    double loss = 0.0;      ///< nats, per segment
};

/// The setting of a family that may be judged on the test part of a protocol: that with the highest mean accuracy on
/// the validation part, at equal accuracy that with the lower mean loss.
struct Choice {
    std::string protocol;
    std::string family;
    std::string grid;
    Settings options;
    std::vector<Candidate> candidates;  ///< all settings, in the order of the plan

    bool is_of(const Run& run) const;
};

/// Chooses among the finished runs of a family under a protocol. Nothing when all failed.
/// @param records  of all runs of the family under the protocol; failed ones are counted and left out
std::optional<Choice> choose(std::span<const RunRecord* const> records);

/// The choices made in an experiment, `choices.json` of its results. One that was made anew leaves the earlier one.
struct Choices {
    std::vector<Choice> current;
    std::vector<Choice> earlier;

    const Choice* find(const std::string& protocol, const std::string& family) const;
    /// Takes a choice; the one there was for its family moves to `earlier`.
    void set(Choice choice);
};

/// @throws Error cannot_write
void save_choices(const Choices& choices, const std::filesystem::path& folder);
/// None when there are none yet. @throws Error unreadable, corrupt
Choices load_choices(const std::filesystem::path& folder);

}  // namespace earmark::experiment
