#include "library/index/schema.hpp"

#include <gtest/gtest.h>

#include <map>

#include "library/index/listing.hpp"
#include "library/scan/scan.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;

/// An index as the tables of version 1 had it: without embeddings.
class FirstVersion : public ::testing::Test {
  protected:
    FirstVersion() {
        save_model(testing::random_model("mlp"), model);
        testing::write_wav(music / "a.wav", testing::tones(1.0, 220.0));
        testing::write_wav(music / "b.wav", testing::tones(1.0, 300.0));
        {
            Index index(path, Database::Mode::create);
            EXPECT_EQ(scan(index).analyzed, 2);
        }
        Database database(path, Database::Mode::existing);
        database.run(
            "DROP VIEW tracks; DROP VIEW probabilities; ALTER TABLE verdicts DROP COLUMN excerpts;"
            "ALTER TABLE verdicts DROP COLUMN analyzed; ALTER TABLE verdicts DROP COLUMN embedding;"
            "ALTER TABLE files DROP COLUMN album; ALTER TABLE files DROP COLUMN album_artist;"
            "ALTER TABLE files DROP COLUMN year; ALTER TABLE files DROP COLUMN track;"
            "ALTER TABLE files DROP COLUMN tag_reading; ALTER TABLE models DROP COLUMN sure;"
            "ALTER TABLE tag_changes DROP COLUMN items; ALTER TABLE models DROP COLUMN activation;"
            "ALTER TABLE models DROP COLUMN details; ALTER TABLE verdicts DROP COLUMN not_music;"
            "ALTER TABLE files DROP COLUMN mood_tag; ALTER TABLE tag_changes DROP COLUMN moods_before;"
            "ALTER TABLE tag_changes DROP COLUMN moods_after;"
            "UPDATE files SET genre_tag = 'Pop;Rock';"
            "PRAGMA user_version = 1");
    }

    ScanSummary scan(Index& index) const {
        ScanOptions options;
        options.folders = {music};
        options.models = {model};
        return earmark::library::scan(index, options);
    }

    static std::map<std::string, TrackDetails> entries(Index& index) {
        std::map<std::string, TrackDetails> found;
        list(index, {}, [&](const TrackDetails& entry) { found[entry.path.filename()] = entry; });
        return found;
    }

    testing::TemporaryFolder folder;
    fs::path path = folder.path() / "index.sqlite";
    fs::path music = folder.path() / "music";
    fs::path model = folder.path() / "model.safetensors";
};

TEST_F(FirstVersion, IsListedAndForgottenAsBefore) {
    Index index(path, Database::Mode::existing);
    EXPECT_EQ(index.database().number("PRAGMA user_version"), schema_version);
    const auto found = entries(index);
    ASSERT_EQ(found.size(), 2U);
    ASSERT_TRUE(found.at("a.wav").prediction);
    EXPECT_EQ(found.at("a.wav").prediction->probabilities.size(), 10U);
    EXPECT_TRUE(found.at("a.wav").prediction->embedding.empty());
    EXPECT_EQ(found.at("a.wav").excerpts, 0) << "the whole was analyzed";
    EXPECT_EQ(found.at("a.wav").tag_genres, (std::vector<std::string>{"Pop", "Rock"})) << "until the next scan";
    EXPECT_FALSE(found.at("a.wav").analyzed);
    EXPECT_EQ(index.forget(music / "a.wav", false), 1);
    index.prune();
    EXPECT_EQ(entries(index).size(), 1U);
}

TEST_F(FirstVersion, HasViewsForOtherPrograms) {
    Index index(path, Database::Mode::existing);
    const auto found = entries(index);
    Database& database = index.database();
    Statement tracks = database.prepare("SELECT path, genre, probability, duration_seconds, excerpts FROM tracks");
    int rows = 0;
    while (tracks.step()) {
        const TrackDetails& entry = found.at(fs::path(tracks.text(0)).filename());
        EXPECT_EQ(tracks.text(0), entry.path);
        EXPECT_EQ(tracks.text(1), genre_of(entry));
        EXPECT_EQ(tracks.real(3), entry.prediction->duration_seconds);
        EXPECT_EQ(tracks.integer(4), 0);
        ++rows;
    }
    EXPECT_EQ(rows, 2);
    Statement values = database.prepare("SELECT path, label, probability FROM probabilities");
    rows = 0;
    while (values.step()) {
        const TrackDetails& entry = found.at(fs::path(values.text(0)).filename());
        const auto place = static_cast<std::size_t>(rows++ % 10);
        EXPECT_EQ(values.text(1), entry.model->labels[place]);
        EXPECT_EQ(values.real(2), static_cast<double>(entry.prediction->probabilities[place])) << "to the last bit";
    }
    EXPECT_EQ(rows, 20);
}

TEST_F(FirstVersion, IsAnalyzedAgainByTheNextScan) {
    Index index(path, Database::Mode::existing);
    EXPECT_EQ(scan(index).analyzed, 2);
    const Classifier classifier(model);
    for (const auto& [name, entry] : entries(index)) {
        EXPECT_EQ(entry.prediction->embedding, classifier.classify(entry.path).embedding) << name;
        EXPECT_FALSE(entry.prediction->embedding.empty());
    }
    EXPECT_EQ(index.database().number("SELECT count(*) FROM verdicts"), 2);
    const ScanSummary again = scan(index);
    EXPECT_EQ(again.analyzed, 0);
    EXPECT_EQ(again.unchanged, 2);
}

TEST_F(FirstVersion, IsAnalyzedAgainAfterFilesMoved) {
    Index index(path, Database::Mode::existing);
    fs::rename(music / "a.wav", music / "c.wav");
    EXPECT_EQ(scan(index).analyzed, 2);
    EXPECT_FALSE(entries(index).at("c.wav").prediction->embedding.empty());
}

}  // namespace
}  // namespace earmark::library
