#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/stop.hpp"
#include "dataset/feature_store.hpp"
#include "dataset/split.hpp"
#include "dataset/targets.hpp"
#include "earmark/classifier.hpp"
#include "evaluation/exposure.hpp"
#include "evaluation/label_metrics.hpp"
#include "evaluation/metrics.hpp"

namespace earmark::evaluation {

/// What a model file says of its training (`Model::provenance`, under "training").
struct RecordedTraining {
    std::optional<dataset::SplitOptions> split;  ///< "split"
    std::string data_fingerprint;                ///< "data_fingerprint"; empty when it says none
    std::optional<KnownTracks> tracks;           ///< "tracks" and "track_sounds": those it was trained on
    /// "pretraining_tracks": those that were analyzed without their genres, in it or before it
    KnownTracks pretraining_tracks;
    KnownTracks validation_tracks;  ///< "validation_tracks": those by which the weights were chosen
    dataset::Targets targets = dataset::Targets::genres;  ///< "targets": what it learned to predict
};

/// @throws Error corrupt
RecordedTraining recorded_training(const Model& model);

/// What judges segments, and what is known of it.
struct Predictor {
    std::string name;
    std::vector<std::string> labels;        ///< in the order of its probabilities
    std::optional<KnownTracks> trained_on;  ///< the tracks it learned from, if it is known
    /// Probabilities (segments × labels) of the segments of the data with these indices.
    std::function<std::vector<float>(std::span<const std::int64_t> segments)> probabilities;
    /// Tracks less sure than this are uncertain (see Calibration); none: none is.
    std::optional<double> threshold = std::nullopt;
    KnownTracks pretrained_on = {};       ///< the tracks it analyzed without their genres
    KnownTracks validated_on = {};        ///< the tracks by which its weights were chosen
    std::string data_fingerprint = {};    ///< of the data that it learned from, if it is known
    bool many_labels = false;             ///< whether each probability stands for itself
    std::vector<double> thresholds = {};  ///< of many labels: where each holds; empty: 0.5
};

/// What is to be evaluated.
struct EvaluationOptions {
    std::optional<dataset::SplitOptions>
        split;  ///< none: the one recorded in the model, if it was trained on these data
    std::optional<dataset::Part> part = dataset::Part::test;  ///< none: all segments, whatever the split
    bool allow_missing = false;  ///< as SplitOptions::allow_missing, for the recorded split too
    int jobs = 0;                ///< threads; 0: all cores
    BootstrapOptions bootstrap;
    int bins = 10;  ///< of confidence, for calibration errors
    const base::StopFlag* stop = nullptr;
    /// CSV with the columns track and artist: intervals draw whole artists. Empty: tracks; of many labels the artists that
    /// the split keeps whole, if it does.
    std::filesystem::path artists = {};
};

/// What a model said of a track, beside the truth.
struct TrackPrediction {
    std::string track;
    int label = 0;                         ///< the truth, as an index of Evaluation::labels
    std::vector<double> probabilities;     ///< one a label: the mean of the track's segments in the part
    std::int64_t segments = 0;             ///< of the track in the part
    std::int64_t segments_right = 0;       ///< of these, those whose own most probable genre is the truth
    std::vector<std::uint8_t> holds = {};  ///< of many labels: 1 for each that holds in truth

    /// The most probable label, the first of equal ones.
    std::size_t best() const;
    ScoredItem scored() const;
};

/// Figures where any number of labels may hold.
struct ManyLabelMetrics {
    LabelMetrics segments;
    LabelMetrics tracks;
    bool artists_drawn = false;  ///< whether the intervals drew whole artists
};

/// How good a judge is on a part of a data set, and how far that can be believed.
struct Evaluation {
    std::string model;  ///< name of the judge: of a model, or method and settings of a baseline
    std::string data_fingerprint;
    std::string split;  ///< for people, in one line
    std::string part;   ///< "train", "valid", "test" or "all"
    /// Whether the figures flatter the model: the split is leaky, or some tracks were in its training.
    bool leaky = false;
    bool leaky_split = false;
    /// Tracks evaluated here that the model was trained on, as it seems; none when it does not say.
    std::optional<std::int64_t> tracks_seen_in_training;
    /// Of these, those that have the name of a track of the training, of whose sound the model says nothing.
    std::int64_t tracks_guessed_by_name = 0;
    /// Whether the model keeps but names of tracks of other data, so that what is said of its training is a guess.
    bool exposure_is_guess = false;
    /// Tracks evaluated here that the model analyzed before its training, without their genres.
    std::int64_t tracks_seen_in_pretraining = 0;
    /// Tracks evaluated here by which the model's weights were chosen.
    std::int64_t tracks_seen_in_validation = 0;
    /// The judge's, in the order of the metrics' classes; of many labels those of the judge's that the data have.
    std::vector<std::string> labels;
    Metrics metrics;                              ///< of one label a track
    std::optional<ManyLabelMetrics> many_labels;  ///< of many, where the judge or the data have many
    std::optional<double> threshold;              ///< the judge's
    double coverage = 1.0;                        ///< of the tracks: those that are not uncertain
    std::optional<double> selective_accuracy;     ///< share of these whose genre is right; none when all are uncertain
    std::vector<TrackPrediction> predictions;     ///< one a track, in the order of the data
    std::vector<std::string> warnings;
};

/// A model as a judge of these data, which must outlive it, as the classifier must.
/// @throws Error bad_data when the model was made for other features
Predictor predictor_of(const Classifier& classifier, const dataset::FeatureStore& data,
                       const EvaluationOptions& options);

/// What `compute` makes of segments of the data, `classes` values each, with the options' threads.
/// @param compute  takes the values of some segments; called on several threads
/// @throws Error interrupted; what `compute` throws
std::vector<float> outputs_of(const dataset::FeatureStore& data, std::span<const std::int64_t> segments,
                              std::size_t classes, const EvaluationOptions& options,
                              const std::function<std::vector<float>(std::span<const float>)>& compute);

/// The split to evaluate a model on: the options', else the recorded one; empty when all segments are asked for.
/// @throws Error bad_data when the model was trained on other data while no split is given; as make_split
dataset::Split split_for(const Model& model, const dataset::FeatureStore& data, const EvaluationOptions& options);

/// Sets the evaluation's threshold, and counts what is named with it.
void name_from(Evaluation& evaluation, const std::optional<double>& threshold);

/// Has a part of a data set judged. The genres of the data are matched to the judge's labels by name.
/// @param split    of the data, made before; without options.part it is not looked at
/// @param options  split and allow_missing are not looked at
/// @throws Error bad_data when the judge lacks a genre of the data or the part is empty; what `judge` throws
Evaluation evaluate(const Predictor& predictor, const dataset::FeatureStore& data, const dataset::Split& split,
                    const EvaluationOptions& options);

/// Lets a model judge a part of a data set. The genres of the data are matched to the model's labels by name.
/// @throws Error bad_data when the model was made for other features, lacks a genre of the data, was trained on other
///         data while no split is given, or the part is empty; as make_split; interrupted (by `stop`)
Evaluation evaluate(const Classifier& classifier, const dataset::FeatureStore& data, const EvaluationOptions& options);

/// The share of certain tracks and their accuracy, in a sentence for people.
std::string coverage_text(const Evaluation& evaluation);

/// The predictions as CSV: track, genre, prediction, probability, segments, segments_right, and a column a label.
std::string predictions_csv(const Evaluation& evaluation);

}  // namespace earmark::evaluation
