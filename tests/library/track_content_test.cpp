#include "library/tags/track_content.hpp"

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "tagged_files.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class TagsOfFiles : public testing::TaggedFiles {};

const Names some_tags{"title=A song, with ünïcödé", "artist=Somebody", "album=An album", "genre=Old Genre"};

TEST_F(TagsOfFiles, AreReadInEveryFormat) {
    for (const Format& format : formats()) {
        const fs::path file = make(format, some_tags);
        const TrackContent content = read_track_content(file);
        EXPECT_EQ(content.tags.genres, Names{"Old Genre"}) << format.name;
        EXPECT_EQ(content.tags.artist, "Somebody") << format.name;
        EXPECT_EQ(content.tags.title, "A song, with ünïcödé") << format.name;
        EXPECT_EQ(content.tags.album, "An album") << format.name;
        for (const Names& genres : {Names{"Ska", "Rock & Roll", "Ünï"}, Names{"Hip-Hop"}, Names{}}) {
            write_genres(file, genres);
            EXPECT_EQ(read_track_tags(file)->genres, genres) << format.name;
            EXPECT_EQ(read_track_tags(file)->title, content.tags.title) << format.name;
        }
    }
}

TEST_F(TagsOfFiles, AreFfmpegsWhereThereIsNoReader) {
    const fs::path file = make({"a.mka", "Matroska", {}}, some_tags);
    EXPECT_FALSE(read_track_tags(file));
    const TrackTags tags = read_track_content(file).tags;
    EXPECT_EQ(tags.genres, Names{"Old Genre"});
    EXPECT_EQ(tags.artist, "Somebody");
    EXPECT_EQ(tags.title, "A song, with ünïcödé");
}

TEST_F(TagsOfFiles, AreKnownByContentWhereTheNameDoesNotTell) {
    const fs::path file = make({"a.flac", "FLAC", {}}, some_tags);
    fs::rename(file, folder.path() / "song.mp3");
    EXPECT_EQ(read_track_tags(folder.path() / "song.mp3")->genres, Names{"Old Genre"});
}

TEST_F(TagsOfFiles, AreNoneWhereThereIsNoFile) {
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { read_track_tags(folder.path() / "none.mp3"); }), "not_found: "));
    files::write_file(folder.path() / "a.txt", "Plain words, no music.");
    EXPECT_FALSE(read_track_tags(folder.path() / "a.txt"));
}

}  // namespace
}  // namespace earmark::library
