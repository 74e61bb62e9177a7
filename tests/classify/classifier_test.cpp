#include "earmark/classifier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <thread>

#include "earmark/error.hpp"
#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::classify {
namespace {

using testing::random_model;
using testing::TemporaryFolder;
using testing::write_wav;

/// Noise that changes with time, so that segments differ.
std::vector<float> signal(double seconds) {
    std::vector<float> samples(static_cast<std::size_t>(seconds * 22050));
    std::uint64_t state = 1;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        const double noise = static_cast<double>(state >> 33) / 2147483648.0 - 0.5;
        const double time = static_cast<double>(i) / 22050.0;
        samples[i] = static_cast<float>(0.3 * std::sin(2.0 * M_PI * (200.0 + 60.0 * std::floor(time / 6.0)) * time) +
                                        0.1 * noise);
    }
    return samples;
}

double sum(const std::vector<float>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(Classifier, MeansTheSegments) {
    const Classifier classifier(testing::random_model("cnn", "{}", 259));
    const Prediction prediction = classifier.classify(signal(30.0));
    ASSERT_EQ(prediction.segments.size(), 5U);
    EXPECT_DOUBLE_EQ(prediction.duration_seconds, 30.0);
    for (std::size_t label = 0; label < 10; ++label) {
        double mean = 0.0;
        for (const SegmentPrediction& segment : prediction.segments) mean += segment.probabilities[label] / 5.0;
        EXPECT_NEAR(prediction.probabilities[label], mean, 1e-6);
    }
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(sum(prediction.segments[i].probabilities), 1.0, 1e-5);
        EXPECT_DOUBLE_EQ(prediction.segments[i].start_seconds, 6.0 * static_cast<double>(i));
    }
    EXPECT_NE(prediction.segments[0].probabilities, prediction.segments[4].probabilities);
}

TEST(Classifier, AnalyzesAFileAsItAnalyzesItsSamples) {
    const testing::TemporaryFolder folder;
    const std::vector<float> samples = signal(14.0);
    testing::write_wav(folder.path() / "a.wav", samples, 22050);
    const Classifier classifier(testing::random_model("lstm"));
    const Prediction from_file = classifier.classify(folder.path() / "a.wav");
    const Prediction from_memory = classifier.classify(samples);
    ASSERT_EQ(from_file.segments.size(), 2U);
    ASSERT_EQ(from_memory.segments.size(), 2U);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(from_file.probabilities[i], from_memory.probabilities[i], 1e-3);
    EXPECT_TRUE(from_file.warnings.empty());
}

/// Everything that a prediction consists of.
void expect_equal(const Prediction& a, const Prediction& b) {
    EXPECT_EQ(a.duration_seconds, b.duration_seconds);
    EXPECT_EQ(a.probabilities, b.probabilities);
    EXPECT_EQ(a.uncertain, b.uncertain);
    EXPECT_EQ(a.embedding, b.embedding);
    EXPECT_EQ(a.warnings, b.warnings);
    ASSERT_EQ(a.segments.size(), b.segments.size());
    for (std::size_t i = 0; i < a.segments.size(); ++i) {
        EXPECT_EQ(a.segments[i].start_seconds, b.segments[i].start_seconds);
        EXPECT_EQ(a.segments[i].end_seconds, b.segments[i].end_seconds);
        EXPECT_EQ(a.segments[i].probabilities, b.segments[i].probabilities);
    }
}

TEST(Classifier, AnalyzesMemoryAndStreamsAsTheFileBitForBit) {
    const testing::TemporaryFolder folder;
    const auto file = folder.path() / "a.wav";
    testing::write_wav(file, signal(47.0), 44100, 2);  // 23.5 s in stereo
    const std::string bytes = files::read_file(file);
    const Classifier classifier(testing::random_model("cnn", "{}", 259));
    for (const ClassifyOptions& options : {ClassifyOptions{}, ClassifyOptions{.excerpts = 2},
                                           ClassifyOptions{.excerpts = 9}, ClassifyOptions{.jobs = 2}}) {
        const Prediction expected = classifier.classify(file, options);
        expect_equal(classifier.classify(std::as_bytes(std::span(bytes)), options), expected);
        std::istringstream stream(bytes);
        expect_equal(classifier.classify(stream, options), expected);
        std::size_t at = 0;
        const ByteSource source = [&](std::span<std::byte> buffer) {
            const std::size_t count = std::min({buffer.size(), bytes.size() - at, std::size_t{777}});
            std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()) + at, count, buffer.begin());
            at += count;
            return count;
        };
        expect_equal(classifier.classify(source, options), expected);
    }
}

TEST(Classifier, AnalyzesSamplesOfAnyRateAndChannelsAsTheirFile) {
    const testing::TemporaryFolder folder;
    const Classifier classifier(testing::random_model("cnn", "{}", 259));
    for (const auto& [rate, channels] : {std::pair{22050, 1}, {44100, 2}, {48000, 1}, {8000, 2}}) {
        std::vector<float> samples = signal(20.0);
        for (float& sample : samples) sample = std::round(sample * 32767.0F) / 32768.0F;  // as 16 bits hold them
        std::vector<std::int16_t> integers;
        for (const float sample : samples) integers.push_back(static_cast<std::int16_t>(sample * 32768.0F));
        if (integers.size() % 2 != 0) integers.pop_back();
        samples.resize(integers.size());
        testing::write_wav(folder.path() / "a.wav", integers, rate, channels);
        expect_equal(classifier.classify({samples, rate, channels}), classifier.classify(folder.path() / "a.wav"));
    }
    const auto error = [&](const Samples& samples) { return testing::error_of([&] { classifier.classify(samples); }); };
    EXPECT_EQ(error({}).rfind("bad_option: sample rate 0", 0), 0U) << error({});
    EXPECT_EQ(error({{}, 44100, 2}).rfind("too_short: ", 0), 0U) << error({{}, 44100, 2});
}

TEST(Classifier, ErrorsNameTheBufferOrStream) {
    const Classifier classifier(testing::random_model("mlp"));
    const std::string text = "no sound";
    const auto message = [&](const ClassifyOptions& options) {
        return testing::error_of([&] { classifier.classify(std::as_bytes(std::span(text)), options); });
    };
    EXPECT_EQ(message({}).rfind("no_audio: the buffer: ", 0), 0U) << message({});
    EXPECT_EQ(message({.name = "standard input"}).rfind("no_audio: standard input: ", 0), 0U);
    std::istringstream stream(text);
    const std::string error = testing::error_of([&] { classifier.classify(stream); });
    EXPECT_EQ(error.rfind("no_audio: the stream: ", 0), 0U) << error;
}

TEST(Classifier, EvaluatesSegmentsAsItEvaluatesTheirFeatures) {
    const Classifier classifier(testing::random_model("cnn"));
    const std::vector<float> samples = signal(30.0);
    std::vector<float> features;
    Segmenter segmenter(classifier.model().features, classifier.model().segments);
    const auto keep = [&](const Segment& segment) {
        features.insert(features.end(), segment.values.begin(), segment.values.end());
    };
    segmenter.push(samples, keep);
    ASSERT_EQ(segmenter.finish(keep), 5);
    const std::vector<float> probabilities = classifier.probabilities(features);
    const Prediction prediction = classifier.classify(samples);
    for (std::size_t i = 0; i < 50; ++i)
        EXPECT_NEAR(prediction.segments[i / 10].probabilities[i % 10], probabilities[i], 1e-5);
}

TEST(Classifier, KnowsNothingOfSilence) {
    for (const char* network : {"mlp", "cnn", "lstm"}) {
        const Classifier classifier(testing::random_model(network));
        const Prediction prediction = classifier.classify(std::vector<float>(22050 * 30, 0.0F));
        ASSERT_EQ(prediction.segments.size(), 5U);
        for (float probability : prediction.probabilities) EXPECT_NEAR(probability, 0.1F, 1e-6);
        ASSERT_FALSE(prediction.embedding.empty());
        for (float value : prediction.embedding) EXPECT_EQ(value, 0.0F);
    }
}

TEST(Classifier, PutsAlikeSoundsCloseTogether) {
    const Classifier classifier(testing::random_model("cnn"));
    const auto similarity_index = [&](const std::vector<float>& a, const std::vector<float>& b) {
        const std::vector<float> first = classifier.classify(a).embedding;
        const std::vector<float> second = classifier.classify(b).embedding;
        return std::inner_product(first.begin(), first.end(), second.begin(), 0.0);
    };
    const std::vector<float> samples = signal(30.0);
    std::vector<float> louder = samples;
    for (float& sample : louder) sample *= 1.1F;
    const std::vector<float> silence(22050 * 12, 0.0F);
    std::vector<float> after_silence(silence);
    after_silence.insert(after_silence.end(), samples.begin(), samples.end());
    std::vector<float> other(samples.size());
    for (std::size_t i = 0; i < other.size(); ++i) other[i] = i % 5000 < 50 ? 0.9F : 1e-4F * samples[i];
    EXPECT_NEAR(similarity_index(samples, samples), 1.0, 1e-5);
    EXPECT_NEAR(similarity_index(samples, after_silence), 1.0, 5e-3) << "silent segments have no say";
    EXPECT_GT(similarity_index(samples, louder), similarity_index(samples, other));
}

TEST(Classifier, StaysFiniteOnExtremes) {
    const Classifier classifier(testing::random_model("cnn"));
    std::vector<std::vector<float>> extremes(4, std::vector<float>(22050 * 7));
    for (std::size_t i = 0; i < extremes[0].size(); ++i) {
        extremes[0][i] = i % 2 == 0 ? 1e6F : -1e6F;
        extremes[1][i] = 1e-30F;
        extremes[2][i] = i == 5000 ? 1.0F : 0.0F;
        extremes[3][i] = 1.0F;
    }
    for (const auto& samples : extremes) {
        const Prediction prediction = classifier.classify(samples);
        EXPECT_NEAR(sum(prediction.probabilities), 1.0, 1e-5);
        for (float probability : prediction.probabilities) EXPECT_TRUE(std::isfinite(probability));
    }
}

TEST(Classifier, RepeatsWhatIsTooShortForASegment) {
    const Classifier classifier(testing::random_model("cnn"));
    const Prediction prediction = classifier.classify(signal(0.2));
    ASSERT_EQ(prediction.segments.size(), 1U);
    EXPECT_NEAR(prediction.duration_seconds, 0.2, 1e-9);
    EXPECT_NEAR(prediction.segments[0].end_seconds, 0.2, 1e-6);
}

TEST(Classifier, RefusesLessThanAFrame) {
    const Classifier classifier(testing::random_model("cnn"));
    for (std::size_t samples : {std::size_t{0}, std::size_t{1}, std::size_t{2047}}) {
        try {
            classifier.classify(std::vector<float>(samples, 0.5F));
            FAIL() << samples << " samples judged";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::too_short);
        }
        // The classifier is as good as new afterwards.
        EXPECT_EQ(classifier.classify(signal(6.0)).segments.size(), 1U);
    }
}

TEST(Classifier, AnswersSeveralThreadsAtOnce) {
    const Classifier classifier(testing::random_model("cnn"));
    const std::vector<float> samples = signal(30.0);
    const Prediction expected = classifier.classify(samples);
    std::vector<std::vector<float>> found(4);
    {
        std::vector<std::jthread> threads;
        for (auto& result : found) threads.emplace_back([&] { result = classifier.classify(samples).probabilities; });
    }
    for (const auto& result : found) EXPECT_EQ(result, expected.probabilities);
}

TEST(Classifier, RefusesFeaturesThatAreNoSegments) {
    const Classifier classifier(testing::random_model("cnn"));
    EXPECT_THROW(classifier.probabilities(std::vector<float>(77 * 13 + 1)), Error);
    std::vector<float> broken(77 * 13);
    broken[7] = std::numeric_limits<float>::infinity();
    EXPECT_THROW(classifier.probabilities(broken), Error);
    EXPECT_TRUE(classifier.probabilities({}).empty());
}

TEST(Classifier, CalibratesAllItsProbabilities) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "long.wav";
    testing::write_wav(path, signal(60.0), 22050);
    Model model = testing::random_model("cnn", "{}", 259);
    const Classifier plain(model);
    model.calibration.temperature = 4.0;
    const Classifier calibrated(model);
    for (const int excerpts : {0, 3}) {
        const Prediction before = plain.classify(path, {.excerpts = excerpts});
        const Prediction after = calibrated.classify(path, {.excerpts = excerpts});
        ASSERT_EQ(after.segments.size(), before.segments.size());
        for (std::size_t i = 0; i < after.segments.size(); ++i) {
            const std::vector<float>& sharp = before.segments[i].probabilities;
            const std::vector<float>& soft = after.segments[i].probabilities;
            EXPECT_EQ(std::ranges::max_element(soft) - soft.begin(), std::ranges::max_element(sharp) - sharp.begin());
            EXPECT_NEAR(sum(soft), 1.0, 1e-5);
            // p^(1/T), scaled to a sum of 1.
            double powers = 0.0;
            for (const float p : sharp) powers += std::pow(p, 0.25);
            for (std::size_t k = 0; k < soft.size(); ++k) {
                EXPECT_NEAR(soft[k], std::pow(sharp[k], 0.25) / powers, 1e-4);
            }
        }
    }
}

TEST(Classifier, GivesLogitsAsTheyAreBeforeCalibration) {
    Model model = testing::random_model("cnn");
    const std::vector<float> inputs = testing::random_mfccs(3, 77, 4);
    const std::vector<float> logits = Classifier(model).logits(inputs);
    model.calibration.temperature = 2.0;
    EXPECT_EQ(Classifier(model).logits(inputs), logits);
    const std::vector<float> probabilities = Classifier(model).probabilities(inputs);
    for (std::size_t segment = 0; segment < 3; ++segment) {
        double powers = 0.0;
        for (std::size_t k = 0; k < 10; ++k) powers += std::exp(0.5 * logits[10 * segment + k]);
        for (std::size_t k = 0; k < 10; ++k) {
            EXPECT_NEAR(probabilities[10 * segment + k], std::exp(0.5 * logits[10 * segment + k]) / powers, 1e-6);
        }
    }
    EXPECT_THROW(Classifier(model).logits(std::vector<float>(7)), Error);
}

TEST(Classifier, IsUncertainBelowTheThreshold) {
    Model model = testing::random_model("cnn", "{}", 259);
    const Prediction sure = Classifier(model).classify(signal(12.0));
    EXPECT_FALSE(sure.uncertain);
    const double confidence = sure.probabilities[sure.best()];
    model.calibration.threshold = confidence;
    EXPECT_FALSE(Classifier(model).classify(signal(12.0)).uncertain);
    model.calibration.threshold = confidence + 1e-4;
    const Prediction doubtful = Classifier(model).classify(signal(12.0));
    EXPECT_TRUE(doubtful.uncertain);
    EXPECT_EQ(doubtful.probabilities, sure.probabilities);
    // Silence says nothing.
    model.calibration.threshold = 0.2;
    EXPECT_TRUE(Classifier(model).classify(std::vector<float>(22050 * 12)).uncertain);
}

TEST(Prediction, RanksStably) {
    Prediction prediction;
    prediction.probabilities = {0.2F, 0.4F, 0.2F, 0.1F, 0.1F};
    EXPECT_EQ(prediction.best(), 1U);
    EXPECT_EQ(prediction.ranking(), (std::vector<std::size_t>{1, 0, 2, 3, 4}));
}

TEST(DefaultModel, IsTakenFromTheEnvironment) {
    ::setenv("EARMARK_MODEL", "/some/where.safetensors", 1);
    EXPECT_EQ(default_model_path(), "/some/where.safetensors");
    ::unsetenv("EARMARK_MODEL");
}

TEST(ModelPath, IsAFileOrTheNameOfOneThatShips) {
    const testing::TemporaryFolder folder;
    const auto file = folder.path() / "plain";
    std::ofstream(file) << "x";
    EXPECT_EQ(model_path(file), file);
    EXPECT_EQ(model_path("default").filename(), "default.safetensors");
    EXPECT_TRUE(std::filesystem::exists(model_path("default")));
    EXPECT_EQ(model_path(""), default_model_path());
    // What looks like a file is one, so that reading it says what is wrong.
    EXPECT_EQ(model_path("no/such/file"), "no/such/file");
    EXPECT_EQ(model_path("none.safetensors"), "none.safetensors");
    const std::string error = testing::error_of([] { model_path("nosuchmodel"); });
    EXPECT_TRUE(testing::contains(error, "not_found: nosuchmodel"));
    EXPECT_TRUE(testing::contains(error, "default"));
}

}  // namespace
}  // namespace earmark::classify
