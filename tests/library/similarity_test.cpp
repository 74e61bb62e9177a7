#include "library/playlist/similarity.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/fake_index.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::FakeIndex;

TEST(SimilarityIndex, IsToTheNearest) {
    const SimilarityIndex similarity_index({{1.0F, 0.0F}, {0.0F, 1.0F}});
    const std::vector<float> near{0.6F, 0.8F};
    EXPECT_NEAR(similarity_index.of(near).similarity, 0.8, 1e-6);
    EXPECT_EQ(similarity_index.of(near).nearest, 1U);
    const std::vector<float> away{-1.0F, 0.0F};
    EXPECT_NEAR(similarity_index.of(away).similarity, 0.0, 1e-6);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { similarity_index.of(std::vector<float>(3)); }), "corrupt"));
}

TEST(SimilarityIndex, IsTheDotProductForAnyLength) {
    for (const std::size_t size : {1U, 15U, 16U, 17U, 288U}) {
        std::vector<float> a(size);
        std::vector<float> b(size);
        double expected = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            a[i] = 0.03F * static_cast<float>(i % 7);
            b[i] = 0.01F * static_cast<float>(i % 5) - 0.02F;
            expected += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        }
        EXPECT_NEAR(SimilarityIndex({a}).of(b).similarity, expected, 1e-6) << size;
    }
}

TEST(SimilarityIndex, ComparesTheSoundsOfOneModelOnly) {
    const testing::TemporaryFolder folder;
    testing::FakeIndex fake(folder.path() / "index.sqlite");
    fake.add({.path = "/a", .embedding = {0.8F, 0.6F}});
    fake.add({.path = "/b", .embedding = {0.0F, 1.0F}});
    fake.add({.path = "/c", .sound = "/b"});
    fake.add({.path = "/d", .embedding = {1.0F, 0.0F, 0.0F}}, fake.add_model("another"));
    const auto found = SimilarityIndex({{1.0F, 0.0F}}).of_sounds(fake.index, fake.model);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_NEAR(found.at(testing::FakeIndex::content_of({.path = "/a"}).hash).similarity, 0.8, 1e-6);
    EXPECT_NEAR(found.at(testing::FakeIndex::content_of({.path = "/b"}).hash).similarity, 0.0, 1e-6);
    fake.index.database().run("UPDATE verdicts SET embedding = x'00' WHERE embedding IS NOT NULL");
    EXPECT_TRUE(testing::contains(testing::error_of([&] {
                                      SimilarityIndex({{1.0F, 0.0F}}).of_sounds(fake.index, fake.model);
                                  }),
                                  "corrupt"));
}

/// Tracks that are really analyzed.
class AnalyzedExemplars : public ::testing::Test {
  protected:
    AnalyzedExemplars() {
        save_model(testing::random_model("mlp"), model);
        save_model(testing::random_model("mlp", "{}", 77, 2), other);
        testing::write_wav(folder.path() / "a.wav", testing::tones(1.0, 220.0));
        testing::write_wav(folder.path() / "b.wav", testing::tones(1.0, 300.0));
        testing::write_wav(folder.path() / "new.wav", testing::tones(1.0, 400.0));
        id = index.add_model(files::to_string(files::hash_of_file(model)), load_model(model));
        record("a.wav");
        record("b.wav");
    }

    void record(const std::string& name) {
        ScannedFile file;
        file.path = folder.path() / name;
        file.stamp = files::read_stamp(file.path);
        file.content = read_track_content(file.path);
        file.predictions = {{.model = id, .prediction = Classifier(model).classify(file.path)}};
        index.record(file, id);
    }

    testing::TemporaryFolder folder;
    fs::path model = folder.path() / "model.safetensors";
    fs::path other = folder.path() / "other.safetensors";
    Index index{folder.path() / "index.sqlite", Database::Mode::create};
    std::int64_t id = 0;
};

TEST_F(AnalyzedExemplars, AreTakenFromTheIndex) {
    Seeds seed_tracks(index, folder.path() / "none.safetensors", false);
    const Seed found = seed_tracks.find(folder.path() / "b.wav");
    EXPECT_EQ(found.embedding, Classifier(model).classify(folder.path() / "b.wav").embedding);
    EXPECT_NE(found.track.file, 0);
    EXPECT_EQ(found.track.duration_seconds, 1.0);
    EXPECT_EQ(seed_tracks.model().id, id);

    fs::copy_file(folder.path() / "b.wav", folder.path() / "copy.wav");
    EXPECT_EQ(seed_tracks.find(folder.path() / "copy.wav").embedding, found.embedding) << "known by its sound";
    fs::remove(folder.path() / "b.wav");
    EXPECT_EQ(seed_tracks.find(folder.path() / "b.wav").embedding, found.embedding) << "gone, but known";
}

TEST_F(AnalyzedExemplars, AreAnalyzedWhenTheIndexDoesNotKnowThem) {
    Seeds seed_tracks(index, model, false);
    const Seed found = seed_tracks.find(folder.path() / "new.wav");
    const Prediction prediction = Classifier(model).classify(folder.path() / "new.wav");
    EXPECT_EQ(found.embedding, prediction.embedding);
    EXPECT_EQ(found.track.genre, seed_tracks.model().labels[prediction.best()]);
    EXPECT_EQ(found.track.file, 0);
    testing::write_wav(folder.path() / "a.wav", testing::tones(1.5, 700.0));
    EXPECT_EQ(seed_tracks.find(folder.path() / "a.wav").embedding,
              Classifier(model).classify(folder.path() / "a.wav").embedding)
        << "it has changed since the scan";
}

TEST_F(AnalyzedExemplars, AreNotAnalyzedWithAnotherModel) {
    Seeds seed_tracks(index, other, false);
    EXPECT_NO_THROW(seed_tracks.find(folder.path() / "a.wav"));
    const std::string error = testing::error_of([&] { seed_tracks.find(folder.path() / "new.wav"); });
    EXPECT_TRUE(testing::contains(error, "new.wav")) << error;
    EXPECT_TRUE(testing::contains(error, "random mlp"));
    EXPECT_TRUE(testing::contains(error, "`model`"));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { Seeds(index, other, true); }), "random mlp"));
    EXPECT_NO_THROW(Seeds(index, model, true));
}

TEST_F(AnalyzedExemplars, SayWhatIsWrong) {
    Seeds seed_tracks(index, model, false);
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { seed_tracks.find(folder.path() / "none.wav"); }), "none.wav"));
    testing::write_wav(folder.path() / "silence.wav", std::vector<float>(44100));
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { seed_tracks.find(folder.path() / "silence.wav"); }), "silent"));
    Index empty(folder.path() / "empty.sqlite", Database::Mode::create);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { Seeds(empty, model, false); }), "earmark scan"));
}

}  // namespace
}  // namespace earmark::library
