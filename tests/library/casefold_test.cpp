#include "library/index/casefold.hpp"

#include <gtest/gtest.h>

namespace earmark {
namespace {

TEST(Folded, MakesUpperAndLowerCaseEqual) {
    EXPECT_EQ(folded("ABC xyz 123 _"), "abc xyz 123 _");
    EXPECT_EQ(folded("КИНО 🎵 東京"), "кино 🎵 東京");
    EXPECT_EQ(folded("STRASSE"), folded("Straße"));
    EXPECT_EQ(folded(""), "");
}

TEST(Folded, LeavesAccentsOut) {
    EXPECT_EQ(folded("MÖTLEY Crüe"), "motley crue");
    EXPECT_EQ(folded("Beyoncé"), folded("BEYONCE"));
    EXPECT_EQ(folded("ΣΊΣΥΦΟΣ"), folded("σισυφος"));
    EXPECT_EQ(folded("Dvořák"), "dvorak");
}

TEST(Folded, KnowsBothWaysToWriteALetter) {
    EXPECT_EQ(folded("Bjo\u0308rk"), folded("Bj\u00F6rk"));
    EXPECT_EQ(folded("\uFB01n"), "fin");  // a ligature
    EXPECT_EQ(folded("a\u00ADb\u200Bc"), "abc");
}

TEST(Folded, KeepsBytesThatAreNoText) {
    EXPECT_EQ(folded("CAF\xE9!"), "caf\xE9!");
    EXPECT_EQ(folded(std::string("A\0\xC3", 3)), std::string("a\0\xC3", 3));
    EXPECT_EQ(folded("\xED\xA0\x80"), "\xED\xA0\x80");  // a surrogate
}

/// The longest decomposition of Unicode is handed on whole.
TEST(Folded, HasRoomForEveryCharacter) {
    EXPECT_EQ(folded("\uFDFA"), "صلى الله عليه وسلم");
}

}  // namespace
}  // namespace earmark
