#include "library/index/listing.hpp"

#include "library/tagging/packing.hpp"
#include "library/tags/genre_tags.hpp"

namespace earmark::library {

namespace {

TrackDetails entry_from(const Statement& row, const IndexedModels& models, const GenreSettings& tags) {
    TrackDetails entry;
    entry.path = row.text(0);
    entry.stamp = {row.integer(1), row.integer(2)};
    entry.state = static_cast<FileState>(row.integer(3));
    if (!row.is_null(4)) entry.missing = row.integer(4);
    if (!row.is_null(5)) {
        TrackContent& content = entry.content.emplace();
        content.hash = digest_of(row.bytes(5));
        content.tags = {.genres = values_of(row.text(6)),
                        .artist = row.text(7),
                        .album_artist = row.text(21),
                        .title = row.text(8),
                        .album = row.text(20),
                        .year = row.text(22),
                        .track = row.text(23)};
        entry.tag_genres = genres_of_tag(content.tags.genres, tags);
    }
    entry.error_code = row.text(9);
    entry.error_message = row.text(10);
    if (row.is_null(12)) return entry;  // no prediction
    entry.model = models.at(row.integer(11));
    const std::size_t labels = entry.model->labels.size();
    Prediction& prediction = entry.prediction.emplace();
    prediction.duration_seconds = row.real(12);
    prediction.uncertain = row.integer(13) != 0;
    prediction.probabilities = unpack_probabilities(row.bytes(14), labels);
    prediction.segments = unpack_segments(row.bytes(15), labels);
    prediction.warnings = words_of(row.text(16));
    prediction.embedding = unpack_embedding(row.bytes(17));
    entry.excerpts = static_cast<int>(row.integer(18));
    if (!row.is_null(19)) entry.analyzed = row.integer(19);
    return entry;
}

}  // namespace

const std::string& genre_of(const TrackDetails& entry) {
    return entry.model->labels[entry.prediction->best()];
}

bool disagrees(const TrackDetails& entry) {
    return entry.prediction && genres_disagree(entry.tag_genres, genre_of(entry));
}

void list(Index& index, const TrackQuery& options, const std::function<void(const TrackDetails&)>& take) {
    Database& database = index.database();
    // Numbers first, so that sorting does not carry the segments of all along.
    std::vector<std::int64_t> chosen;
    for_each_track(index, options, [&](const Track& track) { chosen.push_back(track.file); });
    const IndexedModels models(database);
    Statement row = database.prepare(
        "SELECT files.path, files.size, files.modified, files.state, files.gone, files.content, files.genre_tag, "
        "files.artist, files.title, files.error_code, files.error_message, verdicts.model, verdicts.duration, "
        "verdicts.uncertain, verdicts.probabilities, verdicts.segments, verdicts.warnings, verdicts.embedding, "
        "verdicts.excerpts, verdicts.analyzed, files.album, files.album_artist, files.year, files.track "
        "FROM files LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model "
        "AND files.state = 0 WHERE files.id = ?");
    for (const std::int64_t id : chosen) {
        if (!row.bind(id).step()) continue;  // removed meanwhile
        TrackDetails entry = entry_from(row, models, options.tags);
        entry.id = id;
        take(entry);
    }
}

}  // namespace earmark::library
