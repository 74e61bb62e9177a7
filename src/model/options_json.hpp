#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earmark/features.hpp"
#include "earmark/model.hpp"
#include "earmark/segments.hpp"

namespace earmark::model {

/// The options as they stand in model files and feature stores: one key a field, under the field's name.
nlohmann::json to_json(const FeatureOptions& options);
nlohmann::json to_json(const SegmentOptions& options);

/// The options back from JSON; keys left out have their defaults, unknown keys are refused.
/// `where` names the file in errors. @throws Error corrupt
FeatureOptions feature_options(const nlohmann::json& json, const std::string& where);
SegmentOptions segment_options(const nlohmann::json& json, const std::string& where);

/// A calibration as it stands in model files: "temperature", "threshold" (null: none) and "fit" (an object).
/// @throws Error corrupt, naming `where`
nlohmann::json to_json(const Calibration& calibration, const std::string& where);
Calibration calibration(const nlohmann::json& json, const std::string& where);

/// The activation of that name. @throws Error corrupt, naming `where`
Activation activation(std::string_view name, const std::string& where);

/// What is known of labels, as it stands in model files: a list of objects "group", "threshold" and "precise_threshold",
/// of which the thresholds may be left out. @throws Error corrupt, naming `where`
nlohmann::json to_json(std::span<const LabelDetails> details);
std::vector<LabelDetails> label_details(const nlohmann::json& json, const std::string& where);

/// A rule for what is no music, as it stands in model files: "bias", "floor" and "groups", each of them "name", "music"
/// (true or false), "weight" and "labels" (names). @throws Error corrupt, naming `where`
nlohmann::json to_json(const MusicRule& rule, std::span<const std::string> labels);
MusicRule music_rule(const nlohmann::json& json, std::span<const std::string> labels, const std::string& where);

/// Checks that a rule makes sense of a model with that many labels. @throws Error corrupt, naming `where`
void check_music_rule(const MusicRule& rule, std::size_t labels, const std::string& where);

}  // namespace earmark::model
