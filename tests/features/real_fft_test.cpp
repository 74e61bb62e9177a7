#include "features/real_fft.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <numbers>
#include <thread>

#include "features/reference.hpp"

namespace earmark {
namespace {

std::vector<std::complex<double>> naive_transform(const std::vector<float>& samples) {
    const auto size = static_cast<long>(samples.size());
    std::vector<std::complex<double>> result;
    for (long k = 0; k <= size / 2; ++k) {
        std::complex<double> sum;
        for (long n = 0; n < size; ++n) {
            const double angle =
                -2.0 * std::numbers::pi * static_cast<double>(k * n % size) / static_cast<double>(size);
            sum += static_cast<double>(samples[static_cast<std::size_t>(n)]) * std::polar(1.0, angle);
        }
        result.push_back(sum);
    }
    return result;
}

void load(RealFft& fft, const std::vector<float>& samples) {
    std::copy(samples.begin(), samples.end(), fft.input().begin());
}

class RealFftSize : public ::testing::TestWithParam<int> {};

TEST_P(RealFftSize, EqualsTheDefinition) {
    const int size = GetParam();
    const auto samples = testing::make_noise(static_cast<std::size_t>(size), 7);
    RealFft fft(size);
    ASSERT_EQ(fft.input().size(), samples.size());
    // Twice, since back ends may overwrite their input or leave parts of the output untouched.
    for (int run = 0; run < 2; ++run) {
        load(fft, samples);
        const auto result = fft.transform();
        const auto expected = naive_transform(samples);
        ASSERT_EQ(result.size(), expected.size());
        double error = 0.0;
        double power = 0.0;
        for (std::size_t k = 0; k < expected.size(); ++k) {
            error += std::norm(std::complex<double>(result[k]) - expected[k]);
            power += std::norm(expected[k]);
        }
        EXPECT_LT(std::sqrt(error / power), 1e-6);
    }
}

// Powers of two, sizes with factors 3, 5 and 7, twice odd numbers, twice a prime.
INSTANTIATE_TEST_SUITE_P(Sizes, RealFftSize,
                         ::testing::Values(16, 18, 20, 22, 50, 62, 64, 256, 400, 882, 1000, 1024, 1102, 2046, 2048,
                                           4096));

TEST(RealFft, ConstantAndAlternatingSamplesFallIntoTheOuterBins) {
    RealFft fft(64);
    for (std::size_t n = 0; n < 64; ++n) fft.input()[n] = n % 2 == 0 ? 3.0F : 1.0F;
    const auto result = fft.transform();
    EXPECT_FLOAT_EQ(result[0].real(), 128.0F);
    EXPECT_FLOAT_EQ(result[32].real(), 64.0F);
    EXPECT_EQ(result[0].imag(), 0.0F);
    EXPECT_EQ(result[32].imag(), 0.0F);
    for (std::size_t k = 1; k < 32; ++k) EXPECT_NEAR(std::abs(result[k]), 0.0F, 1e-5F);
}

TEST(RealFft, IsMadeAndUsedInManyThreadsAtOnce) {
    const auto samples = testing::make_noise(512);
    RealFft reference(512);
    load(reference, samples);
    const auto expected = reference.transform();
    std::vector<std::thread> threads;
    std::atomic<int> different = 0;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int run = 0; run < 20; ++run) {
                RealFft fft(512);
                load(fft, samples);
                const auto result = fft.transform();
                if (!std::equal(result.begin(), result.end(), expected.begin())) ++different;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(different, 0);
}

}  // namespace
}  // namespace earmark
