#include "library/index/listing.hpp"

#include "library/tagging/packing.hpp"
#include "library/tags/genre_tags.hpp"

namespace earmark {

namespace {

Entry entry_from(const Statement& row, const IndexedModels& models) {
    Entry entry;
    entry.path = row.text(0);
    entry.stamp = {row.integer(1), row.integer(2)};
    entry.state = static_cast<FileState>(row.integer(3));
    if (!row.is_null(4)) entry.gone = row.integer(4);
    if (!row.is_null(5)) {
        AudioContent& content = entry.content.emplace();
        content.hash = digest_of(row.bytes(5));
        content.genre = row.text(6);
        content.artist = row.text(7);
        content.title = row.text(8);
    }
    entry.error_code = row.text(9);
    entry.error_message = row.text(10);
    if (row.is_null(12)) return entry;  // no verdict
    entry.model = models.at(row.integer(11));
    const std::size_t labels = entry.model->labels.size();
    Verdict& verdict = entry.verdict.emplace();
    verdict.duration_seconds = row.real(12);
    verdict.uncertain = row.integer(13) != 0;
    verdict.probabilities = unpack_probabilities(row.bytes(14), labels);
    verdict.segments = unpack_segments(row.bytes(15), labels);
    verdict.warnings = words_of(row.text(16));
    verdict.embedding = unpack_embedding(row.bytes(17));
    return entry;
}

}  // namespace

const std::string& genre_of(const Entry& entry) {
    return entry.model->labels[entry.verdict->best()];
}

bool disagrees(const Entry& entry) {
    return entry.verdict && entry.content && tag_disagrees(entry.content->genre, genre_of(entry));
}

void list(Index& index, const ListOptions& options, const std::function<void(const Entry&)>& take) {
    Database& database = index.database();
    // Numbers first, so that sorting does not carry the segments of all along.
    std::vector<std::int64_t> chosen;
    each_song(index, options, [&](const Song& song) { chosen.push_back(song.file); });
    const IndexedModels models(database);
    Statement row = database.prepare(
        "SELECT files.path, files.size, files.modified, files.state, files.gone, files.content, files.genre_tag, "
        "files.artist, files.title, files.error_code, files.error_message, verdicts.model, verdicts.duration, "
        "verdicts.uncertain, verdicts.probabilities, verdicts.segments, verdicts.warnings, verdicts.embedding "
        "FROM files LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model "
        "AND files.state = 0 WHERE files.id = ?");
    for (const std::int64_t id : chosen) {
        if (!row.bind(id).step()) continue;  // removed meanwhile
        Entry entry = entry_from(row, models);
        entry.id = id;
        take(entry);
    }
}

}  // namespace earmark
