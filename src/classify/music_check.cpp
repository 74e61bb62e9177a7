#include "classify/music_check.hpp"

#include <algorithm>
#include <cmath>

namespace earmark::classify {

std::optional<std::string> not_music(const Model& model, std::span<const float> probabilities) {
    if (!model.music_rule) return std::nullopt;
    const MusicRule& rule = *model.music_rule;
    const MusicRule::Group* likeliest = nullptr;
    double highest = -1.0;
    double sum = rule.bias;
    for (const MusicRule::Group& group : rule.groups) {
        double probability = 0.0;
        for (const std::size_t label : group.labels) {
            probability = std::max(probability, static_cast<double>(probabilities[label]));
        }
        sum += group.weight * std::log(std::max(probability, rule.floor));
        if (!group.is_music && probability > highest) {
            likeliest = &group;
            highest = probability;
        }
    }
    if (!(sum > 0.0) || likeliest == nullptr) return std::nullopt;
    return likeliest->name;
}

}  // namespace earmark::classify
