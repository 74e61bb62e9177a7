#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace earmark::formats {

/// A value of a TOML file, with the line it stands on.
struct TomlValue {
    enum class Kind { string, integer, number, boolean, array, table, date };

    Kind kind = Kind::table;
    std::size_t line = 1;
    nlohmann::ordered_json scalar;  ///< of a string, integer, number or boolean
    std::vector<std::string> keys;  ///< of a table, in the order of the file; as many as `items`
    std::vector<TomlValue> items;   ///< of an array or table

    /// The value as JSON, whatever it holds. @throws Error bad_option for dates and numbers that are not finite
    nlohmann::ordered_json json(const std::string& where) const;
};

/// Reads a TOML file whole.
/// @throws Error not_found, unreadable; corrupt with line and column
TomlValue read_toml(const std::filesystem::path& path);

}  // namespace earmark::formats
