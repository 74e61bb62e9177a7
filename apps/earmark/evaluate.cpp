#include "evaluation/evaluation.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "common/data_set.hpp"
#include "common/interrupt.hpp"
#include "common/messages.hpp"
#include "common/split_choice.hpp"
#include "core/atomic_file.hpp"
#include "evaluation/evaluation_json.hpp"
#include "evaluation/evaluation_table.hpp"
#include "report/confusion_figure.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string data;
    std::string model;
    SplitChoice split;
    bool split_given = false;
    bool allow_missing = false;
    std::string part = "test";
    std::uint64_t seed = 0;
    std::string format = "table";
    std::string predictions;
    std::string confusion;
    std::string confusion_of = "tracks";
    int jobs = 0;
    bool quiet = false;
};

EvaluationOptions evaluation_options(const Options& options, const StopFlag& stop) {
    EvaluationOptions result;
    if (options.split_given) result.split = options.split.options(options.seed);
    result.part.reset();
    for (const Part part : {Part::train, Part::valid, Part::test}) {
        if (to_string(part) == options.part) result.part = part;
    }
    result.allow_missing = options.allow_missing;
    result.jobs = options.jobs;
    result.bootstrap.seed = options.seed;
    result.stop = &stop;
    return result;
}

int evaluate_model(const Options& options) {
    const StopFlag& stop = stop_on_interrupt();
    const Classifier classifier(options.model.empty() ? default_model_path() : std::filesystem::path(options.model));
    bool complete = true;
    const Model& model = classifier.model();
    const FeatureStore store =
        read_data_set(options.data, {model.features, model.segments, options.jobs, options.quiet, &stop}, complete);
    const Evaluation result = evaluate(classifier, store, evaluation_options(options, stop));
    for (const std::string& warning : result.warnings) {
        if (!options.quiet) report("warning: " + warning);
    }
    if (!options.confusion.empty()) {
        const bool tracks = options.confusion_of == "tracks";
        const LevelMetrics& level = tracks ? result.metrics.tracks : result.metrics.segments;
        const std::string title = fmt::format("{}: {} of the {} part{}", result.model, options.confusion_of,
                                              result.part, result.leaky ? " (leaky)" : "");
        save_confusion_matrix(options.confusion, title, result.labels, level.confusion);
    }
    if (!options.predictions.empty()) write_file(options.predictions, verdicts_csv(result));
    if (options.format == "json") {
        fmt::print("{}\n", to_json(result).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    } else {
        fmt::print("{}", to_table(result));
    }
    return complete ? 0 : 1;
}

/// Whether a split was asked for. Options of a split that was not are a mistake.
bool split_given(const CLI::App& command) {
    if (command.count("--split") + command.count("--split-file") > 0) return true;
    for (const char* option : {"--valid-fraction", "--test-fraction", "--folds", "--fold", "--split-seed"}) {
        if (command.count(option) > 0) throw CLI::RequiresError(option, "--split");
    }
    return false;
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("evaluate", "Measure a model on tracks whose genres are known");
    command->add_option("DATA", options->data, "Feature store, or a folder with a folder of audio for each genre")
        ->required();
    command->add_option("--model", options->model, "Model file; left out: $EARMARK_MODEL, else the one that ships");
    command->add_option("--part", options->part, "Part of the split to measure on, or all tracks")
        ->check(CLI::IsMember({"train", "valid", "test", "all"}))
        ->capture_default_str();
    command->add_option("--seed", options->seed, "Of the 95 % interval, and of the split unless --split-seed is given")
        ->capture_default_str();
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->add_option("--predictions", options->predictions,
                        "CSV to write: each track's genre, verdict and probabilities");
    command->add_option("--confusion", options->confusion, "Picture of the confusion matrix to write, .svg or .png");
    command->add_option("--confusion-of", options->confusion_of, "What the picture counts: tracks or segments")
        ->check(CLI::IsMember({"tracks", "segments"}))
        ->capture_default_str();
    command->add_option("--jobs", options->jobs, "Threads; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->add_flag("--quiet", options->quiet, "No progress and no warnings");
    options->split.add_to(*command);
    command->get_option("--split")->default_str("that of the model's training");
    command->callback([options, command, &run] {
        options->split_given = split_given(*command);
        options->allow_missing = command->count("--allow-missing-tracks") > 0;
        run = [options] { return evaluate_model(*options); };
    });
}

}  // namespace earmark::commands
