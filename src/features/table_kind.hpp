#pragma once

#include "earmark/features.hpp"

namespace earmark {

/// Numbers from a table, which no sound can be turned into: rows × FeatureOptions::coefficients.
inline constexpr FeatureKind table_kind = static_cast<FeatureKind>(5);

}  // namespace earmark
