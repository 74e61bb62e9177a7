#include "formats/csv.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace earmark::formats {
namespace {

using testing::contains;
using testing::error_of;
using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, ReadsQuotesLineBreaksAndCommas) {
    const CsvTable table = parse_csv("track,\"the genre\"\na,\"rock, \"\"hard\"\"\"\n\"two\nlines\",\n,x\n", "t.csv");
    EXPECT_EQ(table.header, (std::vector<std::string>{"track", "the genre"}));
    EXPECT_EQ(table.rows, (Rows{{"a", "rock, \"hard\""}, {"two\nlines", ""}, {"", "x"}}));
    EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 3, 5}));
    EXPECT_EQ(table.column("the genre"), 1);
    EXPECT_EQ(table.find_column("part"), -1);
}

TEST(Csv, ReadsWhatOtherProgramsWrite) {
    const Rows expected = {{"1", "2"}, {"3", "4"}};
    EXPECT_EQ(parse_csv("a,b\n1,2\n3,4", "x").rows, expected);
    EXPECT_EQ(parse_csv("\xEF\xBB\xBF"
                        "a,b\r\n1,2\r\n\r\n3,4\r\n",
                        "x")
                  .rows,
              expected);
    EXPECT_EQ(parse_csv("\xEF\xBB\xBF"
                        "a,b\r\n1,2\r\n\r\n3,4\r\n",
                        "x")
                  .column("a"),
              0);
    EXPECT_EQ(parse_csv("\n\na,b\n1,2\n\n3,4\r", "x").rows, expected);
    EXPECT_TRUE(parse_csv("a,b\n", "x").rows.empty());
}

TEST(Csv, NamesTheLineOfWhatIsBroken) {
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("a,b\n1,2\n3\n", "x.csv"); }),
                                  "corrupt: x.csv: line 3 has 1 fields"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("a,b\n1,2,3\n", "x.csv"); }), "line 2"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("a,b\n1,\"2\n3,4\n", "x.csv"); }),
                                  "line 2: a quoted field has no end"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("a,b\n\"1\"x,2\n", "x.csv"); }), "line 2"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("a,a\n", "x.csv"); }), "two columns \"a\""));
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("", "x.csv"); }), "is empty"));
    EXPECT_TRUE(testing::contains(testing::error_of([] { parse_csv("a\n1\n", "x.csv").column("part"); }),
                                  "bad_data: x.csv: has no column \"part\""));
    EXPECT_TRUE(testing::contains(testing::error_of([] { read_csv("/nowhere/x.csv"); }), "not_found: /nowhere/x.csv"));
}

TEST(Csv, WhatIsWrittenReadsBack) {
    const std::vector<std::string> fields = {"plain",      "",     "with, comma", "with \"quotes\"",
                                             "two\nlines", "cr\r", " spaces "};
    EXPECT_EQ(csv_line({"a", "b c", ""}), "a,b c,");
    const std::string marked = "\xEF\xBB\xBFx";
    EXPECT_EQ(parse_csv(csv_line({marked, "y"}), "x").header, (std::vector<std::string>{marked, "y"}));
    const CsvTable table = parse_csv("1,2,3,4,5,6,7\n" + csv_line(fields) + "\n" + csv_line(fields), "x");
    ASSERT_EQ(table.rows.size(), 2);
    EXPECT_EQ(table.rows[0], fields);
    EXPECT_EQ(table.rows[1], fields);
    EXPECT_EQ(parse_csv("1\n" + csv_line({""}) + "\n", "x").rows, (Rows{{""}}));
}

TEST(Csv, TakesWhatSpreadsheetsWrite) {
    const std::vector<std::vector<std::string>> rows{{"1", "2;3"}};
    for (const char* text :
         {"\xEF\xBB\xBF"
          "a;b\r\n1;\"2;3\"\r\n;\r\n\r\n",
          "sep=;\r\na;b\r\n1;\"2;3\"\r\n", "a\tb\n1\t2;3\n \n\t\n \t \n", "\"a\",\"b\"\r1,2;3\r,\r", "a,b\n1,2;3"}) {
        const CsvTable table = parse_csv(text, "t.csv");
        EXPECT_EQ(table.header, (std::vector<std::string>{"a", "b"})) << text;
        EXPECT_EQ(table.rows, rows) << text;
    }
    EXPECT_EQ(parse_csv("a,b;c\n1,2;3\n", "t").header, (std::vector<std::string>{"a", "b;c"})) << "a comma counts most";
    EXPECT_EQ(parse_csv("\"a;b\",c\n1,2\n", "t").header, (std::vector<std::string>{"a;b", "c"}));
    EXPECT_EQ(parse_csv("sep=;\na;b\n1;2\n", "t").lines, std::vector<std::size_t>{3});
    EXPECT_TRUE(testing::contains(testing::error_of([] {
                                      parse_csv(
                                          "\xFF\xFE"
                                          "a",
                                          "t.csv");
                                  }),
                                  "unsupported: t.csv: is UTF-16"));
}

}  // namespace
}  // namespace earmark::formats
