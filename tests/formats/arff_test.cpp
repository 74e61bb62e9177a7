#include "formats/arff.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace earmark::formats {
namespace {

using testing::contains;
using testing::error_of;
using Row = std::vector<std::string>;

TEST(Arff, ReadsDenseRows) {
    const ArffRelation relation = parse_arff(
        "% a comment\r\n"
        "@RELATION 'my songs'\r\n"
        "\r\n"
        "@attribute tempo numeric % per minute\n"
        "@ATTRIBUTE \"the mood\" {calm, 'very sad', 'it\\'s'}\n"
        "@attribute loud Real\n"
        "@attribute title string\n"
        "@DATA\n"
        "120, calm, -3.5e0, 'One, two'\n"
        "% another\n"
        "?, 'very sad', +7, \"x y\"\n"
        " 1e2,'it\\'s' ,0, z, {2.5}\n",
        "songs.arff");
    EXPECT_EQ(relation.name, "my songs");
    EXPECT_EQ(relation.table.header, (Row{"tempo", "the mood", "loud", "title"}));
    EXPECT_EQ(relation.numeric, (std::vector<bool>{true, false, true, false}));
    ASSERT_EQ(relation.table.rows.size(), 3);
    EXPECT_EQ(relation.table.rows[0], (Row{"120", "calm", "-3.5e0", "One, two"}));
    EXPECT_EQ(relation.table.rows[1], (Row{"", "very sad", "+7", "x y"}));
    EXPECT_EQ(relation.table.rows[2], (Row{"1e2", "it's", "0", "z"}));
    EXPECT_EQ(relation.table.lines, (std::vector<std::size_t>{9, 11, 12}));
}

TEST(Arff, FillsInWhatSparseRowsLeaveOut) {
    const ArffRelation relation = parse_arff(
        "@relation r\n@attribute a numeric\n@attribute b {no,yes}\n@attribute c numeric\n@data\n"
        "{0 1.5, 1 yes}\n{}\n{2 7, 1 ?}, {3}\n",
        "r.arff");
    ASSERT_EQ(relation.table.rows.size(), 3);
    EXPECT_EQ(relation.table.rows[0], (Row{"1.5", "yes", "0"}));
    EXPECT_EQ(relation.table.rows[1], (Row{"0", "no", "0"}));
    EXPECT_EQ(relation.table.rows[2], (Row{"0", "", "7"}));
}

TEST(Arff, RefusesWhatContradictsItself) {
    const std::string head = "@relation r\n@attribute a numeric\n@attribute b {0,1}\n@data\n";
    const auto error = [](const std::string& text) { return error_of([&] { parse_arff(text, "r.arff"); }); };
    EXPECT_TRUE(contains(error(head + "1\n"), "r.arff: line 5: the row has 1 values, not 2"));
    EXPECT_TRUE(contains(error(head + "1,0,3\n"), "more than 2 values"));
    EXPECT_TRUE(contains(error(head + "x,0\n"), "\"x\" is no number"));
    EXPECT_TRUE(contains(error(head + "nan,0\n"), "\"nan\" is no number"));
    EXPECT_TRUE(contains(error(head + "1,2\n"), "\"2\" is no value of b"));
    EXPECT_TRUE(contains(error(head + "{2 1}\n"), "index of no attribute"));
    EXPECT_TRUE(contains(error(head + "{0 1\n"), "no end"));
    EXPECT_TRUE(contains(error(head + "'1,0\n"), "quote has no end"));
    EXPECT_TRUE(contains(error("@relation r\n@attribute a numeric\n@attribute a real\n"), "two attributes"));
    EXPECT_TRUE(contains(error("@relation r\n@attribute a {x, y\n"), "no end"));
    EXPECT_TRUE(contains(error("@relation r\n@attribute a thing\n"), "unknown type"));
    EXPECT_TRUE(contains(error("@relation r\n@attribute a relational\n"), "relational"));
    EXPECT_TRUE(contains(error("@relation r\n@data\n"), "before any @attribute"));
    EXPECT_TRUE(contains(error("@relation r\n@attribute a numeric\n"), "no @data"));
    EXPECT_TRUE(contains(error("a,b\n1,2\n"), "expected @relation"));
}

TEST(Arff, DoesNotFillMemoryForAFewSparseRows) {
    std::string text = "@relation r\n";
    for (int i = 0; i < 70000; ++i) text += "@attribute a" + std::to_string(i) + " numeric\n";
    text += "@data\n";
    for (int i = 0; i < 2000; ++i) text += "{}\n";
    EXPECT_TRUE(contains(error_of([&] { parse_arff(text, "r.arff"); }), "more than"));
}

TEST(MulanLabels, AreReadInOrder) {
    EXPECT_EQ(parse_mulan_labels("<?xml version=\"1.0\"?>\n<!-- <label name=\"not this\"/> -->\n"
                                 "<labels xmlns=\"http://mulan.sourceforge.net/labels\">\n"
                                 "<label name=\"sad\"></label><label\n  name = 'rock &amp; roll'>"
                                 "<label name=\"below\"/></label>\n</labels>",
                                 "x.xml"),
              (std::vector<std::string>{"sad", "rock & roll", "below"}));
}

TEST(MulanLabels, MustHaveNames) {
    const auto error = [](const char* text) { return error_of([&] { parse_mulan_labels(text, "x.xml"); }); };
    EXPECT_TRUE(contains(error("<labels></labels>"), "x.xml: names no label"));
    EXPECT_TRUE(contains(error("<labels><label surname=\"x\"/></labels>"), "has no name"));
    EXPECT_TRUE(contains(error("<label name=\"x\""), "has no name"));
}

}  // namespace
}  // namespace earmark::formats
