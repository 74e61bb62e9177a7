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
)",
                                                           R"(
    -- how many segments were analyzed, 0 for the whole, as all were before
    ALTER TABLE verdicts ADD COLUMN excerpts INTEGER NOT NULL DEFAULT 0;
    -- when that was; NULL for what an older Earmark analyzed
    ALTER TABLE verdicts ADD COLUMN analyzed INTEGER;

    -- for people and other programs; Earmark itself does not read these
    CREATE VIEW tracks AS
        SELECT files.id, CAST(files.path AS TEXT) AS path, files.artist, files.title, files.genre_tag AS tag_genres,
            verdicts.genre, verdicts.probability, verdicts.uncertain, verdicts.duration AS duration_seconds,
            models.name AS model, verdicts.excerpts,
            strftime('%Y-%m-%dT%H:%M:%SZ', verdicts.analyzed, 'unixepoch') AS analyzed,
            files.size AS size_bytes,
            strftime('%Y-%m-%dT%H:%M:%SZ', files.modified / 1000000000, 'unixepoch') AS modified,
            strftime('%Y-%m-%dT%H:%M:%SZ', files.gone, 'unixepoch') AS missing,
            files.error_code, files.error_message
        FROM files
        LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model AND files.state = 0
        LEFT JOIN models ON models.id = verdicts.model
        WHERE files.state <> 2;
    -- SQL has no function for the floats of a BLOB, so their bits are taken from its hexadecimal digits. A float is
    -- (2^23 + fraction) * 2^(exponent - 150); of probabilities the exponent is 127 at the most.
    CREATE VIEW probabilities AS
        WITH digits AS (
            SELECT files.id, files.path, labels.key AS place, labels.value AS label,
                hex(substr(verdicts.probabilities, 4 * labels.key + 1, 4)) AS hex
            FROM files
            JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model AND files.state = 0
            JOIN models ON models.id = verdicts.model, json_each(models.labels) AS labels
        ), bytes AS (
            SELECT id, path, place, label,
                instr('123456789ABCDEF', substr(hex, 1, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 2, 1)) AS low,
                instr('123456789ABCDEF', substr(hex, 3, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 4, 1)) AS middle,
                instr('123456789ABCDEF', substr(hex, 5, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 6, 1)) AS high,
                instr('123456789ABCDEF', substr(hex, 7, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 8, 1)) AS top
            FROM digits
        ), parts AS (
            SELECT id, path, place, label, 8388608 + (high & 127) * 65536 + middle * 256 + low AS fraction,
                150 - ((top & 127) * 2 + (high >> 7)) AS shift
            FROM bytes
        )
        SELECT id, CAST(path AS TEXT) AS path, label,
            CASE WHEN shift < 60 THEN fraction * 1.0 / (1 << shift)
                WHEN shift < 120 THEN fraction * 1.0 / (1 << 60) / (1 << (shift - 60))
                ELSE 0.0 END AS probability
        FROM parts ORDER BY id, place;
)",
                                                           R"(
    -- What one reader of all tags finds; 0 marks those of before, which the next scan reads again.
    ALTER TABLE files ADD COLUMN album TEXT NOT NULL DEFAULT '';
    ALTER TABLE files ADD COLUMN album_artist TEXT NOT NULL DEFAULT '';
    ALTER TABLE files ADD COLUMN year TEXT NOT NULL DEFAULT '';
    ALTER TABLE files ADD COLUMN track TEXT NOT NULL DEFAULT '';
    ALTER TABLE files ADD COLUMN tag_reading INTEGER NOT NULL DEFAULT 0;
    -- how probable a genre must be for nine in ten of them to be right; NULL: not measured
    ALTER TABLE models ADD COLUMN sure REAL;
    -- the metadata that the change took away and added, so that it can be undone in a file that others changed since
    ALTER TABLE tag_changes ADD COLUMN items BLOB;

    DROP VIEW tracks;
    CREATE VIEW tracks AS
        SELECT files.id, CAST(files.path AS TEXT) AS path, files.artist, files.title, files.album, files.album_artist,
            files.year, files.track, replace(files.genre_tag, char(10), '; ') AS tag_genres,
            verdicts.genre, verdicts.probability, verdicts.uncertain, verdicts.duration AS duration_seconds,
            models.name AS model, verdicts.excerpts,
            strftime('%Y-%m-%dT%H:%M:%SZ', verdicts.analyzed, 'unixepoch') AS analyzed,
            files.size AS size_bytes,
            strftime('%Y-%m-%dT%H:%M:%SZ', files.modified / 1000000000, 'unixepoch') AS modified,
            strftime('%Y-%m-%dT%H:%M:%SZ', files.gone, 'unixepoch') AS missing,
            files.error_code, files.error_message
        FROM files
        LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model AND files.state = 0
        LEFT JOIN models ON models.id = verdicts.model
        WHERE files.state <> 2;
)",
                                                           R"(
    -- 'softmax': one label holds; 'sigmoid': any number of labels
    ALTER TABLE models ADD COLUMN activation TEXT NOT NULL DEFAULT 'softmax';
    -- of each label its group and its two thresholds; NULL: all are genres without
    ALTER TABLE models ADD COLUMN details TEXT;
    -- what a content is that is no music
    ALTER TABLE verdicts ADD COLUMN not_music TEXT;
    ALTER TABLE files ADD COLUMN mood_tag TEXT NOT NULL DEFAULT '';
    -- NULL where the moods were left alone
    ALTER TABLE tag_changes ADD COLUMN moods_before TEXT;
    ALTER TABLE tag_changes ADD COLUMN moods_after TEXT;

    DROP VIEW tracks;
    CREATE VIEW tracks AS
        SELECT files.id, CAST(files.path AS TEXT) AS path, files.artist, files.title, files.album, files.album_artist,
            files.year, files.track, replace(files.genre_tag, char(10), '; ') AS tag_genres,
            replace(files.mood_tag, char(10), '; ') AS tag_moods,
            verdicts.genre, verdicts.probability, verdicts.uncertain, verdicts.duration AS duration_seconds,
            (SELECT heard.not_music FROM verdicts AS heard JOIN models ON models.id = heard.model
                WHERE heard.content = files.content AND heard.not_music IS NOT NULL AND files.state = 0
                AND (models.activation = 'sigmoid' OR heard.model = files.model) LIMIT 1) AS not_music,
            models.name AS model, verdicts.excerpts,
            strftime('%Y-%m-%dT%H:%M:%SZ', verdicts.analyzed, 'unixepoch') AS analyzed,
            files.size AS size_bytes,
            strftime('%Y-%m-%dT%H:%M:%SZ', files.modified / 1000000000, 'unixepoch') AS modified,
            strftime('%Y-%m-%dT%H:%M:%SZ', files.gone, 'unixepoch') AS missing,
            files.error_code, files.error_message
        FROM files
        LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model AND files.state = 0
        LEFT JOIN models ON models.id = verdicts.model
        WHERE files.state <> 2;
    -- As before, and of models of many labels the whole numbers of 16 bits.
    DROP VIEW probabilities;
    CREATE VIEW probabilities AS
        WITH digits AS (
            SELECT files.id, files.path, models.id AS number, models.name AS model, labels.key AS place,
                labels.value AS label, models.activation = 'sigmoid' AS short,
                CASE models.activation WHEN 'sigmoid' THEN hex(substr(verdicts.probabilities, 2 * labels.key + 1, 2)) || '0000'
                    ELSE hex(substr(verdicts.probabilities, 4 * labels.key + 1, 4)) END AS hex
            FROM files
            JOIN verdicts ON verdicts.content = files.content AND files.state = 0
            JOIN models ON models.id = verdicts.model AND (models.id = files.model OR models.activation = 'sigmoid'),
                json_each(models.labels) AS labels
        ), bytes AS (
            SELECT id, path, number, model, place, label, short,
                instr('123456789ABCDEF', substr(hex, 1, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 2, 1)) AS low,
                instr('123456789ABCDEF', substr(hex, 3, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 4, 1)) AS middle,
                instr('123456789ABCDEF', substr(hex, 5, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 6, 1)) AS high,
                instr('123456789ABCDEF', substr(hex, 7, 1)) * 16 + instr('123456789ABCDEF', substr(hex, 8, 1)) AS top
            FROM digits
        ), parts AS (
            SELECT id, path, number, model, place, label, short, middle * 256 + low AS whole,
                8388608 + (high & 127) * 65536 + middle * 256 + low AS fraction,
                150 - ((top & 127) * 2 + (high >> 7)) AS shift
            FROM bytes
        )
        SELECT id, CAST(path AS TEXT) AS path, model, label,
            CASE WHEN short THEN whole / 65535.0
                WHEN shift < 60 THEN fraction * 1.0 / (1 << shift)
                WHEN shift < 120 THEN fraction * 1.0 / (1 << 60) / (1 << (shift - 60))
                ELSE 0.0 END AS probability
        FROM parts ORDER BY id, number, place;
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
    // What would run code of its own when Earmark reads or writes, without an end if need be.
    const std::int64_t foreign = database.number(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' OR (type <> 'table' AND lower(name) IN "
        "('models', 'files', 'verdicts', 'tag_runs', 'tag_changes'))");
    if (foreign > 0) {
        base::fail(ErrorCode::corrupt,
                   "{}: has triggers, or views in place of tables, which Earmark has not made. Move it away and scan "
                   "anew.",
                   database.path().string());
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
