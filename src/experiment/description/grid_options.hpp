#pragma once

#include <string>
#include <vector>

#include "experiment/description/experiment.hpp"
#include "experiment/description/toml_fields.hpp"

namespace earmark::experiment {

/// Options that the runner sets itself, so that no experiment file may: those that say where results go and how they
/// are told, `seed` and `fold`.
/// @param folds  whether the protocol has folds, which sets `folds` too
std::vector<std::string> own_options(bool folds);

/// Sets the settings of a grid and what spans them from the key "options" of its table. A list spans the grid; for
/// `hidden`, whose value is a list, a list of lists does.
/// @throws Error bad_option with file and line: empty lists, values named twice, lists in lists
void span_grid(const TomlFields& fields, Grid& grid);

}  // namespace earmark::experiment
