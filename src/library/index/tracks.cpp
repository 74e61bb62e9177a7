#include "library/index/tracks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <sstream>

#include "library/index/casefold.hpp"
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
    if (row.is_null(6)) return track;
    track.model = models.at(row.integer(6));
    track.genre = row.text(7);
    track.probability = row.real(8);
    track.uncertain = row.integer(9) != 0;
    track.duration_seconds = row.real(10);
    return track;
}

}  // namespace

bool disagrees(const Track& track) {
    return track.model && genres_disagree(track.tag_genres, track.genre);
}

void for_each_track(Index& index, const TrackQuery& options, const std::function<void(Track&&)>& take) {
    Database& database = index.database();
    const IndexedModels models(database);
    std::optional<std::string> genres;
    if (!options.genres.empty()) {
        nlohmann::json known = nlohmann::json::array();
        for (const std::string& genre : options.genres) known.push_back(models.known_genre(genre));
        genres = known.dump();
    }
    Statement rows = database.prepare(fmt::format(
        "SELECT files.id, files.path, files.content, files.genre_tag, files.artist, files.title, verdicts.model, "
        "verdicts.genre, verdicts.probability, verdicts.uncertain, verdicts.duration "
        "FROM files LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model "
        "AND files.state = 0 WHERE files.gone IS {} AND files.state IN ({}) "
        "AND (?1 IS NULL OR verdicts.genre IN (SELECT value FROM json_each(?1))) "
        "AND (?2 <= 0 OR verdicts.probability >= ?2) AND (NOT ?3 OR verdicts.uncertain) ORDER BY {}",
        options.missing ? "NOT NULL" : "NULL", options.failed ? "1, 3" : (options.missing ? "0, 1" : "0"),
        order_of(options.sort)));
    rows.bind(genres, options.minimum_probability, options.uncertain);
    const Filter filter(options);
    std::int64_t taken = 0;
    while ((options.limit <= 0 || taken < options.limit) && rows.step()) {
        Track track = track_from(rows, models, options.tags);
        if (!filter.passes(track)) continue;
        ++taken;
        take(std::move(track));
    }
}

}  // namespace earmark::library
