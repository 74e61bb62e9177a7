#include "library/scan/scan_models.hpp"

#include <gtest/gtest.h>

#include <map>

#include "library/index/listing.hpp"
#include "library/scan/scan.hpp"
#include "support/error_of.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;

/// Scans with a model of one label and one of many.
class ScanWithSeveralModels : public ::testing::Test {
  protected:
    ScanWithSeveralModels() {
        save_model(testing::random_model("mlp"), genres);
        save_tagger(tags, 2);
        testing::write_wav(music / "a.wav", testing::tones(1.0, 220.0));
        testing::write_wav(music / "b.wav", testing::tones(1.0, 300.0));
    }

    static void save_tagger(const fs::path& file, std::uint64_t seed) {
        Model model = testing::random_model("mlp", "{}", 77, seed);
        model.name = "tagger";
        model.activation = Activation::sigmoid;
        for (std::size_t i = 0; i < model.labels.size(); ++i) {
            model.label_details.push_back({i < 5 ? LabelGroup::genre : LabelGroup::mood, 0.5, 0.7});
        }
        save_model(model, file);
    }

    ScanSummary scan(const std::vector<fs::path>& models) {
        ScanOptions options;
        options.folders = {music};
        options.models = models;
        return earmark::library::scan(index, options);
    }

    std::map<std::string, TrackDetails> entries() {
        std::map<std::string, TrackDetails> found;
        list(index, {}, [&](const TrackDetails& entry) { found[entry.path.filename()] = entry; });
        return found;
    }

    std::int64_t predictions() { return index.database().number("SELECT count(*) FROM verdicts"); }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path genres = folder.path() / "genres.safetensors";
    fs::path tags = folder.path() / "tags.safetensors";
    Index index{folder.path() / "index.sqlite", Database::Mode::create};
};

TEST_F(ScanWithSeveralModels, KeepsWhatEachSaysAlone) {
    EXPECT_EQ(scan({genres, tags}).analyzed, 2);
    const Classifier one(genres);
    const Classifier many(tags);
    for (const auto& [name, entry] : entries()) {
        EXPECT_EQ(entry.model->name, "random mlp");
        EXPECT_EQ(entry.prediction->probabilities, one.classify(entry.path).probabilities) << name;
        ASSERT_EQ(entry.heard.size(), 1U);
        EXPECT_EQ(entry.heard[0].model->name, "tagger");
        EXPECT_EQ(entry.heard[0].model->group(7), LabelGroup::mood);
        EXPECT_DOUBLE_EQ(entry.heard[0].model->threshold(7, true), 0.7);
        const Prediction alone = many.classify(entry.path);
        ASSERT_EQ(entry.heard[0].probabilities.size(), alone.probabilities.size());
        for (std::size_t i = 0; i < alone.probabilities.size(); ++i) {
            EXPECT_NEAR(entry.heard[0].probabilities[i], alone.probabilities[i], 1e-5) << "16 bits are enough";
        }
        ASSERT_EQ(entry.heard[0].embedding.size(), alone.embedding.size());
        for (std::size_t i = 0; i < alone.embedding.size(); ++i) {
            EXPECT_NEAR(entry.heard[0].embedding[i], alone.embedding[i], 0.004) << "8 bits are enough";
        }
    }
}

TEST_F(ScanWithSeveralModels, AnalyzesWithTheMissingModelOnly) {
    EXPECT_EQ(scan({genres}).analyzed, 2);
    const auto before = entries();
    EXPECT_TRUE(before.at("a.wav").heard.empty());
    index.database().run("UPDATE verdicts SET duration = 77.0");
    EXPECT_EQ(scan({genres, tags}).analyzed, 2);
    EXPECT_EQ(predictions(), 4);
    const auto after = entries();
    EXPECT_EQ(after.at("a.wav").prediction->duration_seconds, 77.0) << "the first model did not analyze it again";
    EXPECT_EQ(after.at("a.wav").heard.size(), 1U);
    const ScanSummary again = scan({genres, tags});
    EXPECT_EQ(again.analyzed, 0);
    EXPECT_EQ(again.unchanged, 2);
    EXPECT_EQ(scan({tags}).unchanged, 2) << "each of them is known";
}

TEST_F(ScanWithSeveralModels, LeavesTheGenreToTheModelThatNamesOne) {
    scan({genres});
    EXPECT_EQ(scan({tags}).analyzed, 2);
    EXPECT_EQ(entries().at("a.wav").model->name, "random mlp");
    EXPECT_EQ(scan({tags, genres}).analyzed, 0);
    EXPECT_EQ(entries().at("a.wav").model->name, "random mlp") << "in whatever order they are named";
    EXPECT_EQ(scan({genres}).unchanged, 2);
}

TEST_F(ScanWithSeveralModels, TakesTheGenreFromManyLabelsWhereNoOtherModelIs) {
    scan({tags});
    for (const auto& [name, entry] : entries()) {
        EXPECT_EQ(entry.model->name, "tagger");
        const std::vector<float>& probabilities = entry.prediction->probabilities;
        const auto best = std::max_element(probabilities.begin(), probabilities.begin() + 5);
        EXPECT_EQ(entry.genre, entry.model->labels[best - probabilities.begin()]) << "and never from a mood";
        EXPECT_NEAR(entry.probability, *best, 1e-4);
    }
    EXPECT_EQ(scan({genres, tags}).analyzed, 2);
    EXPECT_EQ(entries().at("a.wav").model->name, "random mlp");
}

TEST_F(ScanWithSeveralModels, ReplacesAnEarlierVersionOfAModelOfManyLabels) {
    scan({genres, tags});
    save_tagger(tags, 3);
    EXPECT_EQ(scan({genres, tags}).analyzed, 2);
    EXPECT_EQ(predictions(), 4) << "those of the earlier version are gone";
    ASSERT_EQ(entries().at("a.wav").heard.size(), 1U);
    EXPECT_EQ(scan({genres, tags}).unchanged, 2);
}

TEST_F(ScanWithSeveralModels, HasAViewOfAllProbabilities) {
    scan({genres, tags});
    const auto found = entries();
    Statement rows =
        index.database().prepare("SELECT path, model, label, probability FROM probabilities WHERE model = 'tagger'");
    std::size_t count = 0;
    while (rows.step()) {
        const HeardLabels& heard = found.at(fs::path(rows.text(0)).filename()).heard[0];
        EXPECT_EQ(rows.text(2), heard.model->labels[count % 10]);
        EXPECT_NEAR(rows.real(3), heard.probabilities[count % 10], 1e-6);
        ++count;
    }
    EXPECT_EQ(count, 20U);
    EXPECT_EQ(index.database().number("SELECT count(*) FROM probabilities WHERE model = 'random mlp'"), 20);
}

TEST_F(ScanWithSeveralModels, RefusesAModelThatIsNamedTwice) {
    EXPECT_TRUE(testing::contains(testing::error_of([&] { scan({genres, genres}); }), "bad_option: `model`: "));
    EXPECT_TRUE(entries().empty());
}

}  // namespace
}  // namespace earmark::library
