#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <vector>

#include "inference/plan/network.hpp"
#include "training/data/training_data.hpp"

namespace earmark::training {

/// A trained model, an ensemble perhaps, whose probabilities a network learns beside the labels (knowledge
/// distillation: Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", 2015, here at temperature 1).
/// It analyzes the very pictures that the network is given, cropped, augmented and mixed as they are (Beyer et al.,
/// "Knowledge distillation: a good teacher is patient and consistent", 2022), on the thread that calls.
class Teacher {
  public:
    /// Reads the model.
    /// @param frames           columns of an example
    /// @param standardisation  of the inputs that it will be given
    /// @throws Error bad_option when it was made for other features, segments or labels than training has; as
    /// load_model
    Teacher(const std::filesystem::path& path, const dataset::FeatureStore& store, std::int64_t frames,
            const Statistics& standardisation);
    Teacher(const Teacher&) = delete;
    Teacher& operator=(const Teacher&) = delete;

    const Model& model() const { return model_; }

    /// Its probabilities (examples × classes, in the order of the store's labels) for standardised inputs (examples ×
    /// frames × coefficients), as the model gives them: calibrated, if it is.
    torch::Tensor probabilities(const torch::Tensor& inputs);

  private:
    Model model_;
    inference::Network network_;
    torch::Tensor mean_;  // of the inputs' standardisation, which is undone
    torch::Tensor scale_;
    torch::Tensor order_;  // the teacher's class for each of the store's labels
};

}  // namespace earmark::training
