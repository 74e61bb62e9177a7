#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>

#include "baselines/neighbours.hpp"
#include "baselines/support_vectors.hpp"
#include "support/error_of.hpp"
#include "support/small_store.hpp"

namespace earmark::baselines {
namespace {

using testing::contains;
using testing::error_of;

/// Genres that differ in the means of coefficients, a third of them each.
dataset::FeatureStore made_store(int tracks = 12, int segments = 5, double apart = 3.0) {
    dataset::FeatureStore store = testing::small_store({"blues", "jazz", "rock"}, tracks, segments);
    std::mt19937_64 random(3);
    std::normal_distribution<double> normal;
    const std::vector<int> labels = store.segment_labels();
    for (std::size_t i = 0; i < store.values.size(); ++i) {
        const int label = labels[i / store.segment_size()];
        store.values[i] = static_cast<float>(normal(random) + (static_cast<int>(i % 13 % 3) == label ? apart : 0.0));
    }
    return store;
}

dataset::Split split_of(const dataset::FeatureStore& store, dataset::SplitKind kind, double valid = 0.15) {
    dataset::SplitOptions options;
    options.kind = kind;
    options.valid_fraction = valid;
    options.seed = 4;
    return dataset::make_split(store, options);
}

evaluation::Evaluation evaluated(const evaluation::Predictor& predict, const dataset::FeatureStore& store,
                                 const dataset::Split& split, dataset::Part part = dataset::Part::test) {
    evaluation::EvaluationOptions options;
    options.part = part;
    return evaluation::evaluate(predict, store, split, options);
}

TEST(NearestNeighbours, KnowMadeGaussians) {
    const dataset::FeatureStore store = made_store();
    for (const NeighbourUnit unit : {NeighbourUnit::track, NeighbourUnit::segment}) {
        const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
        const evaluation::Evaluation result = evaluated(nearest_neighbours(store, split, {5, unit}), store, split);
        EXPECT_EQ(result.metrics.tracks.accuracy, 1.0);
        EXPECT_EQ(result.metrics.segments.accuracy, 1.0);
        EXPECT_FALSE(result.leaky);
        EXPECT_EQ(result.tracks_seen_in_training, 0);
    }
    const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
    EXPECT_EQ(nearest_neighbours(store, split, {3, NeighbourUnit::track}).name, "knn, k 3, unit track");
}

TEST(NearestNeighbours, VoteAsTheirSharesSay) {
    // With every item of the training part voting, the shares are those of the genres.
    const dataset::FeatureStore store = made_store();
    const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
    const std::size_t known = dataset::tracks_of(store, split, dataset::Part::train).size();
    const evaluation::Predictor predict =
        nearest_neighbours(store, split, {static_cast<int>(known), NeighbourUnit::track});
    const std::vector<std::int64_t> segments = split.segments(dataset::Part::test);
    const std::vector<float> probabilities = predict.probabilities(segments);
    ASSERT_EQ(probabilities.size(), segments.size() * 3);
    const std::vector<int> labels = store.segment_labels();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        // Equal shares; the nearest neighbour decides.
        const auto row = std::span(probabilities).subspan(3 * i, 3);
        EXPECT_NEAR(row[0] + row[1] + row[2], 1.0, 1e-6);
        for (const float share : row) EXPECT_NEAR(share, 1.0 / 3.0, 2e-4);
        EXPECT_EQ(std::max_element(row.begin(), row.end()) - row.begin(),
                  labels[static_cast<std::size_t>(segments[i])]);
    }
}

TEST(NearestNeighbours, OneNeighbourIsSureAndFindsItself) {
    const dataset::FeatureStore store =
        testing::small_store({"blues", "jazz"}, 8, 2);  // noise: nothing but itself is near
    const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
    for (const NeighbourUnit unit : {NeighbourUnit::track, NeighbourUnit::segment}) {
        const evaluation::Evaluation result =
            evaluated(nearest_neighbours(store, split, {1, unit}), store, split, dataset::Part::train);
        EXPECT_EQ(result.metrics.segments.accuracy, 1.0);
        EXPECT_EQ(result.metrics.segments.loss, 0.0);
        EXPECT_TRUE(result.leaky);
    }
}

TEST(NearestNeighbours, ATrackIsOneItem) {
    const dataset::FeatureStore store = testing::small_store({"blues", "jazz"}, 8, 4);
    const dataset::Split split = split_of(store, dataset::SplitKind::random_segments);
    const evaluation::Evaluation result =
        evaluated(nearest_neighbours(store, split, {3, NeighbourUnit::track}), store, split);
    EXPECT_TRUE(result.leaky);
    EXPECT_GT(result.tracks_seen_in_training.value(), 0);
    const evaluation::Predictor predict = nearest_neighbours(store, split, {3, NeighbourUnit::track});
    const std::vector<std::int64_t> segments = split.segments(dataset::Part::test);
    const std::vector<float> probabilities = predict.probabilities(segments);
    const std::vector<int> tracks = store.segment_tracks();
    int together = 0;
    for (std::size_t i = 1; i < segments.size(); ++i) {
        if (tracks[static_cast<std::size_t>(segments[i])] != tracks[static_cast<std::size_t>(segments[i - 1])])
            continue;
        ++together;
        for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(probabilities[2 * i + k], probabilities[2 * i - 2 + k]);
    }
    EXPECT_GT(together, 0);
}

TEST(NearestNeighbours, GiveTheSameOnAnyNumberOfThreads) {
    const dataset::FeatureStore store = testing::small_store({"blues", "jazz"}, 8, 2);
    const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
    const std::vector<std::int64_t> segments = split.segments(dataset::Part::test);
    const auto result = [&](int jobs) {
        return nearest_neighbours(store, split, {5, NeighbourUnit::segment, jobs}).probabilities(segments);
    };
    EXPECT_EQ(result(1), result(3));
}

TEST(NearestNeighbours, RefuseWhatCannotBe) {
    const dataset::FeatureStore store = made_store(8);
    dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
    const auto refusal = [&](int k) {
        return testing::error_of([&] { nearest_neighbours(store, split, {k, NeighbourUnit::track}); });
    };
    const std::size_t known = dataset::tracks_of(store, split, dataset::Part::train).size();
    EXPECT_TRUE(testing::contains(refusal(0), "bad_option: `k` 0"));
    EXPECT_TRUE(
        testing::contains(refusal(static_cast<int>(known) + 1), fmt::format("from 1 to {}, the tracks", known)));
    std::replace(split.parts.begin(), split.parts.end(), dataset::Part::train, dataset::Part::none);
    EXPECT_TRUE(testing::contains(refusal(5), "bad_data: The training part"));
    const base::StopFlag stop = true;
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      nearest_neighbours(store, split_of(store, dataset::SplitKind::random_tracks),
                                                         {5, NeighbourUnit::track, 1, &stop});
                                  }),
                                  "interrupted: "));
}

TEST(SegmentStatistics, AreMeansAndDeviationsOfValuesAndDifferences) {
    // Columns 0 2 4 9 and 5 5 5 5: differences 2 2 5 and 0 0 0.
    const std::vector<float> segment{0, 5, 2, 5, 4, 5, 9, 5};
    const std::vector<double> expected{3.75, 5.0, std::sqrt(11.1875), 0.0, 3.0, 0.0, std::sqrt(2.0), 0.0};
    const std::vector<double> found = segment_statistics(segment, 2);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
    EXPECT_EQ(segment_statistics(std::vector<float>{7.0F}, 1), (std::vector<double>{7.0, 0.0, 0.0, 0.0}));
}

TEST(SupportVectors, SeparateMadeData) {
    const dataset::FeatureStore store = made_store();
    for (const double valid : {0.15, 0.0}) {  // chosen by validation, and by folds
        const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks, valid);
        const evaluation::Evaluation result = evaluated(support_vectors(store, split, {}), store, split);
        EXPECT_EQ(result.metrics.segments.accuracy, 1.0);
        EXPECT_LT(result.metrics.segments.loss, 0.5);  // by chance: 1.1
        EXPECT_FALSE(result.leaky);
    }
}

TEST(SupportVectors, GiveTheSameForTheSameSeedOnAnyNumberOfThreads) {
    const dataset::FeatureStore store = made_store(12, 3, 0.1);  // hard to tell apart
    const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks, 0.0);
    const std::vector<std::int64_t> segments = split.segments(dataset::Part::test);
    const auto result = [&](std::uint64_t seed, int jobs) {
        SupportVectorOptions options;
        options.seed = seed;
        options.jobs = jobs;
        const evaluation::Predictor predict = support_vectors(store, split, options);
        return std::pair(predict.name, predict.probabilities(segments));
    };
    const auto once = result(1, 1);
    std::srand(99);
    EXPECT_EQ(result(1, 3), once);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto row = std::span(once.second).subspan(3 * i, 3);
        EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1.0, 1e-5);
    }
    EXPECT_NE(result(2, 1).second, once.second);
}

TEST(SupportVectors, TakeTheSettingsGiven) {
    const dataset::FeatureStore store = made_store();
    const dataset::Split split = split_of(store, dataset::SplitKind::random_tracks);
    SupportVectorOptions options;
    options.cost = 2.5;
    options.gamma = 0.01;
    EXPECT_EQ(support_vectors(store, split, options).name, "svm, cost 2.5, gamma 0.01");
    options.gamma.reset();
    EXPECT_TRUE(testing::contains(support_vectors(store, split, options).name, "svm, cost 2.5, gamma "));
}

TEST(SupportVectors, RefuseWhatCannotBe) {
    const dataset::FeatureStore store = made_store(8);
    dataset::Split split = split_of(store, dataset::SplitKind::random_tracks, 0.0);
    SupportVectorOptions options;
    options.cost = 0.0;
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { support_vectors(store, split, options); }), "bad_option: `cost` 0"));
    const std::vector<int> labels = store.segment_labels();
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] != 0 && split.parts[i] == dataset::Part::train) split.parts[i] = dataset::Part::none;
    }
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { support_vectors(store, split, {}); }), "holds one genre only"));
    std::replace(split.parts.begin(), split.parts.end(), dataset::Part::train, dataset::Part::none);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { support_vectors(store, split, {}); }),
                                  "bad_data: The training part"));
    // One track a genre: no folds.
    for (std::size_t i = 0; i < labels.size(); ++i)
        split.parts[i] = i % 40 < 5 ? dataset::Part::train : dataset::Part::none;
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { support_vectors(store, split, {}); }), "too few for the 3 folds"));
}

}  // namespace
}  // namespace earmark::baselines
