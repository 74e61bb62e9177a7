#include "library/tags/genre_tags.hpp"

#include <algorithm>

#include "metadata/id3v1_genres.hpp"

namespace earmark::library {

namespace {

/// The words of a text in lower case. Bytes beyond ASCII are letters.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    bool within = false;
    for (const char c : text) {
        const bool capital = c >= 'A' && c <= 'Z';
        const bool letter = capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (letter && !within) words.emplace_back();
        if (letter) words.back() += static_cast<char>(capital ? c - 'A' + 'a' : c);
        within = letter;
    }
    return words;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks(" \t\r\n\0", 5);
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Genres in order, each once.
class GenreList {
  public:
    void add(std::string_view genre) {
        genre = trimmed(genre);
        if (!genre.empty() && std::ranges::find(genres_, genre) == genres_.end()) genres_.emplace_back(genre);
    }

    void add_number(std::string_view digits) {
        if (digits.size() <= 3) add(metadata::genre_of_number(std::stoul(std::string(digits))));
    }

    /// Adds what a text refines: "Rock" after "(17)" says it a second time.
    void add_refinement(std::string_view genre) {
        if (!genres_.empty() && words_of(genres_.back()) == words_of(genre)) genres_.pop_back();
        add(genre);
    }

    std::vector<std::string> take() { return std::move(genres_); }

  private:
    std::vector<std::string> genres_;
};

/// What stands for a genre in brackets, or stands alone in a tag that knows such.
std::string_view abbreviated(std::string_view text) {
    if (text == "RX") return "Remix";
    if (text == "CR") return "Cover";
    return {};
}

/// Parts a text at the first separator of each place; none parts nothing.
std::vector<std::string_view> parted(std::string_view text, std::span<const std::string> separators) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 0;
        for (const std::string& separator : separators) {
            if (text.substr(at).starts_with(separator)) length = std::max(length, separator.size());
        }
        if (length > 0) {
            parts.push_back(text.substr(begin, at - begin));
            begin = at + length;
        }
        at += std::max<std::size_t>(length, 1);
    }
    parts.push_back(text.substr(begin));
    return parts;
}

}  // namespace

std::vector<std::string> genres_of_value(std::string_view value, bool id3v2) {
    GenreList genres;
    std::string_view rest = trimmed(value);
    while (rest.starts_with('(') && !rest.starts_with("((")) {
        const std::size_t end = rest.find(')');
        if (end == std::string_view::npos) break;
        const std::string_view inside = rest.substr(1, end - 1);
        if (is_number(inside)) {
            genres.add_number(inside);
        } else if (!abbreviated(inside).empty()) {
            genres.add(abbreviated(inside));
        } else {
            break;
        }
        rest = trimmed(rest.substr(end + 1));
    }
    if (rest.starts_with("((")) rest.remove_prefix(1);
    if (is_number(rest)) {
        genres.add_number(rest);
    } else if (id3v2 && !abbreviated(rest).empty()) {
        genres.add(abbreviated(rest));
    } else if (!rest.empty()) {
        genres.add_refinement(rest);
    }
    return genres.take();
}

std::vector<std::string> genres_of_tag(std::span<const std::string> values, const GenreSettings& settings) {
    std::vector<std::vector<std::string>> missing;
    for (const std::string& name : settings.missing) missing.push_back(words_of(name));
    GenreList genres;
    for (const std::string& value : values) {
        const std::vector<std::string_view> parts = parted(value, settings.separators);
        for (const std::string_view part : parts) {
            // What was parted only here may hold numbers; the rest has been seen to when it was read.
            const std::vector<std::string> names =
                parts.size() > 1 ? genres_of_value(part) : std::vector<std::string>{std::string(part)};
            for (const std::string& name : names) {
                const std::vector<std::string> words = words_of(name);
                if (!words.empty() && std::ranges::find(missing, words) == missing.end()) genres.add(name);
            }
        }
    }
    return genres.take();
}

bool names_genre(std::span<const std::string> genres, std::string_view genre) {
    std::string wanted;
    for (const std::string& word : words_of(genre)) wanted += word;
    if (wanted.empty()) return false;
    for (const std::string& each : genres) {
        const std::vector<std::string> words = words_of(each);
        for (std::size_t first = 0; first < words.size(); ++first) {
            std::string joined;
            for (std::size_t i = first; i < words.size() && joined.size() < wanted.size(); ++i) joined += words[i];
            if (joined == wanted) return true;
        }
    }
    return false;
}

bool genres_disagree(std::span<const std::string> genres, std::string_view genre) {
    return !genres.empty() && !names_genre(genres, genre);
}

}  // namespace earmark::library
