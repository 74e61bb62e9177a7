#include "features/fft.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <complex>
#include <numbers>
#include <thread>
#include <vector>

#include "features/reference.hpp"

namespace earmark::features {
namespace {

using Numbers = std::vector<std::complex<float>>;

Numbers noise(int size, std::uint32_t seed) {
    const auto samples = testing::make_noise(2 * static_cast<std::size_t>(size), seed);
    Numbers numbers;
    for (std::size_t n = 0; n < samples.size(); n += 2) numbers.emplace_back(samples[n], samples[n + 1]);
    return numbers;
}

std::vector<std::complex<double>> naive_transform(const Numbers& numbers) {
    const auto size = static_cast<long>(numbers.size());
    std::vector<std::complex<double>> result;
    for (long k = 0; k < size; ++k) {
        std::complex<double> sum;
        for (long n = 0; n < size; ++n) {
            const double angle =
                -2.0 * std::numbers::pi * static_cast<double>(k * n % size) / static_cast<double>(size);
            sum += std::complex<double>(numbers[static_cast<std::size_t>(n)]) * std::polar(1.0, angle);
        }
        result.push_back(sum);
    }
    return result;
}

void load(Fft& fft, const Numbers& numbers) {
    std::copy(numbers.begin(), numbers.end(), fft.input().begin());
}

class FftSize : public ::testing::TestWithParam<int> {};

TEST_P(FftSize, EqualsTheDefinition) {
    const int size = GetParam();
    const auto numbers = noise(size, 7);
    const auto expected = naive_transform(numbers);
    Fft fft(size);
    ASSERT_EQ(fft.input().size(), numbers.size());
    // Twice, since back ends may overwrite their input or leave parts of the output untouched.
    for (int run = 0; run < 2; ++run) {
        load(fft, numbers);
        const auto result = fft.transform();
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

// Powers of two, sizes with factors 3, 5 and 7, odd numbers, primes: half the sizes of frames.
INSTANTIATE_TEST_SUITE_P(Sizes, FftSize,
                         ::testing::Values(8, 9, 10, 11, 25, 31, 32, 128, 200, 441, 500, 512, 551, 1023, 1024, 2048));

TEST(Fft, IsMadeAndUsedInManyThreadsAtOnce) {
    const auto numbers = noise(512, 1);
    Fft reference(512);
    load(reference, numbers);
    const auto expected = reference.transform();
    std::vector<std::thread> threads;
    std::atomic<int> different = 0;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int run = 0; run < 20; ++run) {
                Fft fft(512);
                load(fft, numbers);
                const auto result = fft.transform();
                if (!std::equal(result.begin(), result.end(), expected.begin())) ++different;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(different, 0);
}

}  // namespace
}  // namespace earmark::features
