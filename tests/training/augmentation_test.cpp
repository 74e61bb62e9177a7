#include "training/data/augmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "support/error_of.hpp"
#include "training/data/draws.hpp"

namespace earmark::training {
namespace {

using testing::contains;
using testing::error_of;

/// A picture whose value tells frame and band: 100 · frame + band.
std::vector<float> numbered(std::int64_t frames, std::int64_t bands) {
    std::vector<float> values;
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        for (std::int64_t band = 0; band < bands; ++band) values.push_back(static_cast<float>(100 * frame + band));
    }
    return values;
}

TEST(TakeColumns, CopiesColumnsThatAreThere) {
    const std::vector<float> run = numbered(20, 8);
    std::vector<float> picture(5 * 8);
    take_columns(run, 8, 7.0, 1.0, picture);
    EXPECT_EQ(picture, std::vector<float>(run.begin() + 7 * 8, run.begin() + 12 * 8));
}

TEST(TakeColumns, TakesTheNearest) {
    const std::vector<float> run = numbered(20, 8);
    std::vector<float> picture(5 * 8);
    take_columns(run, 8, 4.25, 1.5, picture);  // 4.25, 5.75, 7.25, 8.75, 10.25
    const double columns[] = {4, 6, 7, 9, 10};
    for (int frame = 0; frame < 5; ++frame) {
        for (int band = 0; band < 8; ++band) EXPECT_EQ(picture[8 * frame + band], 100.0 * columns[frame] + band);
    }
}

TEST(TakeColumns, RepeatsTheOutermostColumn) {
    const std::vector<float> run = numbered(6, 8);
    std::vector<float> picture(6 * 8);
    take_columns(run, 8, -1.5, 1.5, picture);  // columns -1.5, 0, 1.5, 3, 4.5, 6
    const double columns[] = {0, 0, 2, 3, 5, 5};
    for (int frame = 0; frame < 6; ++frame) EXPECT_EQ(picture[8 * frame], 100.0 * columns[frame]) << frame;
}

TEST(TakeColumns, GoesRoundWhereARunIsShort) {
    const std::vector<float> run = numbered(3, 8);
    std::vector<float> picture(7 * 8);
    take_columns(run, 8, -1.0, 1.0, picture);
    const double columns[] = {2, 0, 1, 2, 0, 1, 2};
    for (int frame = 0; frame < 7; ++frame) EXPECT_EQ(picture[8 * frame], 100.0 * columns[frame]) << frame;
}

TEST(ShiftBands, MovesByWholeAndBrokenBands) {
    for (const double shift : {0.0, 1.0, -2.0, 0.25, -0.75, 3.5, -9.5}) {
        std::vector<float> picture = numbered(3, 12);
        shift_bands(picture, 12, shift);
        for (int frame = 0; frame < 3; ++frame) {
            for (int band = 0; band < 12; ++band) {
                const double source = std::clamp(band - shift, 0.0, 11.0);
                EXPECT_NEAR(picture[12 * frame + band], 100.0 * frame + source, 1e-3) << shift << " " << band;
            }
        }
    }
}

TEST(FillCurve, IsTheCubicThroughItsPoints) {
    const std::array<double, 4> points{2.0, -3.0, 1.0, 3.0};
    std::vector<float> curve(31);  // points at bands 0, 10, 20 and 30
    fill_curve(points, curve);
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(curve[10 * i], points[i], 1e-5);
    std::vector<double> differences(curve.begin(), curve.end());
    for (int order = 0; order < 4; ++order) {
        for (std::size_t i = 0; i + 1 < differences.size(); ++i) differences[i] = differences[i + 1] - differences[i];
        differences.pop_back();
    }
    for (double fourth : differences) EXPECT_NEAR(fourth, 0.0, 1e-4);
    // As far out as it can go.
    for (const std::array<double, 4>& worst : {std::array{1.0, 1.0, -1.0, 1.0}, std::array{-1.0, 1.0, 1.0, -1.0}}) {
        fill_curve(worst, curve);
        for (float value : curve) EXPECT_LE(std::abs(value), 1.64F);
    }
    fill_curve({5.0, 5.0, 5.0, 5.0}, curve);
    for (float value : curve) EXPECT_NEAR(value, 5.0, 1e-5);
}

TEST(AddToBands, AddsToEachFrame) {
    std::vector<float> picture = numbered(3, 2);
    add_to_bands(picture, std::vector<float>{0.5F, -1.0F});
    EXPECT_EQ(picture, (std::vector<float>{0.5F, 0.0F, 100.5F, 100.0F, 200.5F, 200.0F}));
}

TEST(SilenceBands, LetsThemFallToTheFloor) {
    std::vector<float> picture{5, 6, 7, 8, 9, 4, 3, 2};
    silence_bands(picture, 4, 1, 3);
    EXPECT_EQ(picture, (std::vector<float>{5, 2, 2, 8, 9, 2, 2, 2}));
}

TEST(Masks, BecomeTheMean) {
    const std::vector<float> mean{-1, -2, -3};
    std::vector<float> picture = numbered(4, 3);
    mask_bands(picture, mean, 1, 2);
    EXPECT_EQ(picture, (std::vector<float>{0, -2, 2, 100, -2, 102, 200, -2, 202, 300, -2, 302}));
    mask_frames(picture, mean, 1, 3);
    EXPECT_EQ(picture, (std::vector<float>{0, -2, 2, -1, -2, -3, -1, -2, -3, 300, -2, 302}));
    const std::vector<float> before = picture;
    mask_bands(picture, mean, 2, 2);
    mask_frames(picture, mean, 4, 4);
    EXPECT_EQ(picture, before) << "masks of no width";
}

class Augment : public ::testing::Test {
  protected:
    std::vector<float> after(const Augmentation& options, std::uint64_t seed) const {
        std::vector<float> picture(40 * 24, 10.0F);
        for (std::size_t i = 0; i < 24; ++i) picture[i] = -60.0F;  // the floor, in the first frame
        base::Random random(seed);
        augment(picture, options, mean, random);
        return picture;
    }
    std::vector<float> mean = std::vector<float>(24, -500.0F);
};

TEST_F(Augment, DoesNothingUnasked) {
    const std::vector<float> picture = after({}, 1);
    EXPECT_EQ(std::count(picture.begin(), picture.end(), 10.0F), 39 * 24);
    EXPECT_EQ(std::count(picture.begin(), picture.end(), -60.0F), 24);
}

TEST_F(Augment, DoesTheSameForTheSameSeed) {
    Augmentation all;
    all.gain = 6.0;
    all.equalise = 4.0;
    all.band_limit = 0.5;
    all.mask_bands = 8;
    all.mask_frames = 10;
    all.pitch_shift = 2.0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        EXPECT_EQ(after(all, seed), after(all, seed));
        EXPECT_NE(after(all, seed), after(all, seed + 1));
    }
}

TEST_F(Augment, GainsEvenlyWithinItsReach) {
    Augmentation options;
    options.gain = 6.0;
    double sum = 0.0;
    double squares = 0.0;
    const int count = 2000;
    for (int seed = 0; seed < count; ++seed) {
        const std::vector<float> picture = after(options, seed);
        const double gain = picture[24] - 10.0;
        EXPECT_LE(std::abs(gain), 6.0 + 1e-4);
        EXPECT_NEAR(picture[0], -60.0 + gain, 1e-4);
        EXPECT_NEAR(picture.back(), 10.0 + gain, 1e-4);
        sum += gain;
        squares += gain * gain;
    }
    EXPECT_NEAR(sum / count, 0.0, 0.3);                       // deviation of the mean: 6 / sqrt(3 · 2000) = 0.08
    EXPECT_NEAR(squares / count, 6.0 * 6.0 / 3.0, 0.1 * 12);  // of an even distribution
}

TEST_F(Augment, EqualisesAllFramesAlike) {
    Augmentation options;
    options.equalise = 3.0;
    double sum = 0.0;
    for (int seed = 0; seed < 500; ++seed) {
        const std::vector<float> picture = after(options, seed);
        for (int band = 0; band < 24; ++band) {
            EXPECT_EQ(picture[24 + band], picture[39 * 24 + band]);
            EXPECT_LE(std::abs(picture[24 + band] - 10.0F), 1.64F * 3.0F);
        }
        EXPECT_NE(picture[24], picture[47]);
        sum += picture[24 + 12] - 10.0;
    }
    EXPECT_NEAR(sum / 500.0, 0.0, 0.3);
}

TEST_F(Augment, LimitsTheBandAsOftenAsAsked) {
    Augmentation options;
    options.band_limit = 0.3;
    int above = 0;
    int below = 0;
    for (int seed = 0; seed < 2000; ++seed) {
        const std::vector<float> picture = after(options, seed);
        const auto fallen = std::count(picture.begin() + 24, picture.begin() + 48, -60.0F);
        EXPECT_LE(fallen, 12) << "more than half the bands";
        above += picture[47] == -60.0F;
        below += picture[24] == -60.0F;
        EXPECT_EQ(fallen > 0, picture[24] == -60.0F || picture[47] == -60.0F);
    }
    EXPECT_NEAR(above, 300, 60);
    EXPECT_NEAR(below, 300, 60);
}

TEST_F(Augment, MasksNoMoreThanAsked) {
    Augmentation bands;
    bands.mask_bands = 5;
    Augmentation frames;
    frames.mask_frames = 7;
    double widths[2] = {};
    std::vector<int> hit(24);
    for (int seed = 0; seed < 3000; ++seed) {
        const std::vector<float> one = after(bands, seed);
        int width = 0;
        for (int band = 0; band < 24; ++band) {
            const bool masked = one[24 + band] == -500.0F;
            EXPECT_EQ(masked, one[39 * 24 + band] == -500.0F);
            width += masked;
            hit[band] += masked;
        }
        EXPECT_LE(width, 10);
        widths[0] += width;
        const std::vector<float> other = after(frames, seed);
        const auto masked = std::count(other.begin(), other.end(), -500.0F);
        EXPECT_EQ(masked % 24, 0);
        EXPECT_LE(masked / 24, 14);
        widths[1] += static_cast<double>(masked / 24);
    }
    // Two of mean width 2.5 (3.5), which now and then overlap.
    EXPECT_NEAR(widths[0] / 3000, 4.7, 0.3);
    EXPECT_NEAR(widths[1] / 3000, 6.65, 0.4);
    EXPECT_GT(*std::min_element(hit.begin(), hit.end()), 0) << "a band that is never masked";
}

TEST_F(Augment, ShiftsThePitchByRandomBands) {
    Augmentation options;
    options.pitch_shift = 2.0;
    double sum = 0.0;
    for (int seed = 0; seed < 1000; ++seed) {
        std::vector<float> picture(24);
        for (int band = 0; band < 24; ++band) picture[band] = static_cast<float>(band);
        base::Random random(seed);
        augment(picture, options, mean, random);
        const double shift = 12.0 - picture[12];
        EXPECT_LE(std::abs(shift), 2.0 + 1e-5);
        EXPECT_NEAR(picture[8], 8.0 - shift, 1e-4);
        sum += shift;
    }
    EXPECT_NEAR(sum / 1000.0, 0.0, 0.2);
}

TEST(MixStatistics, MovesTheMeansOfBandsAndNothingElse) {
    std::vector<float> picture{1, 10, 3, 20, 5, 60};  // three frames of two bands, with means 3 and 30
    mix_statistics(picture, {{7, 10}, {1, 1}}, 0.5, 0.0);
    EXPECT_EQ(picture, (std::vector<float>{3, 0, 5, 10, 7, 50})) << "means 5 and 20";
    mix_statistics(picture, {{-1, 2}, {1, 1}}, 1.0, 0.0);
    EXPECT_EQ(picture, (std::vector<float>{-3, -18, -1, -8, 1, 32})) << "means -1 and 2";
    const std::vector<float> before = picture;
    mix_statistics(picture, {{100, 100}, {1, 1}}, 0.0, 0.0);
    EXPECT_EQ(picture, before);
}

TEST(MixStatistics, MovesTheDeviationsOfBands) {
    std::vector<float> picture{2, 8, 6, 8};  // two frames: means 4 and 8, deviations 2 and 0
    const BandStatistics own = band_statistics_of(picture, 2);
    EXPECT_EQ(own.mean, (std::vector<float>{4, 8}));
    EXPECT_EQ(own.deviation, (std::vector<float>{2, 0}));
    mix_statistics(picture, {{4, 8}, {6, 3}}, 0.0, 0.5);
    EXPECT_EQ(picture, (std::vector<float>{0, 8, 8, 8}))
        << "deviation half-way from 2 to 6; nothing to stretch in the other";
    mix_statistics(picture, {{4, 8}, {1000, 0}}, 0.0, 1.0);
    EXPECT_EQ(picture, (std::vector<float>{-12, 8, 20, 8})) << "four times is the most";
}

TEST(Overlay, AddsPowers) {
    std::vector<float> picture{-20, -20, 0, -60};
    overlay(picture, std::vector<float>{-20, -10, -60, 10}, 10.0);
    const double sums[] = {-20 + 10 * std::log10(1.1), -20 + 10 * std::log10(2.0), 0.0, 0.0};
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(picture[i], sums[i], 1e-4) << i;
}

TEST(CheckAugmentation, NamesWhatIsOutOfRange) {
    FeatureOptions features;
    features.kind = FeatureKind::logmel;
    const auto refused = [&](auto change, const char* text) {
        Augmentation options;
        change(options);
        const std::string error = error_of([&] { check(options, features, 77); });
        EXPECT_TRUE(testing::contains(error, "bad_option"));
        EXPECT_TRUE(testing::contains(error, text));
    };
    check({}, features, 77);
    check({6.0, 3.0, 1.0, 128, 77, 64.0, 0.9}, features, 77);
    refused([](auto& o) { o.gain = -1.0; }, "`gain`");
    refused([](auto& o) { o.gain = std::nan(""); }, "`gain`");
    refused([](auto& o) { o.equalise = 61.0; }, "`equalise`");
    refused([](auto& o) { o.band_limit = 1.5; }, "`band_limit`");
    refused([](auto& o) { o.mask_bands = 129; }, "`mask_bands`");
    refused([](auto& o) { o.mask_frames = 78; }, "`mask_frames`");
    refused([](auto& o) { o.pitch_shift = 65.0; }, "`pitch_shift`");
    refused([](auto& o) { o.stretch = 1.0; }, "`stretch`");
    refused([](auto& o) { o.band_statistics = 1.5; }, "`band_statistics`");
    refused([](auto& o) { o.dynamics = 1.5; }, "`dynamics`");
    refused([](auto& o) { o.overlay = -0.1; }, "`overlay`");
    features.kind = FeatureKind::mfcc;
    check({0.0, 0.0, 0.0, 0, 10, 0.0, 0.0}, features, 77);
    refused([](auto& o) { o.gain = 1.0; }, "logmel");
    refused([](auto& o) { o.mask_bands = 1; }, "logmel");
    refused([](auto& o) { o.stretch = 0.1; }, "logmel");
    refused([](auto& o) { o.band_statistics = 0.1; }, "logmel");
    features.kind = FeatureKind::mel;
    refused([](auto& o) { o.mask_frames = 1; }, "mfcc");
    features.kind = FeatureKind::logmel;
    features.compression = Compression::log10_1p;
    check({0.0, 0.0, 0.0, 128, 77, 64.0, 0.9}, features, 77);
    refused([](auto& o) { o.gain = 1.0; }, "log10-1p");
    refused([](auto& o) { o.equalise = 1.0; }, "decibels");
    refused([](auto& o) { o.band_limit = 0.5; }, "decibels");
    refused([](auto& o) { o.overlay = 0.5; }, "decibels");
}

TEST(Draws, FollowTheirDistributions) {
    base::Random random(3);
    for (const double shape : {0.01, 0.2, 0.5, 1.0, 4.0}) {
        const int count = 20000;
        double sum = 0.0;
        double squares = 0.0;
        for (int i = 0; i < count; ++i) {
            const double share = beta(random, shape);
            ASSERT_GE(share, 0.0);
            ASSERT_LE(share, 1.0);
            sum += share;
            squares += (share - 0.5) * (share - 0.5);
        }
        EXPECT_NEAR(sum / count, 0.5, 0.02) << shape;
        EXPECT_NEAR(squares / count, 1.0 / (4.0 * (2.0 * shape + 1.0)), 0.01) << shape;  // the variance of Beta
    }
    std::vector<int> counts(4);
    for (int i = 0; i < 4000; ++i) ++counts[up_to(random, 3)];
    for (int count : counts) EXPECT_NEAR(count, 1000, 150);
    EXPECT_EQ(up_to(random, 0), 0);
    EXPECT_EQ(up_to(random, -5), 0);
}

}  // namespace
}  // namespace earmark::training
