#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "training/trainer.hpp"

namespace earmark::training {

/// The state of a training between two epochs.
struct Checkpoint {
    std::vector<Epoch> history;
    int kept_epoch = 0;
    std::int64_t optimiser_steps = 0;
    std::map<std::string, Tensor> network;
    std::map<std::string, Tensor> average;  ///< of the network's tensors; empty when none is taken
    std::map<std::string, Tensor> kept;     ///< what was judged after that epoch
    std::map<std::string, Tensor> optimiser;
};

/// Writes a checkpoint as a safetensors file. `identity` says of which training it is.
void save_checkpoint(const Checkpoint& checkpoint, const nlohmann::json& identity, const std::filesystem::path& path);

/// Reads a checkpoint. @throws Error corrupt; bad_option when it is of a training with another identity
Checkpoint load_checkpoint(const nlohmann::json& identity, const std::filesystem::path& path);

}  // namespace earmark::training
