#include "cli/train_options.hpp"

#include "cli/options.hpp"
#include "model/network_spec.hpp"

namespace earmark::cli {

namespace {

void add_regularisation(CLI::App& app, training::TrainingOptions& training) {
    const std::string group = "Regularisation";
    app.add_option("--weight-decay", training.weight_decay, "Of AdamW, for weights but not for biases; 0: none")
        ->capture_default_str()
        ->group(group);
    app.add_option("--label-smoothing", training.label_smoothing, "Share of the target spread over all genres")
        ->capture_default_str()
        ->group(group);
    add_enum_option(app, "--label-weights", training.label_weights,
                    "Of several labels a track: balanced makes a label count as much as its absence, however rare")
        ->group(group);
    app.add_option("--average", training.average,
                   "Evaluate and keep moving averages of the weights, with this decay a step, such as 0.999; 0: none")
        ->capture_default_str()
        ->group(group);
    app.add_option("--mixup", training.mixup,
                   "Mix pairs of segments, with weights drawn from Beta(X, X), such as 0.2; 0: none")
        ->capture_default_str()
        ->group(group);
}

void add_other_models(CLI::App& app, TrainOptions& options) {
    const std::string group = "Other models, other targets";
    CLI::Option* teacher =
        app.add_option("--teacher", options.teacher,
                       "Model, such as an ensemble, whose probabilities are learned beside the genres (distillation)")
            ->type_name("MODEL")
            ->group(group);
    app.add_option("--teacher-weight", options.training.teacher_weight,
                   "Of its probabilities in the target; the rest is the genre's")
        ->capture_default_str()
        ->needs(teacher)
        ->group(group);
    app.add_option("--start", options.start,
                   "Model whose weights to start from, wherever name and shape of a tensor agree")
        ->type_name("MODEL")
        ->group(group);
    add_enum_option(app, "--targets", options.training.targets,
                    "Classes: genres, or tracks, each a class of its own, for a network to --start from")
        ->group(group);
}

void add_augmentation(CLI::App& app, training::TrainingOptions& training) {
    const std::string group = "Augmentation";
    training::Augmentation& augmentation = training.augmentation;
    app.add_option("--crop-frames", training.crop_frames, "Train on random crops of N columns; 0: on whole segments")
        ->capture_default_str()
        ->group(group);
    app.add_flag("--crop-across", training.crop_across, "Crops may extend over several segments of a block")
        ->group(group);
    app.add_option("--crops", training.crops, "Crops of each segment in each epoch")
        ->capture_default_str()
        ->group(group);
    app.add_option("--colour", augmentation.band_statistics,
                   "Maximum share by which the mean of each band moves to that of another segment "
                   "(this and what follows: logmel)")
        ->capture_default_str()
        ->group(group);
    app.add_option("--dynamics", augmentation.dynamics, "The same for its deviation over time")
        ->capture_default_str()
        ->group(group);
    app.add_option("--overlay", augmentation.overlay,
                   "Probability that another segment of the genre is mixed in, up to 20 dB softer")
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
    app.add_option("--mask-bands", augmentation.mask_bands,
                   "Maximum width of two random masks over bands (SpecAugment)")
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

}  // namespace

void add_train_options(CLI::App& app, TrainOptions& options) {
    training::TrainingOptions& training = options.training;
    app.add_option("DATA", options.data,
                   "Feature store (see `earmark store`), or a folder with a folder of audio for each genre")
        ->required();
    app.add_option("--output", options.output, "Model file to write")->required()->type_name("FILE");
    app.add_option("--name", options.name, "Name of the model; left out: that of the file")->type_name("NAME");
    app.add_option("--licence", options.licence, "SPDX identifier of the weights' licence")
        ->capture_default_str()
        ->type_name("LICENCE");
    app.add_option("--history", options.history, "CSV of loss and accuracy an epoch; left out: beside the model")
        ->type_name("FILE");
    app.add_option("--curves", options.curves, "Plot of the same, .svg or .png")->type_name("FILE");
    app.add_option("--format", options.format, "json prints a line an epoch to standard output; none prints nothing")
        ->check(CLI::IsMember({"none", "json"}))
        ->capture_default_str();
    app.add_flag("--quiet", options.quiet, "No progress");

    const std::string network = "Network";
    app.add_option("--network", options.network, model::list_networks("or"))
        ->check(CLI::IsMember(model::network_names()))
        ->capture_default_str()
        ->group(network);
    app.add_option("--network-options", options.network_options,
                   "Its options as a JSON object (docs/internals/networks.md)")
        ->capture_default_str()
        ->type_name("JSON")
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
    add_enum_option(app, "--schedule", training.schedule.kind,
                    "Of the learning rate: constant, or cosine, which falls to zero at the last epoch")
        ->group(optimiser);
    app.add_option("--warm-up", training.schedule.warm_up, "Epochs in which the learning rate rises from zero")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--noise-fraction", training.noise_fraction,
                   "Segments of noise per segment of music; their target is equal probabilities")
        ->capture_default_str()
        ->group(optimiser);
    app.add_flag("--no-standardise", options.raw_inputs, "Leave the inputs as they are, as the paper does")
        ->group(optimiser);
    add_enum_option(app, "--keep", training.keep,
                    "Whose weights to keep: of the epoch with the best validation loss or accuracy, or of the last")
        ->group(optimiser);
    app.add_option("--patience", training.patience,
                   "Stop after N epochs without a better one, as --keep measures; 0: never")
        ->capture_default_str()
        ->group(optimiser);
    app.add_flag("--watch-test", training.watch_test,
                 "Measure the test part after each epoch too, for the history only")
        ->group(optimiser);
    app.add_option("--seed", training.seed,
                   "Of initial weights, order, dropout, augmentation, and of the split unless --split-seed is given")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--jobs", training.jobs, "Threads to work on; 0: one a core")
        ->capture_default_str()
        ->group(optimiser);
    app.add_option("--threads", training.jobs)->group("");  // its earlier spelling
    add_enum_option(app, "--device", training.device, "cpu or cuda")->group(optimiser);
    add_enum_option(app, "--backend", training.backend,
                    "What computes on the CPU: onednn, or aten (libtorch's own operators: slower, for comparison)")
        ->group(optimiser);
    add_enum_option(
        app, "--precision", training.precision,
        "single, or mixed: convolutions multiply bfloat16 numbers; faster where the processor has units for it")
        ->group(optimiser);
    app.add_flag("--no-calibration", options.no_calibration,
                 "Leave out fitting temperature and threshold on the validation part (docs/guide/calibration.md)")
        ->group(optimiser);
    app.add_flag("--resume", options.resume, "Continue a training that was interrupted")
        ->configurable(false)
        ->group(optimiser);

    add_other_models(app, options);
    add_regularisation(app, training);
    add_augmentation(app, training);
    options.split.add_to(app);
    add_feature_options(app, options.features);
    add_segment_options(app, options.segments);
}

}  // namespace earmark::cli
