#include "evaluation/evaluation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "dataset/track_lookup.hpp"
#include "evaluation/many_labels.hpp"
#include "formats/csv.hpp"
#include "formats/json.hpp"
#include "model/options_json.hpp"

namespace earmark::evaluation {

using nlohmann::json;

RecordedTraining recorded_training(const Model& model) {
    const std::string where = model.name + ": provenance";
    const json provenance = formats::parse_json(model.provenance, where);
    RecordedTraining recorded;
    if (!provenance.is_object() || !provenance.contains("training")) return recorded;
    const json& training = provenance["training"];
    if (!training.is_object()) base::fail(ErrorCode::corrupt, "{}: \"training\" is no JSON object.", where);
    try {
        if (training.contains("split")) recorded.split = dataset::split_options(training["split"], where);
        if (training.contains("data_fingerprint")) recorded.data_fingerprint = training["data_fingerprint"];
        recorded.tracks = read_known_tracks(training, "tracks", where);
        recorded.pretraining_tracks = read_known_tracks(training, "pretraining_tracks", where).value_or(KnownTracks());
        recorded.validation_tracks = read_known_tracks(training, "validation_tracks", where).value_or(KnownTracks());
        if (training.contains("targets")) {
            const std::string name = training["targets"];
            const auto targets = base::parse_enum<dataset::Targets>(name);
            if (!targets) base::fail(ErrorCode::corrupt, "{}: its targets \"{}\" are unknown.", where, name);
            recorded.targets = *targets;
        }
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt, "{}: what it says of the training has the wrong types.", where);
    }
    return recorded;
}

namespace {

/// The judge's label for each label of the data.
std::vector<int> match_labels(const dataset::FeatureStore& data, const Predictor& predictor) {
    std::vector<int> result;
    for (const std::string& label : data.labels) {
        auto found = std::find(predictor.labels.begin(), predictor.labels.end(), label);
        if (found == predictor.labels.end()) {
            found = std::ranges::find_if(predictor.labels,
                                         [&](const std::string& each) { return dataset::same_genre(each, label); });
        }
        if (found == predictor.labels.end()) {
            base::fail(ErrorCode::bad_data, "{}: does not know the {} \"{}\" of the data; it knows {}.", predictor.name,
                       data.labelling.many ? "label" : "genre", label, fmt::join(predictor.labels, ", "));
        }
        result.push_back(static_cast<int>(found - predictor.labels.begin()));
    }
    return result;
}

/// The segments to evaluate; says in `result` how they were chosen.
std::vector<std::int64_t> choose_segments(const dataset::FeatureStore& data, const dataset::Split& split,
                                          std::optional<dataset::Part> part, Evaluation& result) {
    if (!part) {
        result.part = "all";
        result.split = "none: all tracks";
        std::vector<std::int64_t> all(static_cast<std::size_t>(data.segment_count()));
        std::iota(all.begin(), all.end(), 0);
        return all;
    }
    result.part = base::enum_name(*part);
    result.split = split.description;
    result.leaky_split = split.leaky;
    result.warnings = split.warnings;
    std::vector<std::int64_t> segments = split.segments(*part);
    if (segments.empty()) {
        base::fail(ErrorCode::bad_data, "The {} part of the split ({}) is empty. Choose another part or split.",
                   result.part, split.description);
    }
    return segments;
}

/// The mean of each track's segments; a track's segments follow one another.
std::vector<TrackPrediction> predictions_of(const dataset::FeatureStore& data,
                                            const std::vector<std::int64_t>& segments, const std::vector<int>& tracks,
                                            const std::vector<int>& labels, const std::vector<float>& probabilities,
                                            std::size_t classes) {
    std::vector<TrackPrediction> predictions;
    for (std::size_t begin = 0; begin < segments.size();) {
        std::size_t end = begin;
        while (end < segments.size() && tracks[end] == tracks[begin]) ++end;
        TrackPrediction& prediction = predictions.emplace_back();
        prediction.track = data.tracks[static_cast<std::size_t>(tracks[begin])].name;
        prediction.label = labels[begin];
        prediction.probabilities.resize(classes);
        prediction.segments = static_cast<std::int64_t>(end - begin);
        for (std::size_t segment = begin; segment < end; ++segment) {
            const std::span<const float> of_segment(probabilities.data() + segment * classes, classes);
            const auto best = std::max_element(of_segment.begin(), of_segment.end()) - of_segment.begin();
            if (best == prediction.label) ++prediction.segments_right;
            for (std::size_t i = 0; i < classes; ++i) {
                prediction.probabilities[i] += static_cast<double>(of_segment[i]) / static_cast<double>(end - begin);
            }
        }
        begin = end;
    }
    return predictions;
}

/// Refuses a network whose predictions are no genres.
void demand_genres(const Model& model, const RecordedTraining& recorded) {
    if (recorded.targets == dataset::Targets::genres) return;
    base::fail(ErrorCode::bad_data,
               "{}: tells {} apart, not genres, so it cannot be measured. Train a network that starts from it "
               "(`start`), and measure that.",
               model.name, base::enum_name(recorded.targets));
}

/// Whether the model was calibrated on tracks that are evaluated here.
bool fitted_here(const Model& model, const Evaluation& evaluation) {
    const json fit = formats::parse_json(model.calibration.fit, model.name);
    const auto is = [&](const char* key, const std::string& value) { return fit.contains(key) && fit[key] == value; };
    if (!is("data_fingerprint", evaluation.data_fingerprint)) return false;
    return evaluation.part == "all" || is("part", "all") ||
           (is("part", evaluation.part) && is("split", evaluation.split));
}

}  // namespace

std::vector<float> outputs_of(const dataset::FeatureStore& data, std::span<const std::int64_t> segments,
                              std::size_t classes, const EvaluationOptions& options,
                              const std::function<std::vector<float>(std::span<const float>)>& compute) {
    constexpr std::size_t batch = 64;
    std::vector<float> outputs(segments.size() * classes);
    const auto batches = static_cast<std::int64_t>((segments.size() + batch - 1) / batch);
    const auto work = [&](std::int64_t index) {
        const std::size_t begin = static_cast<std::size_t>(index) * batch;
        const std::size_t end = std::min(begin + batch, segments.size());
        std::vector<float> inputs;
        inputs.reserve((end - begin) * data.segment_size());
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<const float> segment = data.segment(segments[i]);
            inputs.insert(inputs.end(), segment.begin(), segment.end());
        }
        const std::vector<float> computed = compute(inputs);
        std::copy(computed.begin(), computed.end(), outputs.begin() + static_cast<std::ptrdiff_t>(begin * classes));
    };
    if (!base::parallel_for(batches, options.jobs, work, options.stop)) {
        base::fail(ErrorCode::interrupted, "stopped before all segments were judged.");
    }
    return outputs;
}

dataset::Split split_for(const Model& model, const dataset::FeatureStore& data, const EvaluationOptions& options) {
    if (!options.part) return {};
    dataset::SplitOptions chosen;
    if (options.split) {
        chosen = *options.split;
    } else {
        const RecordedTraining recorded = recorded_training(model);
        demand_genres(model, recorded);
        if (!recorded.split) {
            base::fail(ErrorCode::bad_data,
                       "{}: records no split. Choose one with `split`, or evaluate all tracks with `part` all.",
                       model.name);
        }
        const std::string fingerprint = data.fingerprint();
        if (recorded.data_fingerprint != fingerprint) {
            base::fail(
                ErrorCode::bad_data,
                "{}: was trained on other data than these (fingerprint {}, not {}), so its split does not apply. "
                "Choose one with `split`, or evaluate all tracks with `part` all.",
                model.name, recorded.data_fingerprint, fingerprint);
        }
        chosen = *recorded.split;
    }
    chosen.allow_missing = chosen.allow_missing || options.allow_missing;
    return dataset::make_split(data, chosen);
}

std::size_t TrackPrediction::best() const {
    return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

ScoredItem TrackPrediction::scored() const {
    return {probabilities[best()], best() == static_cast<std::size_t>(label)};
}

void name_from(Evaluation& evaluation, const std::optional<double>& threshold) {
    std::int64_t named = 0;
    std::int64_t right = 0;
    for (const TrackPrediction& prediction : evaluation.predictions) {
        const ScoredItem scored = prediction.scored();
        if (scored.confidence < threshold.value_or(0.0)) continue;
        ++named;
        right += scored.right ? 1 : 0;
    }
    evaluation.threshold = threshold;
    evaluation.coverage = static_cast<double>(named) / static_cast<double>(evaluation.predictions.size());
    evaluation.selective_accuracy.reset();
    if (named > 0) evaluation.selective_accuracy = static_cast<double>(right) / static_cast<double>(named);
}

Evaluation evaluate(const Predictor& predictor, const dataset::FeatureStore& data, const dataset::Split& split,
                    const EvaluationOptions& options) {
    const std::vector<int> predicted_label = match_labels(data, predictor);
    Evaluation result;
    result.model = predictor.name;
    result.labels = predictor.labels;
    result.data_fingerprint = data.fingerprint();
    const std::vector<std::int64_t> segments = choose_segments(data, split, options.part, result);

    const std::vector<int> all_tracks = data.segment_tracks();
    std::vector<int> labels;
    std::vector<int> tracks;
    for (const std::int64_t segment : segments) {
        tracks.push_back(all_tracks[static_cast<std::size_t>(segment)]);
        if (data.labelling.many) continue;
        const int label = data.tracks[static_cast<std::size_t>(tracks.back())].label;
        labels.push_back(predicted_label[static_cast<std::size_t>(label)]);
    }
    const ExposureCheck exposure(data, tracks, predictor.data_fingerprint == result.data_fingerprint, options.jobs);
    if (predictor.trained_on) {
        const SeenTracks seen = exposure.count(*predictor.trained_on);
        result.tracks_seen_in_training = seen.all();
        result.tracks_guessed_by_name = seen.guessed;
        result.exposure_is_guess = exposure.guesses(*predictor.trained_on);
    }
    result.tracks_seen_in_pretraining = exposure.count(predictor.pretrained_on).all();
    result.tracks_seen_in_validation = exposure.count(predictor.validated_on).all();
    result.leaky = result.leaky_split || result.tracks_seen_in_training.value_or(0) > 0;
    const std::vector<float> probabilities = predictor.probabilities(segments);
    if (predictor.many_labels || data.labelling.many) {
        measure_many_labels(result, predictor, data, predicted_label, {segments, tracks, probabilities},
                            options.part ? split.options.groups : std::filesystem::path(), options);
        return result;
    }
    result.metrics = measure(probabilities, static_cast<int>(predictor.labels.size()), labels, tracks,
                             options.bootstrap, options.bins);
    result.predictions = predictions_of(data, segments, tracks, labels, probabilities, predictor.labels.size());
    if (!options.artists.empty()) draw_artists(result, data, options);
    name_from(result, predictor.threshold);
    return result;
}

namespace {

/// "frames 77, not 258": how the features and segments of a model differ from those of data.
std::vector<std::string> differences(const Model& model, const dataset::FeatureStore& data) {
    std::vector<std::string> found;
    for (const auto& [wanted, held] : {std::pair{model::to_json(model.features), model::to_json(data.features)},
                                       {model::to_json(model.segments), model::to_json(data.segments)}}) {
        for (const auto& [name, value] : wanted.items()) {
            if (value != held.at(name))
                found.push_back(fmt::format("{} {}, not {}", name, value.dump(), held.at(name).dump()));
        }
    }
    return found;
}

}  // namespace

Predictor predictor_of(const Classifier& classifier, const dataset::FeatureStore& data,
                       const EvaluationOptions& options) {
    const Model& model = classifier.model();
    if (!(data.features == model.features) || !(data.segments == model.segments)) {
        base::fail(
            ErrorCode::bad_data,
            "{}: was made for other features than these data hold: {}. Make a store with the model's options, or "
            "give a folder of audio.",
            model.name, fmt::join(differences(model, data), ", "));
    }
    const RecordedTraining recorded = recorded_training(model);
    demand_genres(model, recorded);
    Predictor predictor;
    predictor.name = model.name;
    predictor.labels = model.labels;
    predictor.trained_on = recorded.tracks;
    predictor.threshold = model.calibration.threshold;
    predictor.many_labels = model.activation == Activation::sigmoid;
    for (const LabelDetails& details : model.label_details)
        predictor.thresholds.push_back(details.threshold.value_or(0.5));
    predictor.pretrained_on = recorded.pretraining_tracks;
    predictor.validated_on = recorded.validation_tracks;
    predictor.data_fingerprint = recorded.data_fingerprint;
    predictor.probabilities = [&classifier, &data, options](std::span<const std::int64_t> segments) {
        return outputs_of(data, segments, classifier.labels().size(), options,
                          [&](std::span<const float> inputs) { return classifier.probabilities(inputs); });
    };
    return predictor;
}

Evaluation evaluate(const Classifier& classifier, const dataset::FeatureStore& data, const EvaluationOptions& options) {
    const Predictor predictor = predictor_of(classifier, data, options);
    Evaluation result = evaluate(predictor, data, split_for(classifier.model(), data, options), options);
    if (fitted_here(classifier.model(), result)) {
        result.warnings.emplace_back(
            "the model's calibration was fitted on these tracks: calibration error, share named and accuracy of what "
            "is named are better here than elsewhere.");
    }
    return result;
}

std::string coverage_text(const Evaluation& evaluation) {
    const double share = 100.0 * evaluation.coverage;
    if (!evaluation.selective_accuracy) return "all tracks are uncertain.";
    return fmt::format("{:.1f} % of the tracks are certain, {:.1f} % of them right; {:.1f} % are uncertain.", share,
                       100.0 * *evaluation.selective_accuracy, 100.0 - share);
}

std::string predictions_csv(const Evaluation& evaluation) {
    if (evaluation.many_labels) return many_labels_csv(evaluation);
    std::vector<std::string> fields{"track", "genre", "prediction", "probability", "segments", "segments_right"};
    fields.insert(fields.end(), evaluation.labels.begin(), evaluation.labels.end());
    std::string text = formats::csv_line(fields) + "\n";
    for (const TrackPrediction& prediction : evaluation.predictions) {
        fields = {prediction.track,
                  evaluation.labels[static_cast<std::size_t>(prediction.label)],
                  evaluation.labels[prediction.best()],
                  fmt::format("{:.4f}", prediction.probabilities[prediction.best()]),
                  std::to_string(prediction.segments),
                  std::to_string(prediction.segments_right)};
        for (const double probability : prediction.probabilities) fields.push_back(fmt::format("{:.4f}", probability));
        text += formats::csv_line(fields) + "\n";
    }
    return text;
}

}  // namespace earmark::evaluation
