#pragma once

#include <string>

#include "earmark/model.hpp"

namespace earmark::model {

/// Checks that a model agrees with itself: options, labels, and the presence, shape and values of every tensor.
/// @throws Error corrupt, unsupported, bad_option; `where` names it in the message
void check_model(const Model& model, const std::string& where);

}  // namespace earmark::model
