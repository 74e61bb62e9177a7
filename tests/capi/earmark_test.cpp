#include "earmark/earmark.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <new>
#include <string>
#include <thread>

#include "earmark/classifier.hpp"
#include "earmark/version.hpp"
#include "files/atomic_file.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::capi {
namespace {

/// A model and a track in a temporary folder, and the classifier of that model.
class CInterface : public ::testing::Test {
  protected:
    void SetUp() override {
        save_model(testing::random_model("cnn", "{}", 259), model_);
        std::vector<float> samples;
        for (int i = 0; i < 2 * 44100 * 7; ++i) samples.push_back(0.5F * static_cast<float>(std::sin(0.01 * i)));
        testing::write_wav(track_, samples, 44100, 2);
        ASSERT_EQ(earmark_create(model_.c_str(), &classifier_), EARMARK_OK) << earmark_message();
    }

    void TearDown() override { earmark_destroy(classifier_); }

    /// What the C++ interface says of the track.
    Prediction expected() const { return Classifier(model_).classify(track_); }

    /// Expects that of `prediction`, and frees it.
    void expect_expected(earmark_prediction* prediction) const {
        const Prediction cpp = expected();
        std::size_t count = 0;
        const float* const probabilities = earmark_probabilities(prediction, &count);
        EXPECT_EQ(std::vector<float>(probabilities, probabilities + count), cpp.probabilities);
        const float* const embedding = earmark_embedding(prediction, &count);
        EXPECT_EQ(std::vector<float>(embedding, embedding + count), cpp.embedding);
        EXPECT_GT(count, 0U);
        EXPECT_EQ(earmark_best(prediction), cpp.best());
        EXPECT_EQ(earmark_is_uncertain(prediction), cpp.uncertain ? 1 : 0);
        EXPECT_EQ(earmark_duration(prediction), cpp.duration_seconds);
        EXPECT_EQ(earmark_warning(prediction, 0), nullptr);
        EXPECT_EQ(earmark_probabilities(prediction, nullptr), probabilities);
        EXPECT_EQ(earmark_embedding(prediction, nullptr), embedding);
        earmark_free_prediction(prediction);
    }

    testing::TemporaryFolder folder_;
    std::filesystem::path model_ = folder_.path() / "model.safetensors";
    std::filesystem::path track_ = folder_.path() / "track.wav";
    earmark_classifier* classifier_ = nullptr;
};

TEST_F(CInterface, NamesItsVersionAndItsErrors) {
    EXPECT_EQ(earmark_version(), std::string(version()));
    EXPECT_EQ(std::string(version()), std::to_string(EARMARK_VERSION_MAJOR) + "." +
                                          std::to_string(EARMARK_VERSION_MINOR) + "." +
                                          std::to_string(EARMARK_VERSION_PATCH));
    EXPECT_STREQ(earmark_error_name(EARMARK_OK), "ok");
    EXPECT_STREQ(earmark_error_name(EARMARK_NO_MEMORY), "no_memory");
    EXPECT_STREQ(earmark_error_name(static_cast<earmark_error>(14)), "internal");
    // The same names as in C++, in the same order.
    for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
        EXPECT_EQ(earmark_error_name(static_cast<earmark_error>(i + 1)), to_string(static_cast<ErrorCode>(i)));
    }
}

TEST_F(CInterface, NamesTheLabels) {
    ASSERT_EQ(earmark_label_count(classifier_), 10U);
    EXPECT_STREQ(earmark_label(classifier_, 0), "genre0");
    EXPECT_STREQ(earmark_label(classifier_, 9), "genre9");
    EXPECT_EQ(earmark_label(classifier_, 10), nullptr);
}

TEST_F(CInterface, PredictsAsTheCppInterface) {
    earmark_prediction* prediction = nullptr;
    ASSERT_EQ(earmark_classify_file(classifier_, track_.c_str(), &prediction), EARMARK_OK) << earmark_message();
    expect_expected(prediction);

    const std::string bytes = files::read_file(track_);
    ASSERT_EQ(earmark_classify_memory(classifier_, bytes.data(), bytes.size(), &prediction), EARMARK_OK);
    expect_expected(prediction);

    std::ifstream stream(track_, std::ios::binary);
    const earmark_read read = [](void* user, void* buffer, std::size_t size) {
        auto& from = *static_cast<std::ifstream*>(user);
        from.read(static_cast<char*>(buffer), static_cast<std::streamsize>(size));
        return static_cast<std::ptrdiff_t>(from.gcount());
    };
    ASSERT_EQ(earmark_classify_stream(classifier_, read, &stream, &prediction), EARMARK_OK);
    expect_expected(prediction);

    AudioReader reader(track_, {.sample_rate = 0});
    std::vector<float> mono;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
        mono.insert(mono.end(), piece.begin(), piece.end());
    }
    ASSERT_EQ(earmark_classify_samples(classifier_, mono.data(), mono.size(), 44100, 1, &prediction), EARMARK_OK);
    expect_expected(prediction);
}

TEST_F(CInterface, NamesTheLabelsThatHold) {
    Model many = load_model(model_);
    many.activation = Activation::sigmoid;
    many.label_details.assign(many.labels.size(), {LabelGroup::mood, 1.0, {}});
    many.label_details[2] = {LabelGroup::genre, 0.0, 1.0};
    many.label_details[5] = {LabelGroup::voice, 0.0, 0.0};
    const auto path = folder_.path() / "many.safetensors";
    save_model(many, path);
    earmark_classifier* tagger = nullptr;
    ASSERT_EQ(earmark_create(path.c_str(), &tagger), EARMARK_OK) << earmark_message();
    EXPECT_STREQ(earmark_label_group(tagger, 2), "genre");
    EXPECT_STREQ(earmark_label_group(tagger, 5), "voice");
    EXPECT_EQ(earmark_label_group(tagger, 10), nullptr);
    earmark_prediction* prediction = nullptr;
    ASSERT_EQ(earmark_classify_file(tagger, track_.c_str(), &prediction), EARMARK_OK) << earmark_message();
    std::size_t labels[3] = {99, 99, 99};
    EXPECT_EQ(earmark_holding_labels(tagger, prediction, 0, labels, 3), 2U);
    EXPECT_EQ(labels[0] + labels[1], 7U);
    EXPECT_EQ(labels[2], 99U);
    EXPECT_EQ(earmark_holding_labels(tagger, prediction, 1, labels, 3), 1U);
    EXPECT_EQ(labels[0], 5U);
    EXPECT_EQ(earmark_holding_labels(tagger, prediction, 0, nullptr, 0), 2U);
    EXPECT_EQ(earmark_not_music(prediction), nullptr);
    earmark_free_prediction(prediction);
    const std::vector<float> silence(22050);
    ASSERT_EQ(earmark_classify_samples(tagger, silence.data(), silence.size(), 22050, 1, &prediction), EARMARK_OK);
    EXPECT_STREQ(earmark_not_music(prediction), "silence");
    earmark_free_prediction(prediction);
    earmark_destroy(tagger);
}

TEST_F(CInterface, APredictionOutlivesItsClassifier) {
    earmark_classifier* classifier = nullptr;
    earmark_prediction* prediction = nullptr;
    ASSERT_EQ(earmark_create(model_.c_str(), &classifier), EARMARK_OK);
    ASSERT_EQ(earmark_classify_file(classifier, track_.c_str(), &prediction), EARMARK_OK);
    earmark_destroy(classifier);
    expect_expected(prediction);
}

TEST_F(CInterface, ReportsErrorsAndStoresNothing) {
    auto* const untouched = reinterpret_cast<earmark_prediction*>(this);
    earmark_prediction* prediction = untouched;
    const std::string missing = (folder_.path() / "missing.mp3").string();
    EXPECT_EQ(earmark_classify_file(classifier_, missing.c_str(), &prediction), EARMARK_NOT_FOUND);
    EXPECT_EQ(earmark_message(), missing + ": no such file. Check the path.");
    EXPECT_EQ(earmark_classify_memory(classifier_, "text", 4, &prediction), EARMARK_NO_AUDIO);
    EXPECT_EQ(earmark_classify_memory(classifier_, nullptr, 0, &prediction), EARMARK_NO_AUDIO);
    const earmark_read torn = [](void*, void*, std::size_t) { return std::ptrdiff_t{-1}; };
    EXPECT_EQ(earmark_classify_stream(classifier_, torn, nullptr, &prediction), EARMARK_UNREADABLE);
    const float samples[4] = {};
    EXPECT_EQ(earmark_classify_samples(classifier_, samples, 4, 22050, 1, &prediction), EARMARK_TOO_SHORT);
    EXPECT_EQ(earmark_classify_samples(classifier_, samples, 2, 22050, 0, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_samples(classifier_, samples, 2, 22050, -1, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_samples(classifier_, samples, 2, 0, 2, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_samples(classifier_, samples, SIZE_MAX / 2, 22050, 8, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(prediction, untouched);
    earmark_classifier* classifier = classifier_;
    EXPECT_EQ(earmark_create(track_.c_str(), &classifier), EARMARK_CORRUPT);
    EXPECT_EQ(earmark_create("no-such-model", &classifier), EARMARK_NOT_FOUND);
    EXPECT_EQ(classifier, classifier_);
}

TEST_F(CInterface, RefusesNull) {
    earmark_prediction* prediction = nullptr;
    const float sample = 0.0F;
    EXPECT_EQ(earmark_create(nullptr, nullptr), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_file(nullptr, track_.c_str(), &prediction), EARMARK_BAD_OPTION);
    EXPECT_STREQ(earmark_message(), "classifier is NULL. Give a valid pointer.");
    EXPECT_EQ(earmark_classify_file(classifier_, nullptr, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_file(classifier_, track_.c_str(), nullptr), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_memory(classifier_, nullptr, 1, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_stream(classifier_, nullptr, nullptr, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_samples(classifier_, nullptr, 1, 22050, 1, &prediction), EARMARK_BAD_OPTION);
    EXPECT_EQ(earmark_classify_samples(classifier_, &sample, 1, 22050, 1, nullptr), EARMARK_BAD_OPTION);
    earmark_destroy(nullptr);
    earmark_free_prediction(nullptr);
}

TEST_F(CInterface, EachThreadHasItsMessageAndALongOneIsCut) {
    earmark_prediction* prediction = nullptr;
    std::string path;
    while (path.size() < 5000) path += "ä";
    EXPECT_EQ(earmark_classify_file(classifier_, path.c_str(), &prediction), EARMARK_UNREADABLE);
    const std::string message = earmark_message();
    EXPECT_EQ(message, path.substr(0, 2046));  // the next character needs two bytes
    std::thread([&] {
        EXPECT_STREQ(earmark_message(), "");
        EXPECT_EQ(earmark_classify_file(classifier_, "missing", &prediction), EARMARK_NOT_FOUND);
    }).join();
    EXPECT_EQ(earmark_message(), message);
}

TEST_F(CInterface, NoExceptionLeavesIt) {
    earmark_prediction* prediction = nullptr;
    // The function must not throw, but it shows what becomes of an exception from within.
    const earmark_read no_memory = [](void*, void*, std::size_t) -> std::ptrdiff_t { throw std::bad_alloc(); };
    EXPECT_EQ(earmark_classify_stream(classifier_, no_memory, nullptr, &prediction), EARMARK_NO_MEMORY);
    const earmark_read odd = [](void*, void*, std::size_t) -> std::ptrdiff_t { throw 1; };
    EXPECT_EQ(earmark_classify_stream(classifier_, odd, nullptr, &prediction), EARMARK_INTERNAL);
    EXPECT_EQ(prediction, nullptr);
}

}  // namespace
}  // namespace earmark::capi
