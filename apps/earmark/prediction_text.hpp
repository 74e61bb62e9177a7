#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/records.hpp"
#include "earmark/classifier.hpp"

/// Texts and JSON of predictions, shared by the commands.
namespace earmark::commands {

using cli::json_line;

/// The prediction of a file.
nlohmann::ordered_json prediction_json(const std::filesystem::path& path, const std::vector<std::string>& labels,
                                       const Prediction& prediction);

struct NamedModel;

/// The predictions of several models on a file: the fields of the first, and with several all of them under "models", by
/// name. A track that is no music has `not_music`, and no genre; a model of many labels has `tags`, those that hold.
nlohmann::ordered_json predictions_json(const std::filesystem::path& path, const std::vector<NamedModel>& models,
                                        const std::vector<Prediction>& predictions, bool precise);

/// Why a file has no prediction.
nlohmann::ordered_json error_json(const std::filesystem::path& path, std::string_view code, std::string_view message);

/// A genre that the model is not sure enough of, in a table: "rock?".
std::string doubted(std::string_view label);

/// What stands in a table for the genre of what is no music: "not music: speech".
std::string not_music_text(std::string_view kind);

/// The time of a segment in a table: "0:06–0:12", or "3.5–7.0 s" where segments are not whole seconds.
std::string time_range_text(double start_seconds, double end_seconds, bool whole_seconds);

/// Seconds since 1970 as "2026-01-31T09:05:00Z".
std::string time_text(std::int64_t unix_seconds);

/// "93 %" of 0.93.
std::string percent_text(double probability);

/// A duration as a column of a table: "  3:07".
std::string duration_text(double seconds);

}  // namespace earmark::commands
