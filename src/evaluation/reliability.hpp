#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace earmark::evaluation {

/// An item with how sure its judge was.
struct ScoredItem {
    double confidence = 0.0;  ///< the probability of the most probable class, 0 … 1
    bool right = false;       ///< whether that class is the truth
};

/// The items of a range of confidence.
struct ConfidenceBin {
    std::int64_t items = 0;
    double confidence = 0.0;  ///< mean; 0 without items
    double accuracy = 0.0;    ///< share that is right; 0 without items
};

/// Bins of the same width, the first from 0 to 1/bins, its end included.
/// @throws Error bad_option when there is not at least one bin
std::vector<ConfidenceBin> equal_width_bins(std::span<const ScoredItem> items, int bins);

/// Bins of about as many items each, in the order of confidence; items of equal confidence share one.
/// @throws Error bad_option when there is not at least one bin
std::vector<ConfidenceBin> equal_mass_bins(std::span<const ScoredItem> items, int bins);

/// Expected calibration error: the mean of |accuracy - confidence| over the bins, weighted by their items (Naeini,
/// Cooper & Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015). 0 without items.
double calibration_error(std::span<const ConfidenceBin> bins);

}  // namespace earmark::evaluation
