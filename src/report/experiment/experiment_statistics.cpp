#include "report/experiment/experiment_statistics.hpp"

#include <cmath>
#include <map>
#include <string>

namespace earmark::report {

namespace {

using Level = experiment::RunScore experiment::PartScore::*;
using Runs = std::span<const experiment::RunRecord* const>;

/// A mean to which items are added in batches.
struct WeightedMean {
    double sum = 0.0;
    double weight = 0.0;

    void add(double value, std::int64_t items) {
        sum += value * static_cast<double>(items);
        weight += static_cast<double>(items);
    }
};

/// One value a seed: the mean over the seed's folds, weighted by their items. `value` gives an optional number.
template <typename Value>
std::optional<Spread> over_seeds(Runs runs, PartOf part, Level level, Value value) {
    std::map<std::uint64_t, WeightedMean> seeds;
    for (const experiment::RunRecord* record : runs) {
        if (!(record->*part)) continue;
        const experiment::RunScore& score = *(record->*part).*level;
        const std::optional<double> each = value(score);
        if (each && score.items > 0) seeds[record->run.seed].add(*each, score.items);
    }
    std::vector<double> values;
    for (const auto& [seed, mean] : seeds) values.push_back(mean.sum / mean.weight);
    return spread_of(values);
}

std::vector<std::int64_t> pooled_confusion(Runs runs, PartOf part, Level level) {
    std::vector<std::int64_t> sum;
    for (const experiment::RunRecord* record : runs) {
        if (!(record->*part)) continue;
        const std::vector<std::int64_t>& each = ((*(record->*part)).*level).confusion;
        if (sum.empty()) sum.assign(each.size(), 0);
        if (each.empty() || each.size() != sum.size()) return {};
        for (std::size_t i = 0; i < each.size(); ++i) sum[i] += each[i];
    }
    return sum;
}

std::optional<LevelSummary> summarise_level(Runs runs, PartOf part, Level level) {
    const std::optional<Spread> accuracy =
        over_seeds(runs, part, level, [](const experiment::RunScore& score) { return std::optional(score.accuracy); });
    if (!accuracy) return {};
    const auto optional_figure = [&](std::optional<double> experiment::RunScore::*figure) {
        return over_seeds(runs, part, level, [figure](const experiment::RunScore& score) { return score.*figure; });
    };
    const std::optional<Spread> loss =
        over_seeds(runs, part, level, [](const experiment::RunScore& score) { return std::optional(score.loss); });
    return LevelSummary{.accuracy = *accuracy,
                        .interval = {},
                        .loss = loss.value_or(Spread{std::nan(""), {}, 0}),
                        .macro_f1 = optional_figure(&experiment::RunScore::macro_f1),
                        .macro_auc = optional_figure(&experiment::RunScore::macro_auc),
                        .calibration_error = optional_figure(&experiment::RunScore::calibration_error),
                        .coverage = optional_figure(&experiment::RunScore::coverage),
                        .selective_accuracy = optional_figure(&experiment::RunScore::selective_accuracy),
                        .macro_pr_auc = optional_figure(&experiment::RunScore::macro_pr_auc),
                        .micro_f1 = optional_figure(&experiment::RunScore::micro_f1),
                        .hamming_loss = optional_figure(&experiment::RunScore::hamming_loss),
                        .ranking_loss = optional_figure(&experiment::RunScore::ranking_loss),
                        .confusion = pooled_confusion(runs, part, level)};
}

std::vector<evaluation::TrackTally> tallies(Runs runs, PartOf part) {
    std::map<std::string, evaluation::TrackTally> tracks;
    for (const experiment::RunRecord* record : runs) {
        if (!(record->*part)) continue;
        for (const experiment::TrackResult& outcome : (record->*part)->outcomes) {
            evaluation::TrackTally& tally =
                tracks.try_emplace(outcome.track, evaluation::TrackTally{.predictions = 0}).first->second;
            tally.segments += outcome.segments;
            tally.segments_right += outcome.segments_right;
            ++tally.predictions;
            tally.predictions_right += outcome.right ? 1 : 0;
        }
    }
    std::vector<evaluation::TrackTally> result;
    for (const auto& [name, tally] : tracks) result.push_back(tally);
    return result;
}

}  // namespace

std::optional<Spread> spread_of(std::span<const double> values) {
    Spread spread;
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        spread.mean += value;
        ++spread.count;
    }
    if (spread.count == 0) return {};
    spread.mean /= spread.count;
    if (spread.count > 1) {
        double squares = 0.0;
        for (const double value : values) {
            if (std::isfinite(value)) squares += (value - spread.mean) * (value - spread.mean);
        }
        spread.deviation = std::sqrt(squares / (spread.count - 1));
    }
    return spread;
}

std::optional<PartSummary> summarise(Runs runs, PartOf part, const evaluation::BootstrapOptions& bootstrap) {
    PartSummary summary{summarise_level(runs, part, &experiment::PartScore::segments),
                        summarise_level(runs, part, &experiment::PartScore::tracks)};
    if (!summary.segments && !summary.tracks) return {};
    const std::vector<evaluation::TrackTally> tracks = tallies(runs, part);
    if (tracks.empty()) return summary;
    const evaluation::AccuracyIntervals intervals = evaluation::bootstrap_accuracy(tracks, bootstrap);
    if (summary.segments) summary.segments->interval = intervals.segments;
    if (summary.tracks) summary.tracks->interval = intervals.tracks;
    return summary;
}

}  // namespace earmark::report
