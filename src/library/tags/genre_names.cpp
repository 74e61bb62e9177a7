#include "library/tags/genre_names.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "library/tags/label_names.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

std::string trimmed(const std::string& text) {
    const char* const blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

GenreNames::GenreNames(const fs::path& file) : file_(file) {
    constexpr std::size_t largest = std::size_t{1} << 20;
    std::istringstream lines(files::read_file(file, largest));
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        line = trimmed(line.substr(0, line.find('#')));
        if (line.empty()) continue;
        const std::size_t equals = line.find('=');
        const std::string label = trimmed(line.substr(0, equals));
        if (equals == std::string::npos || label.empty()) {
            base::fail(ErrorCode::corrupt, "{}:{}: write a line as \"hiphop = Hip-Hop\".", file.string(), number);
        }
        labels_.emplace(label_key(label), label);
        if (!names_.emplace(label_key(label), trimmed(line.substr(equals + 1))).second) {
            base::fail(ErrorCode::corrupt, "{}:{}: names {} a second time.", file.string(), number, label);
        }
    }
}

std::optional<std::string> GenreNames::operator()(const std::string& label) const {
    const std::string key = label_key(label);
    const auto named = names_.find(key);
    if (named != names_.end()) {
        if (named->second.empty()) return std::nullopt;
        return named->second;
    }
    if (key == "hiphop") return "Hip-Hop";
    if (key == "rnb") return "R&B";
    constexpr std::string_view ending = " music";
    std::string name = label;
    if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
    if (!name.empty()) name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
    return name;
}

void GenreNames::check(const std::vector<std::string>& labels, const char* what) const {
    for (const auto& [key, label] : labels_) {
        if (std::ranges::find(labels, key, label_key) != labels.end()) continue;
        constexpr std::size_t few = 20;
        const std::vector<std::string> shown = labels.size() <= few ? labels : near_labels(label, labels);
        base::fail(ErrorCode::bad_option, "{}: the index knows no {} \"{}\"{}.", file_.string(), what, label,
                   shown.empty() ? "" : fmt::format(", but {}", fmt::join(shown, ", ")));
    }
}

}  // namespace earmark::library
