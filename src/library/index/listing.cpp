#include "library/index/listing.hpp"

#include <algorithm>
#include <set>

#include "library/tagging/packing.hpp"
#include "library/tags/genre_tags.hpp"
#include "library/tags/label_names.hpp"

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
                        .moods = values_of(row.text(24)),
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
    Prediction& prediction = entry.prediction.emplace();
    prediction.duration_seconds = row.real(12);
    prediction.uncertain = row.integer(13) != 0;
    prediction.probabilities = entry.model->probabilities(row.bytes(14));
    prediction.segments = unpack_segments(row.bytes(15), entry.model->labels.size());
    prediction.warnings = words_of(row.text(16));
    if (!row.is_null(17)) prediction.embedding = entry.model->embedding(row.bytes(17));
    entry.excerpts = static_cast<int>(row.integer(18));
    if (!row.is_null(19)) entry.analyzed = row.integer(19);
    entry.genre = row.text(25);
    entry.probability = row.real(26);
    return entry;
}

/// Reads what models of many labels say of entries, and what is no music.
class HeardReader {
  public:
    explicit HeardReader(Database& database)
        : rows_(
              database.prepare("SELECT verdicts.model, probabilities, embedding, not_music FROM verdicts "
                               "JOIN models ON models.id = verdicts.model WHERE content = ?1 AND embedding IS NOT NULL "
                               "AND (models.activation = 'sigmoid' OR verdicts.model = ?2) ORDER BY verdicts.model")) {}

    void read(TrackDetails& entry, const IndexedModels& models) {
        if (entry.state != FileState::analyzed || !entry.content) return;
        rows_.bind(Bytes(entry.content->hash), entry.model ? std::optional(entry.model->id) : std::nullopt);
        while (rows_.step()) {
            if (!rows_.is_null(3)) entry.not_music = rows_.text(3);
            const std::shared_ptr<const IndexedModel> model = models.at(rows_.integer(0));
            if (!model->has_many_labels()) continue;
            entry.heard.push_back({model, model->probabilities(rows_.bytes(1)), model->embedding(rows_.bytes(2))});
        }
        if (entry.prediction) entry.prediction->not_music = entry.not_music;
        if (entry.not_music) {
            entry.genre.clear();
            entry.probability = 0.0;
        }
    }

  private:
    Statement rows_;
};

}  // namespace

std::vector<HeldLabel> held_labels(const TrackDetails& entry, bool precise) {
    std::vector<HeldLabel> all;
    if (entry.not_music) return all;
    for (const HeardLabels& heard : entry.heard) {
        for (const std::size_t label : holding_labels(heard.model->description, heard.probabilities, precise)) {
            all.push_back(
                {heard.model->labels[label], heard.model->group(label), heard.probabilities[label], heard.model});
        }
    }
    std::ranges::stable_sort(all, std::greater<>(), &HeldLabel::probability);
    std::set<std::string> seen;
    std::erase_if(all, [&](const HeldLabel& held) { return !seen.insert(label_key(held.label)).second; });
    return all;
}

std::optional<float> label_probability(const TrackDetails& entry, const std::string& label) {
    std::optional<float> greatest;
    const std::string key = label_key(label);
    const auto ask = [&](const IndexedModel& model, const std::vector<float>& probabilities) {
        for (std::size_t i = 0; i < probabilities.size(); ++i) {
            if (label_key(model.labels[i]) == key) greatest = std::max(greatest.value_or(0.0F), probabilities[i]);
        }
    };
    for (const HeardLabels& heard : entry.heard) ask(*heard.model, heard.probabilities);
    if (entry.prediction && !entry.model->has_many_labels()) ask(*entry.model, entry.prediction->probabilities);
    return greatest;
}

const std::string& genre_of(const TrackDetails& entry) {
    return entry.genre;
}

bool disagrees(const TrackDetails& entry) {
    return entry.prediction && !entry.genre.empty() && genres_disagree(entry.tag_genres, genre_of(entry));
}

void list(Index& index, const TrackQuery& options, const Sink<const TrackDetails&>& take) {
    Database& database = index.database();
    // Numbers first, so that sorting does not carry the segments of all along.
    std::vector<std::int64_t> chosen;
    for_each_track(index, options, [&](const Track& track) { chosen.push_back(track.file); });
    const IndexedModels models(database);
    Statement row = database.prepare(
        "SELECT files.path, files.size, files.modified, files.state, files.gone, files.content, files.genre_tag, "
        "files.artist, files.title, files.error_code, files.error_message, verdicts.model, verdicts.duration, "
        "verdicts.uncertain, verdicts.probabilities, verdicts.segments, verdicts.warnings, verdicts.embedding, "
        "verdicts.excerpts, verdicts.analyzed, files.album, files.album_artist, files.year, files.track, files.mood_tag, "
        "verdicts.genre, verdicts.probability "
        "FROM files LEFT JOIN verdicts ON verdicts.content = files.content "
        "AND verdicts.model = coalesce(?2, files.model) AND files.state = 0 WHERE files.id = ?1");
    HeardReader reader(database);
    for (const std::int64_t id : chosen) {
        if (!row.bind(id, options.model).step()) continue;  // removed meanwhile
        TrackDetails entry = entry_from(row, models, options.tags);
        entry.id = id;
        reader.read(entry, models);
        take(entry);
    }
}

}  // namespace earmark::library
