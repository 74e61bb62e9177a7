#pragma once

#include "training/training_options.hpp"

namespace earmark::testing {

/// How a small network learns a small store (logmel_store) in a moment, the same each time.
inline training::TrainingOptions quick_training(const NetworkDescription& network, int epochs, int batch_size = 16) {
    training::TrainingOptions options;
    options.network = model::NetworkSpec::parse(network, "test");
    options.epochs = epochs;
    options.learning_rate = 3e-3;
    options.batch_size = batch_size;
    options.seed = 5;
    options.jobs = 1;
    options.keep = training::Keep::last;
    return options;
}

}  // namespace earmark::testing
