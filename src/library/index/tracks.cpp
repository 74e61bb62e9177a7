#include "library/index/tracks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <sstream>

#include "library/index/casefold.hpp"
#include "library/index/label_filter.hpp"
#include "library/tagging/packing.hpp"
#include "library/tags/track_tags.hpp"

namespace earmark::library {

namespace {

/// The words of a search, which are to be found in texts.
class Words {
  public:
    explicit Words(const std::string& text) {
        std::istringstream stream(casefold(text));
        for (std::string word; stream >> word;) words_.push_back(word);
    }

    /// Whether each occurs in one of `texts`.
    bool all_in(std::initializer_list<std::string_view> texts) const {
        if (words_.empty()) return true;
        std::vector<std::string> haystacks;
        for (const std::string_view text : texts) haystacks.push_back(casefold(text));
        return std::ranges::all_of(words_, [&](const std::string& word) {
            return std::ranges::any_of(haystacks,
                                       [&](const std::string& text) { return text.find(word) != std::string::npos; });
        });
    }

  private:
    std::vector<std::string> words_;
};

/// What SQL does not decide.
class Filter {
  public:
    explicit Filter(const TrackQuery& options)
        : folders_(options.folders.begin(), options.folders.end()),
          search_(options.search),
          artist_(options.artist),
          disagree_(options.disagree) {}

    bool passes(const Track& track) const {
        const auto holds = [&](const PathRange& folder) { return folder.holds(track.path); };
        return (folders_.empty() || std::ranges::any_of(folders_, holds)) && artist_.all_in({track.artist}) &&
               search_.all_in({track.path.native(), track.artist, track.title, lines_of(track.tag_genres)}) &&
               (!disagree_ || disagrees(track));
    }

  private:
    std::vector<PathRange> folders_;
    Words search_;
    Words artist_;
    bool disagree_;
};

const char* order_of(SortBy sort) {
    switch (sort) {
        case SortBy::genre:
            return "verdicts.genre, verdicts.probability DESC, files.path";
        case SortBy::probability:
            return "verdicts.probability DESC, files.path";
        case SortBy::duration:
            return "verdicts.duration DESC, files.path";
        case SortBy::path:
        case SortBy::label:
            break;
    }
    return "files.path";
}

Track track_from(const Statement& row, const IndexedModels& models, const GenreSettings& tags) {
    Track track;
    track.file = row.integer(0);
    track.path = row.text(1);
    if (!row.is_null(2)) track.content = digest_of(row.bytes(2));
    track.tag_genres = genres_of_tag(values_of(row.text(3)), tags);
    track.artist = row.text(4);
    track.title = row.text(5);
    track.not_music = row.text(6);
    if (row.is_null(7)) return track;
    track.model = models.at(row.integer(7));
    track.duration_seconds = row.real(11);
    if (!track.not_music.empty()) return track;
    track.genre = row.text(8);
    track.probability = row.real(9);
    track.uncertain = row.integer(10) != 0;
    return track;
}

}  // namespace

bool disagrees(const Track& track) {
    return track.model && !track.genre.empty() && genres_disagree(track.tag_genres, track.genre);
}

void for_each_track(Index& index, const TrackQuery& options, const Sink<Track&&>& take) {
    Database& database = index.database();
    const IndexedModels models(database);
    std::optional<std::string> genres;
    if (!options.genres.empty()) {
        nlohmann::json known = nlohmann::json::array();
        for (const std::string& genre : options.genres) known.push_back(models.known_genre(genre));
        genres = known.dump();
    }
    const LabelFilter labels(database, models, options);
    // Of what a content is, the models have a say that name the genre or many labels, whichever is asked for.
    Statement rows = database.prepare(fmt::format(
        "SELECT files.id, files.path, files.content, files.genre_tag, files.artist, files.title, "
        "(SELECT heard.not_music FROM verdicts AS heard JOIN models ON models.id = heard.model "
        "WHERE heard.content = files.content AND heard.not_music IS NOT NULL AND files.state = 0 "
        "AND (models.activation = 'sigmoid' OR heard.model = files.model) LIMIT 1) AS what, verdicts.model, "
        "verdicts.genre, verdicts.probability, verdicts.uncertain, verdicts.duration, {} "
        "FROM files LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = coalesce(?4, "
        "files.model) AND files.state = 0 WHERE files.gone IS {} AND files.state IN ({}) "
        "AND (?1 IS NULL OR (verdicts.genre IN (SELECT value FROM json_each(?1)) AND what IS NULL)) "
        "AND (?2 <= 0 OR (verdicts.probability >= ?2 AND what IS NULL)) "
        "AND (NOT ?3 OR (verdicts.uncertain AND what IS NULL)) AND (NOT ?5 OR what IS NOT NULL) ORDER BY {}",
        labels.is_empty() ? "NULL" : "verdicts.probabilities", options.missing ? "NOT NULL" : "NULL",
        options.failed ? "1, 3" : (options.missing ? "0, 1" : "0"), order_of(options.sort)));
    rows.bind(genres, options.minimum_probability, options.uncertain, options.model, options.not_music);
    const Filter filter(options);
    const bool sorted_later = options.sort == SortBy::label;
    std::vector<Track> chosen;
    std::int64_t taken = 0;
    while ((sorted_later || options.limit <= 0 || taken < options.limit) && rows.step()) {
        Track track = track_from(rows, models, options.tags);
        if (!filter.passes(track)) continue;
        if (!labels.is_empty()) {
            const std::vector<float> probabilities =
                track.model ? track.model->probabilities(rows.bytes(12)) : std::vector<float>();
            if (!labels.passes(track, probabilities)) continue;
            track.label_probability = labels.probability(track, probabilities);
        }
        ++taken;
        if (sorted_later) {
            chosen.push_back(std::move(track));
        } else {
            take(std::move(track));
        }
    }
    std::ranges::stable_sort(chosen, std::greater<>(), &Track::label_probability);
    if (options.limit > 0 && std::ssize(chosen) > options.limit) chosen.resize(static_cast<std::size_t>(options.limit));
    for (Track& track : chosen) take(std::move(track));
}

}  // namespace earmark::library
