#include "baselines/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/parallel.hpp"
#include "base/throw.hpp"
#include "baselines/gaussian.hpp"
#include "baselines/training_part.hpp"

namespace earmark::baselines {

namespace {

constexpr double set_aside_for_the_nearest = 1e-4;

/// Segments that are judged as one: `count` of a list from `first` on.
struct Item {
    std::size_t first = 0;
    std::size_t count = 0;
    int label = 0;
    Gaussian gaussian;
};

/// The items of segments that stand in the order of the data.
std::vector<Item> items_of(const dataset::FeatureStore& data, std::span<const std::int64_t> segments,
                           const NeighbourOptions& options) {
    const std::vector<int> tracks = data.segment_tracks();
    const auto track = [&](std::size_t i) { return tracks[static_cast<std::size_t>(segments[i])]; };
    std::vector<Item> items;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool more = options.unit == NeighbourUnit::track && i > 0 && track(i) == track(i - 1);
        if (!more) items.push_back({i, 0, data.tracks[static_cast<std::size_t>(track(i))].label, {}});
        ++items.back().count;
    }
    const auto width = data.segment_size() / static_cast<std::size_t>(data.segments.frames);
    const auto work = [&](std::int64_t index) {
        Item& item = items[static_cast<std::size_t>(index)];
        std::vector<float> frames;
        for (std::size_t i = item.first; i < item.first + item.count; ++i) {
            const std::span<const float> segment = data.segment(segments[i]);
            frames.insert(frames.end(), segment.begin(), segment.end());
        }
        item.gaussian = gaussian_of(frames, width);
    };
    if (!base::parallel_for(static_cast<std::int64_t>(items.size()), options.jobs, work, options.stop)) stopped_early();
    return items;
}

/// Labels of the k nearest items, the nearest first; of equally near ones the earlier.
std::vector<int> nearest(const Gaussian& gaussian, const std::vector<Item>& items, int k) {
    std::vector<std::pair<double, std::size_t>> distances;
    distances.reserve(items.size());
    for (const Item& item : items) distances.emplace_back(divergence(gaussian, item.gaussian), distances.size());
    std::partial_sort(distances.begin(), distances.begin() + k, distances.end());
    std::vector<int> labels;
    for (int i = 0; i < k; ++i) labels.push_back(items[distances[static_cast<std::size_t>(i)].second].label);
    return labels;
}

/// Shares of the votes, the first of which is the nearest neighbour's.
std::vector<float> shares(const std::vector<int>& votes, std::size_t classes) {
    std::vector<double> counts(classes, 0.0);
    for (const int vote : votes) counts[static_cast<std::size_t>(vote)] += 1.0;
    const double most = *std::max_element(counts.begin(), counts.end());
    const bool tie = std::count(counts.begin(), counts.end(), most) > 1;
    const auto wins = [&](int vote) { return counts[static_cast<std::size_t>(vote)] == most; };
    const auto winner = static_cast<std::size_t>(*std::find_if(votes.begin(), votes.end(), wins));
    const double aside = tie ? set_aside_for_the_nearest : 0.0;
    std::vector<float> result;
    for (std::size_t i = 0; i < classes; ++i) {
        const double share = counts[i] / static_cast<double>(votes.size());
        result.push_back(static_cast<float>((1.0 - aside) * share + (i == winner ? aside : 0.0)));
    }
    return result;
}

}  // namespace

evaluation::Predictor nearest_neighbours(const dataset::FeatureStore& data, const dataset::Split& split,
                                         const NeighbourOptions& options) {
    const bool of_tracks = options.unit == NeighbourUnit::track;
    const std::vector<std::int64_t> training = training_part(data, split);
    const auto known = std::make_shared<const std::vector<Item>>(items_of(data, training, options));
    if (options.k < 1 || static_cast<std::size_t>(options.k) > known->size()) {
        base::fail(ErrorCode::bad_option, "`k` {}: give a number from 1 to {}, the {} of the training part.", options.k,
                   known->size(), of_tracks ? "tracks" : "segments");
    }
    const auto predict = [&data, known, options](std::span<const std::int64_t> segments) {
        const std::vector<Item> items = items_of(data, segments, options);
        const std::size_t classes = data.labels.size();
        std::vector<float> probabilities(segments.size() * classes);
        const auto work = [&](std::int64_t index) {
            const Item& item = items[static_cast<std::size_t>(index)];
            const std::vector<float> prediction = shares(nearest(item.gaussian, *known, options.k), classes);
            for (std::size_t i = item.first; i < item.first + item.count; ++i) {
                std::copy(prediction.begin(), prediction.end(),
                          probabilities.begin() + static_cast<std::ptrdiff_t>(i * classes));
            }
        };
        if (!base::parallel_for(static_cast<std::int64_t>(items.size()), options.jobs, work, options.stop))
            stopped_early();
        return probabilities;
    };
    return {.name = fmt::format("knn, k {}, unit {}", options.k, of_tracks ? "track" : "segment"),
            .labels = data.labels,
            .trained_on = evaluation::known_tracks(data, dataset::tracks_of(data, split, dataset::Part::train)),
            .probabilities = predict,
            .data_fingerprint = data.fingerprint()};
}

}  // namespace earmark::baselines
