#include "training/training_options.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "features/segment_options.hpp"
#include "inference/plan/plan.hpp"

namespace earmark::training {

using nlohmann::json;

namespace {

void require(bool holds, const char* what) {
    if (!holds) base::fail(ErrorCode::bad_option, "{}.", what);
}

void check_regularisation(const TrainingOptions& options) {
    const Schedule& schedule = options.schedule;
    require(schedule.warm_up >= 0.0 && schedule.warm_up <= options.epochs,
            "the warm-up must lie between 0 and the number of epochs");
    require(options.weight_decay >= 0.0 && options.weight_decay * options.learning_rate < 1.0,
            "the weight decay must be at least 0, and below 1 / learning rate");
    require(options.label_smoothing >= 0.0 && options.label_smoothing < 1.0,
            "the label smoothing must be at least 0 and below 1");
    require(options.average >= 0.0 && options.average < 1.0, "the decay of the average must be at least 0 and below 1");
    require(options.mixup >= 0.0 && options.mixup <= 100.0, "the shape of mixup must lie between 0 and 100");
    require(options.crop_frames >= 0, "the columns of a crop must not be negative");
    require(options.crops >= 1 && options.crops <= 1000, "the crops a segment must be 1 to 1000");
    require(options.crop_frames > 0 || (options.crops == 1 && !options.crop_across),
            "several crops a segment, and crops across segments, need their length: give `crop_frames`");
}

/// Names and shapes of what a network keeps.
std::vector<std::pair<std::string, model::Shape>> tensors_for(const TrainingOptions& options,
                                                              const dataset::FeatureStore& store, std::int64_t frames) {
    std::vector<std::pair<std::string, model::Shape>> result;
    const std::vector<model::Layer> layers = options.network.build_layers(
        frames, coefficient_count(store.features), static_cast<std::int64_t>(store.labels.size()),
        fmt::format("the network, for {} frames", frames));
    for (const model::Layer& layer : layers) {
        for (const model::TensorSpec& spec : model::tensor_specs(layer)) result.emplace_back(spec.name, spec.shape);
    }
    return result;
}

void check_crops(const TrainingOptions& options, const dataset::FeatureStore& store) {
    const SegmentOptions& segments = store.segments;
    if (options.crop_across && !continues_segment(segments, 1)) {
        base::fail(
            ErrorCode::bad_option,
            "`crop_across` needs segments that follow one another column by column, as those of a block do; here each "
            "segment is a block of its own. Make the store with `segments_per_block` 5, say, or leave the option out.");
    }
    if (!options.crop_across && options.crop_frames > segments.frames) {
        base::fail(ErrorCode::bad_option,
                   "a crop of {} columns is longer than a segment, which has {}. Give a smaller `crop_frames`, or "
                   "`crop_across` where segments are parts of blocks.",
                   options.crop_frames, segments.frames);
    }
    if (options.crop_frames != segments.frames &&
        tensors_for(options, store, options.crop_frames) != tensors_for(options, store, segments.frames)) {
        base::fail(
            ErrorCode::bad_option,
            "the {} network's weights depend on the number of frames, so it cannot learn from crops of {} and hear "
            "segments of {}. Leave `crop_frames` out, or take a network such as vgg or crnn.",
            options.network.name(), options.crop_frames, segments.frames);
    }
}

}  // namespace

void check(const TrainingOptions& options) {
    require(options.epochs >= 1, "the number of epochs must be at least 1");
    require(options.batch_size >= 1, "the batch size must be at least 1");
    require(options.learning_rate > 0.0 && options.learning_rate <= 1.0, "the learning rate must lie between 0 and 1");
    require(options.noise_fraction >= 0.0 && options.noise_fraction <= 1.0,
            "the noise fraction must lie between 0 and 1");
    require(options.jobs >= 0, "`jobs` must not be negative");
    require(options.patience >= 0, "the patience must not be negative");
    require(options.patience == 0 || options.keep != Keep::last,
            "patience needs to know which epoch is better: keep the weights of the best loss or accuracy");
    const bool mixed = options.precision == inference::Precision::mixed;
    require(!mixed || (options.backend == Backend::onednn && options.device == Device::cpu),
            "mixed precision is for the back end onednn on the CPU");
    require(
        !mixed || inference::has_bfloat16(),
        "this processor has no units for bfloat16 numbers, so mixed precision would be slower: leave `precision` out");
    check_regularisation(options);
    require(options.teacher_weight > 0.0 && options.teacher_weight <= 1.0,
            "the teacher's weight must be above 0 and at most 1");
}

void check(const TrainingOptions& options, const dataset::FeatureStore& store) {
    if (options.crop_frames > 0) check_crops(options, store);
    if (options.targets == dataset::Targets::tracks && store.labels.size() != store.tracks.size()) {
        base::fail(ErrorCode::internal, "the store is not labelled by track.");
    }
    const bool many = store.labelling.many;
    require(many || options.label_weights == LabelWeights::none,
            "`label_weights` is for data whose tracks may have several labels");
    require(!many || options.augmentation.overlay == 0.0,
            "`overlay` mixes segments of one genre, which tracks of several labels do not have: leave it out");
    check(options.augmentation, store.features, options.crop_frames > 0 ? options.crop_frames : store.segments.frames);
}

json to_json(const TrainingOptions& options) {
    json schedule = {{"kind", base::enum_name(options.schedule.kind)}, {"warm_up", options.schedule.warm_up}};
    if (options.schedule.kind == ScheduleKind::cosine) schedule["epochs"] = options.epochs;
    const Augmentation& augmentation = options.augmentation;
    json result = {{"network", options.network.name()},
                   {"network_options", options.network.options()},
                   {"batch_size", options.batch_size},
                   {"learning_rate", options.learning_rate},
                   {"schedule", schedule},
                   {"standardise", options.standardise},
                   {"noise_fraction", options.noise_fraction},
                   {"weight_decay", options.weight_decay},
                   {"label_smoothing", options.label_smoothing},
                   {"average", options.average},
                   {"mixup", options.mixup},
                   {"crop_frames", options.crop_frames},
                   {"crop_across", options.crop_across},
                   {"crops", options.crops},
                   {"augmentation",
                    {{"gain", augmentation.gain},
                     {"equalise", augmentation.equalise},
                     {"band_limit", augmentation.band_limit},
                     {"mask_bands", augmentation.mask_bands},
                     {"mask_frames", augmentation.mask_frames},
                     {"pitch_shift", augmentation.pitch_shift},
                     {"stretch", augmentation.stretch},
                     {"colour", augmentation.band_statistics},
                     {"dynamics", augmentation.dynamics},
                     {"overlay", augmentation.overlay}}},
                   {"keep", base::enum_name(options.keep)},
                   {"patience", options.patience},
                   {"watch_test", options.watch_test},
                   {"seed", options.seed},
                   {"device", base::enum_name(options.device)},
                   {"precision", base::enum_name(options.precision)}};
    // Said only where it is so: checkpoints of earlier versions stay those of the same training.
    if (options.targets != dataset::Targets::genres) result["targets"] = base::enum_name(options.targets);
    if (options.label_weights != LabelWeights::none) result["label_weights"] = base::enum_name(options.label_weights);
    return result;
}

}  // namespace earmark::training
