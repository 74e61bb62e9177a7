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

/// Why a file has no prediction.
nlohmann::ordered_json error_json(const std::filesystem::path& path, std::string_view code, std::string_view message);

/// A genre that the model is not sure enough of, in a table: "rock?".
std::string doubted(std::string_view label);

/// Seconds since 1970 as "2026-01-31T09:05:00Z".
std::string time_text(std::int64_t unix_seconds);

/// "93 %" of 0.93.
std::string percent_text(double probability);

/// A duration as a column of a table: "  3:07".
std::string duration_text(double seconds);

}  // namespace earmark::commands
