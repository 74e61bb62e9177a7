#include "training/data/training_data.hpp"

#include <algorithm>
#include <cmath>

#include "training/network/torch_network.hpp"

namespace earmark::training {

namespace {

constexpr double smallest_deviation = 1e-6;

}  // namespace

Statistics no_standardisation(const dataset::FeatureStore& store) {
    const int width = coefficient_count(store.features);
    return {{{width}, std::vector<float>(width, 0.0F)}, {{width}, std::vector<float>(width, 1.0F)}};
}

Statistics statistics_of(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows) {
    auto [mean, scale] = no_standardisation(store);
    const auto width = static_cast<std::size_t>(mean.shape[0]);
    std::vector<double> sums(width);
    std::vector<double> squares(width);
    // Two passes: the mean of MFCC 0 is large against its deviation.
    double count = 0.0;
    for (std::int64_t row : rows) {
        const auto values = store.segment(row);
        for (std::size_t i = 0; i < values.size(); ++i) sums[i % width] += static_cast<double>(values[i]);
        count += static_cast<double>(values.size() / width);
    }
    for (std::size_t i = 0; i < width; ++i) mean.values[i] = static_cast<float>(sums[i] / count);
    for (std::int64_t row : rows) {
        const auto values = store.segment(row);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double difference = static_cast<double>(values[i]) - static_cast<double>(mean.values[i % width]);
            squares[i % width] += difference * difference;
        }
    }
    for (std::size_t i = 0; i < width; ++i) {
        const double deviation = std::sqrt(squares[i] / count);
        scale.values[i] = static_cast<float>(1.0 / std::max(deviation, smallest_deviation));
    }
    return {mean, scale};
}

Examples examples_of(const dataset::FeatureStore& store, const std::vector<std::int64_t>& rows,
                     const Statistics& standardisation, torch::Device device) {
    Examples result;
    if (rows.empty()) return result;
    const std::int64_t width = coefficient_count(store.features);
    torch::Tensor values = torch::empty({static_cast<std::int64_t>(rows.size()), store.segments.frames, width});
    std::vector<std::int64_t> labels;
    const std::vector<int> all = store.segment_labels();
    const std::vector<int> tracks = store.segment_tracks();
    std::vector<float> holds;
    float* target = values.data_ptr<float>();
    for (std::int64_t row : rows) {
        const auto segment = store.segment(row);
        target = std::copy(segment.begin(), segment.end(), target);
        labels.push_back(all[row]);
        const std::vector<std::uint8_t>& own = store.tracks[static_cast<std::size_t>(tracks[row])].holds;
        holds.insert(holds.end(), own.begin(), own.end());
    }
    values.sub_(from_file(standardisation.mean)).mul_(from_file(standardisation.scale));
    result.inputs = values.to(device);
    result.labels = torch::tensor(labels, torch::kInt64).to(device);
    if (store.labelling.many) {
        result.holds = torch::tensor(holds).view({static_cast<std::int64_t>(rows.size()), -1}).to(device);
    }
    return result;
}

}  // namespace earmark::training
