#include "evaluation/many_labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "dataset/split_list.hpp"
#include "formats/csv.hpp"

namespace earmark::evaluation {

namespace {

/// A number for the artist of each track of the data; tracks of whom none is known have one each.
std::vector<int> artists_of(const dataset::FeatureStore& data, const std::filesystem::path& path) {
    const auto names = dataset::read_artists(path, data);
    std::map<std::string, int> numbers;
    std::vector<int> result;
    for (std::size_t i = 0; i < data.tracks.size(); ++i) {
        const auto artist = names.find(&data.tracks[i]);
        // Below 0 for those without: no artist's number.
        result.push_back(artist == names.end()
                             ? -1 - static_cast<int>(i)
                             : numbers.emplace(artist->second, static_cast<int>(numbers.size())).first->second);
    }
    return result;
}

}  // namespace

void measure_many_labels(Evaluation& result, const Predictor& predictor, const dataset::FeatureStore& data,
                         const std::vector<int>& predicted_label, const Judged& judged,
                         const std::filesystem::path& split_artists, const EvaluationOptions& options) {
    // The labels of the data in the judge's order, by their places in both.
    std::vector<std::pair<std::size_t, std::size_t>> columns;
    for (std::size_t i = 0; i < predicted_label.size(); ++i)
        columns.emplace_back(static_cast<std::size_t>(predicted_label[i]), i);
    std::ranges::sort(columns);
    result.labels.clear();
    std::vector<double> thresholds;
    for (const auto& [own, other] : columns) {
        result.labels.push_back(predictor.labels[own]);
        thresholds.push_back(predictor.thresholds.empty() ? 0.5 : predictor.thresholds[own]);
    }
    const std::filesystem::path& list = options.artists.empty() ? split_artists : options.artists;
    const std::vector<int> artists = list.empty() ? std::vector<int>() : artists_of(data, list);
    const auto group = [&](int track) { return artists.empty() ? track : artists[static_cast<std::size_t>(track)]; };

    LabelledItems segments;
    LabelledItems tracks;
    segments.labels = tracks.labels = columns.size();
    for (std::size_t i = 0; i < judged.segments.size(); ++i) {
        const int index = judged.tracks[i];
        const dataset::StoredTrack& track = data.tracks[static_cast<std::size_t>(index)];
        if (i == 0 || index != judged.tracks[i - 1]) {
            TrackPrediction& fresh = result.predictions.emplace_back();
            fresh.track = track.name;
            fresh.probabilities.assign(columns.size(), 0.0);
            for (const auto& [own, other] : columns) fresh.holds.push_back(data.holds(track, other) ? 1 : 0);
            tracks.groups.push_back(group(index));
        }
        TrackPrediction& prediction = result.predictions.back();
        ++prediction.segments;
        segments.groups.push_back(group(index));
        for (std::size_t k = 0; k < columns.size(); ++k) {
            const double p = judged.probabilities[i * predictor.labels.size() + columns[k].first];
            segments.probabilities.push_back(p);
            segments.truths.push_back(prediction.holds[k]);
            prediction.probabilities[k] += p;
        }
    }
    for (TrackPrediction& prediction : result.predictions) {
        for (double& p : prediction.probabilities) p /= static_cast<double>(prediction.segments);
        tracks.probabilities.insert(tracks.probabilities.end(), prediction.probabilities.begin(),
                                    prediction.probabilities.end());
        tracks.truths.insert(tracks.truths.end(), prediction.holds.begin(), prediction.holds.end());
    }
    result.many_labels = ManyLabelMetrics{measure_labels(segments, thresholds, options.bootstrap),
                                          measure_labels(tracks, thresholds, options.bootstrap), !artists.empty()};
}

void draw_artists(Evaluation& result, const dataset::FeatureStore& data, const EvaluationOptions& options) {
    const std::vector<int> artists = artists_of(data, options.artists);
    std::unordered_map<std::string_view, int> of_track;
    for (std::size_t i = 0; i < data.tracks.size(); ++i) of_track.emplace(data.tracks[i].name, artists[i]);
    std::map<int, TrackTally> tallies;
    for (const TrackPrediction& prediction : result.predictions) {
        TrackTally& tally =
            tallies.try_emplace(of_track.at(prediction.track), TrackTally{.predictions = 0}).first->second;
        tally.segments += prediction.segments;
        tally.segments_right += prediction.segments_right;
        ++tally.predictions;
        tally.predictions_right += prediction.scored().right ? 1 : 0;
    }
    std::vector<TrackTally> all;
    for (const auto& [artist, tally] : tallies) all.push_back(tally);
    const AccuracyIntervals intervals = bootstrap_accuracy(all, options.bootstrap);
    result.metrics.segments.accuracy_interval = intervals.segments;
    result.metrics.tracks.accuracy_interval = intervals.tracks;
}

std::string many_labels_csv(const Evaluation& evaluation) {
    std::vector<std::string> fields{"track", "segments"};
    fields.insert(fields.end(), evaluation.labels.begin(), evaluation.labels.end());
    for (const std::string& label : evaluation.labels) fields.push_back("true " + label);
    std::string text = formats::csv_line(fields) + "\n";
    for (const TrackPrediction& prediction : evaluation.predictions) {
        fields = {prediction.track, std::to_string(prediction.segments)};
        for (const double probability : prediction.probabilities) fields.push_back(fmt::format("{:.4f}", probability));
        for (const std::uint8_t holds : prediction.holds) fields.emplace_back(holds != 0 ? "1" : "0");
        text += formats::csv_line(fields) + "\n";
    }
    return text;
}

std::vector<LabelDetails> fitted_details(const Evaluation& evaluation, std::vector<LabelDetails> details) {
    for (std::size_t k = 0; k < details.size(); ++k) {
        std::vector<double> scores;
        std::vector<std::uint8_t> truths;
        for (const TrackPrediction& prediction : evaluation.predictions) {
            scores.push_back(prediction.probabilities[k]);
            truths.push_back(prediction.holds[k]);
        }
        const LabelThresholds fitted = fit_label_thresholds(scores, truths);
        if (!fitted.best_f1) continue;
        details[k].threshold = fitted.best_f1;
        details[k].precise_threshold = fitted.precise;
    }
    return details;
}

}  // namespace earmark::evaluation
