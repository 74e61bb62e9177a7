#include "training/data/label_counts.hpp"

#include <algorithm>
#include <string>

#include "base/throw.hpp"

namespace earmark::training {

namespace {

/// How many of the segments each label holds of.
std::vector<std::int64_t> segments_with_labels(const dataset::FeatureStore& store,
                                               const std::vector<std::int64_t>& rows) {
    const std::vector<int> tracks = store.segment_tracks();
    std::vector<std::int64_t> counts(store.labels.size());
    for (const std::int64_t row : rows) {
        const int track = tracks[static_cast<std::size_t>(row)];
        const std::vector<std::uint8_t>& holds = store.tracks[static_cast<std::size_t>(track)].holds;
        for (std::size_t k = 0; k < counts.size(); ++k) counts[k] += holds[k];
    }
    return counts;
}

}  // namespace

void check_labels(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows) {
    const std::vector<std::int64_t> counts = segments_with_labels(store, rows);
    std::vector<std::string> missing;
    for (std::size_t k = 0; k < counts.size(); ++k) {
        if (counts[k] == 0) missing.push_back(store.labels[k]);
    }
    if (missing.empty()) return;
    base::fail(ErrorCode::bad_data,
               "the training part has no track of these labels: {}. Leave them out of the data, or take another split.",
               fmt::join(missing, ", "));
}

torch::Tensor balanced_weights(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows) {
    std::vector<float> weights;
    for (const std::int64_t count : segments_with_labels(store, rows)) {
        const auto others = static_cast<double>(std::ssize(rows) - count);
        weights.push_back(static_cast<float>(std::clamp(others / static_cast<double>(count), 0.01, 100.0)));
    }
    return torch::tensor(weights);
}

}  // namespace earmark::training
