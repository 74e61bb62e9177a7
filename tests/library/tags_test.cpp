#include "library/tags.hpp"

#include <algorithm>
#include <cstdint>

#include "core/atomic_file.hpp"
#include "support/error_of.hpp"
#include "tagged_files.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;
using Genres = std::vector<std::string>;

class TagsOfFiles : public testing::TaggedFiles {};

const Genres some_tags{"title=A song, with ünïcödé", "artist=Somebody", "album=An album", "comment=No remark",
                       "genre=Old Genre"};

TEST_F(TagsOfFiles, AreReadAndTheirGenresWrittenInEveryFormat) {
    for (const Format& format : formats()) {
        const fs::path file = make(format, some_tags);
        const Tags before = read_tags(file);
        EXPECT_EQ(before.format, format.kind) << format.name;
        EXPECT_EQ(before.genres, Genres{"Old Genre"}) << format.name;
        EXPECT_FALSE(before.others.empty()) << format.name;
        const std::string heard = sound(file);
        ASSERT_FALSE(heard.empty()) << format.name;

        write_genres(file, Genres{"Hip-Hop"});
        EXPECT_EQ(read_tags(file).genres, Genres{"Hip-Hop"}) << format.name;
        EXPECT_EQ(read_tags(file).others, before.others) << format.name;
        EXPECT_EQ(probed(file, "genre"), "Hip-Hop") << format.name;
        EXPECT_EQ(probed(file, "artist"), "Somebody") << format.name;
        EXPECT_EQ(probed(file, "title"), "A song, with ünïcödé") << format.name;
        EXPECT_EQ(sound(file), heard) << format.name;

        write_genres(file, {});
        EXPECT_EQ(read_tags(file).genres, Genres{}) << format.name;
        EXPECT_EQ(read_tags(file).others, before.others) << format.name;
        EXPECT_EQ(probed(file, "genre"), "") << format.name;
        EXPECT_EQ(sound(file), heard) << format.name;
    }
}

TEST_F(TagsOfFiles, HoldSeveralGenres) {
    const Genres several{"Ska", "Rock & Roll", "Ünï"};
    for (const Format& format : formats()) {
        const fs::path file = make(format, some_tags);
        const Tags before = read_tags(file);
        write_genres(file, several);
        Tags after = read_tags(file);
        if (format.kind == "WMA") {  // has no order
            EXPECT_TRUE(std::ranges::is_permutation(after.genres, several));
        } else {
            EXPECT_EQ(after.genres, several) << format.name;
        }
        EXPECT_EQ(read_tags(file).others, before.others) << format.name;
    }
}

TEST_F(TagsOfFiles, AreMadeWhereThereWereNone) {
    for (const Format& format : formats()) {
        Format bare = format;
        bare.options.insert(bare.options.end(),
                            {"-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"});
        if (format.kind == "MP3") bare.options.insert(bare.options.end(), {"-id3v2_version", "0", "-write_id3v1", "0"});
        const fs::path file = make(bare, {});
        EXPECT_EQ(read_tags(file).genres, Genres{}) << format.name;
        const std::string heard = sound(file);
        write_genres(file, Genres{"Jazz"});
        EXPECT_EQ(read_tags(file).genres, Genres{"Jazz"}) << format.name;
        EXPECT_EQ(probed(file, "genre"), "Jazz") << format.name;
        EXPECT_EQ(sound(file), heard) << format.name;
    }
}

TEST_F(TagsOfFiles, AreBroughtInLineInAllKindsOfAFile) {
    // An MP3 with ID3v2.3, ID3v1 and, between sound and ID3v1, APE.
    const fs::path file =
        make({"a.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "3", "-write_id3v1", "1"}}, some_tags);
    std::string bytes = read_file(file);
    const auto number = [](std::uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), 4); };
    const std::string item = number(5) + number(0) + std::string("Genre\0Older", 11);
    const auto ends = [&](std::uint32_t flags) {
        return "APETAGEX" + number(2000) + number(static_cast<std::uint32_t>(item.size()) + 32) + number(1) +
               number(flags) + std::string(8, '\0');
    };
    bytes.insert(bytes.size() - 128, ends(0xA0000000U) + item + ends(0x80000000U));
    write_file(file, bytes);
    ASSERT_EQ(read_tags(file).genres, Genres{"Old Genre"});
    write_genres(file, Genres{"Blues"});
    const std::string after = read_file(file);
    EXPECT_EQ(after.substr(0, 4), std::string("ID3\x03", 4));
    EXPECT_TRUE(contains(after, std::string("Blues")));
    EXPECT_FALSE(contains(after, "Older"));
    EXPECT_EQ(after.substr(after.size() - 128, 3), "TAG");
    EXPECT_EQ(after.back(), '\0') << "ID3v1 names blues by the number 0";
}

TEST_F(TagsOfFiles, AreKnownByContentWhereTheNameDoesNotTell) {
    const fs::path file = make({"a.flac", "FLAC", {}}, some_tags);
    fs::rename(file, folder.path() / "no name at all");
    EXPECT_EQ(read_tags(folder.path() / "no name at all").genres, Genres{"Old Genre"});
}

TEST_F(TagsOfFiles, CannotBeWrittenIntoWhatIsNoMusic) {
    const fs::path file = folder.path() / "a.txt";
    write_file(file, "Plain words, no music.");
    EXPECT_TRUE(contains(error_of([&] { read_tags(file); }), "a.txt: is no file whose tags can be written"));
    EXPECT_TRUE(contains(error_of([&] { write_genres(file, {}); }), "is no file whose tags can be written"));
    EXPECT_EQ(read_file(file), "Plain words, no music.");
    EXPECT_TRUE(contains(error_of([&] { read_tags(folder.path() / "b.mp3"); }), "b.mp3: does not exist"));
}

}  // namespace
}  // namespace earmark
