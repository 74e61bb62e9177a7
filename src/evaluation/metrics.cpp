#include "evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/random.hpp"
#include "base/throw.hpp"
#include "evaluation/percentiles.hpp"

namespace earmark::evaluation {

namespace {

/// Items with their probabilities, row by row.
struct Items {
    std::size_t classes = 0;
    std::vector<double> probabilities;
    std::vector<int> labels;
    std::vector<int> predictions;

    std::span<const double> row(std::size_t i) const { return std::span(probabilities).subspan(i * classes, classes); }

    void predictor() {
        predictions.clear();
        for (std::size_t i = 0; i < labels.size(); ++i) {
            const std::span<const double> p = row(i);
            predictions.push_back(static_cast<int>(std::max_element(p.begin(), p.end()) - p.begin()));
        }
    }
};

/// Area under the ROC curve as the share of pairs (one of the class, one not) in the right order, equal ones counting
/// half: Mann and Whitney's U by mid-ranks.
std::optional<double> area_under_roc(const Items& items, std::size_t k, std::vector<std::size_t>& order) {
    const std::size_t n = items.labels.size();
    const auto score = [&](std::size_t i) { return items.probabilities[i * items.classes + k]; };
    order.resize(n);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
    double ranks = 0.0;
    double positives = 0.0;
    for (std::size_t begin = 0; begin < n;) {
        std::size_t end = begin;
        double here = 0.0;
        while (end < n && score(order[end]) == score(order[begin])) {
            if (items.labels[order[end++]] == static_cast<int>(k)) here += 1.0;
        }
        ranks += here * 0.5 * static_cast<double>(begin + end + 1);  // ranks begin+1 … end
        positives += here;
        begin = end;
    }
    const double negatives = static_cast<double>(n) - positives;
    if (positives == 0.0 || negatives == 0.0) return {};
    return (ranks - positives * (positives + 1.0) / 2.0) / (positives * negatives);
}

template <typename Get>
std::optional<double> mean_of(const std::vector<ClassMetrics>& classes, Get get) {
    double sum = 0.0;
    int count = 0;
    for (const ClassMetrics& each : classes) {
        if (const std::optional<double> value = get(each)) {
            sum += *value;
            ++count;
        }
    }
    if (count == 0) return {};
    return sum / count;
}

LevelMetrics measure_level(const Items& items, int bins) {
    const std::size_t classes = items.classes;
    LevelMetrics level;
    level.items = static_cast<std::int64_t>(items.labels.size());
    level.confusion.assign(classes * classes, 0);
    double loss = 0.0;
    std::vector<ScoredItem> scored;
    for (std::size_t i = 0; i < items.labels.size(); ++i) {
        const auto truth = static_cast<std::size_t>(items.labels[i]);
        ++level.confusion[truth * classes + static_cast<std::size_t>(items.predictions[i])];
        loss -= std::log(std::clamp(items.row(i)[truth], 1e-7, 1.0));
        for (std::size_t k = 0; k < classes; ++k) {
            const double distance = items.row(i)[k] - (k == truth ? 1.0 : 0.0);
            level.brier += distance * distance / static_cast<double>(items.labels.size());
        }
        const auto prediction = static_cast<std::size_t>(items.predictions[i]);
        scored.push_back({items.row(i)[prediction], prediction == truth});
    }
    level.loss = loss / static_cast<double>(level.items);
    level.reliability = equal_width_bins(scored, bins);
    level.calibration_error = calibration_error(level.reliability);
    level.calibration_error_equal_mass = calibration_error(equal_mass_bins(scored, bins));

    std::int64_t right = 0;
    std::vector<std::size_t> order;
    for (std::size_t k = 0; k < classes; ++k) {
        const std::int64_t hits = level.confusion[k * classes + k];
        ClassMetrics each;
        std::int64_t taken = 0;
        for (std::size_t other = 0; other < classes; ++other) {
            each.items += level.confusion[k * classes + other];
            taken += level.confusion[other * classes + k];
        }
        const auto share = [](std::int64_t part, std::int64_t whole) -> std::optional<double> {
            if (whole == 0) return {};
            return static_cast<double>(part) / static_cast<double>(whole);
        };
        each.precision = share(hits, taken);
        each.recall = share(hits, each.items);
        if (each.items > 0) each.f1 = share(2 * hits, each.items + taken);
        each.auc = area_under_roc(items, k, order);
        right += hits;
        level.classes.push_back(each);
    }
    level.accuracy = static_cast<double>(right) / static_cast<double>(level.items);
    level.macro_f1 = mean_of(level.classes, [](const ClassMetrics& each) { return each.f1; });
    level.macro_auc = mean_of(level.classes, [](const ClassMetrics& each) { return each.auc; });
    return level;
}

/// A percentile of sorted values, 0 … 1, interpolated linearly.
double percentile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

void check(std::span<const float> probabilities, int classes, std::span<const int> labels,
           std::span<const int> tracks) {
    if (labels.empty())
        base::fail(ErrorCode::bad_data, "There is no segment to measure. Choose another part of the data.");
    if (classes < 1 || probabilities.size() != labels.size() * static_cast<std::size_t>(classes) ||
        tracks.size() != labels.size()) {
        base::fail(ErrorCode::bad_data, "{} probabilities, {} labels and {} tracks do not fit {} classes.",
                   probabilities.size(), labels.size(), tracks.size(), classes);
    }
    for (const int label : labels) {
        if (label < 0 || label >= classes)
            base::fail(ErrorCode::bad_data, "Label {} is none of {} classes.", label, classes);
    }
    for (const float p : probabilities) {
        if (!(p >= 0.0F && p <= 1.0F + 1e-5F)) base::fail(ErrorCode::bad_data, "{} is no probability.", p);
    }
}

}  // namespace

Interval middle_95(std::vector<double>& values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    return {percentile(values, 0.025), percentile(values, 0.975)};
}

AccuracyIntervals bootstrap_accuracy(std::span<const TrackTally> tracks, const BootstrapOptions& options) {
    base::Random random(options.seed, "bootstrap");
    std::vector<double> of_segments;
    std::vector<double> of_tracks;
    for (int i = 0; i < std::max(options.resamples, 1); ++i) {
        TrackTally sum{.predictions = 0};
        for (std::size_t drawn = 0; drawn < tracks.size(); ++drawn) {
            const TrackTally& track = tracks[random.below(tracks.size())];
            sum.segments += track.segments;
            sum.segments_right += track.segments_right;
            sum.predictions += track.predictions;
            sum.predictions_right += track.predictions_right;
        }
        // A resample of tracks without any says nothing.
        const auto add = [](std::vector<double>& shares, std::int64_t right, std::int64_t all) {
            if (all > 0) shares.push_back(static_cast<double>(right) / static_cast<double>(all));
        };
        add(of_segments, sum.segments_right, sum.segments);
        add(of_tracks, sum.predictions_right, sum.predictions);
    }
    return {middle_95(of_segments), middle_95(of_tracks)};
}

Metrics measure(std::span<const float> probabilities, int classes, std::span<const int> labels,
                std::span<const int> tracks, const BootstrapOptions& bootstrap, int bins) {
    check(probabilities, classes, labels, tracks);
    Items segments;
    segments.classes = static_cast<std::size_t>(classes);
    segments.probabilities.assign(probabilities.begin(), probabilities.end());
    segments.labels.assign(labels.begin(), labels.end());
    segments.predictor();

    // Tracks in the order of their first segments.
    Items whole;
    whole.classes = segments.classes;
    std::vector<TrackTally> scores;
    std::unordered_map<int, std::size_t> places;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto [found, fresh] = places.emplace(tracks[i], scores.size());
        const std::size_t place = found->second;
        if (fresh) {
            scores.emplace_back();
            whole.labels.push_back(labels[i]);
            whole.probabilities.resize(scores.size() * whole.classes, 0.0);
        }
        if (whole.labels[place] != labels[i]) {
            base::fail(ErrorCode::bad_data, "Track {} has two labels, {} and {}.", tracks[i], whole.labels[place],
                       labels[i]);
        }
        ++scores[place].segments;
        scores[place].segments_right += segments.predictions[i] == labels[i] ? 1 : 0;
        for (std::size_t k = 0; k < whole.classes; ++k) {
            whole.probabilities[place * whole.classes + k] += segments.row(i)[k];
        }
    }
    for (std::size_t place = 0; place < scores.size(); ++place) {
        for (std::size_t k = 0; k < whole.classes; ++k) {
            whole.probabilities[place * whole.classes + k] /= static_cast<double>(scores[place].segments);
        }
    }
    whole.predictor();
    for (std::size_t place = 0; place < scores.size(); ++place) {
        scores[place].predictions_right = whole.predictions[place] == whole.labels[place] ? 1 : 0;
    }

    Metrics metrics{measure_level(segments, bins), measure_level(whole, bins)};
    const AccuracyIntervals intervals = bootstrap_accuracy(scores, bootstrap);
    metrics.segments.accuracy_interval = intervals.segments;
    metrics.tracks.accuracy_interval = intervals.tracks;
    return metrics;
}

}  // namespace earmark::evaluation
