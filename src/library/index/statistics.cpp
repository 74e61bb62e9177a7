#include "library/index/statistics.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "library/index/casefold.hpp"
#include "library/tagging/packing.hpp"
#include "library/tags/genre_tags.hpp"
#include "library/tags/label_names.hpp"

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
        if (!track.not_music.empty()) {
            statistics_.not_music.add(track);
            return;
        }
        if (track.content) contents_[*track.content].push_back(track.duration_seconds);
        for (std::size_t i = 0; i < track.model->labels.size() && !track.model->has_many_labels(); ++i) {
            genres_[track.model->labels[i]];
        }
        if (track.genre.empty()) return;  // its model names none
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

    LibraryStatistics finish(Database& database) {
        count_labels(database);
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
        std::ranges::stable_sort(statistics_.labels, std::greater<>(),
                                 [](const LabelStatistics& label) { return label.all.files; });
        std::ranges::stable_sort(statistics_.tags, std::greater<>(), &TagStatistics::files);
        return std::move(statistics_);
    }

  private:
    static void add(Agreement& agreement, bool agrees) {
        ++agreement.files;
        agreement.agree += agrees ? 1 : 0;
    }

    /// Counts a label of several models once.
    void count_labels(Database& database) {
        std::map<std::string, LabelStatistics> labels;  // by their keys
        std::unordered_map<files::ContentHash::Digest, std::set<std::string>, DigestHash> counted;
        Statement rows =
            database.prepare("SELECT content, probabilities FROM verdicts WHERE model = ? AND embedding IS NOT NULL");
        const IndexedModels models(database);
        for (const auto& [id, model] : models.all()) {
            if (!model->has_many_labels()) continue;
            rows.bind(id);
            while (rows.step()) {
                const files::ContentHash::Digest content = digest_of(rows.bytes(0));
                const auto files = contents_.find(content);
                if (files == contents_.end()) continue;
                const std::vector<float> probabilities = model->probabilities(rows.bytes(1));
                for (const std::size_t i : holding_labels(model->description, probabilities)) {
                    const std::string key = label_key(model->labels[i]);
                    if (!counted[content].insert(key).second) continue;
                    LabelStatistics& label = labels[key];
                    if (label.label.empty()) label = {model->labels[i], model->group(i), {}};
                    label.all.files += std::ssize(files->second);
                    for (const double seconds : files->second) label.all.seconds += seconds;
                }
            }
        }
        for (auto& [key, label] : labels) statistics_.labels.push_back(std::move(label));
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
    std::map<std::string, SpelledTag> tags_;                                                    // by their folded names
    std::unordered_map<files::ContentHash::Digest, std::vector<double>, DigestHash> contents_;  // seconds of each file
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
    LibraryStatistics statistics = counter.finish(index.database());
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
