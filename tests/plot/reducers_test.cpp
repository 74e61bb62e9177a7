#include "plot/signal/reducers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace earmark::plot {

namespace {

std::vector<float> noise(std::size_t size) {
    std::mt19937 random(7);
    std::vector<float> samples(size);
    for (float& sample : samples) sample = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
    return samples;
}

TEST(EnvelopeReducer, KeepsAFewSamplesAsTheyAre) {
    EnvelopeReducer reducer;
    reducer.push(std::vector<float>{0.5F, -0.25F, 1.0F});
    const std::vector<Extent> extents = reducer.extents();
    ASSERT_EQ(extents.size(), 3U);
    EXPECT_EQ(reducer.stride(), 1);
    EXPECT_EQ(extents[1].low, -0.25F);
    EXPECT_EQ(extents[1].high, -0.25F);
}

TEST(EnvelopeReducer, LosesNoPeakHoweverItIsFed) {
    const std::vector<float> samples = noise(10007);
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{3}, std::size_t{64}, std::size_t{1000}, std::size_t{10007}}) {
        EnvelopeReducer reducer(64);
        for (std::size_t at = 0; at < samples.size(); at += piece) {
            reducer.push(std::span(samples).subspan(at, std::min(piece, samples.size() - at)));
        }
        EXPECT_EQ(reducer.samples(), 10007);
        const std::vector<Extent> extents = reducer.extents();
        EXPECT_LE(extents.size(), 64U);
        EXPECT_GT(extents.size(), 32U);
        const auto stride = static_cast<std::size_t>(reducer.stride());
        ASSERT_EQ(extents.size(), (samples.size() + stride - 1) / stride);
        for (std::size_t i = 0; i < extents.size(); ++i) {
            const auto covered = std::span(samples).subspan(i * stride, std::min(stride, samples.size() - i * stride));
            const auto [low, high] = std::ranges::minmax(covered);
            EXPECT_EQ(extents[i].low, low);
            EXPECT_EQ(extents[i].high, high);
        }
    }
}

TEST(ColumnReducer, AveragesColumnsWhenFull) {
    constexpr int values = 3;
    constexpr int frames = 1001;
    ColumnReducer reducer(values, 16);
    for (int i = 0; i < frames; ++i) {
        reducer.push(std::vector<float>{static_cast<float>(i), 1.0F, i % 2 == 0 ? -1.0F : 1.0F});
    }
    EXPECT_EQ(reducer.frames(), frames);
    EXPECT_EQ(reducer.stride(), 64);
    const std::vector<float> columns = reducer.columns();
    ASSERT_EQ(columns.size(), 16U * values);
    for (std::size_t c = 0; c < 16; ++c) {
        const double from = 64.0 * static_cast<double>(c);
        const double to = std::min(from + 64.0, double{frames});
        EXPECT_NEAR(columns[c * values], 0.5 * (from + to - 1.0), 0.01);
        EXPECT_FLOAT_EQ(columns[c * values + 1], 1.0F);
    }
    EXPECT_NEAR(columns[2], 0.0F, 1e-6F);
}

TEST(ColumnReducer, KeepsFewFramesAsTheyAre) {
    ColumnReducer reducer(2);
    reducer.push(std::vector<float>{1.0F, 2.0F});
    reducer.push(std::vector<float>{3.0F, 4.0F});
    EXPECT_EQ(reducer.columns(), (std::vector<float>{1.0F, 2.0F, 3.0F, 4.0F}));
    EXPECT_EQ(reducer.stride(), 1);
}

TEST(ColumnReducer, AveragesRowsOfTallFrames) {
    ColumnReducer reducer(5, 16, 3);
    EXPECT_EQ(reducer.group(), 2);
    EXPECT_EQ(reducer.rows(), 3);
    reducer.push(std::vector<float>{1.0F, 3.0F, 10.0F, 20.0F, 7.0F});
    EXPECT_EQ(reducer.columns(), (std::vector<float>{2.0F, 15.0F, 7.0F}));
}

}  // namespace

}  // namespace earmark::plot
