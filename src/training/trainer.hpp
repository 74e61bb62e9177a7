#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"
#include "earmark/model.hpp"
#include "earmark/sink.hpp"
#include "training/training_options.hpp"

namespace earmark::training {

/// One epoch. Losses are cross-entropies without the penalty; those of the training part are running means over the
/// epoch's batches, with dropout, as Keras reports them, and of what training lessens (training_losses). Accuracies are
/// against the true label, of mixtures that of the greater share. Where a track may have several labels, the losses are
/// binary cross-entropies and an accuracy is the share of labels, each for itself, that are right.
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
///
/// What the model says of its training names the tracks it learned from, also through a teacher or a model it started
/// from (TrainingExposure).
/// @param on_epoch    called after each epoch
/// @param stop        ends the training at the next batch
/// @param on_message  called with what is to be known before the first epoch, a sentence each: which tensors a start
///                    left new, and a warning when the validation part is not new to the models that are built on
/// @throws Error bad_data, bad_option, corrupt and bad_option for a checkpoint that is damaged or of another training,
///         cannot_write; as load_model for the teacher and the start
TrainingResult train(const dataset::FeatureStore& store, const dataset::Split& split, const TrainingOptions& options,
                     const CheckpointOptions& checkpoint, const Sink<const Epoch&>& on_epoch,
                     const base::StopFlag& stop, const Sink<const std::string&>& on_message = {});

/// The history as CSV: epoch, train_loss, train_accuracy, valid_loss, valid_accuracy, test_loss, test_accuracy,
/// penalty.
std::string to_csv(const std::vector<Epoch>& history);

}  // namespace earmark::training
