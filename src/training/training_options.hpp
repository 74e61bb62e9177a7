#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "dataset/feature_store.hpp"
#include "dataset/targets.hpp"
#include "inference/plan/precision.hpp"
#include "model/network_spec.hpp"
#include "training/choices.hpp"
#include "training/data/augmentation.hpp"
#include "training/optimizer/schedule.hpp"

namespace earmark::training {

/// How a network is trained. Defaults are the paper's, or those of the course that its code follows.
struct TrainingOptions {
    model::NetworkSpec network = model::NetworkSpec::parse({"cnn", "{}"}, "the network");
    int epochs = 30;
    int batch_size = 32;
    double learning_rate = 1e-4;
    bool standardise = true;      ///< each coefficient to mean 0 and deviation 1 over the training part
    double noise_fraction = 0.0;  ///< segments of noise a segment of music, with equal probabilities as their target
    std::uint64_t seed = 0;       ///< of initial weights, order, dropout, and all that is drawn for examples
    int jobs = 0;                 ///< threads of libtorch; 0: one a core
    Device device = Device::cpu;
    Backend backend = Backend::onednn;                              ///< what computes on the CPU
    inference::Precision precision = inference::Precision::single;  ///< of the back end onednn
    Keep keep = Keep::loss;
    /// Ends the training after this many epochs in which none was better, as `keep` judges; 0: never.
    int patience = 0;
    /// Measures the test part after each epoch too, for learning curves. It decides nothing.
    bool watch_test = false;

    Schedule schedule;             ///< of the learning rate
    double weight_decay = 0.0;     ///< see Adam
    double label_smoothing = 0.0;  ///< share of the target that is spread evenly over all genres, in training only
    LabelWeights label_weights = LabelWeights::none;  ///< where a track may have several labels
    /// Decay a step of the exponential moving average of all tensors, which is what is judged and kept; 0: none.
    double average = 0.0;
    /// Shape of the Beta distribution of the shares in which two examples are mixed (Zhang et al. 2018); 0: they are
    /// not.
    double mixup = 0.0;
    int crop_frames = 0;       ///< columns of the stretch of a segment that training sees; 0: the whole segment
    bool crop_across = false;  ///< it may start anywhere in a run of consecutive training segments of a block
    int crops = 1;             ///< stretches a segment and epoch
    Augmentation augmentation;

    /// Model file whose probabilities are a target beside the labels (see Teacher); empty: none.
    std::filesystem::path teacher;
    double teacher_weight = 0.5;  ///< of that target, above 0 to 1
    std::filesystem::path start;  ///< model file whose weights training starts from (see Start); empty: none
    dataset::Targets targets = dataset::Targets::genres;  ///< what the labels of the store are
};

/// Whether the options are in range. @throws Error bad_option
void check(const TrainingOptions& options);

/// Whether they can be had of this data. @throws Error bad_option
void check(const TrainingOptions& options, const dataset::FeatureStore& store);

/// All that decides the weights and the history, apart from what is said of the data and of other models; the number of
/// epochs only where the schedule depends on it, so that another training may be prolonged.
nlohmann::json to_json(const TrainingOptions& options);

}  // namespace earmark::training
