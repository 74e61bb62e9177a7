#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "earmark/model.hpp"

namespace earmark::commands {

/// What `earmark model` prints for people: labels and texts, as `cli::print_facts` takes them.
/// @throws Error corrupt, naming `path`
std::vector<std::pair<std::string, std::string>> model_page(const Model& model, const std::filesystem::path& path);

/// "409,494" for 409494.
std::string grouped(std::int64_t number);

}  // namespace earmark::commands
