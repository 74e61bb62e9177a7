#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

/// The sub-commands of `earmark`. Each function adds one to `app`; `run` is set to what it does when it was asked for,
/// and returns the exit status: 0 all good, 1 something failed and was reported. Wrong usage throws CLI::ParseError.
namespace earmark::commands {

using Run = std::function<int()>;

/// The last line of the help of every command.
inline constexpr const char* common_footer =
    "Exit status: 0 all good; 1 something failed and was reported; 2 wrong usage.";

void add_classify(CLI::App& app, Run& run);
void add_scan(CLI::App& app, Run& run);
void add_list(CLI::App& app, Run& run);
void add_export(CLI::App& app, Run& run);
void add_forget(CLI::App& app, Run& run);
void add_playlist(CLI::App& app, Run& run);
void add_stats(CLI::App& app, Run& run);
void add_tag(CLI::App& app, Run& run);
void add_features(CLI::App& app, Run& run);
void add_plot(CLI::App& app, Run& run);
void add_store(CLI::App& app, Run& run);
void add_evaluate(CLI::App& app, Run& run);
void add_baseline(CLI::App& app, Run& run);
void add_model(CLI::App& app, Run& run);
/// @param arguments  of the program; `train` passes them on unchanged
void add_train(CLI::App& app, Run& run, std::vector<std::string> arguments);
void add_experiment(CLI::App& app, Run& run);
void add_help(CLI::App& app, Run& run);
void add_completions(CLI::App& app, Run& run);
/// These add sub-commands to `experiment` and `model`.
void add_experiment_report(CLI::App& experiment, Run& run);
void add_model_calibrate(CLI::App& model, Run& run);
void add_model_combine(CLI::App& model, Run& run);

}  // namespace earmark::commands
