#include "library/index/index.hpp"

#include <cstring>
#include <ctime>

#include "base/throw.hpp"
#include "library/index/indexed_models.hpp"
#include "library/index/schema.hpp"
#include "library/tagging/packing.hpp"
#include "model/sure_threshold.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

/// Those that are run for every file.
struct Index::Statements {
    explicit Statements(Database& database)
        : find(database.prepare(
              "SELECT files.id, size, modified, state, files.content, genre_tag, artist, title, album, album_artist, "
              "year, track, tag_reading, "
              "iif(state = 0 AND embedding IS NULL, NULL, files.model), error_code, gone IS NOT NULL, mood_tag "
              "FROM files LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model "
              "WHERE path = ?")),
          find_missing(
              database.prepare("SELECT id FROM files WHERE content = ? AND gone IS NOT NULL ORDER BY id LIMIT 1")),
          insert(database.prepare("INSERT INTO files (path, size, modified, state, genre_tag, artist, title) "
                                  "VALUES (?, 0, 0, 0, '', '', '')")),
          update(database.prepare(
              "UPDATE files SET path = ?, size = ?, modified = ?, state = ?, content = ?, "
              "genre_tag = ?, mood_tag = ?, artist = ?, title = ?, album = ?, album_artist = ?, year = ?, "
              "track = ?, tag_reading = ?, model = ?, error_code = ?, error_message = ?, "
              "gone = NULL WHERE id = ?")),
          insert_prediction(database.prepare(
              "INSERT INTO verdicts (content, model, duration, genre, probability, uncertain, probabilities, segments, "
              "warnings, embedding, excerpts, analyzed, not_music) "
              "VALUES (?, ?, ?, coalesce((SELECT labels ->> ? FROM models WHERE id = ?), ''), ?, ?, ?, ?, ?, ?, ?, ?, ?) "
              "ON CONFLICT (content, model) DO UPDATE SET duration = excluded.duration, genre = excluded.genre, "
              "probability = excluded.probability, uncertain = excluded.uncertain, "
              "probabilities = excluded.probabilities, segments = excluded.segments, warnings = excluded.warnings, "
              "embedding = excluded.embedding, excerpts = excluded.excerpts, analyzed = excluded.analyzed, "
              "not_music = excluded.not_music "
              "WHERE embedding IS NULL OR (excerpts > 0 AND (excluded.excerpts = 0 OR excluded.excerpts > excerpts))")),
          remove_namesakes(database.prepare(
              "DELETE FROM verdicts WHERE content = ?1 AND model IN (SELECT others.id FROM models JOIN models AS others "
              "ON others.name = models.name AND others.activation = 'sigmoid' AND others.id <> models.id "
              "WHERE models.id = ?2)")) {}

    Statement find;
    Statement find_missing;
    Statement insert;
    Statement update;
    Statement insert_prediction;
    Statement remove_namesakes;
};

std::size_t DigestHash::operator()(const files::ContentHash::Digest& digest) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

PathRange::PathRange(const fs::path& at) : folder(at) {
    std::string text = folder.native();
    if (!text.ends_with('/')) text += '/';
    first = text;
    text.back() = '/' + 1;
    end = text;
}

bool PathRange::holds(const fs::path& path) const {
    return path == folder || (path.native() >= first.native() && path.native() < end.native());
}

Index::Index(const fs::path& path, Database::Mode mode) : database_(path, mode) {
    prepare_schema(database_);
    statements_ = std::make_unique<Statements>(database_);
}

Index::~Index() = default;

std::optional<std::int64_t> Index::find_model(const std::string& fingerprint) {
    Statement statement = database_.prepare("SELECT id FROM models WHERE fingerprint = ?");
    statement.bind(fingerprint);
    if (!statement.step()) return std::nullopt;
    return statement.integer(0);
}

std::int64_t Index::add_model(const std::string& fingerprint, const Model& model) {
    if (const auto known = find_model(fingerprint)) return *known;
    Statement statement = database_.prepare(
        "INSERT INTO models (fingerprint, name, labels, sure, activation, details) VALUES (?, ?, ?, ?, ?, ?)");
    const std::string labels = json_text(model.labels);
    const std::string details = details_text(model.label_details);
    statement
        .bind(fingerprint, model.name, labels, model::sure_threshold(model.calibration), to_string(model.activation),
              model.label_details.empty() ? std::nullopt : std::optional(details))
        .run();
    models_.reset();
    return database_.last_row();
}

const IndexedModels& Index::models() {
    if (!models_) models_ = std::make_unique<const IndexedModels>(database_);
    return *models_;
}

bool Index::has_many_labels(std::int64_t model) {
    return models().at(model)->has_many_labels();
}

std::optional<IndexedFile> Index::find(const fs::path& path) {
    Statement& row = statements_->find.bind(path);
    if (!row.step()) return std::nullopt;
    IndexedFile file;
    file.id = row.integer(0);
    file.stamp = {row.integer(1), row.integer(2)};
    file.state = static_cast<FileState>(row.integer(3));
    if (!row.is_null(4)) {
        file.content = TrackContent{digest_of(row.bytes(4)),
                                    {.genres = values_of(row.text(5)),
                                     .moods = values_of(row.text(16)),
                                     .artist = row.text(6),
                                     .album_artist = row.text(9),
                                     .title = row.text(7),
                                     .album = row.text(8),
                                     .year = row.text(10),
                                     .track = row.text(11)}};
    }
    file.tags_current = row.integer(12) == tag_reading;
    if (!row.is_null(13)) file.model = row.integer(13);
    file.error_code = row.text(14);
    file.missing = row.integer(15) != 0;
    return file;
}

Digests Index::analyzed_contents(std::int64_t model, int excerpts) {
    Digests contents;
    Statement rows = database_.prepare(
        "SELECT content FROM verdicts WHERE model = ?1 AND embedding IS NOT NULL "
        "AND (excerpts = 0 OR (?2 > 0 AND excerpts >= ?2))");
    rows.bind(model, excerpts);
    while (rows.step()) contents.insert(digest_of(rows.bytes(0)));
    return contents;
}

void Index::each_below(const fs::path& folder, const Sink<std::int64_t, FileState, const fs::path&>& take) {
    const PathRange range(folder);
    Statement rows = database_.prepare(
        "SELECT id, state, path FROM files WHERE (path = ? OR (path >= ? AND path < ?)) AND gone IS NULL");
    rows.bind(folder, range.first, range.end);
    while (rows.step()) take(rows.integer(0), static_cast<FileState>(rows.integer(1)), text_of(rows.bytes(2)));
}

RecordedFile Index::entry_for(const ScannedFile& file) {
    if (file.content) {
        Statement& missing = statements_->find_missing.bind(file.content->hash);
        if (missing.step()) return {missing.integer(0), RecordedFile::As::moved};
    }
    statements_->insert.bind(file.path).run();
    return {database_.last_row(), RecordedFile::As::added};
}

RecordedFile Index::record(const ScannedFile& file, std::optional<std::int64_t> model) {
    const std::optional<IndexedFile> known = find(file.path);
    const RecordedFile entry = known ? RecordedFile{known->id, RecordedFile::As::known} : entry_for(file);
    std::optional<TrackContent> found = file.content;
    // What cannot be read now may be what it was when it can be read again.
    const bool unreadable = file.error && file.error->code() == ErrorCode::unreadable;
    if (!found && known && unreadable) found = known->content;
    const TrackContent content = found.value_or(TrackContent{});
    const auto hash = found ? std::optional<Bytes>(content.hash) : std::nullopt;
    const int reading = file.content || (known && known->tags_current) ? tag_reading : 0;
    std::optional<std::string> error_code;
    std::optional<std::string> error_message;
    if (file.error) {
        error_code = to_string(file.error->code());
        error_message = file.error->what();
    }
    statements_->update
        .bind(file.path, file.stamp.size, file.stamp.modified, static_cast<int>(file.state), hash,
              lines_of(content.tags.genres), lines_of(content.tags.moods), content.tags.artist, content.tags.title,
              content.tags.album, content.tags.album_artist, content.tags.year, content.tags.track, reading, model,
              error_code, error_message, entry.id)
        .run();
    if (file.content) {
        for (const ModelPrediction& by : file.predictions) insert_prediction(file.content->hash, by);
    }
    return entry;
}

void Index::insert_prediction(const files::ContentHash::Digest& content, const ModelPrediction& by) {
    const Prediction& prediction = by.prediction;
    const std::shared_ptr<const IndexedModel> model = models().at(by.model);
    const std::vector<float>& values = prediction.probabilities;
    const std::optional<std::size_t> genre = best_genre(model->description, values);
    const bool many = model->has_many_labels();
    if (many) statements_->remove_namesakes.bind(Bytes(content), by.model).run();
    const std::vector<std::uint8_t> probabilities =
        many ? pack_short_probabilities(values) : pack_probabilities(values);
    // A course over time of hundreds of labels would make most of the index, and nothing reads it.
    const std::vector<std::uint8_t> segments = many ? std::vector<std::uint8_t>() : pack_segments(prediction.segments);
    const std::string warnings = json_text(prediction.warnings);
    const std::vector<std::uint8_t> embedding =
        many ? pack_short_embedding(prediction.embedding) : pack_embedding(prediction.embedding);
    statements_->insert_prediction
        .bind(Bytes(content), by.model, prediction.duration_seconds,
              genre ? std::optional(static_cast<std::int64_t>(*genre)) : std::nullopt, by.model,
              genre ? static_cast<double>(values[*genre]) : 0.0, prediction.uncertain, Bytes(probabilities),
              Bytes(segments), warnings, Bytes(embedding), by.excerpts, static_cast<std::int64_t>(std::time(nullptr)),
              prediction.not_music)
        .run();
}

std::optional<fs::path> Index::path_of(std::int64_t file) {
    Statement row = database_.prepare("SELECT path FROM files WHERE id = ?");
    if (!row.bind(file).step()) return std::nullopt;
    return text_of(row.bytes(0));
}

void Index::note_tag_change(const fs::path& path, const std::optional<std::vector<std::string>>& genres,
                            const std::optional<std::vector<std::string>>& moods) {
    const files::FileStamp stamp = files::read_stamp(path);
    const auto lines = [](const std::optional<std::vector<std::string>>& values) {
        return values ? std::optional(lines_of(*values)) : std::nullopt;
    };
    const std::optional<std::string> genre_lines = lines(genres);
    const std::optional<std::string> mood_lines = lines(moods);
    database_
        .prepare(
            "UPDATE files SET size = ?, modified = ?, genre_tag = coalesce(?, genre_tag), "
            "mood_tag = coalesce(?, mood_tag) WHERE path = ?")
        .bind(stamp.size, stamp.modified, genre_lines, mood_lines, path)
        .run();
}

void Index::mark_missing(std::int64_t file, std::int64_t unix_seconds) {
    database_.prepare("UPDATE files SET gone = ? WHERE id = ?").bind(unix_seconds, file).run();
}

void Index::mark_present(std::int64_t file) {
    database_.prepare("UPDATE files SET gone = NULL WHERE id = ?").bind(file).run();
}

void Index::remove(std::int64_t file) {
    database_.prepare("DELETE FROM files WHERE id = ?").bind(file).run();
}

std::int64_t Index::forget(const fs::path& path, bool missing_only) {
    const PathRange range(path);
    const std::string chosen = fmt::format("FROM files WHERE (path = ? OR (path >= ? AND path < ?)){}",
                                           missing_only ? " AND gone IS NOT NULL" : "");
    // Files that hold no sound are no entries to who uses the index.
    Statement count = database_.prepare(
        fmt::format("SELECT count(*) {} AND state <> {}", chosen, static_cast<int>(FileState::skipped)));
    count.bind(path, range.first, range.end).step();
    const std::int64_t entries = count.integer(0);
    database_.prepare("DELETE " + chosen).bind(path, range.first, range.end).run();
    return entries;
}

void Index::prune() {
    database_.run(
        "DELETE FROM verdicts WHERE content NOT IN (SELECT content FROM files WHERE content IS NOT NULL);"
        "DELETE FROM models WHERE id NOT IN (SELECT model FROM verdicts)"
        " AND id NOT IN (SELECT model FROM files WHERE model IS NOT NULL)");
}

}  // namespace earmark::library
