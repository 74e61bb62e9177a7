#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace earmark::library {

/// The names under which genres, or moods, are written into tags.
class GenreNames {
  public:
    /// Those that people use: "hiphop" is "Hip-Hop", "rnb" is "R&B", other labels begin with a capital and do not end with
    /// "music".
    GenreNames() = default;
    /// The same but for what a file says: lines such as "hiphop = Rap", whose labels are
    /// compared by label_key. A genre with nothing after the equals sign is
    /// never written. Empty lines, and what follows a #, mean nothing.
    /// @throws Error not_found, unreadable; corrupt with the line
    explicit GenreNames(const std::filesystem::path& file);

    /// The name of a label; none when it is never to be written.
    std::optional<std::string> operator()(const std::string& label) const;

    /// Sees to it that the file names none but these labels. @param what  that they are: "genre", "mood"
    /// @throws Error bad_option
    void check(const std::vector<std::string>& labels, const char* what) const;

  private:
    std::filesystem::path file_;
    std::map<std::string, std::string> names_;   ///< by the keys of labels
    std::map<std::string, std::string> labels_;  ///< as the file has them, by the same
};

}  // namespace earmark::library
