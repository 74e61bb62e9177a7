// Channels whose mean is silence though they are not.
#include <cmath>
#include <functional>
#include <random>

#include "audio/ffmpeg_tool.hpp"
#include "audio/mixing/cancellation_guard.hpp"
#include "audio/mixing/mixdown.hpp"
#include "audio/mixing/sample_mixer.hpp"
#include "support/wav.hpp"

namespace earmark::audio {
namespace {

constexpr int rate = 8000;
constexpr std::size_t cell = 800;

/// The samples of channel `c` at time `i`.
using Signal = std::function<double(int c, std::size_t i)>;

double sound(std::size_t i) {
    const double time = static_cast<double>(i) / rate;
    return 0.3 * std::sin(2 * M_PI * time * (300 + 20 * time)) + 0.1 * std::sin(2 * M_PI * 910 * time);
}

std::vector<float> interleaved(std::size_t samples, int channels, const Signal& signal) {
    std::vector<float> result;
    for (std::size_t i = 0; i < samples; ++i) {
        for (int c = 0; c < channels; ++c) result.push_back(static_cast<float>(signal(c, i)));
    }
    return result;
}

std::vector<float> channel_of(const std::vector<float>& samples, int channels, int channel) {
    std::vector<float> result;
    for (std::size_t i = static_cast<std::size_t>(channel); i < samples.size(); i += channels) {
        result.push_back(samples[i]);
    }
    return result;
}

struct Mixed {
    std::vector<float> samples;
    std::vector<std::string> warnings;
};

Mixed mixed(const std::vector<float>& samples, int channels) {
    SampleMixer mixer({samples, rate, channels}, rate);
    Mixed result;
    for (auto piece = mixer.read(); !piece.empty(); piece = mixer.read()) {
        result.samples.insert(result.samples.end(), piece.begin(), piece.end());
    }
    result.warnings = mixer.warnings();
    return result;
}

std::vector<float> mean_of(const std::vector<float>& samples, int channels) {
    Mixdown mixdown;
    const auto mean = mixdown.mix(samples, channels);
    return {mean.begin(), mean.end()};
}

TEST(Cancellation, IsHeardOnTheLeftChannel) {
    for (const std::size_t size : {std::size_t{300}, cell, 5 * cell + 17}) {
        const auto stereo = interleaved(size, 2, [](int c, std::size_t i) { return c == 0 ? sound(i) : -sound(i); });
        const Mixed result = mixed(stereo, 2);
        EXPECT_EQ(result.samples, channel_of(stereo, 2, 0));
        ASSERT_EQ(result.warnings.size(), 1U);
        EXPECT_EQ(result.warnings[0], "The stereo halves cancel; heard on the left channel.");
    }
}

TEST(Cancellation, NeedNotBeExact) {
    std::minstd_rand random;
    // What a lossy encoder leaves: noise 26 dB under the sound, another one in each half.
    const auto stereo = interleaved(9 * cell, 2, [&](int c, std::size_t i) {
        const double noise = 0.016 * (2.0 * static_cast<double>(random()) / std::minstd_rand::max() - 1.0);
        return (c == 0 ? sound(i) : -0.97 * sound(i)) + noise;
    });
    const Mixed result = mixed(stereo, 2);
    EXPECT_EQ(result.samples, channel_of(stereo, 2, 0));
    EXPECT_EQ(result.warnings.size(), 1U);
}

TEST(Cancellation, DoesNotChangeWhatIsNone) {
    std::minstd_rand random;
    const auto noise = [&] { return 0.2 * (2.0 * static_cast<double>(random()) / std::minstd_rand::max() - 1.0); };
    const std::vector<std::pair<int, Signal>> signals{
        {1, [](int, std::size_t i) { return sound(i); }},
        {2, [](int, std::size_t i) { return sound(i); }},
        {2, [](int, std::size_t) { return 0.0; }},
        {2, [](int c, std::size_t i) { return c == 0 ? sound(i) : 0.0; }},
        {2, [](int c, std::size_t i) { return c == 1 ? sound(i) : 0.0; }},
        {2, [](int c, std::size_t i) { return c == 0 ? sound(i) : -0.5 * sound(i); }},
        {2, [&](int, std::size_t) { return noise(); }},
        // Wide: what both halves have in common is 14 dB under what they have not.
        {2,
         [&](int c, std::size_t i) {
             return (c == 0 ? sound(i) : -sound(i)) + 0.063 * std::sin(0.4 * static_cast<double>(i));
         }},
        // A last bit that flips, in silence.
        {2, [](int c, std::size_t i) { return (c == 0 ? 1 : -1) * (i % 3 == 0 ? 1.0 : 0.0) / 32768.0; }},
        {6, [](int c, std::size_t i) { return c == 2 ? sound(i) : 0.0; }},
        {6, [&](int, std::size_t) { return noise(); }},
        {300, [](int c, std::size_t i) { return c == 299 ? sound(i) : 0.0; }},
        {3, [](int, std::size_t) { return 0.0; }}};
    for (std::size_t k = 0; k < signals.size(); ++k) {
        const auto& [channels, signal] = signals[k];
        const auto samples = interleaved(4 * cell + 33, channels, signal);
        const Mixed result = mixed(samples, channels);
        EXPECT_EQ(result.samples, mean_of(samples, channels)) << k;
        EXPECT_TRUE(result.warnings.empty()) << k << ": " << result.warnings[0];
    }
}

TEST(Cancellation, OfAPartChangesThatPart) {
    const auto cancels = [](std::size_t i) { return i >= 10 * cell && i < 40 * cell; };
    const auto stereo =
        interleaved(60 * cell, 2, [&](int c, std::size_t i) { return c == 1 && cancels(i) ? -sound(i) : sound(i); });
    const auto mean = mean_of(stereo, 2);
    const Mixed result = mixed(stereo, 2);
    ASSERT_EQ(result.samples.size(), mean.size());
    for (std::size_t i = 0; i < mean.size(); ++i) {
        const bool fades = (i >= 10 * cell && i < 10 * cell + cell / 4) || (i >= 40 * cell && i < 40 * cell + cell / 4);
        if (!fades) {
            ASSERT_EQ(result.samples[i], cancels(i) ? stereo[2 * i] : mean[i]) << i;
        }
        // Nothing jumps.
        if (i > 0) {
            EXPECT_LT(std::abs(result.samples[i] - result.samples[i - 1]), 0.25F) << i;
        }
    }
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0], "The stereo halves cancel; heard on the left channel in 3.0 of 6.0 s.");
}

TEST(Cancellation, OfAMomentIsNotWorthAWord) {
    const auto stereo =
        interleaved(60 * cell, 2, [&](int c, std::size_t i) { return c == 1 && i / cell == 7 ? -sound(i) : sound(i); });
    const Mixed result = mixed(stereo, 2);
    EXPECT_NE(result.samples, mean_of(stereo, 2));
    EXPECT_TRUE(result.warnings.empty());
}

TEST(Cancellation, OfManyChannelsIsHeardOnTheFirstThatSounds) {
    // The first pair is silent.
    const auto four = interleaved(7 * cell, 4, [](int c, std::size_t i) {
        return c < 2 ? 0.0 : c == 2 ? sound(i) : -sound(i);
    });
    const Mixed result = mixed(four, 4);
    EXPECT_EQ(result.samples, channel_of(four, 4, 2));
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0], "The 4 channels cancel; heard on channel 3.");
    // Three that cancel only together.
    const auto three = interleaved(7 * cell, 3, [](int c, std::size_t i) {
        return 0.3 * std::sin(0.3 * static_cast<double>(i) + c * 2.0 * M_PI / 3.0);
    });
    EXPECT_EQ(mixed(three, 3).samples, channel_of(three, 3, 0));
}

TEST(Cancellation, DoesNotCareHowTheChannelsArrive) {
    const auto stereo = interleaved(
        30 * cell, 2, [](int c, std::size_t i) { return c == 1 && i > 9 * cell + 100 ? -sound(i) : sound(i); });
    const Mixed whole = mixed(stereo, 2);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{77}, cell, 10 * cell}) {
        Mixdown mixdown;
        CancellationGuard guard(rate);
        std::vector<float> out;
        for (std::size_t at = 0; at < stereo.size(); at += 2 * piece) {
            const auto part = std::span(stereo).subspan(at, std::min(2 * piece, stereo.size() - at));
            const auto mean = mixdown.mix(part, 2);
            guard.push(mean, mixdown.kept(), out);
        }
        guard.flush(out);
        EXPECT_EQ(out, whole.samples) << piece;
    }
}

class CancellationOf : public testing::WithFfmpeg {
  protected:
    /// The halves cancel from second 4 to 9, but for the last moments before them.
    std::filesystem::path track(const std::string& name, const std::string& options = "") const {
        const auto stereo = interleaved(12 * rate + 123, 2, [](int c, std::size_t i) {
            return c == 1 && i > 4 * rate + 345 && i < 9 * rate ? -sound(i) : sound(i);
        });
        testing::write_wav(file("source.wav"), std::span(stereo), rate, 2);
        if (name != "source.wav") ffmpeg("-i source.wav " + options + " " + name);
        return file(name);
    }
};

TEST_F(CancellationOf, FilesIsTheSameWhereverReadingBegins) {
    for (const auto& [name, options] : {std::pair{"source.wav", ""}, {"a.flac", ""}, {"a.mp3", "-b:a 64k"}}) {
        const auto path = track(name, options);
        AudioReader whole(path, {.sample_rate = 0});
        std::vector<float> samples;
        for (auto piece = whole.read(); !piece.empty(); piece = whole.read()) {
            samples.insert(samples.end(), piece.begin(), piece.end());
        }
        ASSERT_EQ(whole.warnings().size(), 1U) << name;
        EXPECT_NE(whole.warnings()[0].find("stereo halves cancel; heard on the left channel"), std::string::npos);
        for (const std::int64_t start : {3000L, 4L * rate, 4L * rate + 1, 4L * rate + 346, 5L * rate + 799, 9L * rate,
                                         9L * rate + 100, 9L * rate + 801}) {
            AudioReader reader(path, {.sample_rate = 0});
            ASSERT_TRUE(reader.skip_to(start)) << name;
            EXPECT_EQ(reader.position(), start);
            std::vector<float> found;
            while (found.size() < 5000) {
                const auto piece = reader.read(5000 - found.size());
                ASSERT_FALSE(piece.empty());
                found.insert(found.end(), piece.begin(), piece.end());
            }
            EXPECT_EQ(found, std::vector<float>(samples.begin() + start, samples.begin() + start + 5000))
                << name << " from " << start;
        }
    }
}

TEST_F(CancellationOf, FilesIsTheSameOnAnotherThread) {
    const auto path = track("source.wav");
    AudioReader reader(path, {.sample_rate = 22050});
    AudioReader ahead(path, {.sample_rate = 22050});
    ahead.decode_ahead();
    const auto all = [](AudioReader& from) {
        std::vector<float> samples;
        for (auto piece = from.read(); !piece.empty(); piece = from.read()) {
            samples.insert(samples.end(), piece.begin(), piece.end());
        }
        return samples;
    };
    const auto samples = all(reader);
    EXPECT_EQ(all(ahead), samples);
    EXPECT_EQ(ahead.warnings(), reader.warnings());
    double energy = 0.0;
    for (std::size_t i = 5 * 22050; i < 8 * 22050; ++i) energy += std::pow(static_cast<double>(samples[i]), 2);
    EXPECT_GT(energy / (3 * 22050), 0.01) << "silence";
}

}  // namespace
}  // namespace earmark::audio
