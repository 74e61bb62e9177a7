#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace earmark::baselines {

/// The normal distribution of some frames, kept as a divergence needs it. Symmetric matrices are packed: row by row,
/// each from its diagonal on.
struct Gaussian {
    std::vector<double> mean;
    std::vector<double> covariance;  ///< packed
    std::vector<double> precision;   ///< the covariance's inverse; packed, with what is off the diagonal doubled
};

/// Mean and covariance (divided by the number of frames) of `frames`, which are rows of `width` values.
///
/// When the covariance is singular (fewer frames than values, a value that never changes), that is when a pivot of its
/// Cholesky decomposition is below 1e-9 of the mean variance, 1e-6 of the mean variance is added to its diagonal, and
/// ten times as much each time that this does not suffice. Where nothing varies at all, 1 counts as the mean variance.
/// @throws Error bad_data when there is no frame
Gaussian gaussian_of(std::span<const float> frames, std::size_t width);

/// The divergence of Kullback and Leibler in both directions, in nats, which is symmetric, not negative, and 0 for
/// equal distributions:
///
///     KL(p‖q) + KL(q‖p) = ½ [tr(Σq⁻¹ Σp) + tr(Σp⁻¹ Σq) + (μp - μq)ᵀ (Σp⁻¹ + Σq⁻¹) (μp - μq)] - d
///
/// where d is the number of values; the logarithms of the determinants in the two directions cancel.
double divergence(const Gaussian& p, const Gaussian& q);

}  // namespace earmark::baselines
