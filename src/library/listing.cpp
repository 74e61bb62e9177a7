#include "library/listing.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/throw.hpp"
#include "library/genre_tags.hpp"
#include "library/packing.hpp"

namespace earmark {

namespace {

std::vector<std::string> words_from(const std::string& json, const Database& database) {
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    std::vector<std::string> words;
    if (parsed.is_array()) {
        for (const auto& word : parsed) {
            if (word.is_string()) words.push_back(word.get<std::string>());
        }
    }
    if (!parsed.is_array() || words.size() != parsed.size()) {
        fail(ErrorCode::corrupt, "{}: holds a damaged list. Move the index away and scan anew.",
             database.path().string());
    }
    return words;
}

class Models {
  public:
    explicit Models(Database& database) {
        Statement rows = database.prepare("SELECT id, fingerprint, name, labels FROM models");
        while (rows.step()) {
            models_[rows.integer(0)] = std::make_shared<const IndexedModel>(
                IndexedModel{rows.text(1), rows.text(2), words_from(rows.text(3), database)});
        }
    }

    std::shared_ptr<const IndexedModel> find(std::int64_t id) const {
        const auto found = models_.find(id);
        return found != models_.end() ? found->second : nullptr;
    }

    /// `genre` as the models write it. @throws Error bad_option
    std::string known_genre(const std::string& genre) const {
        const auto lower = [](std::string text) {
            std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
            return text;
        };
        std::set<std::string> known;
        for (const auto& [id, model] : models_) {
            for (const std::string& label : model->labels) {
                if (lower(label) == lower(genre)) return label;
                known.insert(label);
            }
        }
        fail(ErrorCode::bad_option, "--genre {}: no model in this index knows that genre. Known are: {}.", genre,
             fmt::join(known, ", "));
    }

  private:
    std::map<std::int64_t, std::shared_ptr<const IndexedModel>> models_;
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

constexpr const char* joined =
    "FROM files LEFT JOIN verdicts ON verdicts.content = files.content AND verdicts.model = files.model "
    "AND files.state = 0";

/// The numbers of the entries that are asked for, in order, but for what the tags decide.
std::vector<std::int64_t> choose(Database& database, const Models& models, const ListOptions& options) {
    const std::string sql = fmt::format(
        "SELECT files.id {} WHERE files.gone IS {} AND files.state IN ({}) "
        "AND (?1 IS NULL OR files.path = ?1 OR (files.path >= ?2 AND files.path < ?3)) "
        "AND (?4 IS NULL OR verdicts.genre IN (SELECT value FROM json_each(?4))) "
        "AND (?5 <= 0 OR verdicts.probability >= ?5) AND (NOT ?6 OR verdicts.uncertain) ORDER BY {}",
        joined, options.gone ? "NOT NULL" : "NULL", options.failed ? "1, 3" : (options.gone ? "0, 1" : "0"),
        order_of(options.sort));
    std::optional<std::filesystem::path> first;
    std::optional<std::filesystem::path> end;
    if (options.folder) {
        const PathRange range(*options.folder);
        first = range.first;
        end = range.end;
    }
    std::optional<std::string> genres;
    if (!options.genres.empty()) {
        nlohmann::json known = nlohmann::json::array();
        for (const std::string& genre : options.genres) known.push_back(models.known_genre(genre));
        genres = known.dump();
    }
    Statement rows = database.prepare(sql);
    rows.bind(options.folder, first, end, genres, options.minimum_probability, options.uncertain);
    std::vector<std::int64_t> chosen;
    while (rows.step()) chosen.push_back(rows.integer(0));
    return chosen;
}

Entry entry_from(const Statement& row, const Models& models, const Database& database) {
    Entry entry;
    entry.path = row.text(0);
    entry.stamp = {row.integer(1), row.integer(2)};
    entry.state = static_cast<FileState>(row.integer(3));
    if (!row.is_null(4)) entry.gone = row.integer(4);
    if (!row.is_null(5)) {
        AudioContent& content = entry.content.emplace();
        const Bytes hash = row.bytes(5);
        std::copy_n(hash.begin(), std::min(hash.size(), content.hash.size()), content.hash.begin());
        content.genre = row.text(6);
        content.artist = row.text(7);
        content.title = row.text(8);
    }
    entry.error_code = row.text(9);
    entry.error_message = row.text(10);
    if (row.is_null(12)) return entry;  // no verdict
    entry.model = models.find(row.integer(11));
    if (!entry.model) {
        fail(ErrorCode::corrupt, "{}: a model is missing. Move the index away and scan anew.",
             database.path().string());
    }
    const std::size_t labels = entry.model->labels.size();
    Verdict& verdict = entry.verdict.emplace();
    verdict.duration_seconds = row.real(12);
    verdict.uncertain = row.integer(13) != 0;
    verdict.probabilities = unpack_probabilities(row.bytes(14), labels);
    verdict.segments = unpack_segments(row.bytes(15), labels);
    verdict.warnings = words_from(row.text(16), database);
    return entry;
}

}  // namespace

const std::string& genre_of(const Entry& entry) {
    return entry.model->labels[entry.verdict->best()];
}

bool disagrees(const Entry& entry) {
    if (!entry.verdict || !entry.content || genres_of_tag(entry.content->genre).empty()) return false;
    return !tag_names(entry.content->genre, genre_of(entry));
}

void list(Index& index, const ListOptions& options, const std::function<void(const Entry&)>& take) {
    Database& database = index.database();
    // Numbers first, so that sorting does not carry the segments of all along.
    const Models models(database);
    const std::vector<std::int64_t> chosen = choose(database, models, options);
    Statement row = database.prepare(fmt::format(
        "SELECT files.path, files.size, files.modified, files.state, files.gone, files.content, files.genre_tag, "
        "files.artist, files.title, files.error_code, files.error_message, verdicts.model, verdicts.duration, "
        "verdicts.uncertain, verdicts.probabilities, verdicts.segments, verdicts.warnings {} WHERE files.id = ?",
        joined));
    std::int64_t listed = 0;
    for (const std::int64_t id : chosen) {
        if (options.limit > 0 && listed == options.limit) break;
        if (!row.bind(id).step()) continue;  // removed meanwhile
        Entry entry = entry_from(row, models, database);
        entry.id = id;
        if (options.disagree && !disagrees(entry)) continue;
        ++listed;
        take(entry);
    }
}

}  // namespace earmark
