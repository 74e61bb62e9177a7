#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "cli/data_set.hpp"
#include "cli/guard.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/parse.hpp"
#include "cli/progress.hpp"
#include "cli/train_options.hpp"
#include "cli/user_settings.hpp"
#include "dataset/split.hpp"
#include "earmark/model.hpp"
#include "earmark/version.hpp"
#include "evaluation/calibration.hpp"
#include "evaluation/many_labels.hpp"
#include "files/atomic_file.hpp"
#include "plot/charts/learning_curves.hpp"
#include "training/data/training_exposure.hpp"
#include "training/trainer.hpp"

namespace {

namespace fs = std::filesystem;
using namespace earmark;
using cli::TrainOptions;
using nlohmann::json;

/// The network with its options: those given as JSON, and those that have an option of their own.
model::NetworkSpec parse_network(const cli::TrainOptions& options) {
    json result = json::parse(options.network_options, nullptr, false);
    if (!result.is_object())
        base::fail(ErrorCode::bad_option, "--network-options: not a JSON object. Write {{\"dropout\": 0.5}}, say.");
    if (options.dropout >= 0.0) result["dropout"] = options.dropout;
    if (options.layers > 0) {
        static const std::map<int, json> widths{{1, {512}}, {3, {512, 256, 64}}, {5, {512, 256, 128, 64, 32}}};
        result["hidden"] = widths.at(options.layers);
    }
    if (!options.hidden.empty()) result["hidden"] = options.hidden;
    return model::NetworkSpec::parse(options.network, result, "the network");
}

void report_epoch(const training::Epoch& epoch, int epochs, double seconds_an_epoch) {
    std::string valid;
    if (!std::isnan(epoch.valid_loss)) {
        valid =
            fmt::format("   validation loss {:.4f} accuracy {:5.1f} %", epoch.valid_loss, 100.0 * epoch.valid_accuracy);
    }
    fmt::print(stderr, "epoch {:>3} of {}   training loss {:.4f} accuracy {:5.1f} %{}   {} left\n", epoch.number,
               epochs, epoch.train_loss, 100.0 * epoch.train_accuracy, valid,
               cli::clock_time(seconds_an_epoch * (epochs - epoch.number)));
}

/// One line for programs.
void print_epoch(const training::Epoch& epoch, int epochs) {
    const auto number = [](double value) { return std::isfinite(value) ? json(value) : json(nullptr); };
    const nlohmann::ordered_json line = {{"epoch", epoch.number},
                                         {"epochs", epochs},
                                         {"train_loss", number(epoch.train_loss)},
                                         {"train_accuracy", number(epoch.train_accuracy)},
                                         {"valid_loss", number(epoch.valid_loss)},
                                         {"valid_accuracy", number(epoch.valid_accuracy)},
                                         {"test_loss", number(epoch.test_loss)},
                                         {"test_accuracy", number(epoch.test_accuracy)},
                                         {"penalty", number(epoch.penalty)}};
    fmt::print("{}\n", line.dump());
    std::fflush(stdout);
}

void save_curves(const cli::TrainOptions& options, const std::vector<training::Epoch>& history) {
    plot::LearningCurve curve;
    curve.name = options.network;
    for (const training::Epoch& epoch : history) {
        curve.train_accuracy.push_back(epoch.train_accuracy);
        curve.valid_accuracy.push_back(epoch.valid_accuracy);
        curve.train_loss.push_back(epoch.train_loss);
        curve.valid_loss.push_back(epoch.valid_loss);
    }
    plot::save_learning_curves(options.curves, options.name, {curve});
}

/// Whether the model learned from the genre of one of these tracks, itself or through another model.
bool knows(const Model& model, const dataset::FeatureStore& store, const std::vector<std::string>& tracks) {
    training::TrainingExposure analyzed;
    analyzed.add(model);
    return analyzed.among(store, tracks) > 0;
}

/// Calibrates the probabilities of a model, or of many labels fits their thresholds, if there are enough validation
/// tracks.
void calibrate_model(Model& model, const dataset::FeatureStore& store, const dataset::Split& split,
                     const cli::TrainOptions& options) {
    const std::vector<std::string> judged = dataset::tracks_of(store, split, dataset::Part::valid);
    const auto tracks = std::ssize(judged);
    if (tracks == 0) return;
    if (tracks < evaluation::least_calibration_tracks) {
        if (!options.quiet) {
            cli::report(fmt::format(
                "warning: not calibrated: the validation part has {} tracks, and {} are needed. Raise --valid-fraction.",
                tracks, evaluation::least_calibration_tracks));
        }
        return;
    }
    if (!split.leaky && knows(model, store, judged)) {
        if (!options.quiet) {
            cli::report(
                "warning: not calibrated: the model that this one learned or started from was trained on tracks of the "
                "validation part. Give both the same split.");
        }
        return;
    }
    evaluation::EvaluationOptions evaluation;
    evaluation.part = dataset::Part::valid;
    evaluation.jobs = options.training.jobs;
    if (store.labelling.many) {
        evaluation.bootstrap.resamples = 1;  // no interval is shown
        const Classifier classifier(model);
        const evaluation::Evaluation evaluated =
            evaluation::evaluate(evaluation::predictor_of(classifier, store, evaluation), store, split, evaluation);
        model.label_details = evaluation::fitted_details(evaluated, model.label_details);
        return;
    }
    const evaluation::CalibrationFit fit =
        evaluation::calibrate(Classifier(model), store, split, evaluation, evaluation::default_selective_accuracy);
    model.calibration = fit.calibration;
    if (options.quiet) return;
    for (const std::string& warning : fit.warnings) cli::report("warning: " + warning);
    fmt::print(stderr, "{}", evaluation::to_table(fit));
}

int train(cli::TrainOptions options) {
    const fs::path output(options.output);
    if (options.name.empty()) options.name = output.stem().string();
    if (options.history.empty()) options.history = fs::path(output).replace_extension(".csv").string();
    options.training.network = parse_network(options);
    options.training.standardise = !options.raw_inputs;
    if (!options.teacher.empty()) options.training.teacher = model_path(options.teacher);
    if (!options.start.empty()) options.training.start = model_path(options.start);
    // Fails before the training, not after it, if the model cannot be written.
    { const files::AtomicFile tried(output); }

    const base::StopFlag& interrupted = cli::stop_on_interrupt();
    bool complete = true;
    dataset::FeatureStore store = cli::read_data_set(
        options.data, {options.features, options.segments, options.training.jobs, options.quiet, &interrupted},
        complete);
    const dataset::Split split = dataset::make_split(store, options.split.options(options.training.seed));
    if (!options.quiet) {
        for (const std::string& warning : split.warnings) cli::report("warning: " + warning);
        fmt::print(stderr, "{}: {} tracks, {} segments. Split: {}\n", options.data, store.tracks.size(),
                   store.segment_count(), split.description);
    }
    // The split is stratified by genre, so it is made before labels become tracks.
    const bool genres = options.training.targets == dataset::Targets::genres;
    if (!genres) store = dataset::labelled_by_track(std::move(store));
    training::CheckpointOptions checkpoint;
    checkpoint.path = options.output + ".checkpoint";
    checkpoint.resume = options.resume;
    const auto begin = std::chrono::steady_clock::now();
    int epochs_here = 0;
    const auto on_epoch = [&](const training::Epoch& epoch) {
        ++epochs_here;
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
        if (!options.quiet) report_epoch(epoch, options.training.epochs, passed.count() / epochs_here);
        if (options.format == "json") print_epoch(epoch, options.training.epochs);
    };
    const auto on_message = [&](const std::string& message) {
        if (!options.quiet) cli::report(message);
    };
    training::TrainingResult result =
        training::train(store, split, options.training, checkpoint, on_epoch, interrupted, on_message);
    if (!result.finished) {
        if (result.history.empty())
            base::fail(ErrorCode::interrupted, "interrupted in the first epoch; nothing was written.");
        base::fail(ErrorCode::interrupted, "interrupted after epoch {}. Go on with the same command and --resume.",
                   result.history.size());
    }
    result.model.name = options.name;
    result.model.licence = options.licence;
    // Where several labels may hold, thresholds say which do.
    const bool fits = store.labelling.many || !options.no_calibration;
    if (genres && fits) calibrate_model(result.model, store, split, options);
    save_model(result.model, output);
    files::write_file(options.history, training::to_csv(result.history));
    if (!options.curves.empty()) save_curves(options, result.history);
    fs::remove(checkpoint.path);
    if (options.format == "json") {
        const json training = json::parse(result.model.provenance).at("training");
        const nlohmann::ordered_json line = {{"model", options.output},
                                             {"kept_epoch", result.kept_epoch},
                                             {"epochs", result.history.size()},
                                             {"parameters", training.at("parameters")}};
        fmt::print("{}\n", line.dump(-1, ' ', false, json::error_handler_t::replace));
    }
    if (!options.quiet) {
        fmt::print(stderr, "{}: weights of epoch {}, trained in {}.\n", options.output, result.kept_epoch,
                   cli::clock_time(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return cli::guarded([&] {
        CLI::App app(cli::train_description, "earmark train");
        app.set_version_flag("--version", "earmark-train " + std::string(version()));
        app.get_formatter()->column_width(32);
        const cli::UserSettings settings(app, "train");
        cli::TrainOptions options;
        cli::add_train_options(app, options);
        if (const auto status = cli::parse(app, settings, argc, argv)) return *status;
        cli::fit_segment_frames(app, options.features, options.segments);
        return train(std::move(options));
    });
}
