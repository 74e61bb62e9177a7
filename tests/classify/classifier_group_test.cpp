#include "earmark/classifier_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::classify {
namespace {

using testing::contains;
using testing::error_of;

void expect_equal(const Prediction& a, const Prediction& b) {
    EXPECT_EQ(a.duration_seconds, b.duration_seconds);
    EXPECT_EQ(a.probabilities, b.probabilities);
    EXPECT_EQ(a.uncertain, b.uncertain);
    EXPECT_EQ(a.not_music, b.not_music);
    EXPECT_EQ(a.embedding, b.embedding);
    EXPECT_EQ(a.warnings, b.warnings);
    ASSERT_EQ(a.segments.size(), b.segments.size());
    for (std::size_t i = 0; i < a.segments.size(); ++i) {
        EXPECT_EQ(a.segments[i].start_seconds, b.segments[i].start_seconds);
        EXPECT_EQ(a.segments[i].probabilities, b.segments[i].probabilities);
    }
}

/// A model of many labels, at another rate, with other segments.
Model tag_model(int rate = 16000) {
    Model model = testing::random_model("cnn", "{}", 96, 5, 6);
    model.name = "tags";
    model.features.sample_rate = rate;
    model.features.fft_size = 1024;
    model.features.hop_length = 256;
    model.segments = {.seconds = 3.1, .frames = 96};
    model.activation = Activation::sigmoid;
    model.label_details.resize(6);
    return model;
}

/// Three models of three rates, two of them of many labels.
std::vector<Model> models() {
    std::vector<Model> result;
    result.push_back(testing::random_model("cnn", "{}", 259));
    result.push_back(tag_model());
    result.push_back(tag_model(11025));
    return result;
}

class GroupTest : public ::testing::Test {
  protected:
    void expect_each_as_alone(const std::filesystem::path& file, const ClassifyOptions& options) {
        const ClassifierGroup group(models());
        const std::vector<Prediction> together = group.classify(file, options);
        ASSERT_EQ(together.size(), 3U);
        for (std::size_t i = 0; i < together.size(); ++i) {
            ClassifyOptions own = options;
            if (!options.excerpts_by_model.empty()) own.excerpts = options.excerpts_by_model[i];
            own.excerpts_by_model.clear();
            SCOPED_TRACE("model " + std::to_string(i));
            expect_equal(together[i], Classifier(models()[i]).classify(file, own));
        }
    }

    testing::TemporaryFolder folder;
};

TEST_F(GroupTest, GivesWhatEachModelGivesAloneBitForBit) {
    const auto file = folder.path() / "a.wav";
    testing::write_wav(file, testing::tones(61.0), 44100, 2);
    const std::vector<ClassifyOptions> choices{{},
                                               {.jobs = 2},
                                               {.excerpts = 2},
                                               {.excerpts = 6},
                                               {.excerpts = 40},
                                               {.excerpts_by_model = {0, 3, 0}},
                                               {.excerpts_by_model = {2, 0, 5}, .jobs = 2}};
    for (const ClassifyOptions& options : choices) {
        SCOPED_TRACE(std::to_string(options.excerpts) + " excerpts");
        expect_each_as_alone(file, options);
    }
}

TEST_F(GroupTest, HearsARecordingThatChangesItsRate) {
    const std::filesystem::path chained =
        std::filesystem::path(EARMARK_SOURCE_DIR) / "tests/cases/o01-chained-other-rate.ogg";
    expect_each_as_alone(chained, {});
    expect_each_as_alone(chained, {.excerpts = 1});
}

TEST_F(GroupTest, TakesBuffersStreamsReadersAndSamples) {
    const auto file = folder.path() / "a.wav";
    testing::write_wav(file, testing::tones(20.0), 22050);
    const std::string bytes = files::read_file(file);
    const ClassifierGroup group(models());
    EXPECT_EQ(group.sample_rate(), 0);
    const std::vector<Prediction> expected = group.classify(file);
    const auto as_expected = [&](const std::vector<Prediction>& predictions) {
        for (std::size_t i = 0; i < expected.size(); ++i) expect_equal(predictions.at(i), expected[i]);
    };
    as_expected(group.classify(std::as_bytes(std::span(bytes))));
    std::ifstream stream(file, std::ios::binary);
    as_expected(group.classify(stream));
    as_expected(group.classify(AudioReader(file, {.sample_rate = 0})));
    EXPECT_TRUE(contains(error_of([&] { group.classify(AudioReader(file, {.sample_rate = 16000})); }),
                         "bad_option: the reader gives 16000 samples per second"));
}

TEST_F(GroupTest, ClassifiesManyFilesInTheirOrder) {
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 5; ++i) {
        files.push_back(folder.path() / (std::to_string(i) + ".wav"));
        testing::write_wav(files.back(), testing::tones(7.0 + i, 300.0 + 50.0 * i), 22050);
    }
    files.push_back(folder.path() / "missing.wav");
    const ClassifierGroup group(models());
    std::size_t next = 0;
    group.classify_all(files, {.jobs = 3}, [&](std::size_t index, const ClassifierGroup::Result& outcome) {
        ASSERT_EQ(index, next++);
        if (index == 5) {
            EXPECT_EQ(std::get<Error>(outcome).code(), ErrorCode::not_found);
            return;
        }
        const auto& predictions = std::get<std::vector<Prediction>>(outcome);
        const std::vector<Prediction> expected = group.classify(files[index]);
        for (std::size_t i = 0; i < expected.size(); ++i) expect_equal(predictions.at(i), expected[i]);
    });
    EXPECT_EQ(next, files.size());
}

TEST_F(GroupTest, RefusesWhatMakesNoSense) {
    EXPECT_TRUE(contains(error_of([] { ClassifierGroup(std::vector<Model>{}); }), "bad_option: no model"));
    const auto file = folder.path() / "a.wav";
    testing::write_wav(file, testing::tones(7.0), 22050);
    const ClassifierGroup group(models());
    EXPECT_TRUE(contains(error_of([&] { group.classify(file, {.excerpts_by_model = {1}}); }), "bad_option: `exc"));
    EXPECT_TRUE(contains(error_of([&] {
                             group.classify(file, {.excerpts_by_model = {1, -1, 0}});
                         }),
                         "bad_option: -1 excerpts"));
}

TEST_F(GroupTest, CallsSilenceSilence) {
    const auto file = folder.path() / "silent.wav";
    testing::write_wav(file, std::vector<float>(20 * 22050), 22050);
    for (const Prediction& prediction : ClassifierGroup(models()).classify(file)) {
        EXPECT_EQ(prediction.not_music, "silence");
    }
    const Prediction tags = Classifier(tag_model()).classify(file);
    for (const float probability : tags.probabilities) EXPECT_EQ(probability, 0.0F);
}

/// A rule that holds, or does not, whatever the network says.
Model with_rule(double bias) {
    Model model = tag_model();
    model.music_rule = MusicRule{.groups = {{"music", true, 0.0, {0, 1}}, {"speech", false, 0.0, {2}}}, .bias = bias};
    return model;
}

TEST_F(GroupTest, TellsAllModelsWhatOneFindsToBeNoMusic) {
    const auto file = folder.path() / "a.wav";
    testing::write_wav(file, testing::tones(20.0), 22050);
    for (const double bias : {1.0, -1.0}) {
        std::vector<Model> both;
        both.push_back(testing::random_model("cnn", "{}", 259));
        both.push_back(with_rule(bias));
        for (const Prediction& prediction : ClassifierGroup(std::move(both)).classify(file)) {
            EXPECT_EQ(prediction.not_music, bias > 0 ? std::optional<std::string>("speech") : std::nullopt);
        }
    }
}

TEST_F(GroupTest, WeighsGroupsOfLabels) {
    const auto file = folder.path() / "a.wav";
    testing::write_wav(file, testing::tones(20.0), 22050);
    Model model = tag_model();
    const std::vector<float> p = Classifier(model).classify(file).probabilities;
    // ln of the ratio of the two groups' most probable labels, with its sign either way.
    const double odds = std::log(std::max(p[2], p[3])) - std::log(std::max(p[0], p[1]));
    for (const double offset : {0.01, -0.01}) {
        model.music_rule = MusicRule{.groups = {{"music", true, -1.0, {0, 1}}, {"animals", false, 1.0, {2, 3}}},
                                     .bias = offset - odds};
        const std::optional<std::string> kind = Classifier(model).classify(file).not_music;
        EXPECT_EQ(kind, offset > 0 ? std::optional<std::string>("animals") : std::nullopt);
    }
}

TEST(HoldingLabels, AreThoseAtLeastAsProbableAsTheirThresholds) {
    Model model = tag_model();
    model.label_details = {{LabelGroup::genre, 0.3, 0.6}, {LabelGroup::mood, 0.3, {}},  {LabelGroup::voice, {}, {}},
                           {LabelGroup::genre, 0.1, {}},  {LabelGroup::other, 0.9, {}}, {LabelGroup::genre, 0.2, 0.9}};
    const std::vector<float> p{0.5F, 0.4F, 0.49F, 0.7F, 0.8F, 0.1F};
    EXPECT_EQ(holding_labels(model, p), (std::vector<std::size_t>{3, 0, 1}));
    EXPECT_EQ(holding_labels(model, p, true), (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(best_genre(model, p), 3U);
    model.activation = Activation::softmax;
    EXPECT_EQ(holding_labels(model, p), std::vector<std::size_t>{4});
    for (LabelDetails& details : model.label_details) details.group = LabelGroup::mood;
    EXPECT_EQ(best_genre(model, p), std::nullopt);
}

TEST(ManyLabels, LeaveSilentSegmentsOutOfTheMean) {
    std::vector<float> samples = testing::tones(6.2, 440.0);
    samples.resize(static_cast<std::size_t>(6.2 * 16000));
    const Classifier classifier(tag_model());
    const Prediction loud = classifier.classify(samples);
    samples.resize(static_cast<std::size_t>(12.4 * 16000));
    const Prediction half_silent = classifier.classify(samples);
    EXPECT_EQ(half_silent.segments.size(), 4U);
    for (std::size_t i = 0; i < loud.probabilities.size(); ++i) {
        EXPECT_NEAR(half_silent.probabilities[i], loud.probabilities[i], 1e-6);
        EXPECT_GT(loud.probabilities[i], 0.0F);
    }
}

}  // namespace
}  // namespace earmark::classify
