#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"

namespace earmark::dataset {

/// Deals groups to places so that each place has its share of every label: iterative stratification (Sechidis,
/// Tsoumakas & Vlahavas, "On the Stratification of Multi-Label Data", ECML PKDD 2011), of whole groups instead of single
/// examples. The label that the fewest tracks are left of is dealt first, larger groups before smaller ones. A track by
/// itself goes to where most of that label is wanted yet, at equal want to where most tracks are, at equal numbers by
/// chance. A group of several goes to where all of its labels, and its tracks, are then nearest to what is wanted. What has
/// no label is dealt last.
/// @param groups  of each: how many of its tracks have each label, and as the last number its tracks
/// @param shares  of each place; their sum is 1. A place whose share is 0 gets nothing.
/// @return the place of each group
std::vector<std::size_t> stratify(std::span<const std::vector<std::int64_t>> groups, std::span<const double> shares,
                                  base::Random& random);

}  // namespace earmark::dataset
