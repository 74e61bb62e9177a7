#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "earmark/classifier.hpp"

/// How predictions are written, wherever they come from.
namespace earmark::commands {

/// A line of JSON. Paths may hold any bytes; JSON may not: bytes that are no UTF-8 become U+FFFD.
std::string json_line(const nlohmann::ordered_json& json);

/// What is said of a file that was analyzed.
nlohmann::ordered_json prediction_json(const std::filesystem::path& path, const std::vector<std::string>& labels,
                                       const Prediction& prediction);

/// What is said of a file that was not.
nlohmann::ordered_json error_json(const std::filesystem::path& path, std::string_view code, std::string_view message);

/// A genre that the model is not sure enough of: "uncertain (rock?)".
std::string doubted(std::string_view label);

/// Seconds since 1970 as "2026-01-31T09:05:00Z".
std::string time_text(std::int64_t unix_seconds);

/// A duration as a column of a table: "  3:07".
std::string duration_text(double seconds);

}  // namespace earmark::commands
