#include "evaluation/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <unordered_map>
#include <utility>

#include "base/throw.hpp"
#include "inference/layers/softmax.hpp"

namespace earmark::evaluation {

using nlohmann::json;

namespace {

/// The mean cross-entropy of tracks at a temperature.
class TrackLoss {
  public:
    TrackLoss(std::span<const float> logits, int classes, std::span<const int> labels, std::span<const int> tracks)
        : logits_(logits), labels_(labels), probabilities_(static_cast<std::size_t>(classes)) {
        if (labels.empty() || classes < 1 || logits.size() != labels.size() * probabilities_.size() ||
            tracks.size() != labels.size()) {
            base::fail(ErrorCode::bad_data, "{} logits, {} labels and {} tracks do not fit {} classes.", logits.size(),
                       labels.size(), tracks.size(), classes);
        }
        for (const int label : labels) {
            if (label < 0 || label >= classes) {
                base::fail(ErrorCode::bad_data, "Label {} is none of {} classes.", label, classes);
            }
        }
        std::unordered_map<int, std::size_t> places;
        for (const int track : tracks) places_.push_back(places.emplace(track, places.size()).first->second);
        truth_.resize(places.size());
        segments_.resize(places.size());
        for (const std::size_t place : places_) segments_[place] += 1.0;
    }

    double operator()(double log_temperature) {
        const std::size_t classes = probabilities_.size();
        std::ranges::fill(truth_, 0.0);
        for (std::size_t i = 0; i < labels_.size(); ++i) {
            inference::softmax(logits_.subspan(i * classes, classes), std::exp(log_temperature), probabilities_);
            truth_[places_[i]] += static_cast<double>(probabilities_[static_cast<std::size_t>(labels_[i])]);
        }
        double loss = 0.0;
        // As small as a float's probability can be: a track that is wrong beyond doubt must not outweigh all others.
        constexpr double least = 1e-30;
        for (std::size_t i = 0; i < truth_.size(); ++i) loss -= std::log(std::max(truth_[i] / segments_[i], least));
        return loss / static_cast<double>(truth_.size());
    }

  private:
    std::span<const float> logits_;
    std::span<const int> labels_;
    std::vector<std::size_t> places_;  // of each segment's track
    std::vector<double> truth_;        // sum of the probabilities of the true class, a track
    std::vector<double> segments_;     // a track
    std::vector<float> probabilities_;
};

/// The least value of a function with one valley between `low` and `high`.
template <typename Function>
double golden_section(Function& function, double low, double high) {
    constexpr double share = 1.0 / std::numbers::phi;
    double left = high - share * (high - low);
    double right = low + share * (high - low);
    double at_left = function(left);
    double at_right = function(right);
    while (high - low > 1e-5) {
        if (at_left <= at_right) {
            high = right;
            right = std::exchange(left, right - share * (right - low));
            at_right = std::exchange(at_left, function(left));
        } else {
            low = left;
            left = std::exchange(right, low + share * (high - low));
            at_left = std::exchange(at_right, function(right));
        }
    }
    return 0.5 * (low + high);
}

}  // namespace

double fit_temperature(std::span<const float> logits, int classes, std::span<const int> labels,
                       std::span<const int> tracks) {
    TrackLoss loss(logits, classes, labels, tracks);
    // The mean of a track's softmaxes may have several valleys: the grid finds the deepest.
    constexpr int steps = 48;
    const double low = std::log(least_temperature);
    const double high = std::log(greatest_temperature);
    const auto point = [&](int i) { return low + (high - low) * i / steps; };
    int best = 0;
    double least = loss(point(0));
    for (int i = 1; i <= steps; ++i) {
        const double here = loss(point(i));
        if (here < least) {
            least = here;
            best = i;
        }
    }
    return std::exp(golden_section(loss, point(std::max(best - 1, 0)), point(std::min(best + 1, steps))));
}

ThresholdFit fit_threshold(std::span<const ScoredItem> items, double accuracy) {
    if (std::ssize(items) < least_calibration_tracks) {
        base::fail(ErrorCode::bad_data, "{} tracks are too few to fit a threshold on; at least {} are needed.",
                   items.size(), least_calibration_tracks);
    }
    std::vector<ScoredItem> sorted(items.begin(), items.end());
    std::ranges::sort(sorted, std::ranges::greater{}, &ScoredItem::confidence);
    ThresholdFit best;
    ThresholdFit here;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        ++here.named;
        here.right += sorted[i].right ? 1 : 0;
        const bool last = i + 1 == sorted.size();
        if (!last && sorted[i + 1].confidence == sorted[i].confidence) continue;
        if (here.named < least_calibration_tracks) continue;
        here.threshold = last ? 0.0 : 0.5 * (sorted[i].confidence + sorted[i + 1].confidence);
        here.reached = here.accuracy() >= accuracy;
        if (here.reached || (!best.reached && (best.named == 0 || here.accuracy() >= best.accuracy()))) best = here;
    }
    return best;
}

namespace {

std::vector<float> probabilities_at(double temperature, std::span<const float> logits, std::size_t classes) {
    std::vector<float> result(logits.size());
    for (std::size_t i = 0; i < logits.size(); i += classes) {
        inference::softmax(logits.subspan(i, classes), temperature, std::span(result).subspan(i, classes));
    }
    return result;
}

/// The temperature that fits what was evaluated; the segments of its predictions follow one another in `logits`.
double temperature_for(const Evaluation& evaluation, std::span<const float> logits) {
    std::vector<int> labels;
    std::vector<int> tracks;
    for (std::size_t track = 0; track < evaluation.predictions.size(); ++track) {
        const auto segments = static_cast<std::size_t>(evaluation.predictions[track].segments);
        labels.insert(labels.end(), segments, evaluation.predictions[track].label);
        tracks.insert(tracks.end(), segments, static_cast<int>(track));
    }
    return fit_temperature(logits, static_cast<int>(evaluation.labels.size()), labels, tracks);
}

/// Refuses tracks that a network is surer of than of others.
void check_honest(const Evaluation& evaluation, const dataset::Split& split, const Model& model) {
    const RecordedTraining recorded = recorded_training(model);
    const std::int64_t seen = evaluation.tracks_seen_in_training.value_or(0) - evaluation.tracks_guessed_by_name;
    const bool of_training = recorded.split && dataset::to_json(*recorded.split) == dataset::to_json(split.options);
    if (seen > 0 && !(split.leaky && of_training)) {
        base::fail(ErrorCode::bad_data,
                   "{}: was trained on {} of these {} tracks, of which it is surer than of others. Calibrate it on the "
                   "validation part of its own split, or on other tracks.",
                   model.name, seen, evaluation.metrics.tracks.items);
    }
    if (evaluation.metrics.tracks.items < least_calibration_tracks) {
        base::fail(ErrorCode::bad_data, "{}: {} tracks are too few to calibrate on; at least {} are needed.",
                   model.name, evaluation.metrics.tracks.items, least_calibration_tracks);
    }
}

std::vector<std::string> warnings_of(const Evaluation& before, double temperature, const ThresholdFit& threshold,
                                     double selective_accuracy) {
    std::vector<std::string> warnings = before.warnings;
    if (before.leaky_split) {
        warnings.emplace_back(
            "the split is leaky: the model knows other segments of these tracks, so it will be too sure of unheard "
            "ones.");
    } else if (!before.tracks_seen_in_training) {
        warnings.emplace_back(
            "the model does not say which tracks it was trained on; if some of these are among them, it will be too "
            "sure of others.");
    }
    if (before.tracks_guessed_by_name > 0) {
        warnings.push_back(fmt::format(
            "{} tracks have the names of tracks that the model was trained on. If they are the same, which names alone "
            "cannot tell, it will be too sure of others.",
            before.tracks_guessed_by_name));
    }
    if (before.part == base::enum_name(dataset::Part::test)) {
        warnings.emplace_back("calibrated on the test part, which can tell no more how good the calibration is.");
    }
    if (temperature < 1.001 * least_temperature || temperature > 0.999 * greatest_temperature) {
        warnings.push_back(fmt::format("the temperature {:.2f} is at the end of its range.", temperature));
    }
    if (!threshold.reached) {
        warnings.push_back(fmt::format(
            "no threshold that names at least {} tracks names {:.0f} % of them right; the best, {:.3f}, "
            "gets {:.1f} %. All that is less probable is uncertain.",
            least_calibration_tracks, 100.0 * selective_accuracy, threshold.threshold, 100.0 * threshold.accuracy()));
    }
    return warnings;
}

json fit_json(const CalibrationFit& fit, int bins, double wanted) {
    const Evaluation& after = fit.after;
    const auto both = [&](auto value) { return json{{"before", value(fit.before)}, {"after", value(after)}}; };
    return {
        {"data_fingerprint", after.data_fingerprint},
        {"split", after.split},
        {"part", after.part},
        {"leaky", after.leaky},
        {"tracks", after.metrics.tracks.items},
        {"segments", after.metrics.segments.items},
        {"bins", bins},
        {"segment_calibration_error",
         both([](const Evaluation& each) { return each.metrics.segments.calibration_error; })},
        {"track_calibration_error", both([](const Evaluation& each) { return each.metrics.tracks.calibration_error; })},
        {"track_loss", both([](const Evaluation& each) { return each.metrics.tracks.loss; })},
        {"wanted_accuracy", wanted},
        {"named_share", after.coverage},
        {"named_accuracy", after.selective_accuracy ? json(*after.selective_accuracy) : json(nullptr)}};
}

}  // namespace

CalibrationFit calibrate(const Classifier& classifier, const dataset::FeatureStore& data, const dataset::Split& split,
                         const EvaluationOptions& options, double selective_accuracy) {
    const Model& model = classifier.model();
    if (model.activation == Activation::sigmoid) {
        base::fail(ErrorCode::bad_data,
                   "{}: says of each label whether it holds, so it has thresholds rather than a calibration. Training "
                   "fits them on the validation part.",
                   model.name);
    }
    if (options.part == dataset::Part::train) {
        base::fail(ErrorCode::bad_option,
                   "{}: cannot be calibrated on the training part: a network is surer of what it learned than of other "
                   "tracks. Take the `part` valid.",
                   model.name);
    }
    CalibrationFit fit;
    std::vector<float> logits;
    Predictor predictor = predictor_of(classifier, data, options);
    predictor.threshold.reset();
    predictor.probabilities = [&](std::span<const std::int64_t> segments) {
        logits = outputs_of(data, segments, model.labels.size(), options,
                            [&](std::span<const float> inputs) { return classifier.logits(inputs); });
        return probabilities_at(1.0, logits, model.labels.size());
    };
    fit.before = evaluate(predictor, data, split, options);
    check_honest(fit.before, split, model);

    fit.calibration.temperature = temperature_for(fit.before, logits);
    predictor.probabilities = [&](std::span<const std::int64_t>) {
        return probabilities_at(fit.calibration.temperature, logits, model.labels.size());
    };
    fit.after = evaluate(predictor, data, split, options);
    std::vector<ScoredItem> tracks;
    for (const TrackPrediction& prediction : fit.after.predictions) tracks.push_back(prediction.scored());
    const ThresholdFit threshold = fit_threshold(tracks, selective_accuracy);
    fit.calibration.threshold = threshold.threshold;
    name_from(fit.after, threshold.threshold);
    fit.warnings = warnings_of(fit.before, fit.calibration.temperature, threshold, selective_accuracy);
    fit.calibration.fit =
        fit_json(fit, options.bins, selective_accuracy).dump(-1, ' ', false, json::error_handler_t::replace);
    return fit;
}

std::string to_table(const CalibrationFit& fit) {
    const auto line = [](const char* name, double before, double after) {
        return fmt::format("{:<30}{:>10.3f}{:>10.3f}\n", name, before, after);
    };
    const Metrics& before = fit.before.metrics;
    const Metrics& after = fit.after.metrics;
    return fmt::format("{} on {} tracks ({} part; {})\n", fit.after.model, after.tracks.items, fit.after.part,
                       fit.after.split) +
           fmt::format("{:<30}{:>10}{:>10}\n", "", "before", "after") +
           line("temperature", 1.0, fit.calibration.temperature) +
           line("calibration error, segments", before.segments.calibration_error, after.segments.calibration_error) +
           line("calibration error, tracks", before.tracks.calibration_error, after.tracks.calibration_error) +
           line("Brier score, tracks", before.tracks.brier, after.tracks.brier) +
           line("loss, tracks", before.tracks.loss, after.tracks.loss) +
           line("accuracy, tracks", before.tracks.accuracy, after.tracks.accuracy) +
           fmt::format("threshold {:.3f}: {}\n", *fit.calibration.threshold, coverage_text(fit.after));
}

}  // namespace earmark::evaluation
