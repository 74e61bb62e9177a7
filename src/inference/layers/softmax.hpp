#pragma once

#include <span>

namespace earmark::inference {

/// Probabilities of one segment: exp(logit / temperature), scaled so that their sum is 1. A logit that is not smaller
/// than another gets a probability that is not smaller.
/// @param temperature  more than 0
/// @throws Error internal when a logit is not finite
void softmax(std::span<const float> logits, double temperature, std::span<float> probabilities);

}  // namespace earmark::inference
