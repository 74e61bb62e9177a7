#include "library/index/statistics.hpp"

#include <gtest/gtest.h>

#include "support/fake_index.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

class Statistics : public ::testing::Test {
  protected:
    Statistics() {
        fake.add({.path = "/m/1", .genre = "jazz", .probability = 0.8, .tag = "Cool Jazz", .seconds = 100.0});
        fake.add({.path = "/m/2", .genre = "jazz", .probability = 0.6, .tag = "Rock / Pop", .seconds = 200.0});
        fake.add({.path = "/m/3", .genre = "jazz", .probability = 0.7, .seconds = 300.0});
        fake.add({.path = "/m/4", .genre = "jazz", .probability = 0.5, .uncertain = true, .tag = "jazz"});
        fake.add({.path = "/n/5", .genre = "rock", .probability = 0.9, .tag = "Ambient", .seconds = 400.0});
        fake.add({.path = "/n/6", .genre = "rock", .probability = 0.9, .tag = "rock; ROCK; Indie", .seconds = 1.0});
        fake.add({.path = "/n/7", .genre = "rock", .probability = 0.9, .tag = "Rock", .seconds = 1.0});
        fake.add_failed("/m/8");
        fake.add({.path = "/n/9"});
        fake.index.mark_missing(fake.index.find("/n/9")->id, 1);
    }

    testing::TemporaryFolder folder;
    testing::FakeIndex fake{folder.path() / "index.sqlite"};
};

TEST_F(Statistics, CountGenresAndWhatTagsSay) {
    const LibraryStatistics all = library_statistics(fake.index, {});
    EXPECT_EQ(all.analyzed.files, 7);
    EXPECT_EQ(all.analyzed.seconds, 1202.0);
    EXPECT_EQ(all.failed, 1);
    EXPECT_EQ(all.missing, 1);
    EXPECT_EQ(all.untagged, 1);
    ASSERT_EQ(all.genres.size(), 4U);
    const GenreStatistics& jazz = all.genres[0];
    EXPECT_EQ(jazz.genre, "jazz");
    EXPECT_EQ(jazz.all.files, 4);
    EXPECT_NEAR(jazz.probability, 0.65, 1e-6);
    EXPECT_EQ(jazz.uncertain.files, 1);
    EXPECT_EQ(jazz.agrees.seconds, 100.0);
    EXPECT_EQ(jazz.otherwise.seconds, 200.0);
    EXPECT_EQ(jazz.untagged.seconds, 300.0);
    EXPECT_EQ(all.genres[1].genre, "rock");
    EXPECT_EQ(all.genres[1].agrees.files, 2);
    EXPECT_EQ(all.genres[1].otherwise.files, 1);
    EXPECT_EQ(all.genres[2].genre, "blues") << "known, but none is";
    EXPECT_EQ(all.genres[2].all.files, 0);
    for (const GenreStatistics& genre : all.genres) {
        EXPECT_EQ(genre.all.files,
                  genre.uncertain.files + genre.agrees.files + genre.otherwise.files + genre.untagged.files);
    }
}

TEST_F(Statistics, SayHowFarTagsAgree) {
    const LibraryStatistics all = library_statistics(fake.index, {});
    EXPECT_EQ(all.tagged.files, 6);
    EXPECT_EQ(all.tagged.agree, 4);
    EXPECT_EQ(all.known.files, 5) << "all but the one of ambient";
    EXPECT_EQ(all.known.agree, 4);
    EXPECT_EQ(all.known_sure.files, 4);
    EXPECT_EQ(all.known_sure.agree, 3);
}

TEST_F(Statistics, CrossTagsWithPredictions) {
    const LibraryStatistics all = library_statistics(fake.index, {});
    ASSERT_EQ(all.tags.size(), 6U);
    EXPECT_EQ(all.tags[0].tag, "Rock") << "two of three spell it so";
    EXPECT_EQ(all.tags[0].files, 3);
    EXPECT_EQ(all.tags[0].predictions, (std::map<std::string, std::int64_t>{{"jazz", 1}, {"rock", 2}}));
    EXPECT_EQ(all.tags[1].tag, "Ambient");
    EXPECT_EQ(all.tags[1].predictions, (std::map<std::string, std::int64_t>{{"rock", 1}}));
}

TEST_F(Statistics, AreOfWhatIsAsked) {
    const LibraryStatistics part = library_statistics(fake.index, {.folders = {"/m"}});
    EXPECT_EQ(part.analyzed.files, 4);
    EXPECT_EQ(part.failed, 1);
    EXPECT_EQ(part.missing, 0);
    EXPECT_EQ(library_statistics(fake.index, {.genres = {"rock"}}).analyzed.files, 3);
    const LibraryStatistics none = library_statistics(fake.index, {.search = "nothing has this"});
    EXPECT_EQ(none.analyzed.files, 0);
    EXPECT_TRUE(none.tags.empty());
}

}  // namespace
}  // namespace earmark::library
