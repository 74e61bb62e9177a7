#include "dataset/split_list.hpp"

#include <algorithm>
#include <optional>

#include "base/throw.hpp"
#include "dataset/track_lookup.hpp"
#include "formats/csv.hpp"

namespace earmark::dataset {

std::optional<Part> listed_part(const std::string& text) {
    const std::string word = plain_word(text);
    if (word == "training") return Part::train;
    if (word == "validation" || word == "val" || word == "dev") return Part::valid;
    if (word == "testing") return Part::test;
    return base::parse_enum<Part>(word);
}

std::size_t part_column(const formats::CsvTable& table) {
    return column_named(table, {"part", "split", "subset", "set"});
}

std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

SplitList read_split_list(const std::filesystem::path& path, const FeatureStore& store, bool allow_missing) {
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t name_at = track_column(table);
    const std::optional<std::size_t> genre_at = genre_column(table);
    const std::size_t part_at = part_column(table);
    const TrackLookup lookup(store);
    struct Row {
        std::size_t line;
        Part part;
        std::string name;
    };
    std::unordered_map<std::string, Row> rows;  // of the names that are in the data: of these; of others: as they are
    SplitList list;
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::vector<std::string>& row = table.rows[i];
        const std::size_t line = table.lines[i];
        const std::string& name = row[name_at];
        const std::optional<Part> part = listed_part(row[part_at]);
        if (!part) {
            base::fail(ErrorCode::bad_data, "{}: line {}: part \"{}\" is none of train, valid and test.", table.where,
                       line, row[part_at]);
        }
        const StoredTrack* track = lookup.find(name);
        const auto [first, fresh] = rows.emplace(track != nullptr ? track->name : name, Row{line, *part, name});
        if (!fresh) {
            if (first->second.part == *part) continue;
            base::fail(ErrorCode::bad_data,
                       "{}: line {} names track \"{}\" again, after line {}, in another part. Keep one of them.",
                       table.where, line, name, first->second.line);
        }
        if (track == nullptr) {
            missing.push_back(name);
            continue;
        }
        const std::string genre = store.label_text(*track);
        if (genre_at && !store.labelling.many && !same_genre(genre, row[*genre_at])) {
            base::fail(ErrorCode::bad_data,
                       "{}: line {} says that track \"{}\" is {}, the data say {}. Correct one of them.", table.where,
                       line, name, row[*genre_at], genre);
        }
        list.tracks.emplace_back(track, *part);
    }
    if (missing.empty()) return list;
    if (missing.size() == rows.size()) {
        base::fail(
            ErrorCode::bad_data,
            "{}: none of its tracks is in the data ({}), whose first is {}. Give the split that belongs to them.",
            table.where, some_of(missing), store.tracks.empty() ? "missing" : store.tracks.front().name);
    }
    if (!allow_missing) {
        base::fail(ErrorCode::bad_data,
                   "{}: names tracks that the data lack: {}. Correct it, or allow it with `allow_missing`.",
                   table.where, some_of(missing));
    }
    list.warnings.push_back(fmt::format("{}: {} of its tracks are not in the data and were passed over: {}.",
                                        table.where, missing.size(), some_of(missing)));
    return list;
}

namespace {

/// The column of the tracks' names: one that says so, else the first that names tracks of the store, such as the "id" of a
/// table that the store was made of. @throws Error bad_data
std::size_t naming_column(const formats::CsvTable& table, const FeatureStore& store) {
    if (!find_column_named(table, {"track", "filename", "file", "path"})) {
        const TrackLookup lookup(store);
        for (std::size_t i = 0; i < table.header.size(); ++i) {
            const bool names = std::ranges::any_of(
                table.rows, [&](const std::vector<std::string>& row) { return lookup.find(row[i]) != nullptr; });
            if (names) return i;
        }
    }
    return track_column(table);
}

}  // namespace

std::unordered_map<const StoredTrack*, std::string> read_artists(const std::filesystem::path& path,
                                                                 const FeatureStore& store) {
    const formats::CsvTable table = formats::read_csv(path);
    const std::size_t name_at = naming_column(table, store);
    const std::size_t artist_at = column_named(table, {"artist"});
    const TrackLookup lookup(store);
    std::unordered_map<const StoredTrack*, std::string> artists;
    for (const std::vector<std::string>& row : table.rows) {
        const StoredTrack* track = lookup.find(row[name_at]);
        if (track != nullptr && !row[artist_at].empty()) artists[track] = row[artist_at];
    }
    if (artists.empty()) {
        base::fail(ErrorCode::bad_data,
                   "{}: names the artist of no track of the data. Give the file that belongs to them.", table.where);
    }
    return artists;
}

}  // namespace earmark::dataset
