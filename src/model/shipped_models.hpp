#pragma once

#include <set>
#include <string>

namespace earmark::model {

/// The names of the models that ship: those that `model_path` finds beside the program or where the library was
/// installed.
std::set<std::string> shipped_models();

}  // namespace earmark::model
