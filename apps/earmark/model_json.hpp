#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "earmark/model.hpp"

/// What is printed of a model as JSON.
namespace earmark::commands {

/// A model without its tensors. The names of its training tracks, of which there may be thousands, are counted.
/// @throws Error corrupt, naming `path`
nlohmann::ordered_json model_json(const Model& model, const std::filesystem::path& path);

/// A calibration. Fields of its fit that model files hold under other names have those of the evaluation: `coverage` and
/// `selective_accuracy`.
/// @throws Error corrupt, naming `where`
nlohmann::ordered_json calibration_json(const Calibration& calibration, const std::string& where);

}  // namespace earmark::commands
