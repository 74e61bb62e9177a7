#include "dataset/track_lookup.hpp"

#include <algorithm>
#include <array>

#include "base/throw.hpp"
#include "files/extensions.hpp"

namespace earmark::dataset {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool names_sound(const std::string& path) {
    static constexpr std::array<std::string_view, 4> films{".mp4", ".webm", ".mkv",
                                                           ".mov"};  // which may hold sound alone
    return files::has_audio_extension(path) ||
           std::ranges::any_of(films, [&](std::string_view each) { return path.ends_with(each); });
}

}  // namespace

std::string plain_word(std::string_view text) {
    std::string word(trimmed(text));
    for (char& c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return word;
}

std::string track_key(std::string_view name) {
    std::string key = plain_word(name);
    std::ranges::replace(key, '\\', '/');
    if (names_sound(key)) key.erase(key.rfind('.'));
    return key;
}

TrackLookup::TrackLookup(const FeatureStore& store) {
    for (const StoredTrack& track : store.tracks) {
        names_.emplace(track.name, &track);
        const auto [place, fresh] = keys_.emplace(track_key(track.name), &track);
        if (!fresh) place->second = nullptr;
    }
}

const StoredTrack* TrackLookup::find(std::string_view name) const {
    const auto exact = names_.find(name);
    if (exact != names_.end()) return exact->second;
    const std::string key = track_key(name);
    for (std::string_view rest = key;;) {
        const auto found = keys_.find(std::string(rest));
        if (found != keys_.end()) return found->second;
        const std::size_t slash = rest.find('/');
        if (slash == std::string_view::npos) return nullptr;
        rest.remove_prefix(slash + 1);
    }
}

std::string genre_key(std::string_view genre) {
    std::string word = plain_word(genre);
    std::erase_if(word, [](char c) { return c == ' ' || c == '-' || c == '_'; });
    return word;
}

bool same_genre(std::string_view a, std::string_view b) {
    return a == b || genre_key(a) == genre_key(b);
}

std::optional<std::size_t> find_column_named(const formats::CsvTable& table,
                                             std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        for (std::size_t i = 0; i < table.header.size(); ++i) {
            if (plain_word(table.header[i]) == name) return i;
        }
    }
    return std::nullopt;
}

std::size_t column_named(const formats::CsvTable& table, std::initializer_list<std::string_view> names) {
    const auto found = find_column_named(table, names);
    if (!found) {
        base::fail(ErrorCode::bad_data, "{}: has no column \"{}\", but {}. Name the columns in its first row.",
                   table.where, *names.begin(), fmt::join(table.header, ", "));
    }
    return *found;
}

std::size_t track_column(const formats::CsvTable& table) {
    return column_named(table, {"track", "filename", "file", "path"});
}

std::optional<std::size_t> genre_column(const formats::CsvTable& table) {
    return find_column_named(table, {"genre", "label", "class"});
}

}  // namespace earmark::dataset
