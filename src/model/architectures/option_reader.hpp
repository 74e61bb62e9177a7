#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.hpp"

namespace earmark::model {

/// Size of a pool.
struct PoolSize {
    int frames;
    int coefficients;
};

/// Reads the options of a network from a JSON object into variables that hold the defaults. Each option is checked. A
/// wrong one leaves its variable as it is, and `finish` reports it.
class OptionReader {
  public:
    static constexpr std::int64_t largest_width = 1 << 16;

    /// The arguments must outlive the reader.
    /// @param where  names the file, or the option, in errors
    OptionReader(std::string_view network, const nlohmann::json& given, const std::string& where)
        : network_(network), given_(given), where_(where) {}

    void width(const char* key, std::int64_t& value, std::int64_t lowest = 1, std::int64_t highest = largest_width);
    void widths(const char* key, std::vector<std::int64_t>& values);
    /// Any number of them, also none.
    void widths_or_none(const char* key, std::vector<std::int64_t>& values);
    /// Exactly `count` of them.
    void widths(const char* key, std::vector<std::int64_t>& values, std::size_t count);
    /// One size for each of `count` blocks. One alone, given as a pair instead of a list of pairs, is that of all.
    void pools(const char* key, std::vector<PoolSize>& sizes, std::size_t count);
    void flag(const char* key, bool& value);
    void number(const char* key, double& value, double lowest, double below);
    /// A share of values that dropout drops.
    void rate(const char* key, double& value) { number(key, value, 0.0, 1.0); }

    template <typename Enum>
    void choice(const char* key, Enum& value) {
        const nlohmann::json& found = take(key, base::enum_name(value));
        const auto named = found.is_string() ? base::parse_enum<Enum>(found.get<std::string>()) : std::nullopt;
        if (!named) return refuse(key, fmt::format("one of {}", fmt::join(base::enum_names<Enum>(), ", ")));
        value = *named;
    }

    /// All options: those given as they were given, the others with their defaults.
    /// @throws Error unsupported for an option that was not read; bad_option for one with a wrong value
    nlohmann::json finish();

  private:
    /// The value given, else the default; it is noted for `finish`.
    const nlohmann::json& take(const char* key, nlohmann::json default_value);
    void read_list(const char* key, const nlohmann::json& list, std::vector<std::int64_t>& values);
    void refuse(const char* key, const std::string& wanted);

    std::string_view network_;
    const nlohmann::json& given_;
    const std::string& where_;
    nlohmann::json all_ = nlohmann::json::object();
    std::string first_error_;
};

}  // namespace earmark::model
