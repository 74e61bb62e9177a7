#include "cli/setting_value.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "base/throw.hpp"
#include "cli/description.hpp"

namespace earmark::cli {

using Kind = formats::TomlValue::Kind;

namespace {

/// What one value of `option` must be, in words.
std::string expected(const CLI::Option& option) {
    if (value_kind(option) == ValueKind::none) return "true or false";
    if (is_whole_number(option)) return is_unsigned(option) ? "a whole number of at least 0" : "a whole number";
    if (value_kind(option) == ValueKind::number)
        return may_be_word(option) ? "a number, or a word in quotes" : "a number";
    return "a text in quotes";
}

bool fits(const formats::TomlValue& value, const CLI::Option& option) {
    if (value_kind(option) == ValueKind::none) return value.kind == Kind::boolean;
    if (is_whole_number(option)) {
        return value.kind == Kind::integer && !(is_unsigned(option) && value.scalar.get<std::int64_t>() < 0);
    }
    if (value_kind(option) != ValueKind::number) return value.kind == Kind::string;
    if (value.kind == Kind::number) return std::isfinite(value.scalar.get<double>());
    return value.kind == Kind::integer || (value.kind == Kind::string && may_be_word(option));
}

bool is_path(const CLI::Option& option) {
    switch (value_kind(option)) {
        case ValueKind::file:
        case ValueKind::folder:
        case ValueKind::model:
        case ValueKind::index:
            return true;
        default:
            return false;
    }
}

std::string word_of(const formats::TomlValue& value, const CLI::Option& option, const std::string& what) {
    if (!fits(value, option)) {
        base::fail(ErrorCode::bad_option, "{} must be {}{}.", what, expected(option),
                   takes_several(option) ? ", or a list of such" : "");
    }
    if (value.kind == Kind::number) return fmt::format("{}", value.scalar.get<double>());
    if (value.kind != Kind::string) return value.scalar.dump();
    const auto text = value.scalar.get<std::string>();
    const char* const home = std::getenv("HOME");
    if (is_path(option) && text.starts_with("~/") && home != nullptr) return home + text.substr(1);
    return text;
}

}  // namespace

formats::TomlValue read_settings(const std::filesystem::path& file) {
    try {
        return formats::read_toml(file);
    } catch (const Error& error) {
        // TOML has one thing of a name at a place: a value, or a table.
        const std::string text = error.what();
        if (text.find("redefine") == std::string::npos || text.find("'model") == std::string::npos) throw;
        base::fail(
            ErrorCode::bad_option,
            "{} A file with a table [model] names the model of other commands in their tables: [scan] model = …, and "
            "so on.",
            text);
    }
}

std::vector<std::string> words_of(const formats::TomlValue& value, const CLI::Option& option, const std::string& what) {
    if (value.kind != Kind::array) return {word_of(value, option, what)};
    if (!takes_several(option))
        base::fail(ErrorCode::bad_option, "{} takes one value, not a list: {}.", what, expected(option));
    std::vector<std::string> words;
    for (const formats::TomlValue& item : value.items) words.push_back(word_of(item, option, what));
    return words;
}

bool is_genre_setting(const std::string& key) {
    return key == "genre-separator" || key == "missing-genre";
}

void check_shared(const std::string& key, const formats::TomlValue& value, const std::string& line) {
    const bool flag = key == "quiet";
    if (value.kind == (flag ? Kind::boolean : Kind::string)) return;
    if (is_genre_setting(key)) {
        const bool texts =
            value.kind == Kind::array &&
            std::ranges::all_of(value.items, [](const formats::TomlValue& each) { return each.kind == Kind::string; });
        if (texts) return;
        base::fail(ErrorCode::bad_option, "{}: \"{}\" must be a text in quotes, or several in brackets.", line, key);
    }
    base::fail(ErrorCode::bad_option, "{}: \"{}\" must be {}.", line, key, flag ? "true or false" : "a text in quotes");
}

std::vector<std::string> words_of_variable(const std::string& text, const CLI::Option& option,
                                           const std::string& name) {
    if (value_kind(option) == ValueKind::none) {
        const std::string word = CLI::detail::to_lower(text);
        for (const char* yes : {"true", "1", "yes", "on"}) {
            if (word == yes) return {"true"};
        }
        for (const char* no : {"false", "0", "no", "off"}) {
            if (word == no) return {"false"};
        }
        base::fail(ErrorCode::bad_option, "${}: \"{}\" is neither true nor false (1, 0, yes, no, on, off).", name,
                   text);
    }
    if (!takes_several(option)) {
        if (is_unsigned(option) && text.starts_with('-'))
            base::fail(ErrorCode::bad_option, "${} must be {}.", name, expected(option));
        return {text};
    }
    std::vector<std::string> words;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty()) words.push_back(line);
    }
    return words.empty() ? std::vector<std::string>{text} : words;
}

}  // namespace earmark::cli
