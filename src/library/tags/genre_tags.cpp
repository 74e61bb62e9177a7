#include "library/tags/genre_tags.hpp"

#include <algorithm>

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

}  // namespace

std::vector<std::string> genres_of_tag(std::string_view tag) {
    constexpr std::string_view separators(";/,|\0", 5);
    std::vector<std::string> genres;
    while (!tag.empty()) {
        const std::size_t end = std::min(tag.find_first_of(separators), tag.size());
        std::string_view genre = tag.substr(0, end);
        tag.remove_prefix(std::min(end + 1, tag.size()));
        const std::size_t first = genre.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) continue;
        genre = genre.substr(first, genre.find_last_not_of(" \t\r\n") - first + 1);
        if (std::ranges::find(genres, genre) == genres.end()) genres.emplace_back(genre);
    }
    return genres;
}

bool tag_names(std::string_view tag, std::string_view genre) {
    std::string wanted;
    for (const std::string& word : words_of(genre)) wanted += word;
    if (wanted.empty()) return false;
    for (const std::string& part : genres_of_tag(tag)) {
        const std::vector<std::string> words = words_of(part);
        for (std::size_t first = 0; first < words.size(); ++first) {
            std::string joined;
            for (std::size_t i = first; i < words.size() && joined.size() < wanted.size(); ++i) joined += words[i];
            if (joined == wanted) return true;
        }
    }
    return false;
}

bool tag_disagrees(std::string_view tag, std::string_view genre) {
    return !genres_of_tag(tag).empty() && !tag_names(tag, genre);
}

}  // namespace earmark::library
