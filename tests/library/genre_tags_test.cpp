#include "library/tags/genre_tags.hpp"

#include <gtest/gtest.h>

namespace earmark::library {
namespace {

using Names = std::vector<std::string>;

TEST(GenresOfTag, PartsWhatIsJoined) {
    EXPECT_EQ(genres_of_tag("Rock"), Names{"Rock"});
    EXPECT_EQ(genres_of_tag(" Rock ; Hard Rock/Metal, Rock"), (Names{"Rock", "Hard Rock", "Metal"}));
    EXPECT_EQ(genres_of_tag(std::string_view("Pop\0Disco", 9)), (Names{"Pop", "Disco"}));
    EXPECT_TRUE(genres_of_tag("").empty());
    EXPECT_TRUE(genres_of_tag(" ;/ ").empty());
}

TEST(TagNames, FindsAGenreInAFinerOne) {
    for (const char* tag : {"rock", "Rock", "Hard Rock", "Jazz; Indie Rock", "ROCK & ROLL", "Pop/Rock"}) {
        EXPECT_TRUE(tag_names(tag, "rock")) << tag;
    }
    for (const char* tag : {"", "Rocksteady", "Shamrock", "Metal", "R o c", "?"}) {
        EXPECT_FALSE(tag_names(tag, "rock")) << tag;
    }
    for (const char* tag : {"Hip-Hop", "hip hop", "HipHop", "Alternative Hip-Hop/Rap"}) {
        EXPECT_TRUE(tag_names(tag, "hiphop")) << tag;
    }
    EXPECT_TRUE(tag_names("hiphop", "Hip-Hop"));
    EXPECT_FALSE(tag_names("Hip; Hop", "hiphop"));
    EXPECT_TRUE(tag_names("M\xc3\xbasica cl\xc3\xa1sica", "cl\xc3\xa1sica"));
    EXPECT_FALSE(tag_names("rock", ""));
}

TEST(GenreTags, DisagreeWhenTheyNameOthersOnly) {
    EXPECT_TRUE(tag_disagrees("Pop/Dance", "rock"));
    EXPECT_FALSE(tag_disagrees("Pop/Hard Rock", "rock"));
    EXPECT_FALSE(tag_disagrees("", "rock")) << "what says nothing disagrees with nothing";
    EXPECT_FALSE(tag_disagrees(" ; ", "rock"));
}

}  // namespace
}  // namespace earmark::library
