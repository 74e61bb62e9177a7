#include "experiment/description/toml_fields.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace earmark::experiment {

using Kind = formats::TomlValue::Kind;

TomlFields::TomlFields(const formats::TomlValue& table, std::string where, std::string what,
                       std::initializer_list<const char*> known)
    : table_(table), where_(std::move(where)), what_(std::move(what)) {
    if (table.kind != Kind::table) fail_at(table, "{} must be a table.", what_);
    for (std::size_t i = 0; i < table.keys.size(); ++i) {
        if (std::find(known.begin(), known.end(), table.keys[i]) != known.end()) continue;
        fail_at(table.items[i], "unknown key \"{}\" in {}. It may have: {}.", table.keys[i], what_,
                fmt::join(known, ", "));
    }
}

const formats::TomlValue* TomlFields::find(const std::string& key) const {
    const auto found = std::find(table_.keys.begin(), table_.keys.end(), key);
    return found == table_.keys.end() ? nullptr : &table_.items[found - table_.keys.begin()];
}

const formats::TomlValue& TomlFields::need(const std::string& key) const {
    const formats::TomlValue* found = find(key);
    if (found == nullptr) fail_at(table_, "{} lacks \"{}\".", what_, key);
    return *found;
}

void TomlFields::demand(const formats::TomlValue& value, Kind kind, const std::string& key,
                        const char* described) const {
    if (value.kind != kind) fail_at(value, "\"{}\" of {} must be {}.", key, what_, described);
}

std::string TomlFields::text(const std::string& key) const {
    const formats::TomlValue* found = find(key);
    if (found == nullptr) return "";
    demand(*found, Kind::string, key, "a text in quotes");
    return found->scalar.get<std::string>();
}

std::string TomlFields::needed_text(const std::string& key) const {
    const formats::TomlValue& found = need(key);
    std::string result = text(key);
    if (result.empty()) fail_at(found, "\"{}\" of {} is empty.", key, what_);
    return result;
}

bool TomlFields::flag(const std::string& key) const {
    const formats::TomlValue* found = find(key);
    if (found == nullptr) return false;
    demand(*found, Kind::boolean, key, "true or false");
    return found->scalar.get<bool>();
}

std::vector<std::string> TomlFields::texts(const std::string& key) const {
    const formats::TomlValue* found = find(key);
    if (found == nullptr) return {};
    demand(*found, Kind::array, key, "a list of texts");
    if (found->items.empty()) fail_at(*found, "\"{}\" of {} is an empty list. Leave it out.", key, what_);
    std::vector<std::string> result;
    for (const formats::TomlValue& item : found->items) {
        demand(item, Kind::string, key, "a list of texts");
        result.push_back(item.scalar.get<std::string>());
        if (std::count(result.begin(), result.end(), result.back()) > 1) {
            fail_at(item, "\"{}\" of {} names \"{}\" twice.", key, what_, result.back());
        }
    }
    return result;
}

Settings TomlFields::settings(const std::string& key) const {
    const formats::TomlValue* found = find(key);
    if (found == nullptr) return Settings::object();
    demand(*found, Kind::table, key, "a table of options");
    return found->json(where_);
}

std::vector<const formats::TomlValue*> TomlFields::tables(const std::string& key) const {
    const formats::TomlValue* found = find(key);
    if (found == nullptr) return {};
    demand(*found, Kind::array, key, "a list of tables");
    std::vector<const formats::TomlValue*> result;
    for (const formats::TomlValue& item : found->items) {
        demand(item, Kind::table, key, "a list of tables");
        result.push_back(&item);
    }
    return result;
}

}  // namespace earmark::experiment
