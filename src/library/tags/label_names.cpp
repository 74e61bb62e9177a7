#include "library/tags/label_names.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/nearest_name.hpp"
#include "library/index/casefold.hpp"

namespace earmark::library {

std::string label_key(std::string_view label) {
    constexpr std::string_view ending = "music";
    std::string key;
    for (const char c : casefold(label)) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (letter) key += c;
    }
    if (key.size() > ending.size() && key.ends_with(ending)) key.resize(key.size() - ending.size());
    return key;
}

std::vector<std::string> near_labels(std::string_view word, const std::vector<std::string>& labels, std::size_t most) {
    const std::string key = label_key(word);
    std::set<std::tuple<bool, std::size_t, std::string>> near;
    for (const std::string& label : labels) {
        const std::string other = label_key(label);
        const bool holds = !key.empty() && other.find(key) != std::string::npos;
        const std::size_t distance = base::edit_distance(key, other);
        if (holds || distance <= std::max<std::size_t>(2, key.size() / 3)) near.emplace(!holds, distance, label);
    }
    std::vector<std::string> names;
    for (const auto& [rank, distance, label] : near) {
        if (names.size() < most) names.push_back(label);
    }
    return names;
}

}  // namespace earmark::library
