#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "base/throw.hpp"
#include "experiment/description/experiment.hpp"
#include "formats/toml_file.hpp"

namespace earmark::experiment {

/// The entries of one table of an experiment file, taken by name. What is wrong is an Error bad_option with file and
/// line.
class TomlFields {
  public:
    /// @param what   the table for messages: "[[grid]]"
    /// @param known  all keys that it may have
    TomlFields(const formats::TomlValue& table, std::string where, std::string what,
               std::initializer_list<const char*> known);

    /// The value of a key, or nullptr.
    const formats::TomlValue* find(const std::string& key) const;
    /// The same; throws when it is missing.
    const formats::TomlValue& need(const std::string& key) const;

    /// A text; empty when missing.
    std::string text(const std::string& key) const;
    /// A text that must be there and not be empty.
    std::string needed_text(const std::string& key) const;
    bool flag(const std::string& key) const;
    std::vector<std::string> texts(const std::string& key) const;
    /// Options of a sub-command, with single values.
    Settings settings(const std::string& key) const;
    /// An array of tables, [[key]] or [{…}, …]; none when missing.
    std::vector<const formats::TomlValue*> tables(const std::string& key) const;

    const formats::TomlValue& value() const { return table_; }
    const std::string& where() const { return where_; }

    template <typename... Args>
    [[noreturn]] void fail_at(const formats::TomlValue& value, fmt::format_string<Args...> format,
                              Args&&... args) const {
        base::fail(ErrorCode::bad_option, "{}:{}: {}", where_, value.line,
                   fmt::format(format, std::forward<Args>(args)...));
    }
    /// Throws unless `value` is of `kind`, which `described` puts into words: "a text in quotes".
    void demand(const formats::TomlValue& value, formats::TomlValue::Kind kind, const std::string& key,
                const char* described) const;

  private:
    const formats::TomlValue& table_;
    std::string where_;
    std::string what_;
};

}  // namespace earmark::experiment
