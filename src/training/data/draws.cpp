#include "training/data/draws.hpp"

#include <numbers>

namespace earmark::training {

namespace {

/// Box and Muller.
double normal(base::Random& random) noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform(random)));
    return radius * std::cos(2.0 * std::numbers::pi * uniform(random));
}

double log_of_gamma_variate(base::Random& random, double shape) noexcept {
    const double raised = shape < 1.0 ? shape + 1.0 : shape;
    const double d = raised - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    double result = 0.0;
    for (;;) {
        const double x = normal(random);
        const double v = std::pow(1.0 + c * x, 3.0);
        if (v > 0.0 && std::log(1.0 - uniform(random)) < 0.5 * x * x + d - d * v + d * std::log(v)) {
            result = std::log(d * v);
            break;
        }
    }
    return shape < 1.0 ? result + std::log(1.0 - uniform(random)) / shape : result;
}

}  // namespace

double beta(base::Random& random, double shape) noexcept {
    const double one = log_of_gamma_variate(random, shape);
    const double other = log_of_gamma_variate(random, shape);
    return 1.0 / (1.0 + std::exp(other - one));
}

}  // namespace earmark::training
