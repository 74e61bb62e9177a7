#include "library/index/schema.hpp"

#include <array>

#include "base/throw.hpp"

namespace earmark::library {

namespace {

constexpr std::int64_t application_id = 0x4561726d;  // "Earm"

/// What brings a database from version i to i + 1.
constexpr std::array<const char*, schema_version> steps = {R"(
    CREATE TABLE models (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        labels TEXT NOT NULL
    ) STRICT;
    CREATE TABLE files (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: the journal of tags refers to it
        path BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        state INTEGER NOT NULL,
        content BLOB,
        model INTEGER REFERENCES models(id),
        genre_tag TEXT NOT NULL,
        artist TEXT NOT NULL,
        title TEXT NOT NULL,
        error_code TEXT,
        error_message TEXT,
        gone INTEGER
    ) STRICT;
    CREATE INDEX files_content ON files(content);
    CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY,
        content BLOB NOT NULL,
        model INTEGER NOT NULL REFERENCES models(id),
        duration REAL NOT NULL,
        genre TEXT NOT NULL,
        probability REAL NOT NULL,
        uncertain INTEGER NOT NULL,
        probabilities BLOB NOT NULL,
        segments BLOB NOT NULL,
        warnings TEXT NOT NULL,
        UNIQUE (content, model)
    ) STRICT;
    CREATE TABLE tag_runs (
        id INTEGER PRIMARY KEY,
        begun INTEGER NOT NULL,
        at_work INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE tag_changes (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES tag_runs(id),
        file INTEGER NOT NULL,
        path BLOB NOT NULL,
        state INTEGER NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        old_bytes BLOB NOT NULL,
        new_bytes BLOB NOT NULL,
        patch BLOB NOT NULL
    ) STRICT;
    CREATE INDEX tag_changes_run ON tag_changes(run);
)",
                                                           R"(
    -- NULL in verdicts of before, which stand as they are until the next scan hears their files again
    ALTER TABLE verdicts ADD COLUMN embedding BLOB;
)"};

/// @return the version of the tables that are there, 0 for none
std::int64_t checked_version(Database& database) {
    const std::int64_t id = database.number("PRAGMA application_id");
    const std::int64_t version = database.number("PRAGMA user_version");
    const bool empty = id == 0 && version == 0 && database.number("SELECT count(*) FROM sqlite_master") == 0;
    if (id != application_id && !empty) {
        base::fail(ErrorCode::corrupt, "{}: is a database of another program. Name another file.",
                   database.path().string());
    }
    if (version > schema_version) {
        base::fail(
            ErrorCode::unsupported,
            "{}: was written by a newer Earmark (version {} of the tables; {} is known). Update this one, or name "
            "another index.",
            database.path().string(), version, schema_version);
    }
    return version;
}

}  // namespace

void prepare_schema(Database& database) {
    if (checked_version(database) < schema_version) {
        database.run("PRAGMA journal_mode = WAL");
        Transaction transaction(database);
        // Another process may have been faster.
        for (std::int64_t version = checked_version(database); version < schema_version; ++version) {
            database.run(steps[static_cast<std::size_t>(version)]);
        }
        database.run(
            fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, schema_version));
        transaction.commit();
    }
    // After a crash of the machine the last transactions may be lost, but the database is whole.
    database.run("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
}

}  // namespace earmark::library
