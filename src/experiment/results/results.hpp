#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiment/description/experiment.hpp"

namespace earmark::experiment {

/// Figures of a run on a part of the data, per segment or per track; a subset of LevelMetrics.
struct RunScore {
    std::int64_t items = 0;
    double accuracy = 0.0;  ///< of several labels a track, the share of labels that are right
    double loss = 0.0;
    std::optional<double> macro_f1;
    std::optional<double> macro_auc;
    std::optional<double> calibration_error;   ///< not known of runs of versions that did not measure it
    std::optional<double> coverage;            ///< of tracks: those that are not uncertain
    std::optional<double> selective_accuracy;  ///< of these, those named right
    std::optional<double> macro_pr_auc;        ///< this and the next: where a track may have several labels
    std::optional<double> micro_f1;
    std::optional<double> hamming_loss;
    std::optional<double> ranking_loss;
    std::vector<std::int64_t> confusion;  ///< genres × genres: truth, prediction
};

/// What a run said of one track of the evaluated part.
struct TrackResult {
    std::string track;
    bool right = false;         ///< the prediction on the track
    std::int64_t segments = 0;  ///< of the track in the part
    std::int64_t segments_right = 0;
};

struct PartScore {
    RunScore segments;
    RunScore tracks;
    std::vector<TrackResult> outcomes;
    std::int64_t seen_in_pretraining = 0;  ///< tracks that the network analyzed before its training, without genres
};

/// One epoch of a run; NaN where it was not measured.
struct EpochRecord {
    double train_accuracy, train_loss, valid_accuracy, valid_loss, test_accuracy, test_loss;
};

/// A run that is over, as it is kept in `runs/ID/` of the results' folder.
struct RunRecord {
    Run run;
    bool failed = false;
    std::string error;            ///< why it failed
    int epochs = 0;               ///< 0 for baselines
    int kept_epoch = 0;           ///< whose weights are the model's
    std::int64_t parameters = 0;  ///< trained values; 0 for baselines
    std::vector<EpochRecord> history;
    std::optional<PartScore> valid;  ///< where the split has such a part
    std::optional<PartScore> test;   ///< not set until chosen, under a protocol with `choose`
    double seconds = 0.0;            ///< of training and evaluation
    std::int64_t peak_memory = 0;    ///< bytes, of the training process
    std::string version;             ///< of Earmark
    std::string data_fingerprint;
    std::string started;                ///< UTC, ISO 8601
    std::vector<std::string> commands;  ///< that can be run again, one a line
    bool leaky = false;                 ///< as `earmark evaluate` says of the split
};

/// What came of an experiment so far.
struct ExperimentResults {
    std::vector<std::string> genres;  ///< order of the confusion matrices
    std::vector<RunRecord> runs;      ///< finished and failed ones, in the order of the plan
    std::int64_t planned = 0;         ///< runs of the whole plan
    std::string machine;              ///< processor and number of cores, for the report
};

/// Reads the finished runs of an experiment from the folder that `earmark experiment run` keeps.
/// @throws Error not_found, unreadable, corrupt
ExperimentResults load_results(const Experiment& experiment, const std::filesystem::path& folder);

}  // namespace earmark::experiment
