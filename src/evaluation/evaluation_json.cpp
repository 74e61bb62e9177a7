#include "evaluation/evaluation_json.hpp"

#include <nlohmann/json.hpp>

namespace earmark::evaluation {

using nlohmann::ordered_json;

namespace {

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json reliability_json(const std::vector<ConfidenceBin>& bins) {
    ordered_json result = ordered_json::array();
    for (const ConfidenceBin& bin : bins) {
        const bool any = bin.items > 0;
        result.push_back({{"count", bin.items},
                          {"confidence", any ? ordered_json(bin.confidence) : ordered_json(nullptr)},
                          {"accuracy", any ? ordered_json(bin.accuracy) : ordered_json(nullptr)}});
    }
    return result;
}

ordered_json level_json(const LevelMetrics& level, const std::vector<std::string>& labels) {
    ordered_json genres = ordered_json::object();
    ordered_json confusion = ordered_json::array();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const ClassMetrics& each = level.classes[i];
        genres[labels[i]] = {{"count", each.items},
                             {"precision", or_null(each.precision)},
                             {"recall", or_null(each.recall)},
                             {"f1", or_null(each.f1)},
                             {"roc_auc", or_null(each.auc)}};
        const auto row = level.confusion.begin() + static_cast<std::ptrdiff_t>(i * labels.size());
        confusion.push_back(std::vector<std::int64_t>(row, row + static_cast<std::ptrdiff_t>(labels.size())));
    }
    return {{"count", level.items},
            {"accuracy", level.accuracy},
            {"accuracy_interval_95", ordered_json::array({level.accuracy_interval.low, level.accuracy_interval.high})},
            {"loss", level.loss},
            {"brier", level.brier},
            {"calibration_error", level.calibration_error},
            {"calibration_error_equal_mass", level.calibration_error_equal_mass},
            {"reliability", reliability_json(level.reliability)},
            {"macro_f1", or_null(level.macro_f1)},
            {"macro_roc_auc", or_null(level.macro_auc)},
            {"genres", std::move(genres)},
            {"confusion", std::move(confusion)}};
}

ordered_json interval_json(const Interval& interval) {
    return ordered_json::array({interval.low, interval.high});
}

ordered_json means_json(const PrecisionRecall& means) {
    return {{"precision", means.precision}, {"recall", means.recall}, {"f1", means.f1}};
}

ordered_json labels_json(const LabelMetrics& level, const std::vector<std::string>& names) {
    ordered_json labels = ordered_json::object();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const LabelFigures& each = level.labels[i];
        labels[names[i]] = {
            {"count", each.positives},     {"roc_auc", or_null(each.roc_auc)},     {"pr_auc", or_null(each.pr_auc)},
            {"threshold", each.threshold}, {"precision", or_null(each.precision)}, {"recall", or_null(each.recall)},
            {"f1", or_null(each.f1)}};
    }
    ordered_json hits = ordered_json::object();
    for (const HitsAt& each : level.hits) hits[std::to_string(each.k)] = each.precision;
    return {{"count", level.items},
            {"macro_roc_auc", or_null(level.macro_roc_auc)},
            {"macro_roc_auc_interval_95", interval_json(level.macro_roc_auc_interval)},
            {"macro_pr_auc", or_null(level.macro_pr_auc)},
            {"macro_pr_auc_interval_95", interval_json(level.macro_pr_auc_interval)},
            {"micro_roc_auc", or_null(level.micro_roc_auc)},
            {"micro", means_json(level.micro)},
            {"micro_f1_interval_95", interval_json(level.micro_f1_interval)},
            {"macro", means_json(level.macro)},
            {"samples", means_json(level.samples)},
            {"hamming_loss", level.hamming_loss},
            {"hamming_loss_interval_95", interval_json(level.hamming_loss_interval)},
            {"subset_accuracy", level.subset_accuracy},
            {"ranking_loss", level.ranking_loss},
            {"ranking_precision", level.ranking_precision},
            {"precision_at", std::move(hits)},
            {"loss", level.loss},
            {"labels", std::move(labels)}};
}

/// Sets the two levels of one label a track.
void add_levels(ordered_json& json, const Evaluation& evaluation) {
    ordered_json tracks = level_json(evaluation.metrics.tracks, evaluation.labels);
    tracks["threshold"] = or_null(evaluation.threshold);
    tracks["coverage"] = evaluation.coverage;
    tracks["selective_accuracy"] = or_null(evaluation.selective_accuracy);
    json["segments"] = level_json(evaluation.metrics.segments, evaluation.labels);
    json["tracks"] = std::move(tracks);
}

/// Sets the two levels of many labels.
void add_levels(ordered_json& json, const ManyLabelMetrics& metrics, const std::vector<std::string>& labels) {
    json["many_labels"] = true;
    json["intervals_over"] = metrics.artists_drawn ? "artists" : "tracks";
    json["segments"] = labels_json(metrics.segments, labels);
    json["tracks"] = labels_json(metrics.tracks, labels);
}

}  // namespace

ordered_json to_json(const Evaluation& evaluation) {
    ordered_json json = {{"model", evaluation.model},
                         {"data_fingerprint", evaluation.data_fingerprint},
                         {"split", evaluation.split},
                         {"part", evaluation.part},
                         {"leaky", evaluation.leaky},
                         {"leaky_split", evaluation.leaky_split},
                         {"tracks_seen_in_training", or_null(evaluation.tracks_seen_in_training)},
                         {"tracks_guessed_by_name", evaluation.tracks_guessed_by_name},
                         {"exposure_is_guess", evaluation.exposure_is_guess},
                         {"tracks_seen_in_pretraining", evaluation.tracks_seen_in_pretraining},
                         {"tracks_seen_in_validation", evaluation.tracks_seen_in_validation},
                         {"labels", evaluation.labels}};
    if (evaluation.many_labels) {
        add_levels(json, *evaluation.many_labels, evaluation.labels);
    } else {
        add_levels(json, evaluation);
    }
    json["warnings"] = evaluation.warnings;
    return json;
}

}  // namespace earmark::evaluation
