#include "library/index/statistics.hpp"

#include <algorithm>
#include <set>

#include "library/index/casefold.hpp"
#include "library/tags/genre_tags.hpp"

namespace earmark {

namespace {

/// A genre of tags under all its spellings.
struct SpelledTag {
    std::map<std::string, std::int64_t> spellings;
    TagStatistics statistics;
};

class Counter {
  public:
    void count(const Song& song) {
        statistics_.heard.add(song);
        for (const std::string& label : song.model->labels) genres_[label];
        GenreStatistics& genre = genres_[song.genre];
        genre.all.add(song);
        genre.probability += song.probability;
        const std::vector<std::string> tags = genres_of_tag(song.genre_tag);
        const bool agrees = tag_names(song.genre_tag, song.genre);
        if (song.uncertain) {
            genre.uncertain.add(song);
        } else {
            (tags.empty() ? genre.untagged : (agrees ? genre.agrees : genre.otherwise)).add(song);
        }
        if (tags.empty()) {
            ++statistics_.untagged;
            return;
        }
        add(statistics_.tagged, agrees);
        const bool known = std::ranges::any_of(
            song.model->labels, [&](const std::string& label) { return tag_names(song.genre_tag, label); });
        if (known) add(statistics_.known, agrees);
        if (known && !song.uncertain) add(statistics_.known_sure, agrees);
        count_tags(tags, song.genre);
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
            const std::string name = folded(tag);
            if (!counted.insert(name).second) continue;
            SpelledTag& spelled = tags_[name];
            ++spelled.spellings[tag];
            ++spelled.statistics.files;
            ++spelled.statistics.verdicts[genre];
        }
    }

    LibraryStatistics statistics_;
    std::map<std::string, GenreStatistics> genres_;
    std::map<std::string, SpelledTag> tags_;  // by their folded names
};

std::int64_t count_entries(Index& index, const ListOptions& options) {
    std::int64_t entries = 0;
    each_song(index, options, [&](const Song&) { ++entries; });
    return entries;
}

}  // namespace

LibraryStatistics library_statistics(Index& index, const ListOptions& options) {
    Counter counter;
    ListOptions heard = options;
    heard.failed = heard.gone = false;
    heard.limit = 0;
    each_song(index, heard, [&](const Song& song) {
        if (song.model) counter.count(song);
    });
    LibraryStatistics statistics = counter.finish();
    ListOptions others{.folders = options.folders, .search = options.search, .artist = options.artist};
    others.failed = true;
    statistics.failed = count_entries(index, others);
    others.failed = false;
    others.gone = true;
    statistics.gone = count_entries(index, others);
    return statistics;
}

}  // namespace earmark
