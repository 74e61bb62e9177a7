#include "base/text.hpp"

#include <gtest/gtest.h>

namespace earmark::base {

namespace {

TEST(Printable, KeepsValidText) {
    EXPECT_EQ(printable("Blues & <Jazz>"), "Blues & <Jazz>");
    EXPECT_EQ(printable("Motörhead 東京 🎵"), "Motörhead 東京 🎵");
    EXPECT_EQ(printable(""), "");
}

TEST(CharacterLength, IsThatOfValidUtf8Alone) {
    EXPECT_EQ(character_length("a"), 1U);
    EXPECT_EQ(character_length("ö!"), 2U);
    EXPECT_EQ(character_length("東京"), 3U);
    EXPECT_EQ(character_length("🎵"), 4U);
    for (const char* wrong : {"\xFF", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
        EXPECT_EQ(character_length(wrong), 0U) << wrong;
    }
}

TEST(Printable, ReplacesInvalidBytes) {
    EXPECT_EQ(printable("a\xFFz"), "a\uFFFDz");
    EXPECT_EQ(printable("\xC3"), "\uFFFD");                                // cut short
    EXPECT_EQ(printable("\xC0\xAF"), "\uFFFD\uFFFD");                      // overlong
    EXPECT_EQ(printable("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");            // surrogate
    EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
    EXPECT_EQ(printable("\xE6\x9D"
                        "x"),
              "\uFFFD\uFFFDx");
}

TEST(Printable, ReplacesControlCharacters) {
    EXPECT_EQ(printable("a\nb\tc\x1B[31m\x7F"), "a b c [31m ");
    EXPECT_EQ(printable(std::string("a\0b", 3)), "a b");
    EXPECT_EQ(printable("a\u0085b\u2028c"), "a b c");
    EXPECT_EQ(printable("\uFFFF"), " ");  // XML forbids it
}

TEST(XmlEscaped, EscapesMarkup) {
    EXPECT_EQ(xml_escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
}

TEST(PreviousCharacter, StepsOverWholeCharacters) {
    const std::string text = "aé東🎵";
    EXPECT_EQ(previous_character(text, 10), 6U);
    EXPECT_EQ(previous_character(text, 6), 3U);
    EXPECT_EQ(previous_character(text, 3), 1U);
    EXPECT_EQ(previous_character(text, 1), 0U);
}

}  // namespace

}  // namespace earmark::base
