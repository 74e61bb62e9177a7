#include <algorithm>
#include <numeric>

#include "classify/labels.hpp"
#include "earmark/classifier.hpp"

namespace earmark {

namespace {

/// The labels that are wanted, most probable first; equal ones in the order of the labels.
template <typename Wanted>
std::vector<std::size_t> ranked(std::span<const float> probabilities, Wanted wanted) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (wanted(i)) order.push_back(i);
    }
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
    return order;
}

/// Of a label without a threshold.
constexpr double usual_threshold = 0.5;

double threshold(const Model& model, std::size_t label, bool precise) {
    if (model.label_details.empty()) return usual_threshold;
    const LabelDetails& details = model.label_details[label];
    if (precise && details.precise_threshold) return *details.precise_threshold;
    return details.threshold.value_or(usual_threshold);
}

bool holds(const Model& model, std::span<const float> probabilities, std::size_t label, bool precise) {
    return static_cast<double>(probabilities[label]) >= threshold(model, label, precise);
}

}  // namespace

std::size_t Prediction::best() const {
    return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

std::vector<std::size_t> Prediction::ranking() const {
    return ranked(probabilities, [](std::size_t) { return true; });
}

std::vector<std::size_t> holding_labels(const Model& model, std::span<const float> probabilities, bool precise) {
    if (model.activation == Activation::softmax) {
        return {static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin())};
    }
    return ranked(probabilities, [&](std::size_t label) { return holds(model, probabilities, label, precise); });
}

std::optional<std::size_t> best_genre(const Model& model, std::span<const float> probabilities) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (label_group(model, i) != LabelGroup::genre) continue;
        if (!best || probabilities[i] > probabilities[*best]) best = i;
    }
    return best;
}

bool classify::is_uncertain(const Model& model, std::span<const float> probabilities) {
    if (model.activation == Activation::softmax) {
        const std::optional<double>& least = model.calibration.threshold;
        return least && *std::ranges::max_element(probabilities) < *least;
    }
    bool knows_genres = false;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (label_group(model, i) != LabelGroup::genre) continue;
        if (holds(model, probabilities, i, false)) return false;
        knows_genres = true;
    }
    return knows_genres;
}

LabelGroup label_group(const Model& model, std::size_t label) {
    return model.label_details.empty() ? LabelGroup::genre : model.label_details.at(label).group;
}

}  // namespace earmark
