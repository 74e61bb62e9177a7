#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "edited.hpp"
#include "files/atomic_file.hpp"

namespace earmark::metadata {
namespace {

namespace fs = std::filesystem;
using testing::edited;
using Genres = std::vector<std::string>;

std::string case_file(const std::string& beginning) {
    for (const auto& entry : fs::directory_iterator(EARMARK_SOURCE_DIR "/tests/cases")) {
        if (entry.path().filename().string().starts_with(beginning)) return files::read_file(entry.path());
    }
    ADD_FAILURE() << "there is no case " << beginning;
    return "";
}

/// All that is not of a field, one line each, without tags that are new.
std::vector<std::string> others(const std::string& bytes, bool with_new = true, Field field = Field::genre) {
    std::vector<std::string> lines;
    for (const Item& item : read_metadata(MemorySource(bytes)).items) {
        if (item.field == field || (!with_new && item.where == "ID3v2.4 tag 1")) continue;
        lines.push_back(item.where + " " + item.key + " " + std::to_string(item.type) + "=" + item.value);
    }
    return lines;
}

class Cases : public ::testing::TestWithParam<const char*> {};

TEST_P(Cases, KeepAllButTheGenre) {
    const std::string before = case_file(GetParam());
    const std::string once = edited(before, Genres{"Hip-Hop", "Jazz", "Ünï"});
    const bool new_tag = before.substr(0, 3) != "ID3" && once.substr(0, 3) == "ID3";
    EXPECT_EQ(others(once, !new_tag), others(before));
    // A longer one, none, and the first again.
    const std::string longer = edited(once, Genres{std::string(3000, 'g')});
    EXPECT_EQ(others(longer), others(once));
    const std::string none = edited(longer, {});
    EXPECT_EQ(others(none), others(once));
    for (const Item& item : read_metadata(MemorySource(none)).items) {
        EXPECT_TRUE(item.field != Field::genre || texts_of(item).empty()) << item.where;
    }
    EXPECT_EQ(others(edited(none, Genres{"Hip-Hop", "Jazz", "Ünï"})), others(once));
}

TEST_P(Cases, KeepAllButTheMood) {
    const std::string before = case_file(GetParam());
    const std::string once = edited(before, {"Happy", "Sehnsüchtig"}, Field::mood);
    const bool new_tag = before.substr(0, 3) != "ID3" && once.substr(0, 3) == "ID3";
    EXPECT_EQ(others(once, !new_tag, Field::mood), others(before, true, Field::mood));
    std::map<std::string, std::vector<std::string>> moods;
    for (const Item& item : read_metadata(MemorySource(once)).items) {
        if (item.field != Field::mood) continue;
        for (const std::string& text : texts_of(item)) moods[item.where].push_back(text);
    }
    EXPECT_FALSE(moods.empty());
    for (const auto& [where, texts] : moods) EXPECT_EQ(texts, (Genres{"Happy", "Sehnsüchtig"})) << where;
    const std::string none = edited(once, {}, Field::mood);
    EXPECT_EQ(others(none, true, Field::mood), others(once, true, Field::mood));
}

INSTANTIATE_TEST_SUITE_P(All, Cases,
                         ::testing::Values("d05", "e04", "e06", "f01", "f05", "g01", "m01", "m05", "o01", "t01", "t02",
                                           "t04", "t05", "t06", "t11", "w02", "x01", "x03"),
                         [](const auto& each) { return std::string(each.param); });

TEST(Cases, HaveTheKindOfTheirContent) {
    EXPECT_EQ(container_of(MemorySource(case_file("e04"))), Container::ogg_vorbis);
    EXPECT_EQ(container_of(MemorySource(case_file("e06"))), Container::mpeg);
    EXPECT_EQ(edited(case_file("e04"), Genres{"Jazz"}).substr(0, 4), "OggS");
}

TEST(Cases, CarryOlderTagsIntoANewOne) {
    const std::string simple = edited(case_file("t04"), Genres{"Jazz"});
    EXPECT_EQ(testing::texts(simple, "TIT2"), Genres{"Some Title"});
    EXPECT_EQ(testing::texts(simple, "TPE1"), Genres{"Some Artist"});
    EXPECT_EQ(testing::texts(simple, "TALB"), Genres{"Some Album"});
    EXPECT_EQ(testing::texts(simple, "TDRC"), Genres{"1999"});
    EXPECT_EQ(testing::texts(simple, "TRCK"), Genres{"7"});
    const std::string ape = edited(case_file("x03"), Genres{"Jazz"});
    EXPECT_EQ(testing::texts(ape, "TIT2"), Genres{"A rather long title that is long enough"});
    EXPECT_EQ(testing::texts(ape, "TCON"), Genres{"Jazz"});
}

TEST(Cases, WriteTheFirstStreamOfAChain) {
    const std::string after = edited(case_file("o01"), Genres{"Jazz"});
    EXPECT_EQ(testing::texts(after, "GENRE"), Genres{"Jazz"});
    EXPECT_EQ(testing::texts(after, "genre"), Genres{"Metal"}) << "the second stream's stays";
}

TEST(Cases, EndTagsOfDoubtfulSizeWhereTheSoundBegins) {
    const std::string before = case_file("d05");
    const std::string after = edited(before, Genres{"Jazz"});
    const std::uint64_t sound = read_metadata(MemorySource(before)).audio_begin;
    EXPECT_EQ(before.substr(sound, 2), "\xFF\xF3");
    const Metadata metadata = read_metadata(MemorySource(after));
    EXPECT_EQ(after.substr(metadata.audio_begin), before.substr(sound));
    EXPECT_EQ(synchsafe(after, 6) + 10, metadata.audio_begin) << "its size is right now";
}

}  // namespace
}  // namespace earmark::metadata
