#include "earmark/prediction_text.hpp"

#include <fmt/format.h>

#include <ctime>
#include <optional>

#include "cli/progress.hpp"
#include "earmark/prediction_writer.hpp"

namespace earmark::commands {

using nlohmann::ordered_json;

namespace {

ordered_json probabilities_json(const std::vector<std::string>& labels, const std::vector<float>& probabilities) {
    ordered_json json = ordered_json::object();
    for (std::size_t i = 0; i < labels.size(); ++i) json[labels[i]] = probabilities[i];
    return json;
}

ordered_json segments_json(const std::vector<std::string>& labels, const std::vector<SegmentPrediction>& segments) {
    ordered_json json = ordered_json::array();
    for (const SegmentPrediction& segment : segments) {
        json.push_back({{"start_seconds", segment.start_seconds},
                        {"end_seconds", segment.end_seconds},
                        {"probabilities", probabilities_json(labels, segment.probabilities)}});
    }
    return json;
}

/// The fields of one model's prediction, into `json`.
void add_prediction(ordered_json& json, const Model& model, const Prediction& prediction, bool precise) {
    const bool many = model.activation == Activation::sigmoid;
    const std::optional<std::size_t> genre =
        prediction.not_music ? std::nullopt : best_genre(model, prediction.probabilities);
    json["genre"] = genre ? ordered_json(model.labels[*genre]) : ordered_json();
    json["probability"] = genre ? ordered_json(prediction.probabilities[*genre]) : ordered_json();
    json["uncertain"] = prediction.uncertain;
    json["probabilities"] = probabilities_json(model.labels, prediction.probabilities);
    if (many) {
        ordered_json tags = ordered_json::array();
        const auto holding = holding_labels(model, prediction.probabilities, precise);
        for (const std::size_t label : prediction.not_music ? std::vector<std::size_t>() : holding) {
            tags.push_back({{"label", model.labels[label]},
                            {"group", to_string(label_group(model, label))},
                            {"probability", prediction.probabilities[label]}});
        }
        json["tags"] = std::move(tags);
    }
    json["segments"] = segments_json(model.labels, prediction.segments);
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
    json["segments"] = segments_json(labels, prediction.segments);
    if (!prediction.warnings.empty()) json["warnings"] = prediction.warnings;
    return json;
}

ordered_json predictions_json(const std::filesystem::path& path, const std::vector<NamedModel>& models,
                              const std::vector<Prediction>& predictions, bool precise) {
    const Prediction& first = predictions.front();
    ordered_json json = {{"path", path.string()}, {"duration_seconds", first.duration_seconds}};
    if (first.not_music) json["not_music"] = *first.not_music;
    add_prediction(json, *models.front().model, first, precise);
    if (models.size() > 1) {
        ordered_json all = ordered_json::object();
        for (std::size_t i = 0; i < models.size(); ++i) {
            add_prediction(all[models[i].name], *models[i].model, predictions[i], precise);
        }
        json["models"] = std::move(all);
    }
    if (!first.warnings.empty()) json["warnings"] = first.warnings;
    return json;
}

ordered_json error_json(const std::filesystem::path& path, std::string_view code, std::string_view message) {
    return {{"path", path.string()}, {"error", {{"code", code}, {"message", message}}}};
}

std::string doubted(std::string_view label) {
    return fmt::format("{}?", label);
}

std::string not_music_text(std::string_view kind) {
    return fmt::format("not music: {}", kind);
}

std::string time_range_text(double start_seconds, double end_seconds, bool whole_seconds) {
    if (!whole_seconds) return fmt::format("{:.1f}–{:.1f} s", start_seconds, end_seconds);
    return fmt::format("{}–{}", cli::clock_time(start_seconds), cli::clock_time(end_seconds));
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
