#include <algorithm>
#include <numeric>

#include "earmark/classifier.hpp"

namespace earmark {

std::size_t Prediction::best() const {
    return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

std::vector<std::size_t> Prediction::ranking() const {
    std::vector<std::size_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
    return order;
}

}  // namespace earmark
