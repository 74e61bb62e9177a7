#include <nlohmann/json.hpp>

#include "cli/data_set.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/output/records.hpp"
#include "cli/split_choice.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/model_json.hpp"
#include "evaluation/calibration.hpp"
#include "model/ensemble.hpp"

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

struct CalibrateOptions {
    std::string model;
    std::string data;
    std::string part = "valid";
    double selective_accuracy = evaluation::default_selective_accuracy;
    std::string output;
    cli::OutputOptions shown;
    cli::SplitChoice split;
    bool split_given = false;
    bool allow_missing = false;
    evaluation::EvaluationOptions evaluation;
    bool quiet = false;
};

int calibrate_model(CalibrateOptions options) {
    const base::StopFlag& stop = cli::stop_on_interrupt();
    Model model = load_model(options.model);
    const Classifier classifier(model);
    bool complete = true;
    const dataset::FeatureStore store = cli::read_data_set(
        options.data, {model.features, model.segments, options.evaluation.jobs, options.quiet, &stop}, complete);
    options.evaluation.stop = &stop;
    options.evaluation.part = base::parse_enum<dataset::Part>(options.part);
    if (options.split_given) options.evaluation.split = options.split.options(0);
    options.evaluation.allow_missing = options.allow_missing;
    const dataset::Split split = evaluation::split_for(model, store, options.evaluation);
    const evaluation::CalibrationFit fit =
        evaluation::calibrate(classifier, store, split, options.evaluation, options.selective_accuracy);
    if (!options.quiet) {
        for (const std::string& warning : fit.warnings) cli::report("warning: " + warning);
    }
    model.calibration = fit.calibration;
    save_model(model, options.output.empty() ? options.model : options.output);
    if (options.shown.format == cli::OutputFormat::json) {
        const ordered_json json = {{"model", options.output.empty() ? options.model : options.output},
                                   {"networks", model::networks_of(model.network, options.model).size()},
                                   {"parameters", model::trainable_parameters(model, options.model)},
                                   {"calibration", calibration_json(model.calibration, options.model)}};
        fmt::print("{}\n", cli::json_line(json));
    } else {
        fmt::print("{}", evaluation::to_table(fit));
    }
    return complete ? 0 : 1;
}

}  // namespace

void add_model_calibrate(CLI::App& parent, Run& run) {
    auto options = std::make_shared<CalibrateOptions>();
    CLI::App* command = parent.add_subcommand(
        "calibrate",
        "Fit temperature and threshold, so that probabilities can be believed (docs/guide/calibration.md)");
    command->add_option("MODEL", options->model, "Model file")->required();
    command->add_option("--data", options->data, "Feature store, or a folder with a folder of audio for each genre")
        ->required()
        ->type_name("FOLDER");
    command->add_option("--part", options->part, "Part of the split to fit on, or all tracks")
        ->check(CLI::IsMember({"train", "valid", "test", "all"}))
        ->capture_default_str();
    command
        ->add_option("--selective-accuracy", options->selective_accuracy,
                     "Accuracy wanted of the tracks above the threshold; the others are uncertain")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--named-accuracy", options->selective_accuracy)->check(CLI::Range(0.0, 1.0))->group("");
    command->add_option("--output", options->output, "Model file to write; left out: MODEL itself")->type_name("FILE");
    cli::add_output_options(*command, options->shown, {cli::OutputFormat::table, cli::OutputFormat::json});
    command->add_option("--bins", options->evaluation.bins, "Bins of probability, for the calibration error")
        ->check(CLI::Range(2, 100))
        ->capture_default_str();
    command->add_option("--jobs", options->evaluation.jobs, "Threads; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->add_flag("--quiet", options->quiet, "No progress and no warnings");
    options->split.add_to(*command);
    command->get_option("--split")->default_str("that of the model's training");
    command->callback([options, command, &run] {
        options->split_given = cli::SplitChoice::given(*command);
        options->allow_missing = command->count("--allow-missing-tracks") > 0;
        run = [options] { return calibrate_model(*options); };
    });
}

}  // namespace earmark::commands
