#include "baselines/gaussian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/error_of.hpp"

namespace earmark::baselines {
namespace {

std::vector<float> random_frames(std::size_t frames, std::size_t width, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(frames * width);
    for (std::size_t i = 0; i < values.size(); ++i) {
        // Neighbouring values hang together, so the covariance is no diagonal matrix.
        values[i] = static_cast<float>(seed % 7) + normal(random) * static_cast<float>(1 + i % width);
        if (i % width > 0) values[i] += 0.5F * values[i - 1];
    }
    return values;
}

using Matrix = std::vector<std::vector<double>>;

/// Gauss and Jordan, without any wit.
Matrix inverse(Matrix a) {
    const std::size_t n = a.size();
    Matrix b(n, std::vector<double>(n, 0.0));
    for (std::size_t i = 0; i < n; ++i) b[i][i] = 1.0;
    for (std::size_t i = 0; i < n; ++i) {
        const double pivot = a[i][i];
        for (std::size_t j = 0; j < n; ++j) {
            a[i][j] /= pivot;
            b[i][j] /= pivot;
        }
        for (std::size_t row = 0; row < n; ++row) {
            if (row == i) continue;
            const double factor = a[row][i];
            for (std::size_t j = 0; j < n; ++j) {
                a[row][j] -= factor * a[i][j];
                b[row][j] -= factor * b[i][j];
            }
        }
    }
    return b;
}

struct Moments {
    std::vector<double> mean;
    Matrix covariance;
};

Moments moments(const std::vector<float>& frames, std::size_t width) {
    const std::size_t count = frames.size() / width;
    Moments result{std::vector<double>(width, 0.0), Matrix(width, std::vector<double>(width, 0.0))};
    for (std::size_t t = 0; t < count; ++t) {
        for (std::size_t i = 0; i < width; ++i) result.mean[i] += frames[t * width + i] / static_cast<double>(count);
    }
    for (std::size_t t = 0; t < count; ++t) {
        for (std::size_t i = 0; i < width; ++i) {
            for (std::size_t j = 0; j < width; ++j) {
                result.covariance[i][j] += (frames[t * width + i] - result.mean[i]) *
                                           (frames[t * width + j] - result.mean[j]) / static_cast<double>(count);
            }
        }
    }
    return result;
}

/// tr(Σq⁻¹ Σp) + (μp - μq)ᵀ Σq⁻¹ (μp - μq) - d, which is twice KL(p‖q) but for the determinants.
double one_way(const Moments& p, const Moments& q) {
    const Matrix precision = inverse(q.covariance);
    double sum = -static_cast<double>(p.mean.size());
    for (std::size_t i = 0; i < p.mean.size(); ++i) {
        for (std::size_t j = 0; j < p.mean.size(); ++j) {
            sum += precision[i][j] * p.covariance[j][i];
            sum += precision[i][j] * (p.mean[i] - q.mean[i]) * (p.mean[j] - q.mean[j]);
        }
    }
    return sum;
}

TEST(Gaussian, DivergenceOfOneValueIsWhatTheFormulaGivesByHand) {
    // Means 0 and 3, variances 1 and 4: ½ (1/4 + 4/1 + 9 · (1 + 1/4)) - 1 = 6.75.
    const std::vector<float> p{-1.0F, 1.0F};
    const std::vector<float> q{1.0F, 5.0F};
    EXPECT_NEAR(divergence(gaussian_of(p, 1), gaussian_of(q, 1)), 6.75, 1e-12);
}

TEST(Gaussian, DivergenceOfTwoValuesIsWhatTheFormulaGivesByHand) {
    // p: mean (0, 0), covariance ((1, 0), (0, 1)). q: mean (1, 0), covariance ((2, 1), (1, 1)), inverse ((1, -1), (-1,
    // 2)). tr(Σq⁻¹ Σp) = 3, tr(Σp⁻¹ Σq) = 3, differences (1, 0): 1 + 1. ½ (3 + 3 + 2) - 2 = 2.
    const std::vector<float> p{1, 1, -1, 1, 1, -1, -1, -1};
    const std::vector<float> q{1 + 2, 1, 1 - 2, -1, 1, 1, 1, -1};
    EXPECT_NEAR(divergence(gaussian_of(p, 2), gaussian_of(q, 2)), 2.0, 1e-12);
}

TEST(Gaussian, DivergenceAgreesWithPlainLoops) {
    constexpr std::size_t width = 13;
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
        const std::vector<float> p = random_frames(77, width, seed);
        const std::vector<float> q = random_frames(100, width, seed + 10);
        const double expected =
            0.5 * (one_way(moments(p, width), moments(q, width)) + one_way(moments(q, width), moments(p, width)));
        const double found = divergence(gaussian_of(p, width), gaussian_of(q, width));
        EXPECT_NEAR(found, expected, 1e-8 * expected);
        EXPECT_EQ(found, divergence(gaussian_of(q, width), gaussian_of(p, width)));
        EXPECT_NEAR(divergence(gaussian_of(p, width), gaussian_of(p, width)), 0.0, 1e-9);
    }
}

TEST(Gaussian, SingularCovariancesAreHelped) {
    const std::vector<float> constant{5, 7, 5, 7};
    const std::vector<float> copies{1, 1, 2, 2, 3, 3};  // the second value is the first
    for (const std::vector<float>& frames : {constant, copies, std::vector<float>{1, 2}}) {
        const Gaussian gaussian = gaussian_of(frames, 2);
        EXPECT_NEAR(divergence(gaussian, gaussian), 0.0, 1e-6);
        const double far = divergence(gaussian, gaussian_of(std::vector<float>{90, 4, 91, 9, 99, 2}, 2));
        EXPECT_TRUE(std::isfinite(far));
        EXPECT_GT(far, 100.0);
    }
    // A sound one stays as it is.
    EXPECT_EQ(gaussian_of(std::vector<float>{-1.0F, 1.0F}, 1).covariance[0], 1.0);
    EXPECT_GT(gaussian_of(copies, 2).covariance[0], 2.0 / 3.0);
}

TEST(Gaussian, NeedsFrames) {
    EXPECT_TRUE(testing::contains(testing::error_of([] { gaussian_of({}, 13); }), "bad_data: "));
}

}  // namespace
}  // namespace earmark::baselines
