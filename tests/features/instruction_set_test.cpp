// Every instruction set that this processor can run: each kernel by its definition, and whole features by librosa's.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>

#include "earmark/features.hpp"
#include "features/compressor.hpp"
#include "features/dct.hpp"
#include "features/decibels.hpp"
#include "features/kernels.hpp"
#include "features/mel_bank.hpp"
#include "features/power_spectrum.hpp"
#include "features/reference.hpp"

namespace earmark::features {
namespace {

TEST(InstructionSets, TheBestIsChosen) {
    const auto names = instruction_sets();
    ASSERT_FALSE(names.empty());
    EXPECT_EQ(instruction_set(), names.front());
#ifdef __x86_64__
    // Plain x86-64 is what Earmark is built for, and yet it uses what is there.
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx512) {
        EXPECT_TRUE(instruction_set().starts_with("AVX-512") || instruction_set().starts_with("AVX3"));
    } else if (__builtin_cpu_supports("avx2")) {
        EXPECT_EQ(instruction_set(), "AVX2");
    }
#endif
}

class InstructionSet : public ::testing::TestWithParam<std::string_view> {
  protected:
    void SetUp() override {
        use_instruction_set(GetParam());
        ASSERT_EQ(instruction_set(), GetParam());
    }
    void TearDown() override { use_instruction_set({}); }
};

INSTANTIATE_TEST_SUITE_P(All, InstructionSet, ::testing::ValuesIn(instruction_sets()), [](const auto& test) {
    std::string name(test.param);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST_P(InstructionSet, MultipliesEveryLength) {
    const auto a = testing::make_noise(70, 1);
    const auto b = testing::make_noise(70, 2);
    for (std::size_t count = 0; count < 70; ++count) {
        std::vector<float> result(71, -9.0F);
        kernels().multiply(a.data(), b.data(), count, result.data());
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(result[i], a[i] * b[i]);
        ASSERT_EQ(result[count], -9.0F) << "written behind the end of " << count;
    }
}

// The root of the mean square error, relative to that of the values.
double relative_error(std::span<const float> values, const std::vector<double>& expected) {
    double error = 0.0;
    double square = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        error += std::pow(static_cast<double>(values[i]) - expected[i], 2);
        square += expected[i] * expected[i];
    }
    return std::sqrt(error / square);
}

TEST_P(InstructionSet, PowerSpectraAreTheDefinition) {
    for (const int size : {16, 18, 20, 22, 34, 50, 62, 64, 66, 130, 400, 882, 1000, 2046, 2048}) {
        const auto samples = testing::make_noise(static_cast<std::size_t>(size), 7);
        const auto window = hann_window(size);
        std::vector<double> expected;
        for (int k = 0; k <= size / 2; ++k) {
            std::complex<double> sum;
            for (int n = 0; n < size; ++n) {
                const double angle = -2.0 * std::numbers::pi * (k * n % size) / size;
                const auto at = static_cast<std::size_t>(n);
                sum += static_cast<double>(samples[at]) * static_cast<double>(window[at]) * std::polar(1.0, angle);
            }
            expected.push_back(std::norm(sum));
        }
        PowerSpectrum spectrum(size);
        std::vector<float> power(expected.size() + 1, -9.0F);
        spectrum.compute(samples.data(), power.data());
        EXPECT_LT(relative_error(power, expected), 1e-6) << size;
        // Sizes that back ends treat specially err most in single bins.
        const double greatest = *std::max_element(expected.begin(), expected.end());
        for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(power[k], expected[k], 2e-6 * greatest) << size;
        EXPECT_EQ(power.back(), -9.0F) << "written behind the end of " << size;
    }
}

TEST_P(InstructionSet, MagnitudesOfShortWindowsAreTheDefinition) {
    for (const auto& [size, length] : {std::pair{512, 400}, {64, 16}, {62, 50}, {400, 400}}) {
        const auto samples = testing::make_noise(static_cast<std::size_t>(length), 7);
        const auto window = hann_window(length);
        PowerSpectrum spectrum(size, length, SpectrumScale::magnitude);
        ASSERT_EQ(spectrum.bins(), size / 2 + 1);
        std::vector<double> expected;
        for (int k = 0; k <= size / 2; ++k) {
            std::complex<double> sum;
            for (int n = 0; n < length; ++n) {
                const auto at = static_cast<std::size_t>(n);
                sum += static_cast<double>(samples[at]) * static_cast<double>(window[at]) *
                       std::polar(1.0, -2.0 * std::numbers::pi * (k * n % size) / size);
            }
            expected.push_back(std::abs(sum));
        }
        // Twice, since a back end may write into its input.
        for (int time = 0; time < 2; ++time) {
            std::vector<float> magnitude(expected.size() + 1, -9.0F);
            spectrum.compute(samples.data(), magnitude.data());
            EXPECT_LT(relative_error(magnitude, expected), 1e-6) << size;
            EXPECT_EQ(magnitude.back(), -9.0F) << "written behind the end of " << size;
        }
    }
}

// A pure tone: its bins stand 0.5 : 1 : 0.5, all else is rounding, far under it. So nothing of a bin shows in the one
// that it is computed together with.
TEST_P(InstructionSet, PowersOfAToneStayInItsBins) {
    for (const int bin : {3, 100, 511, 512, 513, 1000, 1021}) {
        std::vector<float> samples;
        for (int n = 0; n < 2048; ++n) {
            samples.push_back(static_cast<float>(std::cos(2.0 * std::numbers::pi * (bin * n % 2048) / 2048)));
        }
        PowerSpectrum spectrum(2048);
        std::vector<float> power(1025);
        spectrum.compute(samples.data(), power.data());
        for (int k = 0; k <= 1024; ++k) {
            const float value = power[static_cast<std::size_t>(k)];
            if (std::abs(k - bin) > 1) {
                EXPECT_LT(value, 1e-12F * 512 * 512) << bin << ' ' << k;
            } else {
                EXPECT_NEAR(value, k == bin ? 512 * 512 : 256 * 256, 0.1) << bin << ' ' << k;
            }
        }
    }
}

TEST_P(InstructionSet, MelBandsAreTheirWeights) {
    for (const int bands : {1, 2, 3, 4, 5, 20, 127, 128}) {
        const MelBank bank(22050, 1025, bands, 0.0, 11025.0);
        const auto noise = testing::make_noise(frame_group * 1025);
        base::AlignedVector<float> power(frame_group * bank.stride());
        for (std::size_t frame = 0; frame < frame_group; ++frame) {
            for (std::size_t bin = 0; bin < 1025; ++bin) {
                power[frame * bank.stride() + bin] = std::abs(noise[frame * 1025 + bin]);
            }
        }
        const auto width = static_cast<std::size_t>(bands);
        std::vector<float> all(frame_group * width);
        float maximum = 0.0F;
        bank.apply(power.data(), frame_group, all.data(), maximum);
        EXPECT_EQ(maximum, *std::max_element(all.begin(), all.end()));
        for (std::size_t frame = 0; frame < frame_group; ++frame) {
            for (int band = 0; band < bands; ++band) {
                const auto row = bank.dense_row(band);
                double expected = 0.0;
                for (std::size_t bin = 0; bin < row.size(); ++bin) {
                    expected += static_cast<double>(row[bin]) * static_cast<double>(power[frame * bank.stride() + bin]);
                }
                EXPECT_NEAR(all[frame * width + static_cast<std::size_t>(band)], expected, 3e-6 * expected);
            }
        }
        // Fewer frames give the same to the last bit, and nothing behind them.
        for (std::size_t frames = 1; frames < frame_group; ++frames) {
            std::vector<float> some(frames * width + 1, -9.0F);
            float greatest = 0.0F;
            bank.apply(power.data(), frames, some.data(), greatest);
            EXPECT_TRUE(std::equal(some.begin(), some.end() - 1, all.begin()));
            EXPECT_EQ(some.back(), -9.0F);
            EXPECT_EQ(greatest, *std::max_element(some.begin(), some.end() - 1));
        }
        const float raised = std::numeric_limits<float>::max();
        maximum = raised;
        bank.apply(power.data(), 1, all.data(), maximum);
        EXPECT_EQ(maximum, raised);
    }
}

TEST_P(InstructionSet, DecibelsAreTheDefinition) {
    const Decibels decibels(1.0, 1e-30, {});
    std::vector<float> powers;
    for (double exponent = -29.9; exponent < 38.0; exponent += 0.0173) {
        powers.push_back(static_cast<float>(std::pow(10.0, exponent)));
    }
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{15}, powers.size()}) {
        std::vector<float> result(count + 1, -9.0F);
        decibels.apply(powers.data(), decibels.floor(1.0F), result.data(), count);
        for (std::size_t i = 0; i < count; ++i) {
            const double expected = 10.0 * std::log10(static_cast<double>(powers[i]));
            EXPECT_NEAR(result[i], expected, 2e-7 * std::abs(expected) + 3e-6) << powers[i];
        }
        EXPECT_EQ(result[count], -9.0F);
    }
    const float odd[] = {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), -1.0F, 0.0F};
    std::vector<float> result(17);
    for (std::size_t i = 0; i < std::size(odd); ++i) {
        decibels.apply(std::vector<float>(17, odd[i]).data(), -200.0F, result.data(), 17);
        for (const float value : result) EXPECT_EQ(value, result[0]);
        EXPECT_TRUE(std::isfinite(result[0])) << odd[i];
        if (i > 0) {
            EXPECT_EQ(result[0], -200.0F);
        }
    }
}

Compressor compressor(Compression compression, double constant) {
    FeatureOptions options;
    options.compression = compression;
    options.compression_constant = constant;
    return Compressor(options);
}

TEST_P(InstructionSet, CompressionsAreTheirDefinitions) {
    std::vector<float> values{0.0F};
    for (double exponent = -29.9; exponent < 30.0; exponent += 0.0173) {
        values.push_back(static_cast<float>(std::pow(10.0, exponent)));
    }
    for (const double constant : {1e-3, 1.0, 3.7, 10'000.0}) {
        const auto c = static_cast<double>(static_cast<float>(constant));
        for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{15}, values.size()}) {
            std::vector<float> result(count + 1, -9.0F);
            compressor(Compression::log10_1p, constant).apply(values.data(), 0.0F, result.data(), count);
            for (std::size_t i = 0; i < count; ++i) {
                const double expected = std::log1p(c * static_cast<double>(values[i])) / std::numbers::ln10;
                EXPECT_NEAR(result[i], expected, 5e-7 * expected) << values[i] << " times " << c;
            }
            EXPECT_EQ(result[count], -9.0F);
            compressor(Compression::ln_offset, constant).apply(values.data(), 0.0F, result.data(), count);
            for (std::size_t i = 0; i < count; ++i) {
                const double expected = std::log(static_cast<double>(values[i]) + c);
                EXPECT_NEAR(result[i], expected, 2e-7 * std::abs(expected) + 2e-7) << values[i] << " and " << c;
            }
            EXPECT_EQ(result[count], -9.0F);
        }
    }
    // Like the vector that has no such values in it, and in place.
    const float infinity = std::numeric_limits<float>::infinity();
    for (const Compression compression : {Compression::log10_1p, Compression::ln_offset}) {
        std::vector<float> odd{infinity, std::numeric_limits<float>::quiet_NaN(), -1.0F, 0.0F, 3e38F};
        compressor(compression, 100.0).apply(odd.data(), 0.0F, odd.data(), odd.size());
        for (const float value : odd) EXPECT_TRUE(std::isfinite(value)) << value;
        EXPECT_EQ(odd[1], odd[3]);
        EXPECT_EQ(odd[2], odd[3]);
        EXPECT_GT(odd[0], odd[3]);
    }
    EXPECT_EQ(compressor(Compression::ln_offset, 1.0).floor(100.0F), -infinity);
}

TEST_P(InstructionSet, TheDctIsTheDefinition) {
    for (const int coefficients : {1, 7, 13, 16, 17, 33, 40}) {
        constexpr int size = 40;
        const Dct dct(size, coefficients);
        const auto input = testing::make_noise(frame_group * size);
        const auto width = static_cast<std::size_t>(coefficients);
        for (std::size_t frames = 1; frames <= frame_group; ++frames) {
            std::vector<float> result(frames * width + 1, -9.0F);
            dct.apply(input.data(), frames, result.data());
            for (std::size_t frame = 0; frame < frames; ++frame) {
                for (int k = 0; k < coefficients; ++k) {
                    double expected = 0.0;
                    for (int n = 0; n < size; ++n) {
                        expected += static_cast<double>(input[frame * size + static_cast<std::size_t>(n)]) *
                                    std::cos(std::numbers::pi * k * (2 * n + 1) / (2.0 * size));
                    }
                    expected *= std::sqrt((k == 0 ? 1.0 : 2.0) / size);
                    EXPECT_NEAR(result[frame * width + static_cast<std::size_t>(k)], expected, 3e-6);
                }
            }
            EXPECT_EQ(result.back(), -9.0F);
        }
    }
}

/// The features of musicnn, and of YAMNet, against those that tests/reference/make_features.py computes from the
/// definition in double precision.
TEST_P(InstructionSet, FeaturesOfOtherNetworksAreTheirs) {
    FeatureOptions musicnn;
    musicnn.kind = FeatureKind::logmel;
    musicnn.sample_rate = 16000;
    musicnn.fft_size = 512;
    musicnn.hop_length = 256;
    musicnn.mel_bands = 96;
    musicnn.padding = Padding::reflect;
    musicnn.compression = Compression::log10_1p;
    musicnn.compression_constant = 10'000.0;
    FeatureOptions yamnet;
    yamnet.kind = FeatureKind::logmel;
    yamnet.sample_rate = 16000;
    yamnet.fft_size = 512;
    yamnet.window_length = 400;
    yamnet.hop_length = 160;
    yamnet.mel_bands = 64;
    yamnet.minimum_frequency = 125.0;
    yamnet.maximum_frequency = 7500.0;
    yamnet.spectrum = SpectrumScale::magnitude;
    yamnet.mel_scale = MelScale::htk;
    yamnet.mel_norm = MelNorm::peak;
    yamnet.compression = Compression::ln_offset;
    yamnet.compression_constant = 0.001;
    yamnet.centred = false;
    for (const auto& [name, options] : {std::pair{"musicnn", musicnn}, {"yamnet", yamnet}}) {
        for (const std::string signal : {"noise", "chord", "sweep", "clicks"}) {
            FeatureMatrix ours;
            FeatureExtractor(options).compute(testing::to_floats(testing::make_signal(signal)), ours);
            const auto theirs = testing::read_reference(name + ("_" + signal));
            ASSERT_EQ(theirs.shape, (std::vector<std::size_t>{static_cast<std::size_t>((ours.frames + 7) / 8),
                                                              static_cast<std::size_t>(ours.coefficients)}));
            for (std::size_t row = 0; row < theirs.rows(); ++row) {
                const auto frame = ours.frame(static_cast<std::int64_t>(row) * 8);
                for (std::size_t i = 0; i < frame.size(); ++i) {
                    const float expected = theirs.row(row)[i];
                    // Near 0 the logarithm of 1 is a difference, so that relative errors grow without bound. And in
                    // bands far under the greatest of a tone's magnitudes the rounding of a transform in single
                    // precision shows.
                    float bound = 1e-4F * std::max(std::abs(expected), 0.1F);
                    if (options.compression == Compression::ln_offset) {
                        bound += 2e-7F * std::exp(std::ranges::max(theirs.row(row)) - expected);
                    }
                    EXPECT_NEAR(frame[i], expected, bound) << name << ' ' << signal << ' ' << row;
                }
            }
        }
    }
}

TEST_P(InstructionSet, FeaturesStayWithinTheBoundsOfLibrosa) {
    for (const std::string signal : {"noise", "chord", "sweep", "clicks"}) {
        const auto samples = testing::to_floats(testing::make_signal(signal));
        for (const auto& [kind, every] : {std::pair{FeatureKind::logmel, 16}, {FeatureKind::mfcc, 1}}) {
            FeatureOptions options;
            options.kind = kind;
            FeatureMatrix ours;
            FeatureExtractor(options).compute(samples, ours);
            const auto theirs = testing::read_reference(signal + "_zero_" + std::string(to_string(kind)));
            ASSERT_EQ(theirs.rows(), static_cast<std::size_t>((ours.frames + every - 1) / every));
            double sum = 0.0;
            for (std::size_t row = 0; row < theirs.rows(); ++row) {
                const auto frame = ours.frame(static_cast<std::int64_t>(row) * every);
                ASSERT_EQ(frame.size(), theirs.row(row).size());
                for (std::size_t i = 0; i < frame.size(); ++i) {
                    const double difference =
                        std::abs(static_cast<double>(frame[i]) - static_cast<double>(theirs.row(row)[i]));
                    EXPECT_LE(difference, 0.02) << signal << ' ' << to_string(kind);
                    sum += difference;
                }
            }
            EXPECT_LE(sum / static_cast<double>(theirs.values.size()), 0.002) << signal << ' ' << to_string(kind);
        }
    }
}

}  // namespace
}  // namespace earmark::features
