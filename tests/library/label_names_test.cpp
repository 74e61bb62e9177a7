#include "library/tags/label_names.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "library/tags/genre_names.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

using Names = std::vector<std::string>;

TEST(LabelKey, IsTheSameForAllSpellings) {
    EXPECT_EQ(label_key("Hip-Hop"), label_key("hiphop"));
    EXPECT_EQ(label_key("Hip hop music"), label_key("hiphop"));
    EXPECT_EQ(label_key("Female Vocalists"), label_key("female vocalists"));
    EXPECT_EQ(label_key("Música"), label_key("musica"));
    EXPECT_NE(label_key("Music"), "");
    EXPECT_NE(label_key("Musical"), label_key("al"));
    EXPECT_NE(label_key("60s"), label_key("70s"));
}

TEST(NearLabels, AreThoseThatSomebodyMayHaveMeant) {
    const Names labels{"female vocalists", "female vocalist", "happy", "Happy music", "heavy metal", "metal", "sad"};
    EXPECT_EQ(near_labels("metl", labels), Names{"metal"});
    EXPECT_EQ(near_labels("female", labels, 1), Names{"female vocalist"}) << "what holds the word, the shortest first";
    EXPECT_EQ(near_labels("heppy", labels), (Names{"Happy music", "happy"}));
    EXPECT_TRUE(near_labels("xylophone", labels).empty());
}

TEST(GenreNames, AreThoseThatPeopleUse) {
    const GenreNames names;
    EXPECT_EQ(names("hiphop"), "Hip-Hop");
    EXPECT_EQ(names("Hip hop music"), "Hip-Hop");
    EXPECT_EQ(names("rnb"), "R&B");
    EXPECT_EQ(names("Happy music"), "Happy");
    EXPECT_EQ(names("easy listening"), "Easy listening");
    const testing::TemporaryFolder folder;
    std::ofstream(folder.path() / "map") << "rock = Rock'n'Roll\n";
    EXPECT_EQ(GenreNames(folder.path() / "map")("Rock music"), "Rock'n'Roll") << "of every model that knows it";
}

}  // namespace
}  // namespace earmark::library
