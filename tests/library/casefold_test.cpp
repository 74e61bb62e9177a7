#include "library/index/casefold.hpp"

#include <gtest/gtest.h>

namespace earmark::library {
namespace {

TEST(Casefold, MakesUpperAndLowerCaseEqual) {
    EXPECT_EQ(casefold("ABC xyz 123 _"), "abc xyz 123 _");
    EXPECT_EQ(casefold("КИНО 🎵 東京"), "кино 🎵 東京");
    EXPECT_EQ(casefold("STRASSE"), casefold("Straße"));
    EXPECT_EQ(casefold(""), "");
}

TEST(Casefold, LeavesAccentsOut) {
    EXPECT_EQ(casefold("MÖTLEY Crüe"), "motley crue");
    EXPECT_EQ(casefold("Beyoncé"), casefold("BEYONCE"));
    EXPECT_EQ(casefold("ΣΊΣΥΦΟΣ"), casefold("σισυφος"));
    EXPECT_EQ(casefold("Dvořák"), "dvorak");
}

TEST(Casefold, KnowsBothWaysToWriteALetter) {
    EXPECT_EQ(casefold("Bjo\u0308rk"), casefold("Bj\u00F6rk"));
    EXPECT_EQ(casefold("\uFB01n"), "fin");  // a ligature
    EXPECT_EQ(casefold("a\u00ADb\u200Bc"), "abc");
}

TEST(Casefold, KeepsBytesThatAreNoText) {
    EXPECT_EQ(casefold("CAF\xE9!"), "caf\xE9!");
    EXPECT_EQ(casefold(std::string("A\0\xC3", 3)), std::string("a\0\xC3", 3));
    EXPECT_EQ(casefold("\xED\xA0\x80"), "\xED\xA0\x80");  // a surrogate
}

/// The longest decomposition of Unicode is handed on whole.
TEST(Casefold, HasRoomForEveryCharacter) {
    EXPECT_EQ(casefold("\uFDFA"), "صلى الله عليه وسلم");
}

}  // namespace
}  // namespace earmark::library
