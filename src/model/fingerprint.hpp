#pragma once

#include <string>

#include "earmark/model.hpp"

namespace earmark::model {

/// 16 hexadecimal digits that change with what a model makes of a sound: network, features, segments, labels,
/// temperature and tensors, but not with its name and provenance. FNV-1a, 64 bits.
std::string fingerprint(const Model& model);

}  // namespace earmark::model
