#include "formats/toml_file.hpp"

namespace earmark::formats {

/// What toml++ thinks cannot be, and a file brings about nevertheless, such as "[" at the end of a line.
struct ImpossibleToml {};

[[noreturn]] static void refuse_impossible() {
    throw ImpossibleToml();
}

}  // namespace earmark::formats

// toml++ asserts that, and where assertions are off lets the compiler rely on it. It is to be thrown in any build.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : ::earmark::formats::refuse_impossible())
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"

namespace earmark::formats {

namespace {

TomlValue convert(const toml::node& node);

TomlValue convert_table(const toml::table& table) {
    TomlValue result;
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return a.first->source().begin < b.first->source().begin;  // a toml::table is sorted by name
    });
    for (const auto& [key, node] : entries) {
        result.keys.emplace_back(key->str());
        result.items.push_back(convert(*node));
    }
    return result;
}

TomlValue convert(const toml::node& node) {
    TomlValue result;
    using Kind = TomlValue::Kind;
    if (const auto* table = node.as_table()) {
        result = convert_table(*table);
    } else if (const auto* array = node.as_array()) {
        result.kind = Kind::array;
        for (const toml::node& item : *array) result.items.push_back(convert(item));
    } else if (const auto* text = node.as_string()) {
        result.kind = Kind::string;
        result.scalar = text->get();
    } else if (const auto* integer = node.as_integer()) {
        result.kind = Kind::integer;
        result.scalar = integer->get();
    } else if (const auto* number = node.as_floating_point()) {
        result.kind = Kind::number;
        result.scalar = number->get();
    } else if (const auto* boolean = node.as_boolean()) {
        result.kind = Kind::boolean;
        result.scalar = boolean->get();
    } else {
        result.kind = Kind::date;
    }
    result.line = node.source().begin.line;
    return result;
}

/// Parts of a key, more than which nobody writes.
constexpr int most_parts = 16;

/// Where the string ends that begins at `at`; the end of the text where it has no end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const std::string three(3, quote);
    const bool lines = text.substr(at, three.size()) == three;
    for (at += lines ? three.size() : 1; at < text.size(); ++at) {
        if (lines ? text.substr(at, three.size()) == three : text[at] == quote || text[at] == '\n') {
            at += lines ? three.size() : 1;
            for (int more = 0; lines && more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
            return at;
        }
        if (quote == '"' && text[at] == '\\') ++at;
    }
    return text.size();
}

/// Refuses what toml++ does not withstand. Of keys of very many parts ("a.a.a…") it makes each a table in another, and
/// what follows tables into one another runs out of stack; brackets within one another it counts itself. Of letters
/// beyond ASCII, which TOML has in quotes and comments alone, it supposes that some cannot be.
void check_text(std::string_view text, const std::string& where) {
    const auto line_of = [&](std::size_t at) {
        return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    };
    int dots = 0;
    for (std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = end_of_string(text, at) - 1;
        } else if (c == '#') {
            at = std::min(text.find('\n', at), text.size()) - 1;
        } else if (c == '.') {
            if (++dots < most_parts) continue;
            base::fail(ErrorCode::corrupt, "{}:{}: a key has more than {} parts. Correct the TOML there.", where,
                       line_of(at), most_parts);
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            base::fail(ErrorCode::corrupt, "{}:{}: a letter stands outside quotes that TOML allows within them alone.",
                       where, line_of(at));
        } else if (c == '\n' || c == '=' || c == '[' || c == '{' || c == ',') {
            dots = 0;
        }
    }
}

}  // namespace

nlohmann::ordered_json TomlValue::json(const std::string& where) const {
    const bool finite = kind != Kind::number || std::isfinite(scalar.get<double>());
    if (kind == Kind::date || !finite) {
        base::fail(ErrorCode::bad_option, "{}:{}: {} cannot be an option's value. Give a number or a text in quotes.",
                   where, line, kind == Kind::date ? "a date" : "a number that is not finite");
    }
    if (kind == Kind::array) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const TomlValue& item : items) list.push_back(item.json(where));
        return list;
    }
    if (kind != Kind::table) return scalar;
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < keys.size(); ++i) object[keys[i]] = items[i].json(where);
    return object;
}

TomlValue read_toml(const std::filesystem::path& path) {
    const std::string text = files::read_file(path, std::size_t{1} << 24);
    check_text(text, path.string());
    try {
        return convert_table(toml::parse(text, path.string()));
    } catch (const toml::parse_error& error) {
        const toml::source_position at = error.source().begin;
        base::fail(ErrorCode::corrupt, "{}:{}:{}: {}. Correct the TOML there.", path.string(), at.line, at.column,
                   error.description());
    } catch (const ImpossibleToml&) {
        base::fail(ErrorCode::corrupt, "{}: is no TOML. Look for brackets and quotes that have no end.", path.string());
    }
}

}  // namespace earmark::formats
