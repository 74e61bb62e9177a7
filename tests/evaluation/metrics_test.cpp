#include "evaluation/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/error_of.hpp"

namespace earmark::evaluation {
namespace {

using testing::contains;
using testing::error_of;

/// The numbers of metrics_reference.py.
std::vector<int> numbers(int count, std::uint64_t state) {
    std::vector<int> result;
    for (int i = 0; i < count; ++i) {
        state = (state * 1103515245U + 12345U) % (1U << 31U);
        result.push_back(static_cast<int>((state >> 16U) % 100U));
    }
    return result;
}

struct Example {
    std::vector<float> probabilities;
    std::vector<int> labels;
    std::vector<int> tracks;
};

/// The example of metrics_reference.py: 12 tracks of 5 segments, 4 classes, nothing of the fourth.
Example reference_example() {
    Example example;
    const std::vector<int> truth = numbers(12, 777);
    const std::vector<int> raw = numbers(12 * 5 * 4, 12345);
    for (int i = 0; i < 60; ++i) {
        example.tracks.push_back(100 - i / 5);  // any numbers will do
        example.labels.push_back(truth[static_cast<std::size_t>(i / 5)] % 3);
        int scores[4];
        int sum = 0;
        for (int k = 0; k < 4; ++k) {
            scores[k] = raw[static_cast<std::size_t>(4 * i + k)] / 10 + 1 + (k == example.labels.back() ? 2 : 0);
            sum += scores[k];
        }
        for (const int score : scores) example.probabilities.push_back(static_cast<float>(double(score) / sum));
    }
    return example;
}

Metrics measure(const Example& example, int classes, const BootstrapOptions& bootstrap = {}) {
    return measure(example.probabilities, classes, example.labels, example.tracks, bootstrap);
}

void expect_class(const ClassMetrics& got, std::int64_t items, double precision, double recall, double f1, double auc) {
    const auto same = [](const std::optional<double>& value, double expected) {
        if (std::isnan(expected)) {
            EXPECT_FALSE(value.has_value());
        } else {
            ASSERT_TRUE(value.has_value());
            EXPECT_NEAR(*value, expected, 1e-12);
        }
    };
    EXPECT_EQ(got.items, items);
    same(got.precision, precision);
    same(got.recall, recall);
    same(got.f1, f1);
    same(got.auc, auc);
}

TEST(Metrics, EqualThoseOfScikitLearn) {
    const double none = std::nan("");
    const Metrics metrics = measure(reference_example(), 4);

    const LevelMetrics& segments = metrics.segments;
    EXPECT_EQ(segments.items, 60);
    EXPECT_NEAR(segments.accuracy, 0.36666666666666664, 1e-12);
    EXPECT_NEAR(segments.loss, 1.2473053182070228, 1e-12);
    EXPECT_NEAR(segments.brier, 0.6891026103847858, 1e-12);
    EXPECT_NEAR(segments.calibration_error, 0.08500125805536905, 1e-12);
    EXPECT_EQ(segments.confusion, (std::vector<std::int64_t>{13, 1, 3, 3, 6, 2, 4, 3, 6, 6, 7, 6, 0, 0, 0, 0}));
    expect_class(segments.classes[0], 20, 0.52, 0.65, 0.5777777777777777, 0.786875);
    expect_class(segments.classes[1], 15, 0.2222222222222222, 0.13333333333333333, 0.16666666666666666,
                 0.5822222222222222);
    expect_class(segments.classes[2], 25, 0.5, 0.28, 0.358974358974359, 0.664);
    expect_class(segments.classes[3], 0, 0.0, none, none, none);
    EXPECT_NEAR(segments.macro_f1.value(), 0.36780626780626774, 1e-12);
    EXPECT_NEAR(segments.macro_auc.value(), 0.677699074074074, 1e-12);

    const LevelMetrics& tracks = metrics.tracks;
    EXPECT_EQ(tracks.items, 12);
    EXPECT_NEAR(tracks.accuracy, 0.5, 1e-12);
    EXPECT_NEAR(tracks.loss, 1.2102562364947633, 1e-12);
    EXPECT_NEAR(tracks.brier, 0.6547117125247066, 1e-12);
    EXPECT_NEAR(tracks.calibration_error, 0.4074280130987366, 1e-12);
    ASSERT_EQ(tracks.reliability.size(), 10U);
    EXPECT_EQ(tracks.confusion, (std::vector<std::int64_t>{3, 0, 1, 0, 1, 0, 1, 1, 0, 0, 3, 2, 0, 0, 0, 0}));
    expect_class(tracks.classes[0], 4, 0.75, 0.75, 0.75, 0.875);
    expect_class(tracks.classes[1], 3, none, 0.0, 0.0, 0.5555555555555556);
    expect_class(tracks.classes[2], 5, 0.6, 0.6, 0.6, 0.8285714285714285);
    expect_class(tracks.classes[3], 0, 0.0, none, none, none);
    EXPECT_NEAR(tracks.macro_f1.value(), 0.45, 1e-12);
    EXPECT_NEAR(tracks.macro_auc.value(), 0.7530423280423281, 1e-12);
}

TEST(Metrics, ByHand) {
    // Two tracks of class 0 and one of class 1; the segments vote 0 0, 0 1, 1.
    const Example example = {
        {0.9F, 0.1F, 0.6F, 0.4F, 0.75F, 0.25F, 0.0F, 1.0F, 0.25F, 0.75F}, {0, 0, 0, 0, 1}, {0, 0, 1, 1, 2}};
    const Metrics metrics = measure(example, 2);
    EXPECT_DOUBLE_EQ(metrics.segments.accuracy, 4.0 / 5.0);
    EXPECT_DOUBLE_EQ(metrics.tracks.accuracy, 2.0 / 3.0);  // track 1: (0.375, 0.625)
    // A probability of zero costs ln(1e7), not infinity.
    EXPECT_NEAR(metrics.segments.loss, -(std::log(0.9) + std::log(0.6) + 2 * std::log(0.75) + std::log(1e-7)) / 5.0,
                1e-6);
    EXPECT_NEAR(metrics.tracks.loss, -(std::log(0.75) + std::log(0.375) + std::log(0.75)) / 3.0, 1e-6);
    // Class 0: TP 3, FN 1, FP 0. Pairs: 4 × 1, of which one is in the wrong order.
    expect_class(metrics.segments.classes[0], 4, 1.0, 0.75, 6.0 / 7.0, 0.75);
    expect_class(metrics.segments.classes[1], 1, 0.5, 1.0, 2.0 / 3.0, 0.75);
}

TEST(Metrics, EqualProbabilitiesCountHalfInTheRocCurve) {
    // scikit-learn: roc_auc_score([1,0,0,1,1,1,0,0], [.5,.5,.2,.9,.5,.2,.7,.2]) = 0.625
    Example example;
    for (const float p : {0.5F, 0.5F, 0.2F, 0.9F, 0.5F, 0.2F, 0.7F, 0.2F}) {
        example.probabilities.insert(example.probabilities.end(), {1.0F - p, p});
        example.tracks.push_back(static_cast<int>(example.tracks.size()));
    }
    example.labels = {1, 0, 0, 1, 1, 1, 0, 0};
    EXPECT_DOUBLE_EQ(measure(example, 2).segments.classes[1].auc.value(), 0.625);
    std::fill(example.probabilities.begin(), example.probabilities.end(), 0.5F);
    const Metrics chance = measure(example, 2);
    EXPECT_DOUBLE_EQ(chance.segments.macro_auc.value(), 0.5);
    EXPECT_DOUBLE_EQ(chance.segments.accuracy, 0.5);  // the first of equal ones
    EXPECT_DOUBLE_EQ(chance.segments.loss, std::log(2.0));
}

TEST(Metrics, OneClassOnlyGivesNoAucAndNoNan) {
    const Example example = {{0.2F, 0.3F, 0.5F}, {2}, {7}};
    const Metrics metrics = measure(example, 3);
    EXPECT_DOUBLE_EQ(metrics.tracks.accuracy, 1.0);
    EXPECT_FALSE(metrics.tracks.macro_auc.has_value());
    EXPECT_DOUBLE_EQ(metrics.tracks.macro_f1.value(), 1.0);
    EXPECT_EQ(metrics.tracks.accuracy_interval.low, 1.0);
    EXPECT_EQ(metrics.tracks.accuracy_interval.high, 1.0);
}

TEST(Bootstrap, IsTheSameForTheSameSeedAndSensible) {
    // 400 tracks of one segment, three quarters right: the interval of a share is about ± 1.96 sqrt(p (1 - p) / n).
    Example example;
    for (int i = 0; i < 400; ++i) {
        const float p = i % 4 == 0 ? 0.1F : 0.9F;
        example.probabilities.insert(example.probabilities.end(), {p, 1.0F - p});
        example.labels.push_back(0);
        example.tracks.push_back(i);
    }
    const Metrics first = measure(example, 2);
    const double reach = 1.96 * std::sqrt(0.75 * 0.25 / 400.0);
    EXPECT_NEAR(first.tracks.accuracy_interval.low, 0.75 - reach, 0.006);
    EXPECT_NEAR(first.tracks.accuracy_interval.high, 0.75 + reach, 0.006);
    const Metrics again = measure(example, 2);
    EXPECT_EQ(first.tracks.accuracy_interval.low, again.tracks.accuracy_interval.low);
    EXPECT_EQ(first.segments.accuracy_interval.high, again.segments.accuracy_interval.high);
    // Recorded once: the generator and the order of the draws are the same everywhere.
    EXPECT_DOUBLE_EQ(first.tracks.accuracy_interval.low, 0.7075);
    EXPECT_DOUBLE_EQ(first.tracks.accuracy_interval.high, 0.7925);

    const Metrics other = measure(reference_example(), 4, {.resamples = 200, .seed = 1});
    const Metrics seeded = measure(reference_example(), 4, {.resamples = 200, .seed = 2});
    EXPECT_NE(other.segments.accuracy_interval.low, seeded.segments.accuracy_interval.low);
}

TEST(Bootstrap, DrawsWholeTracksForSegmentsToo) {
    // Ten tracks of 40 segments that are right or wrong as a whole: 400 segments, but no more certain than ten tracks.
    Example example;
    for (int i = 0; i < 400; ++i) {
        const float p = (i / 40) % 2 == 0 ? 0.1F : 0.9F;
        example.probabilities.insert(example.probabilities.end(), {p, 1.0F - p});
        example.labels.push_back(0);
        example.tracks.push_back(i / 40);
    }
    const Interval interval = measure(example, 2).segments.accuracy_interval;
    EXPECT_LE(interval.low, 0.2);
    EXPECT_GE(interval.high, 0.8);
}

TEST(Metrics, RefuseWhatDoesNotFit) {
    const auto error = [](const Example& example, int classes) {
        return testing::error_of([&] { measure(example, classes); });
    };
    EXPECT_TRUE(testing::contains(error({{}, {}, {}}, 2), "bad_data: There is no segment"));
    EXPECT_TRUE(testing::contains(error({{0.5F, 0.5F, 0.5F}, {0}, {0}}, 2), "bad_data: 3 probabilities"));
    EXPECT_TRUE(testing::contains(error({{0.5F, 0.5F}, {2}, {0}}, 2), "Label 2"));
    EXPECT_TRUE(testing::contains(error({{0.5F, std::nanf("")}, {0}, {0}}, 2), "no probability"));
    EXPECT_TRUE(testing::contains(error({{0.5F, 0.5F, 0.5F, 0.5F}, {0, 1}, {4, 4}}, 2), "Track 4 has two labels"));
}

}  // namespace
}  // namespace earmark::evaluation
