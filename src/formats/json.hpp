#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace earmark::formats {

/// How deep lists and objects may stand within one another: what copies or writes a value goes as deep as it does, and
/// would run out of stack.
constexpr int deepest_json = 100;

/// Parses JSON text. @throws Error corrupt, naming `where`, also when it is too deep
nlohmann::json parse_json(const std::string& text, const std::string& where);

}  // namespace earmark::formats
