#include "library/index/database.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

#include "library/index/index_file.hpp"
#include "library/index/schema.hpp"
#include "library/tagging/packing.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;

TEST(Database, KeepsWhatItIsGiven) {
    const testing::TemporaryFolder folder;
    Database database(folder.path() / "a.sqlite", Database::Mode::create);
    database.run("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT)");
    const std::vector<std::uint8_t> bytes = {0, 255, 7};
    const std::string text("a\0\xe9", 3);
    const std::optional<std::string> none;
    database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)")
        .bind(std::int64_t{1} << 60, 0.1, text, Bytes(bytes), none)
        .run();
    EXPECT_EQ(database.changes(), 1);
    Statement row = database.prepare("SELECT * FROM t WHERE i = ?");
    ASSERT_TRUE(row.bind(std::int64_t{1} << 60).step());
    EXPECT_EQ(row.integer(0), std::int64_t{1} << 60);
    EXPECT_EQ(row.real(1), 0.1);
    EXPECT_EQ(row.text(2), text);
    EXPECT_TRUE(std::ranges::equal(row.bytes(3), bytes));
    EXPECT_TRUE(row.is_null(4));
    EXPECT_FALSE(row.step());
    EXPECT_FALSE(row.bind(2).step());
}

TEST(Database, WritesATransactionWholeOrNotAtAll) {
    const testing::TemporaryFolder folder;
    Database database(folder.path() / "a.sqlite", Database::Mode::create);
    database.run("CREATE TABLE t (i)");
    {
        const Transaction lost(database);
        database.run("INSERT INTO t VALUES (1)");
    }
    EXPECT_EQ(database.number("SELECT count(*) FROM t"), 0);
    Transaction kept(database);
    database.run("INSERT INTO t VALUES (1)");
    kept.commit();
    EXPECT_EQ(database.number("SELECT count(*) FROM t"), 1);
}

TEST(Database, SaysWhatIsWrong) {
    const testing::TemporaryFolder folder;
    const fs::path missing = folder.path() / "none" / "a.sqlite";
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { Database(missing, Database::Mode::existing); }), "not_found"));
    EXPECT_TRUE(
        testing::contains(testing::error_of([&] { Database(missing, Database::Mode::create); }), "cannot_write"));
    const fs::path other = folder.path() / "text";
    std::ofstream(other) << std::string(5000, 'x');
    const std::string error = testing::error_of([&] {
        Database database(other, Database::Mode::existing);
        prepare_schema(database);
    });
    EXPECT_TRUE(testing::contains(error, "corrupt"));
    EXPECT_TRUE(testing::contains(error, other.string()));
}

TEST(Schema, IsMadeOnceAndKnownAgain) {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "a.sqlite";
    for (int i = 0; i < 2; ++i) {
        Database database(path, Database::Mode::create);
        prepare_schema(database);
        EXPECT_EQ(database.number("PRAGMA user_version"), schema_version);
        EXPECT_EQ(database.number("SELECT count(*) FROM files"), 0);
        Statement mode = database.prepare("PRAGMA journal_mode");
        ASSERT_TRUE(mode.step());
        EXPECT_EQ(mode.text(0), "wal");
    }
}

TEST(Schema, RefusesWhatIsNewerAndWhatIsNotItsOwn) {
    const testing::TemporaryFolder folder;
    Database newer(folder.path() / "newer.sqlite", Database::Mode::create);
    prepare_schema(newer);
    newer.run("PRAGMA user_version = 999");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { prepare_schema(newer); }), "unsupported"));
    Database foreign(folder.path() / "foreign.sqlite", Database::Mode::create);
    foreign.run("CREATE TABLE theirs (i)");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { prepare_schema(foreign); }), "corrupt"));
    EXPECT_EQ(foreign.number("SELECT count(*) FROM sqlite_master"), 1);
}

TEST(Schema, RefusesTriggersAndViewsInPlaceOfTables) {
    const testing::TemporaryFolder folder;
    Database triggered(folder.path() / "triggered.sqlite", Database::Mode::create);
    prepare_schema(triggered);
    triggered.run("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { prepare_schema(triggered); }), "has triggers"));
    Database endless(folder.path() / "endless.sqlite", Database::Mode::create);
    prepare_schema(endless);
    endless.run(
        "DROP TABLE tag_runs; CREATE VIEW tag_runs AS "
        "WITH RECURSIVE more(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM more) SELECT id FROM more");
    EXPECT_TRUE(testing::contains(testing::error_of([&] { prepare_schema(endless); }), "views in place of tables"));
}

TEST(Packing, GivesBackWhatWasPacked) {
    const std::vector<float> probabilities = {0.25F, 0.75F, 1e-20F};
    const std::vector<std::uint8_t> bytes = pack_probabilities(probabilities);
    EXPECT_EQ(bytes, (std::vector<std::uint8_t>{0, 0, 0x80, 0x3e, 0, 0, 0x40, 0x3f, 0x08, 0xe5, 0x3c, 0x1e}));
    EXPECT_EQ(unpack_probabilities(bytes, 3), probabilities);
    EXPECT_TRUE(testing::contains(testing::error_of([&] { unpack_probabilities(bytes, 4); }), "corrupt"));

    const std::vector<SegmentPrediction> segments = {{0.0, 6.0, probabilities}, {6.0, 11.3, {0.1F, 0.2F, 0.7F}}};
    const std::vector<std::uint8_t> course = pack_segments(segments);
    EXPECT_EQ(course.size(), 2U * (16 + 12));
    const std::vector<SegmentPrediction> again = unpack_segments(course, 3);
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[1].start_seconds, 6.0);
    EXPECT_EQ(again[1].end_seconds, 11.3);
    EXPECT_EQ(again[1].probabilities, segments[1].probabilities);
    EXPECT_TRUE(unpack_segments({}, 3).empty());
    EXPECT_TRUE(testing::contains(testing::error_of([&] { unpack_segments(course, 4); }), "corrupt"));
}

TEST(Packing, GivesBackEmbeddingsAndWords) {
    const std::vector<float> embedding{0.1F, -0.2F, 0.0F};
    const std::vector<std::uint8_t> bytes = pack_embedding(embedding);
    EXPECT_EQ(bytes.size(), 12U);
    EXPECT_EQ(unpack_embedding(bytes), embedding);
    EXPECT_TRUE(unpack_embedding({}).empty());
    EXPECT_TRUE(testing::contains(testing::error_of([&] { unpack_embedding(Bytes(bytes).first(5)); }), "corrupt"));
    const std::vector<std::string> words{"a", "\"b\", c", "\u00e9"};
    EXPECT_EQ(words_of(json_text(words)), words);
    EXPECT_EQ(words_of(json_text({"caf\xe9"})), std::vector<std::string>{"caf\uFFFD"});
    EXPECT_TRUE(words_of("[]").empty());
    for (const char* damaged : {"", "[1]", "{}", "[\"a\"", "\"a\""}) {
        EXPECT_TRUE(testing::contains(testing::error_of([&] { words_of(damaged); }), "corrupt")) << damaged;
    }
}

TEST(IndexPath, IsGivenOrFollowsTheEnvironment) {
    const auto set = [](const char* name, const char* value) {
        value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
    };
    set("EARMARK_INDEX", nullptr);
    set("XDG_DATA_HOME", nullptr);
    set("HOME", "/home/somebody");
    EXPECT_EQ(index_path(""), "/home/somebody/.local/share/earmark/index.sqlite");
    set("XDG_DATA_HOME", "relative");
    EXPECT_EQ(index_path(""), "/home/somebody/.local/share/earmark/index.sqlite");
    set("XDG_DATA_HOME", "/data");
    EXPECT_EQ(index_path(""), "/data/earmark/index.sqlite");
    set("EARMARK_INDEX", "/elsewhere/i");
    EXPECT_EQ(index_path(""), "/elsewhere/i");
    EXPECT_EQ(index_path("/given/./i"), "/given/i");
    set("EARMARK_INDEX", nullptr);
    set("XDG_DATA_HOME", nullptr);
    set("HOME", nullptr);
    EXPECT_TRUE(testing::contains(testing::error_of([] { index_path(""); }), "`index`"));
}

TEST(IndexLock, IsHeldByOne) {
    const testing::TemporaryFolder folder;
    const fs::path index = folder.path() / "i.sqlite";
    auto first = std::make_unique<IndexLock>(index, IndexLock::Wait{});
    const std::string error = testing::error_of([&] { IndexLock(index, {}); });
    EXPECT_TRUE(testing::contains(error, "process " + std::to_string(::getpid())));
    EXPECT_TRUE(testing::contains(error, "`wait`"));

    const base::StopFlag stop = true;
    EXPECT_TRUE(testing::contains(testing::error_of([&] { IndexLock(index, {true, {}, &stop}); }), "interrupted"));

    std::string told;
    {
        std::jthread release;
        const IndexLock second(index, {true,
                                       [&](const std::string& who) {
                                           told = who;
                                           release = std::jthread([&] { first.reset(); });
                                       },
                                       nullptr});
    }
    EXPECT_EQ(told, "process " + std::to_string(::getpid()));
    EXPECT_NO_THROW(IndexLock(index, {}));
}

}  // namespace
}  // namespace earmark::library
