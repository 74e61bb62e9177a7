#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/parallel.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"
#include "earmark/model.hpp"

namespace earmark::training {

/// How a network is trained. Defaults are the paper's, or those of the course that its code follows.
struct TrainingOptions {
    NetworkDescription network{"cnn", "{}"};
    int epochs = 30;
    int batch_size = 32;
    double learning_rate = 1e-4;
    bool standardise = true;         ///< each coefficient to mean 0 and deviation 1 over the training part
    double noise_fraction = 0.0;     ///< segments of noise a segment of music, with equal probabilities as their target
    std::uint64_t seed = 0;          ///< of initial weights, order and dropout
    int threads = 0;                 ///< of libtorch; 0: all cores
    std::string device = "cpu";      ///< "cpu" or "cuda"
    std::string backend = "onednn";  ///< what computes on the CPU: "onednn", or "aten" for libtorch's own operators
    /// Which epoch's weights are kept: "loss" or "accuracy" for the best on the validation part, "last" for the last
    /// one. Without a validation part it is the last one's.
    std::string keep = "loss";
    /// Ends the training after this many epochs in which none was better, as `keep` judges; 0: never.
    int patience = 0;
    /// Measures the test part after each epoch too, for learning curves. It decides nothing.
    bool watch_test = false;
};

/// One epoch. Losses are cross-entropies without the penalty; those of the training part are running means over the
/// epoch's batches, with dropout, as Keras reports them.
struct Epoch {
    int number = 0;  ///< from 1
    double train_loss = 0.0;
    double train_accuracy = 0.0;
    double valid_loss = 0.0;  ///< NaN without a validation part, as is the accuracy
    double valid_accuracy = 0.0;
    double test_loss = std::numeric_limits<double>::quiet_NaN();  ///< NaN unless it is watched
    double test_accuracy = std::numeric_limits<double>::quiet_NaN();
    double penalty = 0.0;  ///< the L2 penalty at the end of the epoch
};

/// What came of a training.
struct TrainingResult {
    Model model;  ///< with the weights of `kept_epoch`
    std::vector<Epoch> history;
    int kept_epoch = 0;    ///< as TrainingOptions::keep says
    bool finished = true;  ///< false when it was stopped
};

/// Where a training can be taken up again.
struct CheckpointOptions {
    std::filesystem::path path;  ///< written after an epoch, every few seconds, and when stopped; empty: none
    bool resume = false;         ///< go on from `path` if it is there
};

/// Trains a network on the part `train` of a split, watching the part `valid`. The same seed, machine and number of
/// threads give the same weights, whether or not the training was interrupted and resumed in between.
/// @param on_epoch  called after each epoch
/// @param stop      ends the training at the next batch
/// @throws Error bad_data, bad_option, corrupt and bad_option for a checkpoint that is damaged or of another training,
///         cannot_write
TrainingResult train(const FeatureStore& store, const Split& split, const TrainingOptions& options,
                     const CheckpointOptions& checkpoint, const std::function<void(const Epoch&)>& on_epoch,
                     const StopFlag& stop);

/// The history as CSV: epoch, train_loss, train_accuracy, valid_loss, valid_accuracy, test_loss, test_accuracy,
/// penalty.
std::string to_csv(const std::vector<Epoch>& history);

}  // namespace earmark::training
