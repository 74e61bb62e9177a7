#include "audio/resampling/resampler.hpp"

#include <gtest/gtest.h>
#include <soxr.h>

#include <cmath>
#include <random>
#include <vector>

namespace earmark::audio {
namespace {

std::vector<float> noise(std::size_t count) {
    std::mt19937 random(3);
    std::uniform_real_distribution<float> level(-0.9F, 0.9F);
    std::vector<float> samples(count);
    for (float& sample : samples) sample = level(random);
    return samples;
}

/// Feeds pieces of changing sizes around `piece`.
std::vector<float> in_pieces(std::span<const float> samples, int from, int to, std::size_t piece) {
    Resampler resampler(to);
    std::vector<float> out;
    const auto add = [&](std::span<const float> more) { out.insert(out.end(), more.begin(), more.end()); };
    for (std::size_t at = 0, round = 0; at < samples.size(); ++round) {
        const std::size_t count = std::min(samples.size() - at, piece + round % 5);
        add(resampler.process(samples.subspan(at, count), from));
        at += count;
    }
    add(resampler.finish());
    return out;
}

std::vector<float> at_once(const std::vector<float>& samples, int from, int to) {
    std::vector<float> out(samples.size() * static_cast<std::size_t>(to) / static_cast<std::size_t>(from) + 100);
    const soxr_io_spec_t spec = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    std::size_t made = 0;
    EXPECT_EQ(soxr_oneshot(from, to, 1, samples.data(), samples.size(), nullptr, out.data(), out.size(), &made, &spec,
                           &quality, nullptr),
              nullptr);
    out.resize(made);
    return out;
}

TEST(Resampler, InPiecesEqualsAtOnce) {
    for (const int from : {44100, 48000, 96000, 8000, 16000, 192000, 11025, 32000}) {
        const std::vector<float> samples = noise(100'003);
        const std::vector<float> expected = at_once(samples, from, 22050);
        for (const std::size_t piece : {1U, 1152U, 4096U, 200'000U}) {
            if (piece == 1 && from != 44100) continue;
            const std::vector<float> out = in_pieces(samples, from, 22050, piece);
            ASSERT_EQ(out.size(), expected.size()) << from << " in pieces of " << piece;
            for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], 1e-6) << from << " at " << i;
        }
        EXPECT_NEAR(static_cast<double>(expected.size()), 100'003.0 * 22050 / from, 1.0);
    }
}

TEST(Resampler, ASineStaysASine) {
    for (const int from : {44100, 48000, 16000}) {
        std::vector<float> sine(static_cast<std::size_t>(from) * 2);
        for (std::size_t i = 0; i < sine.size(); ++i) {
            sine[i] = static_cast<float>(0.5 * std::sin(2 * M_PI * 1000 * static_cast<double>(i) / from));
        }
        const std::vector<float> out = in_pieces(sine, from, 22050, 1000);
        ASSERT_EQ(out.size(), 44100U);
        for (std::size_t i = 400; i + 400 < out.size(); ++i) {
            ASSERT_NEAR(out[i], 0.5 * std::sin(2 * M_PI * 1000 * static_cast<double>(i) / 22050), 2e-6);
        }
    }
}

TEST(Resampler, WhatIsTooHighForTheOutputIsMissing) {
    std::vector<float> sine(88200);
    for (std::size_t i = 0; i < sine.size(); ++i) {
        sine[i] = static_cast<float>(0.5 * std::sin(2 * M_PI * 15000 * static_cast<double>(i) / 44100));
    }
    const std::vector<float> out = in_pieces(sine, 44100, 22050, 1152);
    for (std::size_t i = 400; i + 400 < out.size(); ++i) ASSERT_NEAR(out[i], 0.0, 2e-6);
}

TEST(Resampler, EqualRatesPassUntouched) {
    const std::vector<float> samples = noise(5000);
    Resampler resampler(22050);
    const std::span<const float> out = resampler.process(samples, 22050);
    EXPECT_EQ(out.data(), samples.data());
    EXPECT_EQ(out.size(), samples.size());
    EXPECT_TRUE(resampler.finish().empty());
}

TEST(Resampler, TheRateMayChange) {
    const std::vector<float> a = noise(44100);
    const std::vector<float> b = noise(22050);
    const std::vector<float> c = noise(48000);
    Resampler resampler(22050);
    std::vector<float> out;
    const auto add = [&](std::span<const float> more) { out.insert(out.end(), more.begin(), more.end()); };
    add(resampler.process(a, 44100));
    add(resampler.process(b, 22050));
    add(resampler.process(c, 48000));
    add(resampler.finish());

    std::vector<float> expected = at_once(a, 44100, 22050);
    expected.insert(expected.end(), b.begin(), b.end());
    const std::vector<float> last = at_once(c, 48000, 22050);
    expected.insert(expected.end(), last.begin(), last.end());
    ASSERT_EQ(out.size(), expected.size());
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], 1e-6) << i;
}

TEST(Resampler, NothingInNothingOut) {
    Resampler resampler(22050);
    EXPECT_TRUE(resampler.process({}, 44100).empty());
    EXPECT_TRUE(resampler.finish().empty());
}

TEST(Resampler, AFewSamples) {
    for (const std::size_t count : {1U, 2U, 3U, 10U}) {
        const std::vector<float> samples(count, 0.5F);
        EXPECT_EQ(in_pieces(samples, 44100, 22050, 1).size(), at_once(samples, 44100, 22050).size());
    }
}

TEST(Resampler, TheLimitsOfItsRates) {
    const std::vector<float> samples = noise(20'000);
    EXPECT_EQ(in_pieces(samples, Resampler::max_rate, 22050, 5000).size(), 28U);
    EXPECT_EQ(in_pieces(samples, Resampler::min_rate, 22050, 5000).size(), 441'000U);
}

}  // namespace
}  // namespace earmark::audio
