#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "model/options_json.hpp"

namespace earmark::model {

using nlohmann::json;

json to_json(const MusicRule& rule, std::span<const std::string> labels) {
    json groups = json::array();
    for (const MusicRule::Group& group : rule.groups) {
        json names = json::array();
        for (const std::size_t label : group.labels) names.push_back(labels[label]);
        groups.push_back(
            {{"name", group.name}, {"music", group.is_music}, {"weight", group.weight}, {"labels", std::move(names)}});
    }
    return {{"bias", rule.bias}, {"floor", rule.floor}, {"groups", std::move(groups)}};
}

MusicRule music_rule(const json& stored, std::span<const std::string> labels, const std::string& where) {
    MusicRule rule;
    try {
        rule.bias = stored.at("bias").get<double>();
        rule.floor = stored.at("floor").get<double>();
        for (const json& each : stored.at("groups")) {
            MusicRule::Group& group = rule.groups.emplace_back();
            group.name = each.at("name").get<std::string>();
            group.is_music = each.at("music").get<bool>();
            group.weight = each.at("weight").get<double>();
            for (const json& name : each.at("labels")) {
                const auto label = std::ranges::find(labels, name.get_ref<const std::string&>());
                if (label == labels.end()) {
                    base::fail(ErrorCode::corrupt, "{}: its music rule names the label {}, which it does not have.",
                               where, name.dump());
                }
                group.labels.push_back(static_cast<std::size_t>(label - labels.begin()));
            }
        }
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt, "{}: its music rule is not as docs/reference/model-file.md describes it.",
                   where);
    }
    return rule;
}

void check_music_rule(const MusicRule& rule, std::size_t labels, const std::string& where) {
    const auto refuse = [&](const char* why) {
        base::fail(ErrorCode::corrupt, "{}: its music rule {}. Fetch or make the model again.", where, why);
    };
    if (!std::isfinite(rule.bias)) refuse("has a bias that is not finite");
    if (!(rule.floor > 0.0 && rule.floor <= 1.0)) refuse("has a floor that is not in 0 to 1, or is 0");
    bool music = false;
    bool other = false;
    for (const MusicRule::Group& group : rule.groups) {
        if (group.name.empty()) refuse("has a group without a name");
        if (!std::isfinite(group.weight)) refuse("has a weight that is not finite");
        if (group.labels.empty()) refuse("has a group without labels");
        if (std::ranges::any_of(group.labels, [&](std::size_t label) { return label >= labels; })) {
            refuse("has a group with a label that the model does not have");
        }
        (group.is_music ? music : other) = true;
    }
    if (!music || !other) refuse("needs a group of music, and one of what is none");
}

}  // namespace earmark::model
