#include "library/tags/genre_tags.hpp"

#include <gtest/gtest.h>

namespace earmark::library {
namespace {

using Names = std::vector<std::string>;

Names genres_of(const Names& values, const GenreSettings& settings = {}) {
    return genres_of_tag(values, settings);
}

bool names(const std::string& tag, std::string_view genre) {
    return names_genre(genres_of({tag}), genre);
}

TEST(GenresOfValue, UnderstandEverySpelling) {
    const std::pair<std::string, Names> cases[] = {{"Rock", {"Rock"}},
                                                   {"(51)(39)", {"Techno-Industrial", "Noise"}},
                                                   {"(4)Eurodisco", {"Disco", "Eurodisco"}},
                                                   {"(17)Rock", {"Rock"}},
                                                   {"(7)Hip Hop", {"Hip Hop"}},
                                                   {"(17) ", {"Rock"}},
                                                   {"17", {"Rock"}},
                                                   {"0", {"Blues"}},
                                                   {"191", {"Psybient"}},
                                                   {"(191)", {"Psybient"}},
                                                   {"(RX)", {"Remix"}},
                                                   {"(CR)", {"Cover"}},
                                                   {"(RX)(8)", {"Remix", "Jazz"}},
                                                   {"(4)(RX)Mixed", {"Disco", "Remix", "Mixed"}},
                                                   {"((text", {"(text"}},
                                                   {"((I think it is rock)", {"(I think it is rock)"}},
                                                   {"(4)((bracket", {"Disco", "(bracket"}},
                                                   {"(Unfinished", {"(Unfinished"}},
                                                   {"(Live) Rock", {"(Live) Rock"}},
                                                   {"(255)", {}},
                                                   {"255", {}},
                                                   {"(192)", {}},
                                                   {"99999999999999999999", {}},
                                                   {"(255)Ska", {"Ska"}},
                                                   {"()", {"()"}},
                                                   {"", {}},
                                                   {" \t", {}},
                                                   {"80s", {"80s"}},
                                                   {"RX", {"RX"}},
                                                   {"Folk, World, & Country", {"Folk, World, & Country"}}};
    for (const auto& [value, wanted] : cases) EXPECT_EQ(genres_of_value(value), wanted) << value;
    EXPECT_EQ(genres_of_value("RX", true), Names{"Remix"});
    EXPECT_EQ(genres_of_value("CR", true), Names{"Cover"});
}

TEST(GenresOfTag, PartsWhatIsJoined) {
    EXPECT_EQ(genres_of({"Rock"}), Names{"Rock"});
    EXPECT_EQ(genres_of({" Rock ; Hard Rock / Metal;Rock"}), (Names{"Rock", "Hard Rock", "Metal"}));
    EXPECT_EQ(genres_of({"Pop", "Disco"}), (Names{"Pop", "Disco"}));
    EXPECT_EQ(genres_of({"17; (8)"}), (Names{"Rock", "Jazz"})) << "numbers within a list";
    EXPECT_TRUE(genres_of({""}).empty());
    EXPECT_TRUE(genres_of({" ; / "}).empty());
    EXPECT_TRUE(genres_of({}).empty());
}

TEST(GenresOfTag, KeepsNamesWhole) {
    for (const char* name : {"Folk, World, & Country", "Hip-Hop/Rap", "R&B/Soul", "Pop|Rock", "(I think it is rock)"}) {
        EXPECT_EQ(genres_of({name}), Names{name});
    }
}

TEST(GenresOfTag, PartsAtWhatTheUserSets) {
    const GenreSettings commas{.separators = {",", "/"}};
    EXPECT_EQ(genres_of({"Rock, Pop/Ska; Jazz"}, commas), (Names{"Rock", "Pop", "Ska; Jazz"}));
    EXPECT_EQ(genres_of({"Rock; Pop"}, {.separators = {}}), Names{"Rock; Pop"});
    EXPECT_EQ(genres_of({"Rock; Pop"}, {.separators = {""}}), Names{"Rock; Pop"});
    EXPECT_EQ(genres_of({"a--b-c"}, {.separators = {"-", "--"}}), (Names{"a", "b", "c"})) << "the longest first";
}

TEST(GenresOfTag, LeavesOutWhatSaysNothing) {
    for (const char* name : {"Unknown", "unknown", "<Unknown>", "Other", "OTHER", "genre", "None", "Misc", "Misc.",
                             "Unknown Genre", "no genre", "?", "-"}) {
        EXPECT_EQ(genres_of({name}), Names{}) << name;
        EXPECT_EQ(genres_of({name, "Rock"}), Names{"Rock"}) << name;
    }
    EXPECT_EQ(genres_of({"Other"}, {.missing = {}}), Names{"Other"});
    EXPECT_EQ(genres_of({"Other"}, {.missing = {""}}), Names{"Other"});
    EXPECT_EQ(genres_of({"Other; Blah"}, {.missing = {"blah"}}), Names{"Other"});
    EXPECT_EQ(genres_of({"Another Genre"}), Names{"Another Genre"});
}

TEST(NamesGenre, FindsAGenreInAFinerOne) {
    for (const char* tag : {"rock", "Rock", "Hard Rock", "Jazz; Indie Rock", "ROCK & ROLL", "Pop/Rock"}) {
        EXPECT_TRUE(names(tag, "rock")) << tag;
    }
    for (const char* tag : {"", "Rocksteady", "Shamrock", "Metal", "R o c", "?"}) {
        EXPECT_FALSE(names(tag, "rock")) << tag;
    }
    for (const char* tag : {"Hip-Hop", "hip hop", "HipHop", "Alternative Hip-Hop/Rap"}) {
        EXPECT_TRUE(names(tag, "hiphop")) << tag;
    }
    EXPECT_TRUE(names("hiphop", "Hip-Hop"));
    EXPECT_FALSE(names("Hip; Hop", "hiphop"));
    EXPECT_TRUE(names("M\xc3\xbasica cl\xc3\xa1sica", "cl\xc3\xa1sica"));
    EXPECT_TRUE(names("Folk, World, & Country", "country"));
    EXPECT_FALSE(names("rock", ""));
}

TEST(GenresDisagree, WhenAllAreOthers) {
    EXPECT_TRUE(genres_disagree(genres_of({"Pop/Dance"}), "rock"));
    EXPECT_FALSE(genres_disagree(genres_of({"Pop/Hard Rock"}), "rock"));
    EXPECT_FALSE(genres_disagree(genres_of({"Pop", "Reggae"}), "reggae")) << "the second counts, too";
    EXPECT_FALSE(genres_disagree(genres_of({""}), "rock")) << "what says nothing disagrees with nothing";
    EXPECT_FALSE(genres_disagree(genres_of({"Unknown"}), "rock"));
}

}  // namespace
}  // namespace earmark::library
