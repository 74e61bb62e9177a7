#include "library/playlist/similarity.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "support/fake_index.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using testing::MadeUpIndex;

TEST(Likeness, IsToTheNearest) {
    const Likeness likeness({{1.0F, 0.0F}, {0.0F, 1.0F}});
    const std::vector<float> near{0.6F, 0.8F};
    EXPECT_NEAR(likeness.of(near).similarity, 0.8, 1e-6);
    EXPECT_EQ(likeness.of(near).nearest, 1U);
    const std::vector<float> away{-1.0F, 0.0F};
    EXPECT_NEAR(likeness.of(away).similarity, 0.0, 1e-6);
    EXPECT_TRUE(contains(error_of([&] { likeness.of(std::vector<float>(3)); }), "corrupt"));
}

TEST(Likeness, IsTheDotProductForAnyLength) {
    for (const std::size_t size : {1U, 15U, 16U, 17U, 288U}) {
        std::vector<float> a(size);
        std::vector<float> b(size);
        double expected = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            a[i] = 0.03F * static_cast<float>(i % 7);
            b[i] = 0.01F * static_cast<float>(i % 5) - 0.02F;
            expected += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        }
        EXPECT_NEAR(Likeness({a}).of(b).similarity, expected, 1e-6) << size;
    }
}

TEST(Likeness, ComparesTheSoundsOfOneModelOnly) {
    const testing::TemporaryFolder folder;
    MadeUpIndex made_up(folder.path() / "index.sqlite");
    made_up.add({.path = "/a", .embedding = {0.8F, 0.6F}});
    made_up.add({.path = "/b", .embedding = {0.0F, 1.0F}});
    made_up.add({.path = "/c", .sound = "/b"});
    made_up.add({.path = "/d", .embedding = {1.0F, 0.0F, 0.0F}}, made_up.add_model("another"));
    const auto found = Likeness({{1.0F, 0.0F}}).of_sounds(made_up.index, made_up.model);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_NEAR(found.at(MadeUpIndex::content_of({.path = "/a"}).hash).similarity, 0.8, 1e-6);
    EXPECT_NEAR(found.at(MadeUpIndex::content_of({.path = "/b"}).hash).similarity, 0.0, 1e-6);
    made_up.index.database().run("UPDATE verdicts SET embedding = x'00' WHERE embedding IS NOT NULL");
    EXPECT_TRUE(contains(error_of([&] {
                             Likeness({{1.0F, 0.0F}}).of_sounds(made_up.index, made_up.model);
                         }),
                         "corrupt"));
}

/// Songs that are really heard.
class HeardExemplars : public ::testing::Test {
  protected:
    HeardExemplars() {
        save_model(testing::random_model("mlp"), model);
        save_model(testing::random_model("mlp", "{}", 77, 2), other);
        testing::write_wav(folder.path() / "a.wav", testing::tones(1.0, 220.0));
        testing::write_wav(folder.path() / "b.wav", testing::tones(1.0, 300.0));
        testing::write_wav(folder.path() / "new.wav", testing::tones(1.0, 400.0));
        id = index.add_model(to_string(hash_of_file(model)), load_model(model));
        record("a.wav");
        record("b.wav");
    }

    void record(const std::string& name) {
        ScannedFile file;
        file.path = folder.path() / name;
        file.stamp = stamp_of(file.path);
        file.content = read_content(file.path);
        file.verdict = Classifier(model).classify(file.path);
        index.record(file, id);
    }

    testing::TemporaryFolder folder;
    fs::path model = folder.path() / "model.safetensors";
    fs::path other = folder.path() / "other.safetensors";
    Index index{folder.path() / "index.sqlite", Database::Mode::create};
    std::int64_t id = 0;
};

TEST_F(HeardExemplars, AreTakenFromTheIndex) {
    Exemplars exemplars(index, folder.path() / "none.safetensors", false);
    const Exemplar found = exemplars.find(folder.path() / "b.wav");
    EXPECT_EQ(found.embedding, Classifier(model).classify(folder.path() / "b.wav").embedding);
    EXPECT_NE(found.song.file, 0);
    EXPECT_EQ(found.song.duration_seconds, 1.0);
    EXPECT_EQ(exemplars.model().id, id);

    fs::copy_file(folder.path() / "b.wav", folder.path() / "copy.wav");
    EXPECT_EQ(exemplars.find(folder.path() / "copy.wav").embedding, found.embedding) << "known by its sound";
    fs::remove(folder.path() / "b.wav");
    EXPECT_EQ(exemplars.find(folder.path() / "b.wav").embedding, found.embedding) << "gone, but known";
}

TEST_F(HeardExemplars, AreHeardWhenTheIndexDoesNotKnowThem) {
    Exemplars exemplars(index, model, false);
    const Exemplar found = exemplars.find(folder.path() / "new.wav");
    const Verdict verdict = Classifier(model).classify(folder.path() / "new.wav");
    EXPECT_EQ(found.embedding, verdict.embedding);
    EXPECT_EQ(found.song.genre, exemplars.model().labels[verdict.best()]);
    EXPECT_EQ(found.song.file, 0);
    testing::write_wav(folder.path() / "a.wav", testing::tones(1.5, 700.0));
    EXPECT_EQ(exemplars.find(folder.path() / "a.wav").embedding,
              Classifier(model).classify(folder.path() / "a.wav").embedding)
        << "it has changed since the scan";
}

TEST_F(HeardExemplars, AreNotHeardWithAnotherModel) {
    Exemplars exemplars(index, other, false);
    EXPECT_NO_THROW(exemplars.find(folder.path() / "a.wav"));
    const std::string error = error_of([&] { exemplars.find(folder.path() / "new.wav"); });
    EXPECT_TRUE(contains(error, "new.wav")) << error;
    EXPECT_TRUE(contains(error, "random mlp"));
    EXPECT_TRUE(contains(error, "--model"));
    EXPECT_TRUE(contains(error_of([&] { Exemplars(index, other, true); }), "random mlp"));
    EXPECT_NO_THROW(Exemplars(index, model, true));
}

TEST_F(HeardExemplars, SayWhatIsWrong) {
    Exemplars exemplars(index, model, false);
    EXPECT_TRUE(contains(error_of([&] { exemplars.find(folder.path() / "none.wav"); }), "none.wav"));
    testing::write_wav(folder.path() / "silence.wav", std::vector<float>(44100));
    EXPECT_TRUE(contains(error_of([&] { exemplars.find(folder.path() / "silence.wav"); }), "silent"));
    Index empty(folder.path() / "empty.sqlite", Database::Mode::create);
    EXPECT_TRUE(contains(error_of([&] { Exemplars(empty, model, false); }), "earmark scan"));
}

}  // namespace
}  // namespace earmark
