#include "earmark/model.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "cli/data_set.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/split_choice.hpp"
#include "earmark/commands/commands.hpp"
#include "evaluation/calibration.hpp"
#include "formats/json.hpp"
#include "model/ensemble.hpp"
#include "model/options_json.hpp"

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

struct Options {
    std::string file;
    std::string format = "table";
};

/// The provenance without the lists of tracks, which can be long.
nlohmann::json short_provenance(const Model& model, const std::string& where) {
    nlohmann::json provenance = formats::parse_json(model.provenance, where);
    if (provenance.contains("training") && provenance["training"].is_object()) {
        nlohmann::json& training = provenance["training"];
        for (const char* key : {"tracks", "track_sounds", "pretraining_tracks", "pretraining_track_sounds",
                                "validation_tracks", "validation_track_sounds"}) {
            if (training.contains(key)) training[key] = training[key].size();
        }
    }
    return provenance;
}

int show(const Options& options) {
    const std::filesystem::path path = model_path(options.file);
    const Model model = load_model(path);
    const std::int64_t parameters = model::trainable_parameters(model, path.string());
    const nlohmann::json provenance = short_provenance(model, path.string());
    const nlohmann::json calibration = model::to_json(model.calibration, path.string());
    if (options.format == "json") {
        const ordered_json json = {{"path", path.string()},
                                   {"name", model.name},
                                   {"licence", model.licence},
                                   {"network", model.network.name},
                                   {"network_options", formats::parse_json(model.network.options, path.string())},
                                   {"parameters", parameters},
                                   {"labels", model.labels},
                                   {"features", model::to_json(model.features)},
                                   {"segments", model::to_json(model.segments)},
                                   {"calibration", calibration},
                                   {"provenance", provenance}};
        fmt::print("{}\n", json.dump());
        return 0;
    }
    fmt::print("{}  ({})\n", model.name, path.string());
    fmt::print("  licence     {}\n", model.licence);
    const std::vector<model::MemberNetwork> networks = model::networks_of(model.network, path.string());
    if (networks.size() > 1) {
        fmt::print("  network     ensemble of {}, {} trainable parameters\n", networks.size(), parameters);
        for (const model::MemberNetwork& each : networks)
            fmt::print("              {} {}\n", each.network.name(), each.network.options().dump());
    } else {
        fmt::print("  network     {} {}, {} trainable parameters\n", model.network.name, model.network.options,
                   parameters);
    }
    fmt::print("  input       {} of {:g} s segments: {} frames × {} coefficients\n", to_string(model.features.kind),
               model.segments.seconds, model.segments.frames, coefficient_count(model.features));
    fmt::print("  genres      {}\n", fmt::join(model.labels, ", "));
    fmt::print("  features    {}\n", model::to_json(model.features).dump());
    fmt::print("  segments    {}\n", model::to_json(model.segments).dump());
    fmt::print("  calibrated  {}\n", model.calibration == Calibration{} ? "no" : calibration.dump());
    for (const auto& [key, value] : provenance.items()) fmt::print("  {:<10}  {}\n", key, value.dump());
    return 0;
}

struct CalibrateOptions {
    std::string model;
    std::string data;
    std::string part = "valid";
    double selective_accuracy = evaluation::default_selective_accuracy;
    std::string output;
    std::string format = "table";
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
    if (options.format == "json") {
        const ordered_json json = {{"model", options.output.empty() ? options.model : options.output},
                                   {"networks", model::networks_of(model.network, options.model).size()},
                                   {"parameters", model::trainable_parameters(model, options.model)},
                                   {"calibration", model::to_json(model.calibration, options.model)}};
        fmt::print("{}\n", json.dump());
    } else {
        fmt::print("{}", evaluation::to_table(fit));
    }
    return complete ? 0 : 1;
}

struct CombineOptions {
    std::vector<std::string> models;
    std::string output;
    std::string name;
    std::string format = "table";
};

int combine_models(const CombineOptions& options) {
    std::vector<Model> models;
    for (const std::string& file : options.models) models.push_back(load_model(file));
    const std::string name =
        options.name.empty() ? std::filesystem::path(options.output).stem().string() : options.name;
    const Model model = model::combine(models, name);
    save_model(model, options.output);
    const std::size_t networks = model::networks_of(model.network, options.output).size();
    const std::int64_t parameters = model::trainable_parameters(model, options.output);
    if (options.format == "json") {
        const ordered_json json = {{"model", options.output}, {"networks", networks}, {"parameters", parameters}};
        fmt::print("{}\n", json.dump());
    } else {
        fmt::print("{}: {} networks, {} trainable parameters\n", options.output, networks, parameters);
    }
    return 0;
}

void add_combine(CLI::App& parent, Run& run) {
    auto options = std::make_shared<CombineOptions>();
    CLI::App* command = parent.add_subcommand(
        "combine", "Make one model of several: an ensemble, whose probabilities are the mean of theirs");
    command->add_option("MODELS", options->models, "Model files with the same features, segments and genres")
        ->required();
    command->add_option("--output", options->output, "Model file to write")->required()->type_name("FILE");
    command->add_option("--name", options->name, "Name of the model; left out: that of the file")->type_name("NAME");
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([options, &run] { run = [options] { return combine_models(*options); }; });
}

void add_calibrate(CLI::App& parent, Run& run) {
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
        ->add_option("--named-accuracy", options->selective_accuracy,
                     "Share of the tracks named that is to be right; the others are uncertain")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--output", options->output, "Model file to write; left out: MODEL itself")->type_name("FILE");
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
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

}  // namespace

void add_model(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("model", "Describe a model file: network, features, genres, provenance");
    cli::add_model_option(*command, "FILE", options->file);
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([options, command, &run] {
        if (command->get_subcommands().empty()) run = [options] { return show(*options); };
    });
    add_calibrate(*command, run);
    add_combine(*command, run);
}

}  // namespace earmark::commands
