#include "library/index/statistics.hpp"

#include <algorithm>
#include <set>

#include "library/index/casefold.hpp"
#include "library/tags/genre_tags.hpp"

namespace earmark::library {

namespace {

/// A genre of tags under all its spellings.
struct SpelledTag {
    std::map<std::string, std::int64_t> spellings;
    TagStatistics statistics;
};

class Counter {
  public:
    void count(const Track& track) {
        statistics_.analyzed.add(track);
        for (const std::string& label : track.model->labels) genres_[label];
        GenreStatistics& genre = genres_[track.genre];
        genre.all.add(track);
        genre.probability += track.probability;
        const std::vector<std::string>& tags = track.tag_genres;
        const bool agrees = names_genre(tags, track.genre);
        if (track.uncertain) {
            genre.uncertain.add(track);
        } else {
            (tags.empty() ? genre.untagged : (agrees ? genre.agrees : genre.otherwise)).add(track);
        }
        if (tags.empty()) {
            ++statistics_.untagged;
            return;
        }
        add(statistics_.tagged, agrees);
        const bool known = std::ranges::any_of(track.model->labels,
                                               [&](const std::string& label) { return names_genre(tags, label); });
        if (known) add(statistics_.known, agrees);
        if (known && !track.uncertain) add(statistics_.known_sure, agrees);
        count_tags(tags, track.genre);
    }

    LibraryStatistics finish() {
        for (auto& [name, genre] : genres_) {
            genre.genre = name;
            if (genre.all.files > 0) genre.probability /= static_cast<double>(genre.all.files);
            statistics_.genres.push_back(genre);
        }
        for (auto& [name, tag] : tags_) {
            tag.statistics.tag = std::ranges::max_element(tag.spellings, {}, [](const auto& spelling) {
                                     return spelling.second;
                                 })->first;
            statistics_.tags.push_back(std::move(tag.statistics));
        }
        // Equal ones stay in the order of the alphabet.
        std::ranges::stable_sort(statistics_.genres, std::greater<>(),
                                 [](const GenreStatistics& genre) { return genre.all.files; });
        std::ranges::stable_sort(statistics_.tags, std::greater<>(), &TagStatistics::files);
        return std::move(statistics_);
    }

  private:
    static void add(Agreement& agreement, bool agrees) {
        ++agreement.files;
        agreement.agree += agrees ? 1 : 0;
    }

    void count_tags(const std::vector<std::string>& tags, const std::string& genre) {
        std::set<std::string> counted;
        for (const std::string& tag : tags) {
            const std::string name = casefold(tag);
            if (!counted.insert(name).second) continue;
            SpelledTag& spelled = tags_[name];
            ++spelled.spellings[tag];
            ++spelled.statistics.files;
            ++spelled.statistics.predictions[genre];
        }
    }

    LibraryStatistics statistics_;
    std::map<std::string, GenreStatistics> genres_;
    std::map<std::string, SpelledTag> tags_;  // by their folded names
};

std::int64_t count_entries(Index& index, const TrackQuery& options) {
    std::int64_t entries = 0;
    for_each_track(index, options, [&](const Track&) { ++entries; });
    return entries;
}

}  // namespace

LibraryStatistics library_statistics(Index& index, const TrackQuery& options) {
    Counter counter;
    TrackQuery analyzed = options;
    analyzed.failed = analyzed.missing = false;
    analyzed.limit = 0;
    for_each_track(index, analyzed, [&](const Track& track) {
        if (track.model) counter.count(track);
    });
    LibraryStatistics statistics = counter.finish();
    TrackQuery others{
        .folders = options.folders, .search = options.search, .artist = options.artist, .tags = options.tags};
    others.failed = true;
    statistics.failed = count_entries(index, others);
    others.failed = false;
    others.missing = true;
    statistics.missing = count_entries(index, others);
    return statistics;
}

}  // namespace earmark::library
