#include "inference/layers/softmax.hpp"

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"

namespace earmark::inference {

void softmax(std::span<const float> logits, double temperature, std::span<float> probabilities) {
    const double highest = *std::ranges::max_element(logits);
    const auto power = [&](float logit) { return std::exp((static_cast<double>(logit) - highest) / temperature); };
    double sum = 0.0;
    for (const float logit : logits) sum += power(logit);
    if (!std::isfinite(sum)) {
        base::fail(ErrorCode::internal, "the network's output is not finite. Its weights are unfit for this input.");
    }
    for (std::size_t i = 0; i < logits.size(); ++i) probabilities[i] = static_cast<float>(power(logits[i]) / sum);
}

}  // namespace earmark::inference
