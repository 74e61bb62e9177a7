#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/data_set.hpp"
#include "common/guard.hpp"
#include "common/interrupt.hpp"
#include "common/messages.hpp"
#include "common/options.hpp"
#include "common/progress.hpp"
#include "common/split_choice.hpp"
#include "core/atomic_file.hpp"
#include "core/throw.hpp"
#include "dataset/split.hpp"
#include "earmark/model.hpp"
#include "earmark/version.hpp"
#include "evaluation/calibration.hpp"
#include "report/learning_curves.hpp"
#include "training/trainer.hpp"

namespace {

namespace fs = std::filesystem;
using namespace earmark;
using nlohmann::json;

struct Options {
    std::string data;
    std::string output;
    std::string name;
    std::string licence = "NOASSERTION";
    std::string history;
    std::string curves;
    std::string format = "none";
    std::string network_options = "{}";
    double dropout = -1.0;
    std::vector<int> hidden;
    int layers = 0;
    bool raw_inputs = false;
    bool resume = false;
    bool no_calibration = false;
    bool quiet = false;
    commands::SplitChoice split;
    training::TrainingOptions training;
    FeatureOptions features;  // of a folder of audio
    SegmentOptions segments;
};

/// The options of the network: those given as JSON, and those that have an option of their own.
std::string network_options(const Options& options) {
    json result = json::parse(options.network_options, nullptr, false);
    if (!result.is_object()) fail(ErrorCode::bad_option, "--network-options: not a JSON object.");
    if (options.dropout >= 0.0) result["dropout"] = options.dropout;
    if (options.layers > 0) {
        static const std::map<int, json> widths{{1, {512}}, {3, {512, 256, 64}}, {5, {512, 256, 128, 64, 32}}};
        result["hidden"] = widths.at(options.layers);
    }
    if (!options.hidden.empty()) result["hidden"] = options.hidden;
    return result.dump();
}

void report_epoch(const training::Epoch& epoch, int epochs, double seconds_an_epoch) {
    std::string valid;
    if (!std::isnan(epoch.valid_loss)) {
        valid =
            fmt::format("   validation loss {:.4f} accuracy {:5.1f} %", epoch.valid_loss, 100.0 * epoch.valid_accuracy);
    }
    fmt::print(stderr, "epoch {:>3} of {}   training loss {:.4f} accuracy {:5.1f} %{}   {} left\n", epoch.number,
               epochs, epoch.train_loss, 100.0 * epoch.train_accuracy, valid,
               commands::clock_time(seconds_an_epoch * (epochs - epoch.number)));
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

void save_curves(const Options& options, const std::vector<training::Epoch>& history) {
    LearningCurve curve;
    curve.name = options.training.network.name;
    for (const training::Epoch& epoch : history) {
        curve.train_accuracy.push_back(epoch.train_accuracy);
        curve.valid_accuracy.push_back(epoch.valid_accuracy);
        curve.train_loss.push_back(epoch.train_loss);
        curve.valid_loss.push_back(epoch.valid_loss);
    }
    save_learning_curves(options.curves, options.name, {curve});
}

/// Makes the probabilities of a model ones that can be believed, where there are tracks to learn that from.
void calibrate_model(Model& model, const FeatureStore& store, const Split& split, const Options& options) {
    const auto tracks = std::ssize(tracks_of(store, split, Part::valid));
    if (tracks == 0) return;
    if (tracks < least_calibration_tracks) {
        if (!options.quiet) {
            commands::report(
                fmt::format("warning: not calibrated: the validation part has {} tracks, and {} are needed.", tracks,
                            least_calibration_tracks));
        }
        return;
    }
    EvaluationOptions evaluation;
    evaluation.part = Part::valid;
    evaluation.jobs = options.training.threads;
    const CalibrationFit fit = calibrate(Classifier(model), store, split, evaluation, default_named_accuracy);
    model.calibration = fit.calibration;
    if (options.quiet) return;
    for (const std::string& warning : fit.warnings) commands::report("warning: " + warning);
    fmt::print(stderr, "{}", to_table(fit));
}

int train(Options options) {
    const fs::path output(options.output);
    if (options.name.empty()) options.name = output.stem().string();
    if (options.history.empty()) options.history = fs::path(output).replace_extension(".csv").string();
    options.training.network.options = network_options(options);
    options.training.standardise = !options.raw_inputs;
    // Where the results go is tried first: better now than after the training.
    { const AtomicFile tried(output); }

    const StopFlag& interrupted = commands::stop_on_interrupt();
    bool complete = true;
    const FeatureStore store = commands::read_data_set(
        options.data, {options.features, options.segments, options.training.threads, options.quiet, &interrupted},
        complete);
    const Split split = make_split(store, options.split.options(options.training.seed));
    if (!options.quiet) {
        for (const std::string& warning : split.warnings) commands::report("warning: " + warning);
        fmt::print(stderr, "{}: {} tracks, {} segments. Split: {}\n", options.data, store.tracks.size(),
                   store.segment_count(), split.description);
    }
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
    training::TrainingResult result =
        training::train(store, split, options.training, checkpoint, on_epoch, interrupted);
    if (!result.finished) {
        if (result.history.empty())
            fail(ErrorCode::interrupted, "interrupted in the first epoch; nothing was written.");
        fail(ErrorCode::interrupted, "interrupted after epoch {}. Go on with the same command and --resume.",
             result.history.size());
    }
    result.model.name = options.name;
    result.model.licence = options.licence;
    if (!options.no_calibration) calibrate_model(result.model, store, split, options);
    save_model(result.model, output);
    write_file(options.history, training::to_csv(result.history));
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
        fmt::print(
            stderr, "{}: weights of epoch {}, trained in {}.\n", options.output, result.kept_epoch,
            commands::clock_time(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()));
    }
    return 0;
}

void add_regularisation(CLI::App& app, training::TrainingOptions& training) {
    const std::string group = "Regularisation";
    app.add_option("--weight-decay", training.weight_decay, "Of AdamW, for weights but not for biases; 0: none")
        ->capture_default_str()
        ->group(group);
    app.add_option("--label-smoothing", training.label_smoothing, "Share of the target spread over all genres")
        ->capture_default_str()
        ->group(group);
    app.add_option("--average", training.average,
                   "Judge and keep moving averages of the weights, with this decay a step, 0.999 say; 0: none")
        ->capture_default_str()
        ->group(group);
    app.add_option("--mixup", training.mixup,
                   "Mix pairs of segments, in shares drawn from Beta(X, X), X being 0.2 say; 0: none")
        ->capture_default_str()
        ->group(group);
}

void add_augmentation(CLI::App& app, training::TrainingOptions& training) {
    const std::string group = "Augmentation";
    training::Augmentation& augmentation = training.augmentation;
    app.add_option("--crop-frames", training.crop_frames,
                   "Train on random stretches of so many columns; 0: on whole segments")
        ->capture_default_str()
        ->group(group);
    app.add_flag("--crop-across", training.crop_across, "Stretches may reach over several segments of a block")
        ->group(group);
    app.add_option("--crops", training.crops, "Stretches a segment and epoch")->capture_default_str()->group(group);
    app.add_option("--colour", augmentation.colour,
                   "Share, at the most, by which the mean of each band becomes that of another segment "
                   "(this and what follows: logmel)")
        ->capture_default_str()
        ->group(group);
    app.add_option("--dynamics", augmentation.dynamics, "The same of its deviation over time")
        ->capture_default_str()
        ->group(group);
    app.add_option("--overlay", augmentation.overlay,
                   "Probability that another segment of the genre sounds along, up to 20 dB softer")
        ->capture_default_str()
        ->group(group);
    app.add_option("--gain", augmentation.gain, "Decibels up or down, at random")->capture_default_str()->group(group);
    app.add_option("--equalise", augmentation.equalise, "Decibels of a random smooth curve over the bands")
        ->capture_default_str()
        ->group(group);
    app.add_option("--band-limit", augmentation.band_limit,
                   "Probability that the bands above or below a random edge fall silent")
        ->capture_default_str()
        ->group(group);
    app.add_option("--mask-bands", augmentation.mask_bands, "Two random masks over up to so many bands (SpecAugment)")
        ->capture_default_str()
        ->group(group);
    app.add_option("--mask-frames", augmentation.mask_frames, "The same over columns (logmel and mfcc)")
        ->capture_default_str()
        ->group(group);
    app.add_option("--pitch-shift", augmentation.pitch_shift, "Bands up or down, at random")
        ->capture_default_str()
        ->group(group);
    app.add_option("--stretch", augmentation.stretch, "Time faster or slower by a random share of up to this")
        ->capture_default_str()
        ->group(group);
}

void add_options(CLI::App& app, Options& options) {
    training::TrainingOptions& training = options.training;
    app.add_option("DATA", options.data,
                   "Feature store (see `earmark store`), or a folder with a folder of audio for each genre")
        ->required();
    app.add_option("--output", options.output, "Model file to write")->required();
    app.add_option("--name", options.name, "Name of the model; left out: that of the file");
    app.add_option("--licence", options.licence, "SPDX identifier of the weights' licence")->capture_default_str();
    app.add_option("--history", options.history, "CSV of loss and accuracy an epoch; left out: beside the model");
    app.add_option("--curves", options.curves, "Picture of the same, .svg or .png");
    app.add_option("--format", options.format, "json prints a line an epoch to standard output; none prints nothing")
        ->check(CLI::IsMember({"none", "json"}))
        ->capture_default_str();
    app.add_flag("--quiet", options.quiet, "No progress");

    const std::string network = "Network";
    app.add_option("--network", training.network.name, "mlp, cnn, lstm, vgg, resnet or crnn")
        ->check(CLI::IsMember({"mlp", "cnn", "lstm", "vgg", "resnet", "crnn"}))
        ->capture_default_str()
        ->group(network);
    app.add_option("--network-options", options.network_options, "Its options as a JSON object (docs/networks.md)")
        ->capture_default_str()
        ->group(network);
    app.add_option("--dropout", options.dropout, "Share of values dropped; left out: 0.3")
        ->check(CLI::Range(0.0, 0.999))
        ->group(network);
    CLI::Option* layers = app.add_option("--layers", options.layers,
                                         "Hidden layers of the mlp: 1 (512), 3 (512, 256, 64) "
                                         "or 5 (512, 256, 128, 64, 32)")
                              ->check(CLI::IsMember({1, 3, 5}))
                              ->group(network);
    app.add_option("--hidden", options.hidden, "Widths of the hidden layers of the mlp, comma-separated")
        ->delimiter(',')
        ->excludes(layers)
        ->group(network);

    const std::string optimiser = "Training";
    app.add_option("--epochs", training.epochs, "Passes over the training part")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--batch-size", training.batch_size, "Segments a step")->capture_default_str()->group(optimiser);
    app.add_option("--learning-rate", training.learning_rate, "Of Adam")->capture_default_str()->group(optimiser);
    app.add_option("--schedule", training.schedule.kind,
                   "Of the learning rate: constant, or cosine, which falls to zero at the last epoch")
        ->check(CLI::IsMember({"constant", "cosine"}))
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--warm-up", training.schedule.warm_up, "Epochs in which the learning rate rises from zero")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--noise-fraction", training.noise_fraction, "Segments of noise, to be doubted, a segment of music")
        ->capture_default_str()
        ->group(optimiser);
    app.add_flag("--no-standardise", options.raw_inputs, "Leave the inputs as they are, as the paper does")
        ->group(optimiser);
    app.add_option("--keep", training.keep,
                   "Whose weights to keep: of the epoch with the best validation loss or accuracy, or of the last")
        ->check(CLI::IsMember({"loss", "accuracy", "last"}))
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--patience", training.patience,
                   "End after so many epochs without a better one, as --keep judges; 0: never")
        ->capture_default_str()
        ->group(optimiser);
    app.add_flag("--watch-test", training.watch_test,
                 "Measure the test part after each epoch too, for the history; it decides nothing")
        ->group(optimiser);
    app.add_option("--seed", training.seed,
                   "Of initial weights, order, dropout, augmentation, and of the split unless --split-seed is given")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--threads", training.threads, "Of libtorch; 0: one a core")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--device", training.device, "cpu or cuda")->capture_default_str()->group(optimiser);
    app.add_option("--backend", training.backend,
                   "What computes on the CPU: onednn, or aten (libtorch's own operators: slower, for comparison)")
        ->check(CLI::IsMember({"onednn", "aten"}))
        ->capture_default_str()
        ->group(optimiser);
    app.add_option(
           "--precision", training.precision,
           "single, or mixed: convolutions multiply bfloat16 numbers; faster where the processor has units for it")
        ->check(CLI::IsMember({"single", "mixed"}))
        ->capture_default_str()
        ->group(optimiser);
    app.add_flag("--no-calibration", options.no_calibration,
                 "Leave out fitting temperature and threshold on the validation part (docs/calibration.md)")
        ->group(optimiser);
    app.add_flag("--resume", options.resume, "Go on with a training that was interrupted")->group(optimiser);

    add_regularisation(app, training);
    add_augmentation(app, training);
    options.split.add_to(app);
    commands::add_feature_options(app, options.features);
    commands::add_segment_options(app, options.segments);
}

}  // namespace

int main(int argc, char** argv) {
    return commands::guarded([&] {
        CLI::App app("Train a network on a data set.", "earmark train");
        app.set_version_flag("--version", "earmark-train " + std::string(version()));
        app.get_formatter()->column_width(32);
        Options options;
        add_options(app, options);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app.exit(error) == 0 ? 0 : commands::wrong_usage;
        }
        commands::fit_segment_frames(app, options.features, options.segments);
        return train(std::move(options));
    });
}
