#include "library/tags/track_tags.hpp"

#include <gtest/gtest.h>

namespace earmark::library {
namespace {

using metadata::Container;
using metadata::Item;
using metadata::Metadata;
using metadata::System;
using Names = std::vector<std::string>;

Item item(System system, const std::string& key, const std::string& value, std::uint32_t type = 0,
          const std::string& where = "") {
    Item made;
    made.where = where.empty() ? "tag of kind " + std::to_string(static_cast<int>(system)) : where;
    made.key = key;
    made.system = system;
    made.type = type;
    made.value = value;
    made.size = value.size();
    return made;
}

/// A text frame of ID3v2 with this encoding.
Item frame(const std::string& key, int encoding, const std::string& text) {
    return item(System::id3v2, key, static_cast<char>(encoding) + text);
}

TrackTags read(const std::vector<Item>& items, Container container = Container::mpeg) {
    Metadata metadata;
    metadata.container = container;
    metadata.items = items;
    return track_tags(metadata);
}

std::string bytes(std::string_view text) {
    return std::string(text);
}

std::string utf16(std::string_view text, bool big = false) {
    std::string units;
    for (const char c : text) units += big ? std::string{'\0', c} : std::string{c, '\0'};
    return units;
}

TEST(TrackTags, ReadEverySpellingOfGenres) {
    struct Case {
        const char* name;
        std::vector<Item> items;
        Names genres;
    };
    using namespace std::string_view_literals;
    const std::string gen = "\xc2\xa9gen";
    const std::vector<Case> cases = {
        {"ID3v2.4, two values", {frame("TCON", 3, bytes("Rock\0Reggae"sv))}, {"Rock", "Reggae"}},
        {"ID3v2.4, numbers", {frame("TCON", 3, bytes("17\0RX\0CR"sv))}, {"Rock", "Remix", "Cover"}},
        {"ID3v2.3, references", {frame("TCON", 0, "(51)(39)")}, {"Techno-Industrial", "Noise"}},
        {"ID3v2.3, refined", {frame("TCON", 0, "(4)Eurodisco")}, {"Disco", "Eurodisco"}},
        {"ID3v2.3, remix", {frame("TCON", 0, "(RX)")}, {"Remix"}},
        {"ID3v2.3, bracket", {frame("TCON", 0, "((text")}, {"(text"}},
        {"ID3v2.2", {frame("TCO", 0, "(17)")}, {"Rock"}},
        {"two frames", {frame("TCON", 3, "Rock"), frame("TCON", 3, "Ska")}, {"Rock", "Ska"}},
        {"ID3v2, UTF-16, two values",
         {frame("TCON", 1, "\xff\xfe" + utf16("Rock") + bytes("\0\0"sv) + "\xff\xfe" + utf16("Ska"))},
         {"Rock", "Ska"}},
        {"no name", {frame("TCON", 0, "(255)")}, {}},
        {"ID3v1", {item(System::id3v1, "genre", "\x11")}, {"Rock"}},
        {"ID3v1, Winamp's last", {item(System::id3v1, "genre", "\xbf")}, {"Psybient"}},
        {"ID3v1, none", {item(System::id3v1, "genre", "\xff")}, {}},
        {"ID3v1, no name", {item(System::id3v1, "genre", "\xc8")}, {}},
        {"MP4", {item(System::mp4, gen, "Rock", 1), item(System::mp4, gen, "Ska", 1)}, {"Rock", "Ska"}},
        {"MP4 by number", {item(System::mp4, "gnre", bytes("\0\x12"sv))}, {"Rock"}},
        {"MP4 by number, 0", {item(System::mp4, "gnre", bytes("\0\0"sv))}, {}},
        {"MP4, name before number",
         {item(System::mp4, "gnre", bytes("\0\x12"sv)), item(System::mp4, gen, "Ska", 1)},
         {"Ska"}},
        {"MP4, UTF-16", {item(System::mp4, gen, utf16("Rock", true), 2)}, {"Rock"}},
        {"Vorbis", {item(System::vorbis, "GENRE", "Rock"), item(System::vorbis, "genre", "Ska")}, {"Rock", "Ska"}},
        {"Vorbis, comma", {item(System::vorbis, "Genre", "Folk, World, & Country")}, {"Folk, World, & Country"}},
        {"APE", {item(System::ape, "Genre", bytes("Rock\0Ska"sv))}, {"Rock", "Ska"}},
        {"ASF",
         {item(System::asf, "WM/Genre", utf16("Rock") + bytes("\0\0"sv)), item(System::asf, "WM/Genre", utf16("(8)"))},
         {"Rock", "Jazz"}},
        {"RIFF", {item(System::riff_info, "IGNR", bytes("Rock\0"sv))}, {"Rock"}},
        {"twice the same", {item(System::vorbis, "GENRE", "Rock"), item(System::vorbis, "GENRE", "Rock")}, {"Rock"}},
        {"Unknown is kept for the settings", {item(System::vorbis, "GENRE", "Unknown")}, {"Unknown"}},
    };
    for (const Case& each : cases) EXPECT_EQ(read(each.items).genres, each.genres) << each.name;
}

TEST(TrackTags, ReadEveryEncoding) {
    using namespace std::string_view_literals;
    const std::pair<const char*, Item> cases[] = {
        {"Latin-1", frame("TPE1", 0, "Bj\xf6rk")},
        {"UTF-8 marked as Latin-1", frame("TPE1", 0, "Bj\xc3\xb6rk")},
        {"UTF-16 with a mark", frame("TPE1", 1,
                                     bytes("\xff\xfe"
                                           "B\0j\0\xf6\0r\0k\0"sv))},
        {"UTF-16, most significant first", frame("TPE1", 1, bytes("\xfe\xff\0B\0j\0\xf6\0r\0k"sv))},
        {"UTF-16 without a mark", frame("TPE1", 1, bytes("B\0j\0\xf6\0r\0k\0"sv))},
        {"UTF-16 without a mark, most significant first", frame("TPE1", 1, bytes("\0B\0j\0\xf6\0r\0k"sv))},
        {"UTF-16BE", frame("TPE1", 2, bytes("\0B\0j\0\xf6\0r\0k"sv))},
        {"UTF-16BE with a mark", frame("TPE1", 2, bytes("\xfe\xff\0B\0j\0\xf6\0r\0k"sv))},
        {"UTF-8", frame("TPE1", 3, "Bj\xc3\xb6rk")},
        {"Latin-1 marked as UTF-8", frame("TPE1", 3, "Bj\xf6rk")},
        {"ID3v1", item(System::id3v1, "artist", bytes("Bj\xf6rk\0\0\0\0"sv))},
        {"Vorbis", item(System::vorbis, "ARTIST", "Bj\xc3\xb6rk")},
        {"Vorbis, Latin-1", item(System::vorbis, "ARTIST", "Bj\xf6rk")},
        {"APE", item(System::ape, "Artist", "Bj\xc3\xb6rk")},
        {"MP4", item(System::mp4,
                     "\xc2\xa9"
                     "ART",
                     "Bj\xc3\xb6rk", 1)},
        {"RIFF, Latin-1", item(System::riff_info, "IART", bytes("Bj\xf6rk\0"sv))},
        {"RIFF, UTF-8", item(System::riff_info, "IART", bytes("Bj\xc3\xb6rk\0"sv))},
        {"AIFF", item(System::aiff, "AUTH", "Bj\xf6rk")},
        {"ASF", item(System::asf, "Author", bytes("B\0j\0\xf6\0r\0k\0\0\0"sv))},
    };
    for (const auto& [name, each] : cases) EXPECT_EQ(read({each}).artist, "Bj\xc3\xb6rk") << name;
    EXPECT_EQ(read({frame("TIT2", 0, "It\x92s \x96 5 \x80")}).title, "It\xe2\x80\x99s \xe2\x80\x93 5 \xe2\x82\xac")
        << "what Latin-1 has no letters for is Windows-1252";
}

TEST(TrackTags, ReadEveryFieldOfEveryKind) {
    using namespace std::string_view_literals;
    const TrackTags wanted{.genres = {"Jazz"},
                           .moods = {},
                           .artist = "An artist",
                           .album_artist = "All artists",
                           .title = "A title",
                           .album = "An album",
                           .year = "2001",
                           .track = "3"};
    EXPECT_EQ(read({frame("TCON", 3, "Jazz"), frame("TPE1", 3, "An artist"), frame("TPE2", 3, "All artists"),
                    frame("TIT2", 3, "A title"), frame("TALB", 3, "An album"), frame("TDRC", 3, "2001-02-03"),
                    frame("TRCK", 3, "03/12")}),
              wanted);
    const auto comment = [](System system, const char* key, const char* value) { return item(system, key, value); };
    EXPECT_EQ(read({comment(System::vorbis, "genre", "Jazz"), comment(System::vorbis, "artist", "An artist"),
                    comment(System::vorbis, "AlbumArtist", "All artists"), comment(System::vorbis, "TITLE", "A title"),
                    comment(System::vorbis, "ALBUM", "An album"), comment(System::vorbis, "DATE", "2001"),
                    comment(System::vorbis, "TRACKNUMBER", "3")},
                   Container::flac),
              wanted);
    EXPECT_EQ(read({comment(System::ape, "Genre", "Jazz"), comment(System::ape, "Artist", "An artist"),
                    comment(System::ape, "Album Artist", "All artists"), comment(System::ape, "Title", "A title"),
                    comment(System::ape, "Album", "An album"), comment(System::ape, "Year", "2001"),
                    comment(System::ape, "Track", "3/12")}),
              wanted);
    const auto atom = [](const char* key, const std::string& value, std::uint32_t type) {
        return item(System::mp4, key, value, type);
    };
    EXPECT_EQ(read({atom("\xc2\xa9gen", "Jazz", 1),
                    atom("\xc2\xa9"
                         "ART",
                         "An artist", 1),
                    atom("aART", "All artists", 1), atom("\xc2\xa9nam", "A title", 1),
                    atom("\xc2\xa9"
                         "alb",
                         "An album", 1),
                    atom("\xc2\xa9"
                         "day",
                         "2001-02-03T00:00:00Z", 1),
                    atom("trkn", bytes("\0\0\0\3\0\14\0\0"sv), 0)},
                   Container::mp4),
              wanted);
    const auto attribute = [](const char* key, const char* value) { return item(System::asf, key, utf16(value)); };
    EXPECT_EQ(read({attribute("WM/Genre", "Jazz"), attribute("Author", "An artist"),
                    attribute("WM/AlbumArtist", "All artists"), attribute("Title", "A title"),
                    attribute("WM/AlbumTitle", "An album"), attribute("WM/Year", "2001"),
                    item(System::asf, "WM/TrackNumber", bytes("\3\0\0\0"sv), 3)},
                   Container::asf),
              wanted);
    TrackTags without = wanted;
    without.album_artist = "";
    EXPECT_EQ(read({item(System::id3v1, "genre", "\x08"), item(System::id3v1, "artist", "An artist"),
                    item(System::id3v1, "title", "A title"), item(System::id3v1, "album", "An album"),
                    item(System::id3v1, "year", "2001"), item(System::id3v1, "track", "\x03")}),
              without);
    EXPECT_EQ(track_tags({{"genre", "Jazz"},
                          {"artist", "An artist"},
                          {"album_artist", "All artists"},
                          {"title", "A title"},
                          {"album", "An album"},
                          {"date", "2001-01-01"},
                          {"track", "3"}}),
              wanted);
}

TEST(TrackTags, TakeEachFieldOfTheFirstTagThatHasIt) {
    const Item id3v1 = item(System::id3v1, "title", "old title");
    const Item ape = item(System::ape, "Title", "APE's title");
    const Item id3v2 = frame("TIT2", 3, "title");
    EXPECT_EQ(read({id3v1, ape, id3v2}).title, "title");
    EXPECT_EQ(read({id3v1, ape}).title, "APE's title") << "an MP3 with APE tags alone";
    EXPECT_EQ(read({id3v1}).title, "old title");
    EXPECT_EQ(read({ape, id3v2}, Container::wavpack).title, "APE's title") << "where APE is at home";
    EXPECT_EQ(read({frame("TIT2", 3, ""), id3v1}).title, "old title") << "an empty field is none";
    EXPECT_EQ(read({frame("TPE1", 3, "artist"), item(System::id3v1, "genre", "\x08")}).genres, Names{"Jazz"});
    EXPECT_EQ(read({id3v2, item(System::vorbis, "TITLE", "FLAC's title")}, Container::flac).title, "FLAC's title");
    EXPECT_EQ(read({item(System::riff_info, "INAM", "INFO's title"), id3v2}, Container::wave).title, "title");
    EXPECT_EQ(
        read({item(System::id3v2, "TIT2", "\3first", 0, "tag 1"), item(System::id3v2, "TIT2", "\3second", 0, "tag 2"),
              item(System::id3v2, "TPE1", "\3of the second", 0, "tag 2")})
            .artist,
        "of the second");
}

TEST(TrackTags, AreThoseOfTheFirstStreamOfAChain) {
    const std::vector<Item> chain = {item(System::vorbis, "TITLE", "first", 0, "comments of Ogg stream 1"),
                                     item(System::vorbis, "TITLE", "second", 0, "comments of Ogg stream 2"),
                                     item(System::vorbis, "GENRE", "Ska", 0, "comments of Ogg stream 2")};
    EXPECT_EQ(read(chain, Container::ogg_vorbis).title, "first");
    EXPECT_EQ(read(chain, Container::ogg_vorbis).genres, Names{}) << "another track's";
    EXPECT_EQ(read(chain, Container::flac).genres, Names{"Ska"}) << "a second comment block is the same track's";
}

TEST(TrackTags, JoinSeveralArtists) {
    EXPECT_EQ(read({item(System::vorbis, "ARTIST", "One"), item(System::vorbis, "ARTIST", "Two")}).artist, "One; Two");
}

TEST(Lines, KeepValues) {
    for (const Names& values : {Names{}, Names{"Rock"}, Names{"Rock; Pop", "Folk, World"}}) {
        EXPECT_EQ(values_of(lines_of(values)), values);
    }
    EXPECT_EQ(lines_of({"a\nb"}), "a b");
}

TEST(TrackTags, ReadMoodsWhereverTaggersPutThem) {
    using namespace std::string_view_literals;
    const Names moods{"Happy", "Calm"};
    EXPECT_EQ(read({frame("TMOO", 3, bytes("Happy\0Calm"sv))}).moods, moods);
    EXPECT_EQ(read({frame("TXXX:mood", 0, bytes("mood\0Happy\0Calm"sv))}).moods, moods);
    EXPECT_EQ(read({frame("TXX:MOOD", 0, bytes("MOOD\0Happy\0Calm"sv))}).moods, moods);
    EXPECT_EQ(read({item(System::ape, "mood", bytes("Happy\0Calm"sv))}).moods, moods);
    EXPECT_EQ(read({item(System::vorbis, "Mood", "Happy"), item(System::vorbis, "MOOD", "Calm")}).moods, moods);
    const std::string freeform = "----:com.apple.iTunes:MOOD";
    EXPECT_EQ(read({item(System::mp4, freeform, "Happy", 1), item(System::mp4, freeform, "Calm", 1)}).moods, moods);
    EXPECT_EQ(read({item(System::asf, "WM/Mood", utf16("Happy")), item(System::asf, "WM/Mood", utf16("Calm"))}).moods,
              moods);
    EXPECT_TRUE(read({frame("TXXX:mood2", 0, bytes("mood2\0Happy"sv)), frame("TCON", 0, "Rock")}).moods.empty());
    EXPECT_EQ(track_tags({{"MOOD", "Happy"}}).moods, Names{"Happy"}) << "as FFmpeg names it";
}

}  // namespace
}  // namespace earmark::library
