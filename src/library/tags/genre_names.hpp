#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace earmark::library {

/// The names under which genres are written into tags.
class GenreNames {
  public:
    /// Those that people use: "hiphop" is "Hip-Hop", other labels begin with a capital.
    GenreNames() = default;
    /// The same but for what a file says: lines such as "hiphop = Rap". A genre with nothing after the equals sign is
    /// never written. Empty lines, and what follows a #, mean nothing.
    /// @throws Error not_found, unreadable; corrupt with the line
    explicit GenreNames(const std::filesystem::path& file);

    /// The name of a label; none when it is never to be written.
    std::optional<std::string> operator()(const std::string& label) const;

    /// Names which the file gives to genres that are none of `labels`. @throws Error bad_option when there are such
    void check(const std::vector<std::string>& labels) const;

  private:
    std::filesystem::path file_;
    std::map<std::string, std::string> names_;
};

}  // namespace earmark::library
