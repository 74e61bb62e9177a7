#include "evaluation/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/small_store.hpp"

namespace earmark::evaluation {
namespace {

using nlohmann::json;
using testing::contains;
using testing::error_of;

constexpr int classes = 5;

struct MadeData {
    std::vector<float> logits;
    std::vector<int> labels;
    std::vector<int> tracks;
};

/// Segments whose genres are drawn with the very probabilities softmax(z), and whose logits are `factor` · z: a network
/// that is too sure of itself by a temperature of `factor`. The segments of a track share z and genre.
MadeData made_data(int tracks, int segments, double factor) {
    std::mt19937 random(5);
    std::normal_distribution<double> normal(0.0, 1.5);
    MadeData data;
    for (int track = 0; track < tracks; ++track) {
        std::vector<double> z(classes);
        std::vector<double> powers(classes);
        for (int k = 0; k < classes; ++k) powers[k] = std::exp(z[k] = normal(random));
        const int label = std::discrete_distribution<int>(powers.begin(), powers.end())(random);
        for (int segment = 0; segment < segments; ++segment) {
            for (const double each : z) data.logits.push_back(static_cast<float>(factor * each));
            data.labels.push_back(label);
            data.tracks.push_back(track);
        }
    }
    return data;
}

double fitted(const MadeData& data) {
    return fit_temperature(data.logits, classes, data.labels, data.tracks);
}

TEST(Temperature, IsRecoveredFromMadeData) {
    for (const double factor : {0.4, 1.0, 3.0}) {
        EXPECT_NEAR(fitted(made_data(6000, 1, factor)) / factor, 1.0, 0.05) << factor;
    }
    const MadeData data = made_data(500, 1, 3.0);
    EXPECT_EQ(fitted(data), fitted(data));
}

TEST(Temperature, CountsTracksAndNotSegments) {
    // Tracks of many segments weigh no more than those of one, so cutting half of them finer changes nothing.
    MadeData data = made_data(400, 1, 2.0);
    const double once = fitted(data);
    for (int track = 0; track < 200; ++track) {
        for (int copy = 0; copy < 9; ++copy) {
            for (int k = 0; k < classes; ++k) data.logits.push_back(data.logits[track * classes + k]);
            data.labels.push_back(data.labels[track]);
            data.tracks.push_back(track);
        }
    }
    EXPECT_NEAR(fitted(data), once, 1e-4);
}

TEST(Temperature, MinimisesTheLossOfTheMeanOfSegments) {
    // Segments of a track disagree: the mean of their softmaxes is less sure than they are.
    MadeData data = made_data(300, 4, 1.0);
    std::mt19937 random(9);
    std::normal_distribution<double> noise(0.0, 1.5);
    for (float& logit : data.logits) logit += static_cast<float>(noise(random));
    const auto loss = [&](double temperature) {
        double sum = 0.0;
        for (int track = 0; track < 300; ++track) {
            double truth = 0.0;
            for (int segment = 4 * track; segment < 4 * track + 4; ++segment) {
                double all = 0.0;
                for (int k = 0; k < classes; ++k) all += std::exp(data.logits[segment * classes + k] / temperature);
                truth += std::exp(data.logits[segment * classes + data.labels[segment]] / temperature) / all / 4.0;
            }
            sum -= std::log(truth) / 300.0;
        }
        return sum;
    };
    const double found = fitted(data);
    for (double other = least_temperature; other < greatest_temperature; other *= 1.02) {
        EXPECT_LE(loss(found), loss(other) + 1e-9) << other;
    }
    EXPECT_LT(loss(found), loss(1.02 * found));
    EXPECT_LT(loss(found), loss(found / 1.02));
}

TEST(Temperature, StaysInItsRange) {
    MadeData data;
    for (int i = 0; i < 30; ++i) {
        for (int k = 0; k < classes; ++k) data.logits.push_back(k == i % classes ? 400.0F : 0.0F);
        data.labels.push_back(i % classes);
        data.tracks.push_back(i);
    }
    EXPECT_TRUE(std::isfinite(fitted(data)));
    EXPECT_GE(fitted(data), least_temperature);
    for (int& label : data.labels) label = (label + 1) % classes;
    EXPECT_NEAR(fitted(data), greatest_temperature, 0.01);
}

TEST(Temperature, RefusesWhatDoesNotFit) {
    const std::vector<float> logits(10);
    const std::vector<int> two{0, 1};
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit_temperature(logits, 4, two, two); }), "do not fit"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit_temperature(logits, 5, two, std::vector<int>{1}); }),
                                  "do not fit"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit_temperature({}, 5, {}, {}); }), "do not fit"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      fit_temperature(logits, 5, std::vector<int>{0, 5}, two);
                                  }),
                                  "none of 5"));
}

/// Items of falling confidence, 0.99, 0.98 …, right where `right` says so.
template <typename Right>
std::vector<ScoredItem> falling(int count, Right right) {
    std::vector<ScoredItem> items;
    for (int i = 0; i < count; ++i) items.push_back({0.99 - 0.01 * i, right(i)});
    return items;
}

TEST(Threshold, IsTheLowestThatKeepsItsWord) {
    // The 30 surest are right, no other is: 30 of 35 are 85.7 %, 30 of 36 are 83.3 %.
    std::vector<ScoredItem> items = falling(60, [](int i) { return i < 30; });
    std::mt19937 random(1);
    std::shuffle(items.begin(), items.end(), random);
    const ThresholdFit fit = fit_threshold(items, 0.85);
    EXPECT_TRUE(fit.reached);
    EXPECT_EQ(fit.named, 35);
    EXPECT_EQ(fit.right, 30);
    EXPECT_NEAR(fit.threshold, 0.99 - 0.345, 1e-9);
    EXPECT_EQ(fit_threshold(items, 0.5).named, 60);
    EXPECT_EQ(fit_threshold(items, 0.5).threshold, 0.0);
}

TEST(Threshold, IsNotHeldUpByAHandful) {
    // 10 sure ones are right, then every other one: no 20 or more are right 85 % of the time.
    const std::vector<ScoredItem> items = falling(60, [](int i) { return i < 10 || i % 2 == 0; });
    const ThresholdFit fit = fit_threshold(items, 0.85);
    EXPECT_FALSE(fit.reached);
    EXPECT_GE(fit.named, least_calibration_tracks);
    for (int named = static_cast<int>(least_calibration_tracks); named <= 60; ++named) {
        const auto right =
            std::count_if(items.begin(), items.begin() + named, [](const auto& item) { return item.right; });
        EXPECT_GE(fit.accuracy(), static_cast<double>(right) / named);
    }
    EXPECT_EQ(fit.named, 21);  // 16 of 21; 15 of 20 are fewer
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { fit_threshold(std::span(items).first(19), 0.85); }), "too few"));
}

TEST(Threshold, NamesAllThatAreEquallySure) {
    std::vector<ScoredItem> items(30, {0.5, false});
    for (int i = 0; i < 30; ++i) items.push_back({0.8, i < 27});
    const ThresholdFit fit = fit_threshold(items, 0.85);
    EXPECT_EQ(fit.named, 30);
    EXPECT_EQ(fit.right, 27);
    EXPECT_DOUBLE_EQ(fit.threshold, 0.65);
}

/// A model that knows three genres, and says that it was trained on the training part of `data`.
Model trained_on(const dataset::FeatureStore& data, const dataset::SplitOptions& options) {
    Model model = testing::random_model("mlp", R"({"hidden": [8]})", 77, 1, 3);
    model.labels = {"rock", "blues", "jazz"};  // not the order of the data
    const dataset::Split split = dataset::make_split(data, options);
    model.provenance = json{{"training",
                             {{"split", dataset::to_json(options)},
                              {"data_fingerprint", data.fingerprint()},
                              {"tracks", dataset::tracks_of(data, split, dataset::Part::train)}}}}
                           .dump();
    return model;
}

EvaluationOptions options_for(std::optional<dataset::Part> part,
                              std::optional<dataset::SplitOptions> split = std::nullopt) {
    EvaluationOptions options;
    options.part = part;
    options.split = std::move(split);
    return options;
}

class Calibrate : public ::testing::Test {
  protected:
    CalibrationFit fit(const Model& model, const EvaluationOptions& options = options_for(dataset::Part::valid)) {
        const Classifier classifier(model);
        return calibrate(classifier, data, split_for(model, data, options), options, 0.85);
    }

    dataset::FeatureStore data = testing::small_store({"blues", "jazz", "rock"}, 60, 3);
    dataset::SplitOptions tracks{};
};

TEST_F(Calibrate, GivesWhatEvaluateMeasuresAfterwards) {
    Model model = trained_on(data, tracks);
    const CalibrationFit found = fit(model);
    EXPECT_EQ(found.after.metrics.tracks.items, 27);
    EXPECT_GT(found.calibration.temperature, 1.5);  // weights by chance are too sure of themselves
    EXPECT_LT(found.after.metrics.tracks.loss, found.before.metrics.tracks.loss);
    EXPECT_EQ(found.after.metrics.segments.accuracy, found.before.metrics.segments.accuracy);
    ASSERT_TRUE(found.calibration.threshold.has_value());
    EXPECT_TRUE(testing::contains(to_table(found), "temperature"));

    model.calibration = found.calibration;
    const Evaluation evaluation = evaluate(Classifier(model), data, options_for(dataset::Part::valid));
    EXPECT_NEAR(evaluation.metrics.tracks.loss, found.after.metrics.tracks.loss, 1e-9);
    EXPECT_NEAR(evaluation.metrics.segments.brier, found.after.metrics.segments.brier, 1e-9);
    EXPECT_EQ(evaluation.threshold, found.calibration.threshold);
    EXPECT_EQ(evaluation.coverage, found.after.coverage);
    EXPECT_EQ(evaluation.selective_accuracy, found.after.selective_accuracy);
    EXPECT_TRUE(testing::contains(coverage_text(evaluation), "are uncertain"));
    ASSERT_EQ(evaluation.warnings.size(), 1U);
    EXPECT_TRUE(testing::contains(evaluation.warnings[0], "fitted on these tracks"));
    EXPECT_TRUE(evaluate(Classifier(model), data, {}).warnings.empty());  // of the test part

    const json record = json::parse(found.calibration.fit);
    EXPECT_EQ(record["part"], "valid");
    EXPECT_EQ(record["tracks"], 27);
    EXPECT_EQ(record["data_fingerprint"], data.fingerprint());
    EXPECT_EQ(record["track_calibration_error"]["after"], found.after.metrics.tracks.calibration_error);
    EXPECT_EQ(record["named_share"], found.after.coverage);

    // An earlier calibration is not built upon.
    EXPECT_EQ(fit(model).calibration, found.calibration);
}

TEST_F(Calibrate, LeavesThePredictionsOnSegmentsAlone) {
    Model model = trained_on(data, tracks);
    const std::vector<float> before = Classifier(model).probabilities(data.values);
    for (const double temperature : {0.3, 2.5}) {
        model.calibration.temperature = temperature;
        const std::vector<float> after = Classifier(model).probabilities(data.values);
        double moved = 0.0;
        for (std::size_t i = 0; i < before.size(); i += 3) {
            EXPECT_EQ(std::max_element(before.begin() + i, before.begin() + i + 3) - before.begin(),
                      std::max_element(after.begin() + i, after.begin() + i + 3) - after.begin());
            moved += std::abs(before[i] - after[i]);
        }
        EXPECT_GT(moved, 1.0);
    }
}

TEST_F(Calibrate, RefusesTracksOfTheTraining) {
    const Model model = trained_on(data, tracks);
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { fit(model, options_for(dataset::Part::train)); }), "bad_option"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit(model, options_for(std::nullopt)); }),
                                  "was trained on 108 of these 180"));
    dataset::SplitOptions other = tracks;
    other.seed = 9;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit(model, options_for(dataset::Part::valid, other)); }),
                                  "was trained on"));
    other.kind = dataset::SplitKind::random_segments;  // leaky, and not how the model was trained
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit(model, options_for(dataset::Part::valid, other)); }),
                                  "was trained on"));
}

TEST_F(Calibrate, RefusesTooFewTracks) {
    tracks.valid_fraction = 0.1;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { fit(trained_on(data, tracks)); }), "18 tracks are too few"));
}

TEST_F(Calibrate, WarnsOfWhatItCannotVouchFor) {
    const auto warns = [](const CalibrationFit& found, const std::string& text) {
        return std::ranges::any_of(found.warnings,
                                   [&](const std::string& warning) { return testing::contains(warning, text); });
    };
    EXPECT_FALSE(warns(fit(trained_on(data, tracks)), "leaky"));
    EXPECT_TRUE(warns(fit(trained_on(data, tracks), options_for(dataset::Part::test)), "test part"));
    // Nothing is learned from random values, so no threshold reaches 85 %.
    const CalibrationFit found = fit(trained_on(data, tracks));
    EXPECT_TRUE(warns(found, "no threshold"));
    EXPECT_LT(found.after.selective_accuracy.value(), 0.85);
    dataset::SplitOptions segments;
    segments.kind = dataset::SplitKind::random_segments;
    const CalibrationFit leaky = fit(trained_on(data, segments));
    EXPECT_TRUE(warns(leaky, "the split is leaky"));
    EXPECT_EQ(json::parse(leaky.calibration.fit)["leaky"], true);
    Model silent = trained_on(data, tracks);
    silent.provenance = "{}";
    EXPECT_TRUE(warns(fit(silent, options_for(dataset::Part::valid, tracks)), "does not say which tracks"));
}

}  // namespace
}  // namespace earmark::evaluation
