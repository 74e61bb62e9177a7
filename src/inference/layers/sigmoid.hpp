#pragma once

#include <span>

namespace earmark::inference {

/// Probabilities of one segment, each for itself: 1 / (1 + exp(-logit / temperature)). A logit that is not smaller than
/// another gets a probability that is not smaller.
/// @param temperature  more than 0
/// @throws Error internal when a logit is not finite
void sigmoid(std::span<const float> logits, double temperature, std::span<float> probabilities);

}  // namespace earmark::inference
