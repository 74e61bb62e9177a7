#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "classify/excerpts.hpp"
#include "earmark/classifier.hpp"
#include "earmark/error.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::classify {
namespace {

using testing::random_model;

class ExcerptsOf : public ::testing::Test {
  protected:
    std::filesystem::path track(const std::string& name, double seconds, int rate = 22050) const {
        std::vector<float> samples = testing::tones(seconds);
        testing::write_wav(folder_.path() / name, samples, rate);
        return folder_.path() / name;
    }

    /// The segment of `prediction` that begins at `seconds`.
    static const SegmentPrediction& at(const Prediction& prediction, double seconds) {
        for (const SegmentPrediction& segment : prediction.segments) {
            if (std::fabs(segment.start_seconds - seconds) < 1e-6) return segment;
        }
        throw std::runtime_error("no segment begins there");
    }

    testing::TemporaryFolder folder_;
};

/// Segments that are blocks of their own, segments that share one, and overlapping ones of the whole signal.
std::vector<Model> models() {
    std::vector<Model> models{testing::random_model("cnn", "{}", 259), testing::random_model("cnn", "{}", 77),
                              testing::random_model("cnn", "{}", 77)};
    models[2].segments = {1.8, 0, 77, 1.0, 30};
    // Without a floor the loudest moment of the block does not matter.
    for (Model& model : models) model.features.top_db.reset();
    return models;
}

TEST_F(ExcerptsOf, AreSegmentsOfTheWhole) {
    const auto file = track("a.wav", 100.0);
    for (const Model& model : models()) {
        const Classifier classifier(model);
        const Prediction whole = classifier.classify(file);
        for (const int count : {1, 2, 5, 11}) {
            const Prediction prediction = classifier.classify(file, {.excerpts = count});
            ASSERT_EQ(std::ssize(prediction.segments), count);
            EXPECT_DOUBLE_EQ(prediction.duration_seconds, 100.0);
            for (const SegmentPrediction& segment : prediction.segments) {
                const SegmentPrediction& expected = at(whole, segment.start_seconds);
                EXPECT_DOUBLE_EQ(segment.end_seconds, expected.end_seconds);
                for (std::size_t i = 0; i < 10; ++i) {
                    EXPECT_NEAR(segment.probabilities[i], expected.probabilities[i], 1e-5) << segment.start_seconds;
                }
            }
            EXPECT_TRUE(prediction.warnings.empty());
        }
    }
}

/// Features and segments as musicnn and YAMNet have them, with few bands.
std::vector<Model> models_of_whole_signals() {
    Model musicnn;
    musicnn.features.kind = FeatureKind::logmel;
    musicnn.features.sample_rate = 16000;
    musicnn.features.fft_size = 512;
    musicnn.features.hop_length = 256;
    musicnn.features.mel_bands = 16;
    musicnn.features.padding = Padding::reflect;
    musicnn.features.compression = Compression::log10_1p;
    musicnn.features.compression_constant = 10'000.0;
    musicnn.segments = {2.992, 0, 187};
    Model yamnet = musicnn;
    yamnet.features.window_length = 400;
    yamnet.features.hop_length = 160;
    yamnet.features.spectrum = SpectrumScale::magnitude;
    yamnet.features.centred = false;
    yamnet.segments = {0.975, 0, 96, 1.0, 48};
    Model steps = musicnn;
    steps.features.padding = Padding::zero;
    steps.segments = {1.0, 0, 20, 3.0, 40};
    Model waveform = musicnn;
    waveform.features.kind = FeatureKind::waveform;
    waveform.segments = {0.5, 0, 8000, 1.0, 4000};
    return {musicnn, yamnet, steps, waveform};
}

struct Cut {
    double start;
    double end;
    bool silent;
    std::vector<float> values;

    explicit Cut(const Segment& segment)
        : start(segment.start_seconds),
          end(segment.end_seconds),
          silent(segment.silent),
          values(segment.values.begin(), segment.values.end()) {}
    bool operator==(const Cut&) const = default;
};

TEST_F(ExcerptsOf, WholeSignalsAreTheirSegmentsBitForBit) {
    // The last frames of the last segment reach beyond the end of some of these.
    for (const std::size_t size : {std::size_t{160'000}, std::size_t{143'360}, std::size_t{143'361 + 200}}) {
        std::vector<float> samples = testing::tones(8.0);
        samples.resize(size);
        for (std::size_t i = 90'000; i < size; ++i) samples[i] = i < 120'000 ? 0.0F : samples[i - 90'000];
        testing::write_wav(folder_.path() / "a.wav", std::span<const float>(samples), 16000);
        for (const Model& model : models_of_whole_signals()) {
            std::vector<Cut> whole;
            AudioReader through(folder_.path() / "a.wav", {.sample_rate = 16000});
            Segmenter segmenter(model.features, model.segments);
            const auto take = [&](const Segment& segment) { whole.emplace_back(segment); };
            for (auto piece = through.read(); !piece.empty(); piece = through.read()) segmenter.push(piece, take);
            segmenter.finish(take);
            ASSERT_GE(whole.size(), 2U);
            const bool silent = std::ranges::any_of(whole, [](const Cut& cut) { return cut.silent; });
            EXPECT_EQ(silent, model.segments.seconds < 1.5);

            Excerpts excerpts(model);
            const auto count = std::ssize(whole);
            EXPECT_TRUE(excerpts.choose(static_cast<double>(size) / 16000.0, count).empty());
            EXPECT_EQ(std::ssize(excerpts.choose(static_cast<double>(size) / 16000.0, count - 1)), count - 1);
            for (const std::int64_t step : {1, 2, 5}) {
                AudioReader reader(folder_.path() / "a.wav", {.sample_rate = 16000});
                excerpts.begin();
                for (std::int64_t index = step - 1; index < count; index += step) {
                    Segment segment;
                    ASSERT_TRUE(excerpts.read(reader, index, segment)) << index;
                    EXPECT_EQ(segment.index, index);
                    EXPECT_TRUE(Cut(segment) == whole[static_cast<std::size_t>(index)]) << index << " by " << step;
                }
                Segment segment;
                EXPECT_FALSE(excerpts.read(reader, count, segment));
            }
        }
    }
}

TEST_F(ExcerptsOf, AreSpreadEvenly) {
    const Classifier classifier(testing::random_model("cnn"));
    const auto file = track("a.wav", 100.0);
    std::vector<double> starts;
    for (const auto& segment : classifier.classify(file, {.excerpts = 4}).segments) {
        starts.push_back(segment.start_seconds);
    }
    EXPECT_EQ(starts, (std::vector<double>{12.0, 36.0, 60.0, 84.0}));  // of segments 0 to 15
}

TEST_F(ExcerptsOf, AShortTrackIsAnalyzedWhole) {
    const Classifier classifier(testing::random_model("cnn"));
    for (const double seconds : {0.5, 7.0, 31.0}) {
        const auto file = track("short.wav", seconds);
        const Prediction whole = classifier.classify(file);
        const Prediction prediction = classifier.classify(file, {.excerpts = 5});
        EXPECT_EQ(prediction.segments.size(), whole.segments.size());
        EXPECT_EQ(prediction.probabilities, whole.probabilities);
        EXPECT_EQ(prediction.duration_seconds, whole.duration_seconds);
    }
}

TEST_F(ExcerptsOf, AFileThatIsShorterThanItDeclaresIsAnalyzedWhole) {
    const Classifier classifier(testing::random_model("cnn"));
    const auto file = track("cut.wav", 100.0);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    const Prediction whole = classifier.classify(file);
    const Prediction prediction = classifier.classify(file, {.excerpts = 5});
    EXPECT_EQ(prediction.probabilities, whole.probabilities);
    EXPECT_EQ(prediction.warnings, whole.warnings);
    EXPECT_FALSE(prediction.warnings.empty());
    EXPECT_NEAR(prediction.duration_seconds, 50.0, 0.1);
}

TEST_F(ExcerptsOf, ErrorsAreThoseOfTheWhole) {
    const Classifier classifier(testing::random_model("cnn"));
    std::ofstream(folder_.path() / "text.mp3") << "no music";
    const auto code = [&](const std::filesystem::path& file, ClassifyOptions options) {
        try {
            classifier.classify(file, options);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code(folder_.path() / "text.mp3", {.excerpts = 3}), ErrorCode::no_audio);
    EXPECT_EQ(code(folder_.path() / "none.mp3", {.excerpts = 3}), ErrorCode::not_found);
    EXPECT_EQ(code(track("brief.wav", 0.05), {.excerpts = 3}), ErrorCode::too_short);
    EXPECT_EQ(code(track("a.wav", 10.0), {.excerpts = -1}), ErrorCode::bad_option);
    EXPECT_EQ(code(track("a.wav", 10.0), {.jobs = -1}), ErrorCode::bad_option);
}

TEST_F(ExcerptsOf, SilenceSaysNothingOfGenre) {
    testing::write_wav(folder_.path() / "silent.wav", std::vector<float>(22050 * 60, 0.0F));
    const Prediction prediction =
        Classifier(testing::random_model("cnn")).classify(folder_.path() / "silent.wav", {.excerpts = 3});
    ASSERT_EQ(prediction.segments.size(), 3U);
    for (const float probability : prediction.probabilities) EXPECT_NEAR(probability, 0.1F, 1e-6);
}

class Threads : public ExcerptsOf {};

TEST_F(Threads, SayTheSameBitForBit) {
    const Classifier classifier(testing::random_model("cnn"));
    const auto file = track("long.wav", 300.0, 44100);
    const Prediction one = classifier.classify(file);
    for (const int jobs : {0, 2, 3, 16}) {
        const Prediction prediction = classifier.classify(file, {.jobs = jobs});
        EXPECT_EQ(prediction.probabilities, one.probabilities);
        ASSERT_EQ(prediction.segments.size(), one.segments.size());
        for (std::size_t i = 0; i < one.segments.size(); ++i) {
            EXPECT_EQ(prediction.segments[i].probabilities, one.segments[i].probabilities);
        }
    }
}

TEST_F(Threads, DeliverManyFilesInOrderTheBadOnesToo) {
    const Classifier classifier(testing::random_model("cnn"));
    std::vector<std::filesystem::path> files;
    for (const double seconds : {120.0, 7.0, 0.01, 31.0, 12.0, 6.5}) {
        files.push_back(track(std::to_string(files.size()) + ".wav", seconds));
    }
    files.insert(files.begin() + 2, folder_.path() / "none.wav");
    std::vector<Classifier::Result> expected;
    for (const int jobs : {1, 2, 7, 20}) {
        std::vector<Classifier::Result> found;
        classifier.classify_all(files, {.jobs = jobs}, [&](std::size_t index, const Classifier::Result& outcome) {
            EXPECT_EQ(index, found.size());
            found.push_back(outcome);
        });
        ASSERT_EQ(found.size(), files.size());
        if (expected.empty()) expected = found;
        for (std::size_t i = 0; i < files.size(); ++i) {
            ASSERT_EQ(found[i].index(), expected[i].index()) << i;
            if (const auto* prediction = std::get_if<Prediction>(&found[i])) {
                EXPECT_EQ(prediction->probabilities, std::get<Prediction>(expected[i]).probabilities) << i;
            }
        }
    }
    EXPECT_EQ(std::get<Error>(expected[2]).code(), ErrorCode::not_found);
    EXPECT_EQ(std::get<Error>(expected[3]).code(), ErrorCode::too_short);
}

TEST_F(Threads, StopWhenTheReceiverThrows) {
    const Classifier classifier(testing::random_model("cnn"));
    const std::vector<std::filesystem::path> files(20, track("a.wav", 30.0));
    int taken = 0;
    EXPECT_THROW(classifier.classify_all(files, {.jobs = 3},
                                         [&](std::size_t, const Classifier::Result&) {
                                             if (++taken == 2) throw std::runtime_error("enough");
                                         }),
                 std::runtime_error);
    EXPECT_EQ(taken, 2);
}

}  // namespace
}  // namespace earmark::classify
