#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

namespace earmark::formats {

/// How deep lists and objects may stand within one another: what copies or writes a value goes as deep as it does, and
/// would run out of stack.
constexpr int deepest_json = 100;

/// Parses JSON text. @throws Error corrupt, naming `where`, also when it is too deep
nlohmann::json parse_json(const std::string& text, const std::string& where);

/// Parses CBOR (RFC 8949). @throws Error corrupt, naming `where`, also when it is too deep
nlohmann::json parse_cbor(std::span<const std::uint8_t> bytes, const std::string& where);

}  // namespace earmark::formats
