#include "evaluation/label_metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "support/error_of.hpp"

namespace earmark::evaluation {
namespace {

using testing::contains;
using testing::error_of;

constexpr std::size_t items = 40;
constexpr std::size_t labels = 6;

/// The numbers of label_metrics_reference.py.
std::vector<int> numbers(std::size_t count, std::uint64_t state) {
    std::vector<int> result;
    for (std::size_t i = 0; i < count; ++i) {
        state = (state * 1103515245U + 12345U) % (1U << 31U);
        result.push_back(static_cast<int>((state >> 16U) % 100U));
    }
    return result;
}

/// The example of label_metrics_reference.py: equal scores, an item of no label, one of all, one whose scores are all equal.
LabelledItems reference_example() {
    LabelledItems example;
    example.labels = labels;
    const std::vector<int> truths = numbers(items * labels, 777);
    const std::vector<int> raw = numbers(items * labels, 12345);
    for (std::size_t i = 0; i < items; ++i) {
        example.groups.push_back(static_cast<int>(i));
        for (std::size_t k = 0; k < labels; ++k) {
            const std::size_t at = i * labels + k;
            bool holds = truths[at] < 10 * static_cast<int>(1 + k);
            if (i == 3) holds = false;
            if (i == 4) holds = true;
            example.truths.push_back(holds ? 1 : 0);
            const double score = (raw[at] / 10 + 1 + (holds ? 2 : 0)) / 13.0;
            example.probabilities.push_back(i == 5 ? 0.25 : score);
        }
    }
    return example;
}

std::vector<double> thresholds() {
    std::vector<double> result;
    for (std::size_t k = 0; k < labels; ++k) result.push_back(0.3 + 0.05 * static_cast<double>(k));
    return result;
}

TEST(LabelMetrics, AreThoseOfScikitLearn) {
    const LabelMetrics metrics = measure_labels(reference_example(), thresholds());
    EXPECT_EQ(metrics.items, 40);
    struct Expected {
        std::int64_t positives;
        double roc, pr, precision, recall, f1;
    };
    const std::array<Expected, labels> expected{{
        {3, 0.7837837837837838, 0.4434782608695652, 0.1111111111111111, 1.0, 0.2},
        {10, 0.9016666666666667, 0.8396825396825396, 0.47619047619047616, 1.0, 0.6451612903225806},
        {16, 0.7174479166666666, 0.6282333005898383, 0.5217391304347826, 0.75, 0.6153846153846154},
        {19, 0.6390977443609023, 0.6838325849714234, 0.52, 0.6842105263157895, 0.5909090909090909},
        {23, 0.6265984654731458, 0.718281922129798, 0.6521739130434783, 0.6521739130434783, 0.6521739130434783},
        {22, 0.7803030303030304, 0.7963627503101187, 0.8, 0.5454545454545454, 0.6486486486486487},
    }};
    ASSERT_EQ(metrics.labels.size(), labels);
    for (std::size_t k = 0; k < labels; ++k) {
        const LabelFigures& figures = metrics.labels[k];
        EXPECT_EQ(figures.positives, expected[k].positives) << k;
        EXPECT_NEAR(figures.roc_auc.value(), expected[k].roc, 1e-12) << k;
        EXPECT_NEAR(figures.pr_auc.value(), expected[k].pr, 1e-12) << k;
        EXPECT_NEAR(figures.precision.value(), expected[k].precision, 1e-12) << k;
        EXPECT_NEAR(figures.recall.value(), expected[k].recall, 1e-12) << k;
        EXPECT_NEAR(figures.f1.value(), expected[k].f1, 1e-12) << k;
    }
    EXPECT_NEAR(metrics.macro_roc_auc.value(), 0.741482934542366, 1e-12);
    EXPECT_NEAR(metrics.micro_roc_auc.value(), 0.7343281398580938, 1e-12);
    EXPECT_NEAR(metrics.macro_pr_auc.value(), 0.6849785597588806, 1e-12);
    const auto expect_means = [](const PrecisionRecall& got, double precision, double recall, double f1) {
        EXPECT_NEAR(got.precision, precision, 1e-12);
        EXPECT_NEAR(got.recall, recall, 1e-12);
        EXPECT_NEAR(got.f1, f1, 1e-12);
    };
    expect_means(metrics.micro, 0.48507462686567165, 0.6989247311827957, 0.5726872246696035);
    expect_means(metrics.macro, 0.5135357717966413, 0.7719731641356354, 0.5587129263847357);
    expect_means(metrics.samples, 0.44708333333333333, 0.6020833333333333, 0.49656746031746035);
    EXPECT_NEAR(metrics.hamming_loss, 0.4041666666666667, 1e-12);
    EXPECT_NEAR(metrics.subset_accuracy, 0.1, 1e-12);
    EXPECT_NEAR(metrics.ranking_loss, 0.3103472222222222, 1e-12);
    EXPECT_NEAR(metrics.ranking_precision, 0.7293402777777777, 1e-12);
    ASSERT_EQ(metrics.hits.size(), 3);
    EXPECT_NEAR(metrics.hits[0].precision, 0.625, 1e-12);
    EXPECT_NEAR(metrics.hits[1].precision, 0.48333333333333334, 1e-12);
    EXPECT_NEAR(metrics.hits[2].precision, 0.415, 1e-12);
    EXPECT_NEAR(metrics.loss, 0.5930224270104647, 1e-12);
}

TEST(LabelMetrics, OfALabelThatNeverHoldsAreLeftEmpty) {
    LabelledItems example;
    example.labels = 2;
    example.groups = {0, 1, 2};
    example.truths = {1, 0, 0, 0, 1, 0};
    example.probabilities = {0.9, 0.2, 0.4, 0.1, 0.7, 0.3};
    const LabelMetrics metrics = measure_labels(example, std::vector<double>{0.5, 0.5});
    EXPECT_EQ(metrics.labels[1].positives, 0);
    EXPECT_FALSE(metrics.labels[1].roc_auc.has_value());
    EXPECT_FALSE(metrics.labels[1].pr_auc.has_value());
    EXPECT_FALSE(metrics.labels[1].precision.has_value());
    EXPECT_FALSE(metrics.labels[1].f1.has_value());
    EXPECT_EQ(metrics.macro_roc_auc.value(), 1.0) << "the mean of the one that has any";
    EXPECT_EQ(metrics.macro.f1, 1.0);
    EXPECT_EQ(metrics.hits.size(), 1) << "there are no three labels";
}

TEST(LabelMetrics, IntervalsHoldTheFigureAndAreWiderOverFewerGroups) {
    LabelledItems example = reference_example();
    const LabelMetrics by_items = measure_labels(example, thresholds());
    EXPECT_LT(by_items.macro_roc_auc_interval.low, *by_items.macro_roc_auc);
    EXPECT_GT(by_items.macro_roc_auc_interval.high, *by_items.macro_roc_auc);
    EXPECT_LT(by_items.hamming_loss_interval.low, by_items.hamming_loss);
    EXPECT_GT(by_items.micro_f1_interval.high, by_items.micro.f1);
    // Ten copies of the items are no more than the items, if they are drawn as wholes.
    LabelledItems copies;
    copies.labels = labels;
    for (int copy = 0; copy < 10; ++copy) {
        copies.groups.insert(copies.groups.end(), example.groups.begin(), example.groups.end());
        copies.truths.insert(copies.truths.end(), example.truths.begin(), example.truths.end());
        copies.probabilities.insert(copies.probabilities.end(), example.probabilities.begin(),
                                    example.probabilities.end());
    }
    const auto width = [](const Interval& interval) { return interval.high - interval.low; };
    const double whole = width(by_items.hamming_loss_interval);
    EXPECT_NEAR(width(measure_labels(copies, thresholds()).hamming_loss_interval), whole, 0.15 * whole);
    for (std::size_t i = 0; i < copies.groups.size(); ++i) copies.groups[i] = static_cast<int>(i);
    EXPECT_LT(width(measure_labels(copies, thresholds()).hamming_loss_interval), 0.5 * whole);
    const LabelMetrics again = measure_labels(example, thresholds(), {.seed = 1});
    EXPECT_NE(again.macro_roc_auc_interval.low, by_items.macro_roc_auc_interval.low);
}

TEST(LabelMetrics, RefuseWhatDoesNotFit) {
    LabelledItems example = reference_example();
    example.probabilities.pop_back();
    EXPECT_TRUE(contains(error_of([&] { measure_labels(example, thresholds()); }), "do not fit"));
    example.probabilities.push_back(1.5);
    EXPECT_TRUE(contains(error_of([&] { measure_labels(example, thresholds()); }), "no probability"));
    EXPECT_TRUE(contains(error_of([&] { measure_labels({}, {}); }), "no item"));
}

TEST(LabelThresholds, AreWhereF1IsBestAndWherePrecisionIsReached) {
    // From the top: 1 1 0 1 1 0 0 1 0 0. F1 is best after five (4 of 5 right, 4 of 5 found).
    const std::vector<double> scores{0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1};
    const std::vector<std::uint8_t> truths{1, 1, 0, 1, 1, 0, 0, 1, 0, 0};
    const LabelThresholds fitted = fit_label_thresholds(scores, truths, 0.8, 2);
    EXPECT_DOUBLE_EQ(fitted.best_f1.value(), 0.55);
    EXPECT_DOUBLE_EQ(fitted.precise.value(), 0.55) << "4 of 5 are 80 %";
    EXPECT_DOUBLE_EQ(fit_label_thresholds(scores, truths, 0.9, 2).precise.value(), 0.85);
    EXPECT_FALSE(fit_label_thresholds(scores, truths, 0.9, 3).precise.has_value()) << "two are too few to tell";
    // A precision that holds lower down gives no threshold below the other.
    const LabelThresholds low = fit_label_thresholds(scores, truths, 0.5, 2);
    EXPECT_DOUBLE_EQ(low.precise.value(), *low.best_f1);
}

TEST(LabelThresholds, OfEqualScoresKeepThemTogether) {
    const std::vector<double> scores{0.9, 0.5, 0.5, 0.5, 0.1};
    const std::vector<std::uint8_t> truths{1, 1, 0, 1, 0};
    const double threshold = fit_label_thresholds(scores, truths).best_f1.value();
    EXPECT_GT(threshold, 0.1);
    EXPECT_LT(threshold, 0.5);
}

TEST(LabelThresholds, CannotBeFittedToALabelThatHoldsOfAllOrOfNone) {
    const std::vector<double> scores{0.9, 0.5};
    for (const std::uint8_t truth : {std::uint8_t{0}, std::uint8_t{1}}) {
        const std::vector<std::uint8_t> truths{truth, truth};
        EXPECT_FALSE(fit_label_thresholds(scores, truths).best_f1.has_value());
    }
}

}  // namespace
}  // namespace earmark::evaluation
