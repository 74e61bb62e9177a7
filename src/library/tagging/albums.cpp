#include "library/tagging/albums.hpp"

#include <algorithm>
#include <cmath>

#include "library/index/casefold.hpp"

namespace earmark::library {

std::string album_key(const TrackDetails& track) {
    const TrackTags tags = track.content ? track.content->tags : TrackTags();
    const bool anywhere = !tags.album.empty() && !tags.album_artist.empty();
    std::string key = std::to_string(track.model ? track.model->id : 0);
    const auto add = [&](const std::string& part) { key.append(1, '\0').append(part); };
    add(anywhere ? casefold(tags.album_artist) : track.path.parent_path().native());
    add(casefold(tags.album));
    // A folder may have the name of an artist.
    add(anywhere ? "" : "folder");
    return key;
}

void Albums::add(const TrackDetails& track) {
    // One track that is sure beyond measure must not outvote all others.
    constexpr double least = 1e-3;
    const std::string key = album_key(track);
    std::vector<double>& sums = logarithms_[key];
    sums.resize(track.prediction->probabilities.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] += std::log(std::max(static_cast<double>(track.prediction->probabilities[i]), least));
    }
    ++tracks_[key];
}

std::vector<float> Albums::probabilities(const TrackDetails& track) const {
    const std::string key = album_key(track);
    const std::vector<double>& sums = logarithms_.at(key);
    const double greatest = *std::ranges::max_element(sums);
    std::vector<double> values;
    double total = 0.0;
    for (const double sum : sums) {
        values.push_back(std::exp((sum - greatest) / tracks_.at(key)));
        total += values.back();
    }
    // Many labels do not share a sum.
    const bool many = track.model && track.model->has_many_labels();
    const double scale = many ? std::exp(greatest / tracks_.at(key)) : 1.0 / total;
    std::vector<float> probabilities;
    for (const double value : values) probabilities.push_back(static_cast<float>(value * scale));
    return probabilities;
}

}  // namespace earmark::library
