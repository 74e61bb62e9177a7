#include "library/tags/tags.hpp"

#include <algorithm>
#include <cstdint>

#include "files/atomic_file.hpp"
#include "support/error_of.hpp"
#include "tagged_files.hpp"

namespace earmark::library {
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
        const std::string analyzed = sound(file);
        ASSERT_FALSE(analyzed.empty()) << format.name;

        write_genres(file, Genres{"Hip-Hop"});
        EXPECT_EQ(read_tags(file).genres, Genres{"Hip-Hop"}) << format.name;
        EXPECT_EQ(read_tags(file).others, before.others) << format.name;
        EXPECT_EQ(probed(file, "genre"), "Hip-Hop") << format.name;
        EXPECT_EQ(probed(file, "artist"), "Somebody") << format.name;
        EXPECT_EQ(probed(file, "title"), "A song, with ünïcödé") << format.name;
        EXPECT_EQ(sound(file), analyzed) << format.name;

        write_genres(file, {});
        EXPECT_EQ(read_tags(file).genres, Genres{}) << format.name;
        EXPECT_EQ(read_tags(file).others, before.others) << format.name;
        EXPECT_EQ(probed(file, "genre"), "") << format.name;
        EXPECT_EQ(sound(file), analyzed) << format.name;
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
        const std::string analyzed = sound(file);
        write_genres(file, Genres{"Jazz"});
        EXPECT_EQ(read_tags(file).genres, Genres{"Jazz"}) << format.name;
        EXPECT_EQ(probed(file, "genre"), "Jazz") << format.name;
        EXPECT_EQ(sound(file), analyzed) << format.name;
    }
}

TEST_F(TagsOfFiles, AreBroughtInLineInAllKindsOfAFile) {
    // An MP3 with ID3v2.3, ID3v1 and, between sound and ID3v1, APE.
    const fs::path file =
        make({"a.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "3", "-write_id3v1", "1"}}, some_tags);
    std::string bytes = files::read_file(file);
    const auto number = [](std::uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), 4); };
    const std::string item = number(5) + number(0) + std::string("Genre\0Older", 11);
    const auto ends = [&](std::uint32_t flags) {
        return "APETAGEX" + number(2000) + number(static_cast<std::uint32_t>(item.size()) + 32) + number(1) +
               number(flags) + std::string(8, '\0');
    };
    bytes.insert(bytes.size() - 128, ends(0xA0000000U) + item + ends(0x80000000U));
    files::write_file(file, bytes);
    ASSERT_EQ(read_tags(file).genres, Genres{"Old Genre"});
    write_genres(file, Genres{"Blues"});
    const std::string after = files::read_file(file);
    EXPECT_EQ(after.substr(0, 4), std::string("ID3\x03", 4));
    EXPECT_TRUE(testing::contains(after, std::string("Blues")));
    EXPECT_FALSE(testing::contains(after, "Older"));
    EXPECT_EQ(after.substr(after.size() - 128, 3), "TAG");
    EXPECT_EQ(after.back(), '\0') << "ID3v1 names blues by the number 0";
}

std::string big_endian(std::size_t value, int bits) {
    std::string bytes;
    for (int byte = 3; byte >= 0; --byte) bytes += static_cast<char>(value >> (bits * byte) & ((1U << bits) - 1));
    return bytes;
}

/// An ID3v2.3 tag of text frames: "TIT2=A track".
std::string id3v23(const std::vector<std::string>& frames, bool utf16 = false) {
    std::string body;
    for (const std::string& frame : frames) {
        std::string text = '\0' + frame.substr(5);
        if (utf16) {
            text = "\x01\xff\xfe";
            for (const char c : frame.substr(5)) text += {c, '\0'};
        }
        body += frame.substr(0, 4) + big_endian(text.size(), 8) + std::string(2, '\0') + text;
    }
    return std::string("ID3\x03\0\0", 6) + big_endian(body.size(), 7) + body;
}

class TagsOfId3v23 : public testing::TaggedFiles {
  protected:
    /// An MP3 with such a tag and no other.
    fs::path tagged(const std::vector<std::string>& frames, bool utf16 = false) {
        const fs::path file = make({"a.mp3", "MP3", {"-b:a", "64k", "-id3v2_version", "0", "-write_id3v1", "0"}}, {});
        files::write_file(file, id3v23(frames, utf16) + files::read_file(file));
        return file;
    }
};

TEST_F(TagsOfId3v23, NameGenresByNumber) {
    const std::pair<std::string, Genres> cases[] = {{"(17)Rock", {"Rock"}},
                                                    {"(17)", {"Rock"}},
                                                    {"17", {"Rock"}},
                                                    {"(8)Bebop", {"Jazz", "Bebop"}},
                                                    {"Rock/Pop", {"Rock/Pop"}}};
    for (const auto& [text, genres] : cases) EXPECT_EQ(read_tags(tagged({"TCON=" + text})).genres, genres) << text;
}

TEST_F(TagsOfId3v23, ShowTheFirstOfSeveralGenresToAllPlayers) {
    const fs::path file = tagged({"TIT2=A song", "TCON=(17)Rock"});
    write_genres(file, Genres{"Hip-Hop", "Jazz"});
    EXPECT_EQ(files::read_file(file).substr(0, 4), std::string("ID3\x03", 4));
    EXPECT_EQ(read_tags(file).genres, (Genres{"Hip-Hop", "Jazz"}));
    EXPECT_EQ(probed(file, "genre"), "Hip-Hop") << "in ID3v2.3 a text ends at a zero";
}

TEST_F(TagsOfId3v23, KeepDatesAndWhatOnlyTheNextVersionKnows) {
    for (const bool utf16 : {false, true}) {
        const fs::path dated = tagged({"TIT2=A song", "TYER=2001", "TDAT=0302", "TIME=1234"}, utf16);
        const std::vector<std::string> others = read_tags(dated).others;
        write_genres(dated, Genres{"Jazz"});
        EXPECT_EQ(read_tags(dated).others, others);
        EXPECT_EQ(files::read_file(dated).substr(0, 4), std::string("ID3\x03", 4));
        EXPECT_TRUE(testing::contains(files::read_file(dated), "0302"));
    }

    const fs::path moody = tagged({"TIT2=A song", "TMOO=Merry"});
    const std::vector<std::string> mood = read_tags(moody).others;
    ASSERT_EQ(mood.size(), 2U);
    write_genres(moody, Genres{"Jazz"});
    EXPECT_EQ(read_tags(moody).others, mood);
    EXPECT_EQ(read_tags(moody).genres, Genres{"Jazz"});
    EXPECT_EQ(files::read_file(moody).substr(0, 4), std::string("ID3\x04", 4));
}

TEST_F(TagsOfFiles, NameGenresOfMp4ByNumberToo) {
    // A genre by number takes as many bytes as one by a name of two letters.
    const auto renamed = [&](const char* atom, const fs::path& file) {
        std::string bytes = files::read_file(file);
        const std::size_t at = bytes.find(atom);
        ASSERT_NE(at, std::string::npos);
        bytes.replace(at, 4, "gnre");
        bytes.replace(at + 12, 4, std::string(4, '\0'));
        bytes.replace(at + 20, 2, std::string("\0\x12", 2));
        files::write_file(file, bytes);
    };
    const fs::path file = make({"a.m4a", "MP4", {"-c:a", "aac"}}, {"genre=xx", "grouping=yy", "title=A song"});
    const std::string both = files::read_file(file);
    renamed("\251gen", file);
    EXPECT_EQ(read_tags(file).genres, Genres{"Rock"});
    write_genres(file, Genres{"Jazz"});
    EXPECT_EQ(read_tags(file).genres, Genres{"Jazz"});
    EXPECT_EQ(probed(file, "genre"), "Jazz");
    files::write_file(file, both);
    renamed("\251grp", file);
    write_genres(file, Genres{"Jazz"});
    EXPECT_EQ(read_tags(file).genres, Genres{"Jazz"});
    EXPECT_FALSE(testing::contains(files::read_file(file), "gnre")) << "no player finds the old one";
}

TEST_F(TagsOfFiles, StandInFrontOfFlacToo) {
    const fs::path file = make({"a.flac", "FLAC", {}}, some_tags);
    const std::string analyzed = sound(file);
    files::write_file(file, id3v23({"TIT2=Another title", "TCON=Older"}) + files::read_file(file));
    const std::vector<std::string> others = read_tags(file).others;
    write_genres(file, Genres{"Jazz"});
    EXPECT_EQ(read_tags(file).genres, Genres{"Jazz"});
    EXPECT_EQ(read_tags(file).others, others);
    EXPECT_FALSE(testing::contains(files::read_file(file), "Older"));
    EXPECT_EQ(sound(file), analyzed);
}

TEST_F(TagsOfFiles, HoldHugePictures) {
    // A block as FLAC's pictures are, in base64: 1.5 million letters over many pages of Ogg.
    const std::string head = std::string(3, '\0') + '\3' + big_endian(10, 8) + "image/jpeg" + std::string(20, '\0');
    const std::string block =
        head + big_endian(1125000 - 4 - head.size(), 8) + std::string(1125000 - 4 - head.size(), 'x');
    std::string base64;
    const char* const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i + 2 < block.size(); i += 3) {
        const auto byte = [&](std::size_t k) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(block[k]));
        };
        const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        for (int shift = 18; shift >= 0; shift -= 6) base64 += letters[bits >> shift & 63];
    }
    files::write_file(folder.path() / "tags.txt",
                      ";FFMETADATA1\ntitle=A song\nMETADATA_BLOCK_PICTURE=" + base64 + "\n");
    for (const char* codec : {"libopus", "libvorbis"}) {
        const fs::path file = folder.path() / (std::string(codec) + ".ogg");
        ASSERT_EQ(testing::run({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=3:sample_rate=48000", "-i",
                                (folder.path() / "tags.txt").string(), "-map", "0", "-map_metadata", "1", "-c:a", codec,
                                file.string()})
                      .status,
                  0);
        const std::vector<std::string> others = read_tags(file).others;
        ASSERT_GT(std::ranges::max(others, {}, &std::string::size).size(), 1000000U);
        const std::string analyzed = sound(file);
        write_genres(file, Genres{"A genre of some length"});
        EXPECT_EQ(read_tags(file).others, others);
        EXPECT_EQ(sound(file), analyzed);
        EXPECT_EQ(probed(file, "genre"), "A genre of some length");
    }
}

TEST_F(TagsOfFiles, AreKnownByContentWhereTheNameDoesNotTell) {
    const fs::path file = make({"a.flac", "FLAC", {}}, some_tags);
    fs::rename(file, folder.path() / "no name at all");
    EXPECT_EQ(read_tags(folder.path() / "no name at all").genres, Genres{"Old Genre"});
}

TEST_F(TagsOfFiles, NameTheKindsThatHoldNone) {
    for (const auto& [name, kind] : std::vector<std::pair<std::string, std::string>>{
             {"a.mka", "Matroska"}, {"a.tta", "True Audio"}, {"a.caf", "Core Audio"}, {"a.au", "AU file"}}) {
        const fs::path file = make({name, "", {}}, {});
        const std::string error = testing::error_of([&] { read_tags(file); });
        EXPECT_TRUE(testing::contains(error, "unsupported")) << error;
        EXPECT_TRUE(testing::contains(error, kind)) << error;
        EXPECT_FALSE(testing::contains(error, "damaged")) << error;
    }
}

TEST_F(TagsOfFiles, CannotBeWrittenIntoWhatIsNoMusic) {
    const fs::path file = folder.path() / "a.txt";
    files::write_file(file, "Plain words, no music.");
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { read_tags(file); }), "a.txt: is no file whose tags can be written"));
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { write_genres(file, {}); }), "is no file whose tags can be written"));
    EXPECT_EQ(files::read_file(file), "Plain words, no music.");
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { read_tags(folder.path() / "b.mp3"); }), "b.mp3: does not exist"));
}

}  // namespace
}  // namespace earmark::library
