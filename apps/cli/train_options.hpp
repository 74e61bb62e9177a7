#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/split_choice.hpp"
#include "earmark/features.hpp"
#include "earmark/segments.hpp"
#include "training/training_options.hpp"

namespace earmark::cli {

inline constexpr const char* train_description = "Train a network on a data set";

/// All that `earmark train` is told. Declared here for both programs: `earmark` describes the command (help, man page,
/// completions, settings), `earmark-train` does the work.
struct TrainOptions {
    std::string data;
    std::string output;
    std::string name;
    std::string licence = "NOASSERTION";
    std::string history;
    std::string curves;
    std::string format = "none";
    std::string network = "cnn";
    std::string network_options = "{}";
    std::string teacher;
    std::string start;
    double dropout = -1.0;
    std::vector<int> hidden;
    int layers = 0;
    bool raw_inputs = false;
    bool resume = false;
    bool no_calibration = false;
    bool quiet = false;
    SplitChoice split;
    training::TrainingOptions training;
    FeatureOptions features;  // of a folder of audio
    SegmentOptions segments;
};

/// Adds them to the command. `options` must outlive the parsing; call `fit_segment_frames` after it.
void add_train_options(CLI::App& app, TrainOptions& options);

}  // namespace earmark::cli
