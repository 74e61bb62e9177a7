#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace earmark::formats {

/// Parses JSON text. @throws Error corrupt, naming `where`
nlohmann::json parse_json(const std::string& text, const std::string& where);

}  // namespace earmark::formats
