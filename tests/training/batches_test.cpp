#include "training/data/batches.hpp"

#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "logmel_store.hpp"
#include "support/error_of.hpp"

namespace earmark::training {
namespace {

using testing::logmel_store;

/// A store whose values tell where they come from: 1000 · track + column of the track, the same in all bands.
dataset::FeatureStore numbered_store(int tracks_a_genre = 2, int segments_a_track = 8) {
    dataset::FeatureStore store = testing::logmel_store(tracks_a_genre, segments_a_track);
    std::size_t at = 0;
    for (std::size_t track = 0; track < store.tracks.size(); ++track) {
        for (int column = 0; column < 40 * segments_a_track; ++column) {
            for (int band = 0; band < 24; ++band) store.values[at++] = static_cast<float>(1000 * track + column);
        }
    }
    return store;
}

std::vector<std::int64_t> all_rows(const dataset::FeatureStore& store) {
    std::vector<std::int64_t> rows(store.segment_count());
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

TrainingOptions options_of(const dataset::FeatureStore& store) {
    TrainingOptions options;
    options.network = model::NetworkSpec::parse({"vgg", R"({"filters": [8, 8]})"}, "test");  // takes crops
    options.batch_size = 7;
    options.seed = 12;
    check(options, store);
    return options;
}

/// All batches of an epoch, one after the other.
Batch epoch(Batches& batches, int number) {
    torch::manual_seed(number);
    batches.begin_epoch(number);
    std::vector<torch::Tensor> parts[4];
    for (std::int64_t i = 0; i < batches.count(); ++i) {
        const Batch batch = batches.at(i);
        parts[0].push_back(batch.inputs);
        parts[1].push_back(batch.labels);
        if (!batch.partners.defined()) continue;
        parts[2].push_back(batch.partners);
        parts[3].push_back(batch.shares);
    }
    const auto joined = [](const std::vector<torch::Tensor>& list) {
        return list.empty() ? torch::Tensor() : torch::cat(list);
    };
    return {joined(parts[0]), joined(parts[1]), {}, joined(parts[2]), joined(parts[3]), {}};
}

Batches batches_of(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows,
                   const TrainingOptions& options) {
    check(options, store);
    return {store, rows, options, statistics_of(store, rows).mean, no_standardisation(store), torch::kCPU};
}

TEST(Batches, HoldEachSegmentOnceInRandomOrder) {
    const dataset::FeatureStore store = numbered_store();
    const TrainingOptions options = options_of(store);
    Batches batches = batches_of(store, all_rows(store), options);
    EXPECT_EQ(batches.count(), 7);  // 48 segments by 7
    const Batch whole = epoch(batches, 1);
    torch::manual_seed(1);
    const torch::Tensor order = torch::randperm(48, torch::kInt64);
    const auto labels = store.segment_labels();
    for (std::int64_t i = 0; i < 48; ++i) {
        const std::int64_t row = order[i].item<std::int64_t>();
        const auto segment = store.segment(row);
        ASSERT_TRUE(std::equal(segment.begin(), segment.end(), whole.inputs[i].data_ptr<float>()));
        EXPECT_EQ(whole.labels[i].item<std::int64_t>(), labels[row]);
    }
    EXPECT_FALSE(whole.partners.defined());
}

TEST(Batches, AreStandardisedByWhatTheyAreGiven) {
    const dataset::FeatureStore store = testing::logmel_store();
    const TrainingOptions options = options_of(store);
    const std::vector<std::int64_t> rows = all_rows(store);
    const Statistics statistics = statistics_of(store, rows);
    Batches batches(store, rows, options, statistics.mean, statistics, torch::kCPU);
    const torch::Tensor columns = epoch(batches, 1).inputs.flatten(0, 1);
    EXPECT_LT(columns.mean(0).abs().max().item<double>(), 1e-4);
    EXPECT_LT((columns.square().mean(0) - 1).abs().max().item<double>(), 1e-3);
}

TEST(Batches, CropSegmentsAnywhere) {
    const dataset::FeatureStore store = numbered_store();
    TrainingOptions options = options_of(store);
    options.crop_frames = 25;
    options.crops = 3;
    Batches batches = batches_of(store, all_rows(store), options);
    std::set<int> starts;
    for (int number = 1; number <= 10; ++number) {
        const Batch whole = epoch(batches, number);
        ASSERT_EQ(whole.inputs.sizes(), (std::vector<std::int64_t>{3 * 48, 25, 24}));
        std::map<int, int> seen;
        for (std::int64_t i = 0; i < 3 * 48; ++i) {
            const torch::Tensor columns = whole.inputs[i].select(1, 0);
            const int first = columns[0].item<int>();
            ASSERT_TRUE(torch::equal(columns, torch::arange(first, first + 25, torch::kFloat32)));
            EXPECT_LE(first % 1000 % 40, 15) << "beyond the end of the segment";
            EXPECT_EQ(whole.labels[i].item<int>(), store.tracks[first / 1000].label);
            starts.insert(first % 1000 % 40);
            ++seen[first / 1000 * 10 + first % 1000 / 40];
        }
        EXPECT_EQ(seen.size(), 48U);
        for (const auto& [segment, times] : seen) EXPECT_EQ(times, 3) << segment;
    }
    EXPECT_EQ(starts.size(), 16U) << "every place occurs";
}

TEST(Batches, CropAcrossTheSegmentsOfABlock) {
    const dataset::FeatureStore store = numbered_store();
    TrainingOptions options = options_of(store);
    options.crop_across = true;
    options.crop_frames = 70;
    // Of the first track a segment is missing: two runs of its first block are left, of one and of two segments.
    std::vector<std::int64_t> rows = all_rows(store);
    rows.erase(rows.begin() + 1);
    Batches batches = batches_of(store, rows, options);
    std::set<int> starts;
    for (int number = 1; number <= 20; ++number) {
        const Batch whole = epoch(batches, number);
        for (std::int64_t i = 0; i < 47; ++i) {
            const torch::Tensor columns = whole.inputs[i].select(1, 0);
            const int first = columns[0].item<int>();
            if (first == 0) {  // the lone segment, from its start again
                EXPECT_TRUE(torch::equal(columns, torch::arange(70, torch::kFloat32).remainder(40)));
                continue;
            }
            ASSERT_TRUE(torch::equal(columns, torch::arange(first, first + 70, torch::kFloat32))) << first;
            const int column = first % 1000;
            EXPECT_EQ(column / 160, (column + 69) / 160) << "over the end of a block";
            EXPECT_GE(first, 80) << "over the gap";
            starts.insert(column % 40);
        }
    }
    EXPECT_EQ(starts.size(), 40U) << "crops start anywhere";
    options.crop_frames = 161;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { batches_of(store, rows, options); }), "`crop_frames`"));
}

TEST(Batches, StretchTimeAroundTheMiddle) {
    const dataset::FeatureStore store = numbered_store();
    TrainingOptions options = options_of(store);
    options.crop_frames = 20;
    options.augmentation.stretch = 0.2;
    Batches batches = batches_of(store, all_rows(store), options);
    const torch::Tensor inputs = epoch(batches, 1).inputs.select(2, 0);
    double least = 9.0;
    double most = 0.0;
    for (std::int64_t i = 0; i < 48; ++i) {
        const torch::Tensor steps = inputs[i].slice(0, 1) - inputs[i].slice(0, 0, -1);
        // Whole columns, none smoothed: some are left out, others come twice.
        EXPECT_TRUE((steps.eq(0) | steps.eq(1) | steps.eq(2)).all().item<bool>());
        EXPECT_LE(steps.eq(2).sum().item<int>(), 4);
        const double rate = steps.mean().item<double>();
        least = std::min(least, rate);
        most = std::max(most, rate);
        EXPECT_GE(rate, 0.8 - 3.0 / 19) << "less at an end of a segment, whose outermost column is repeated";
        EXPECT_LE(rate, 1.2 + 1.0 / 19);
    }
    EXPECT_LT(least, 0.9);
    EXPECT_GT(most, 1.1);
}

TEST(Batches, MixPairsAndTheirLabels) {
    const dataset::FeatureStore store = testing::logmel_store();
    TrainingOptions options = options_of(store);
    options.noise_fraction = 0.2;
    Batches plain = batches_of(store, all_rows(store), options);
    TrainingOptions mixing = options;
    mixing.mixup = 0.5;
    Batches mixed = batches_of(store, all_rows(store), mixing);
    torch::manual_seed(1);
    plain.begin_epoch(1);
    torch::manual_seed(1);
    mixed.begin_epoch(1);
    std::set<float> shares;
    for (std::int64_t index = 0; index < plain.count(); ++index) {
        const Batch before = plain.at(index);
        const Batch after = mixed.at(index);
        EXPECT_TRUE(torch::equal(before.labels, after.labels));
        for (std::int64_t i = 0; i < before.labels.size(0); ++i) {
            const float share = after.shares[i].item<float>();
            EXPECT_GE(share, 0.5F);
            EXPECT_LE(share, 1.0F);
            shares.insert(share);
            bool found = false;
            for (std::int64_t j = 0; j < before.labels.size(0); ++j) {
                found =
                    found || (torch::equal(after.partners[i], before.labels[j]) &&
                              torch::allclose(after.inputs[i],
                                              share * before.inputs[i] + (1 - share) * before.inputs[j], 1e-4, 1e-3));
            }
            EXPECT_TRUE(found);
        }
    }
    EXPECT_GT(shares.size(), 50U) << "each pair is mixed in a share of its own";
}

TEST(Batches, CropAndLabelNoiseLikeMusic) {
    const dataset::FeatureStore store = testing::logmel_store();
    TrainingOptions options = options_of(store);
    options.noise_fraction = 0.25;
    for (const bool across : {false, true}) {
        options.crop_across = across;
        options.crop_frames = across ? 90 : 30;
        Batches batches = batches_of(store, all_rows(store), options);
        const Batch whole = epoch(batches, 1);
        EXPECT_EQ(whole.labels.size(0), 96 + 24);
        EXPECT_EQ(whole.labels.eq(no_genre).sum().item<int>(), 24);
        EXPECT_TRUE(torch::isfinite(whole.inputs).all().item<bool>());
    }
}

TEST(Batches, DependOnSeedAndEpochOnly) {
    const dataset::FeatureStore store = testing::logmel_store();
    TrainingOptions options = options_of(store);
    options.crop_across = true;
    options.crop_frames = 50;
    options.crops = 2;
    options.mixup = 0.3;
    options.augmentation = {6.0, 4.0, 0.3, 6, 10, 1.5, 0.1};
    Batches batches = batches_of(store, all_rows(store), options);
    epoch(batches, 1);
    const Batch third = epoch(batches, 3);
    Batches others = batches_of(store, all_rows(store), options);
    const int threads = at::get_num_threads();
    at::set_num_threads(2);
    const Batch again = epoch(others, 3);
    at::set_num_threads(threads);
    EXPECT_TRUE(torch::equal(third.inputs, again.inputs)) << "whatever came before, and on however many threads";
    EXPECT_TRUE(torch::equal(third.partners, again.partners));
    EXPECT_FALSE(torch::equal(third.inputs, epoch(others, 4).inputs));
    options.seed = 13;
    Batches seeded = batches_of(store, all_rows(store), options);
    EXPECT_FALSE(torch::equal(third.inputs, epoch(seeded, 3).inputs));
}

}  // namespace
}  // namespace earmark::training
