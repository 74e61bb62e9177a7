// The stages one by one: window, framing, mel bands, decibels, DCT.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "earmark/error.hpp"
#include "features/dct.hpp"
#include "features/decibels.hpp"
#include "features/framer.hpp"
#include "features/mel_bank.hpp"
#include "features/power_spectrum.hpp"
#include "features/reference.hpp"

namespace earmark::features {
namespace {

TEST(HannWindow, IsPeriodic) {
    const auto window = hann_window(16);
    EXPECT_EQ(window[0], 0.0F);
    EXPECT_FLOAT_EQ(window[8], 1.0F);
    EXPECT_FLOAT_EQ(window[4], 0.5F);
    for (std::size_t n = 1; n < 16; ++n) EXPECT_FLOAT_EQ(window[n], window[16 - n]);
}

// Frames by definition: sample by sample from the whole signal.
std::vector<std::vector<float>> naive_frames(const std::vector<float>& signal, int length, int hop, Padding padding,
                                             int lead) {
    std::vector<std::vector<float>> frames;
    const auto size = static_cast<std::int64_t>(signal.size());
    for (std::int64_t start = -lead; size > 0 && start + length <= size + lead; start += hop) {
        std::vector<float> frame;
        for (std::int64_t n = start; n < start + length; ++n) {
            std::int64_t at = n;
            if (padding == Padding::reflect) {
                if (at < 0) at = -at;
                if (at >= size) at = 2 * (size - 1) - at;
            }
            frame.push_back(at < 0 || at >= size ? 0.0F : signal[static_cast<std::size_t>(at)]);
        }
        frames.push_back(frame);
    }
    return frames;
}

std::vector<std::vector<float>> stream_frames(Framer& framer, std::span<const float> signal, std::size_t piece,
                                              int length) {
    std::vector<std::vector<float>> frames;
    std::array<const float*, 3> group;
    const auto drain = [&](std::size_t least) {
        while (framer.ready() >= least) {
            const std::size_t ready = framer.ready();
            const std::size_t count = framer.next(group);
            EXPECT_EQ(count, std::min(ready, group.size()));
            for (const float* frame : std::span(group).first(count)) frames.emplace_back(frame, frame + length);
        }
    };
    while (!signal.empty()) {
        auto part = signal.first(std::min(piece, signal.size()));
        signal = signal.subspan(part.size());
        while (!part.empty()) {
            part = framer.push(part);
            drain(part.empty() ? group.size() : 1);
        }
    }
    framer.end();
    drain(1);
    EXPECT_EQ(framer.next(group), 0U);
    framer.reset();
    return frames;
}

std::vector<std::vector<float>> frames_in_place(const std::vector<float>& signal, int length, int hop, Padding padding,
                                                int lead) {
    std::vector<std::vector<float>> frames;
    std::vector<float> scratch(static_cast<std::size_t>(length));
    const auto size = static_cast<std::int64_t>(signal.size());
    for (std::int64_t start = -lead; size > 0 && start + length <= size + lead; start += hop) {
        const float* frame = frame_of_signal(signal, start, padding, scratch);
        frames.emplace_back(frame, frame + length);
    }
    return frames;
}

TEST(Framer, EqualsTheDefinitionForEveryLengthHopAndPiece) {
    for (const int lead : {8, 0}) {
        for (const Padding padding : {Padding::zero, Padding::reflect}) {
            for (const int hop : {1, 5, 8, 16, 17, 40}) {
                Framer framer(16, hop, padding, lead);
                for (std::size_t size = padding == Padding::zero ? 0 : 9; size < 70; ++size) {
                    const auto signal = testing::make_noise(size, 3);
                    const auto expected = naive_frames(signal, 16, hop, padding, lead);
                    ASSERT_EQ(frames_in_place(signal, 16, hop, padding, lead), expected) << hop << " size " << size;
                    for (const std::size_t piece : {1U, 3U, 9U, 100U}) {
                        ASSERT_EQ(stream_frames(framer, signal, piece, 16), expected)
                            << to_string(padding) << " lead " << lead << " hop " << hop << " size " << size << " piece "
                            << piece;
                    }
                }
            }
        }
    }
}

TEST(Framer, EqualsTheDefinitionForLongSignals) {
    const auto signal = testing::make_noise(50'001);
    for (const Padding padding : {Padding::zero, Padding::reflect}) {
        for (const int hop : {512, 3000, 20'000}) {
            Framer framer(2048, hop, padding, 1024);
            const auto expected = naive_frames(signal, 2048, hop, padding, 1024);
            for (const std::size_t piece : {1U, 777U, 8192U, 50'001U}) {
                ASSERT_EQ(stream_frames(framer, signal, piece, 2048), expected) << hop << " piece " << piece;
            }
        }
    }
}

TEST(Framer, SaysThatReflectionNeedsMoreSamples) {
    Framer framer(16, 4, Padding::reflect, 8);
    const auto signal = testing::make_noise(8);
    try {
        stream_frames(framer, signal, 8, 16);
        FAIL() << "8 samples cannot be reflected by 8";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::too_short);
        EXPECT_NE(std::string(error.what()).find("at least 9"), std::string::npos) << error.what();
    }
}

TEST(Framer, TakesWindowAndPlaceOfFramesFromTheOptions) {
    FeatureOptions options;
    options.fft_size = 64;
    options.window_length = 16;
    options.hop_length = 5;
    options.padding = Padding::reflect;
    const auto signal = testing::make_noise(50, 3);
    for (const bool centred : {true, false}) {
        options.centred = centred;
        Framer framer(options);
        const auto frames = stream_frames(framer, signal, 7, 16);
        EXPECT_EQ(frames, naive_frames(signal, 16, 5, Padding::reflect, centred ? 8 : 0));
        EXPECT_EQ(std::ssize(frames), frame_count(options, 50));
    }
    // What is not padded needs nothing to reflect.
    Framer framer(options);
    EXPECT_TRUE(stream_frames(framer, std::span(signal).first(8), 8, 16).empty());
}

void expect_bank(const MelBank& bank, const std::string& name) {
    const auto reference = testing::read_reference(name);
    std::map<std::pair<int, std::size_t>, float> expected;
    for (std::size_t i = 0; i < reference.rows(); ++i) {
        const auto row = reference.row(i);
        expected[{static_cast<int>(row[0]), static_cast<std::size_t>(row[1])}] = row[2];
    }
    for (int band = 0; band < bank.bands(); ++band) {
        const auto row = bank.dense_row(band);
        for (std::size_t bin = 0; bin < row.size(); ++bin) {
            const auto found = expected.find({band, bin});
            const float weight = found == expected.end() ? 0.0F : found->second;
            // A weight at the very edge of a triangle is the difference of two nearly equal frequencies.
            EXPECT_NEAR(row[bin], weight, 1e-6F * weight + 1e-9F) << "band " << band << " bin " << bin;
        }
    }
}

TEST(MelBank, EqualsLibrosa) {
    expect_bank(MelBank(22050, 1025, 128, 0.0, 11025.0), "mel_bank_paper");
    expect_bank(MelBank(44100, 513, 40, 50.0, 15000.0), "mel_bank_wide");
    const auto bank = [](MelScale scale, MelNorm norm) { return MelBank(16000, 257, 64, 125.0, 7500.0, scale, norm); };
    expect_bank(bank(MelScale::htk, MelNorm::area), "mel_bank_htk_area");
    expect_bank(bank(MelScale::htk, MelNorm::none), "mel_bank_htk_none");
    expect_bank(bank(MelScale::slaney, MelNorm::none), "mel_bank_slaney_none");
}

TEST(MelBank, EqualsTensorFlow) {
    expect_bank(MelBank(16000, 257, 64, 125.0, 7500.0, MelScale::htk, MelNorm::peak), "mel_bank_tensorflow");
}

TEST(MelBank, WithPeaksLeavesOutTheLowestBin) {
    for (const MelScale scale : {MelScale::slaney, MelScale::htk}) {
        const MelBank bank(16000, 257, 8, 0.0, 8000.0, scale, MelNorm::peak);
        float greatest = 0.0F;
        for (int band = 0; band < 8; ++band) {
            const auto row = bank.dense_row(band);
            EXPECT_EQ(row[0], 0.0F);
            for (const float weight : row) {
                EXPECT_GE(weight, 0.0F);
                EXPECT_LE(weight, 1.0F);
                greatest = std::max(greatest, weight);
            }
        }
        EXPECT_GT(greatest, 0.99F);
    }
}

TEST(MelBank, LeavesBandsBetweenTwoBinsEmpty) {
    const MelBank bank(22050, 9, 128, 0.0, 11025.0);
    base::AlignedVector<float> power(bank.stride());
    std::fill_n(power.begin(), 9, 1.0F);
    std::vector<float> mel(128, -1.0F);
    float maximum = 0.0F;
    bank.apply(power.data(), 1, mel.data(), maximum);
    EXPECT_EQ(mel[0], 0.0F);
    for (const float value : mel) EXPECT_GE(value, 0.0F);
    EXPECT_EQ(maximum, *std::max_element(mel.begin(), mel.end()));
}

TEST(MelScale, GoesThereAndBack) {
    EXPECT_DOUBLE_EQ(hertz_to_mel(1000.0, MelScale::slaney), 15.0);
    EXPECT_NEAR(hertz_to_mel(6400.0, MelScale::slaney), 42.0, 1e-12);
    EXPECT_NEAR(hertz_to_mel(1000.0, MelScale::htk), 999.9855, 1e-4);
    EXPECT_NEAR(hertz_to_mel(6300.0, MelScale::htk), 2595.0, 1e-9);
    for (const MelScale scale : {MelScale::slaney, MelScale::htk}) {
        for (const double hertz : {0.0, 440.0, 999.9, 1000.0, 1000.1, 11025.0}) {
            EXPECT_NEAR(mel_to_hertz(hertz_to_mel(hertz, scale), scale), hertz, 1e-9);
        }
    }
}

TEST(Decibels, EqualTheDefinitionOverTheWholeRangeOfPowers) {
    const Decibels decibels(1.0, 1e-30, {});
    std::vector<float> powers;
    for (double exponent = -29.9; exponent < 38.0; exponent += 0.00173) {
        powers.push_back(static_cast<float>(std::pow(10.0, exponent)));
    }
    std::vector<float> result(powers.size());
    decibels.apply(powers.data(), decibels.floor(1.0F), result.data(), powers.size());
    for (std::size_t i = 0; i < powers.size(); ++i) {
        const double expected = 10.0 * std::log10(static_cast<double>(powers[i]));
        EXPECT_NEAR(result[i], expected, 2e-7 * std::abs(expected) + 3e-6) << powers[i];
    }
}

TEST(Decibels, KeepReferenceAminAndFloor) {
    const Decibels decibels(0.01, 1e-4, 30.0);
    const float powers[] = {1.0F, 0.01F, 1e-3F, 1e-9F, 0.0F};
    float result[5];
    decibels.apply(powers, -100.0F, result, 5);
    EXPECT_NEAR(result[0], 20.0F, 1e-5F);
    EXPECT_NEAR(result[1], 0.0F, 1e-5F);
    EXPECT_NEAR(result[2], -10.0F, 1e-5F);
    EXPECT_NEAR(result[3], -20.0F, 1e-5F);
    EXPECT_EQ(result[3], result[4]);
    EXPECT_NEAR(decibels.floor(1.0F), -10.0F, 1e-5F);
    decibels.apply(powers, decibels.floor(10.0F), result, 5);
    EXPECT_NEAR(result[2], 0.0F, 1e-5F);
    EXPECT_EQ(result[4], result[2]);
}

TEST(Decibels, AreFiniteForWhateverComes) {
    const Decibels decibels(1.0, 1e-10, 80.0);
    const float powers[] = {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), -1.0F,
                            std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()};
    float result[5];
    decibels.apply(powers, -200.0F, result, 5);
    for (const float value : result) EXPECT_TRUE(std::isfinite(value)) << value;
    EXPECT_FLOAT_EQ(result[1], -100.0F);
}

TEST(Dct, IsOrthonormal) {
    constexpr std::size_t size = 40;
    const Dct dct(size, size);
    // The transforms of the unit vectors are the columns of the matrix.
    std::vector<std::vector<float>> columns;
    for (std::size_t n = 0; n < size; ++n) {
        std::vector<float> unit(size);
        unit[n] = 1.0F;
        columns.emplace_back(size);
        dct.apply(unit.data(), 1, columns.back().data());
    }
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            double product = 0.0;
            for (std::size_t k = 0; k < size; ++k) {
                product += static_cast<double>(columns[i][k]) * static_cast<double>(columns[j][k]);
            }
            EXPECT_NEAR(product, i == j ? 1.0 : 0.0, 1e-6) << i << ' ' << j;
        }
    }
}

TEST(Dct, OfAConstantIsItsFirstCoefficient) {
    const Dct dct(128, 13);
    const std::vector<float> constant(128, -60.0F);
    std::vector<float> result(13);
    dct.apply(constant.data(), 1, result.data());
    EXPECT_NEAR(result[0], -60.0 * std::sqrt(128.0), 1e-3);
    for (std::size_t k = 1; k < 13; ++k) EXPECT_NEAR(result[k], 0.0F, 1e-4F);
}

}  // namespace
}  // namespace earmark::features
