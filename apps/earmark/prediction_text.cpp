#include "earmark/prediction_text.hpp"

#include <fmt/format.h>

#include <ctime>

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

ordered_json probabilities_json(const std::vector<std::string>& labels, const std::vector<float>& probabilities) {
    ordered_json json = ordered_json::object();
    for (std::size_t i = 0; i < labels.size(); ++i) json[labels[i]] = probabilities[i];
    return json;
}

}  // namespace

ordered_json prediction_json(const std::filesystem::path& path, const std::vector<std::string>& labels,
                             const Prediction& prediction) {
    const std::size_t best = prediction.best();
    ordered_json json = {{"path", path.string()},
                         {"duration_seconds", prediction.duration_seconds},
                         {"genre", labels[best]},
                         {"probability", prediction.probabilities[best]},
                         {"uncertain", prediction.uncertain},
                         {"probabilities", probabilities_json(labels, prediction.probabilities)}};
    ordered_json segments = ordered_json::array();
    for (const SegmentPrediction& segment : prediction.segments) {
        segments.push_back({{"start_seconds", segment.start_seconds},
                            {"end_seconds", segment.end_seconds},
                            {"probabilities", probabilities_json(labels, segment.probabilities)}});
    }
    json["segments"] = std::move(segments);
    if (!prediction.warnings.empty()) json["warnings"] = prediction.warnings;
    return json;
}

ordered_json error_json(const std::filesystem::path& path, std::string_view code, std::string_view message) {
    return {{"path", path.string()}, {"error", {{"code", code}, {"message", message}}}};
}

std::string doubted(std::string_view label) {
    return fmt::format("{}?", label);
}

std::string time_text(std::int64_t unix_seconds) {
    const std::time_t time = unix_seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string percent_text(double probability) {
    return fmt::format("{:.0f} %", 100.0 * probability);
}

std::string duration_text(double seconds) {
    const auto whole = static_cast<long>(seconds + 0.5);
    return fmt::format("{:>3}:{:02}", whole / 60, whole % 60);
}

}  // namespace earmark::commands
