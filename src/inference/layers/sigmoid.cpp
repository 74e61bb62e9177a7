#include "inference/layers/sigmoid.hpp"

#include <cmath>

#include "base/throw.hpp"

namespace earmark::inference {

void sigmoid(std::span<const float> logits, double temperature, std::span<float> probabilities) {
    bool finite = true;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        finite = finite && std::isfinite(logits[i]);
        probabilities[i] = static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(logits[i]) / temperature)));
    }
    if (!finite) {
        base::fail(ErrorCode::internal, "the network's output is not finite. Its weights are unfit for this input.");
    }
}

}  // namespace earmark::inference
