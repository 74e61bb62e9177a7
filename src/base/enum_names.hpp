#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace earmark::base {

/// A value of an enumeration and its name in options and files.
template <typename Enum>
struct EnumName {
    Enum value;
    std::string_view name;
};

/// For clang before 17, which does not deduce it of an aggregate.
template <typename Enum>
EnumName(Enum, std::string_view) -> EnumName<Enum>;

// An enumeration has names when a function `enum_table(Enum)` beside it returns an array of EnumName, in the order in
// which help and errors list them.

/// The name of a value.
template <typename Enum>
constexpr std::string_view enum_name(Enum value) {
    for (const EnumName<Enum>& each : enum_table(Enum{})) {
        if (each.value == value) return each.name;
    }
    return {};
}

/// The value of this name, if there is one.
template <typename Enum>
constexpr std::optional<Enum> parse_enum(std::string_view name) {
    for (const EnumName<Enum>& each : enum_table(Enum{})) {
        if (each.name == name) return each.value;
    }
    return std::nullopt;
}

/// All names.
template <typename Enum>
std::vector<std::string> enum_names() {
    std::vector<std::string> names;
    for (const EnumName<Enum>& each : enum_table(Enum{})) names.emplace_back(each.name);
    return names;
}

}  // namespace earmark::base
