#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "library/genre_names.hpp"
#include "library/listing.hpp"
#include "library/tag_journal.hpp"

namespace earmark {

/// Which files are to have which genres in their tags.
struct TagOptions {
    std::vector<std::filesystem::path> folders = {};  ///< or files; empty: all that the index has
    ListOptions list = {};                            ///< which of their entries; `folders` and `limit` are not used
    bool replace = false;  ///< give files that have a genre another; else they are left alone
    /// How probable a genre must be; none: so that the verdict is not uncertain.
    std::optional<double> minimum_probability = {};
    int top = 1;           ///< genres a file at the most
    double further = 0.2;  ///< how probable those after the first must be
    GenreNames names = {};
};

/// What is to be written into a file.
struct PlannedTag {
    std::int64_t file = 0;  ///< its number in the index
    std::filesystem::path path;
    std::vector<std::string> before;  ///< as the index has them
    std::vector<std::string> after;
    double probability = 0.0;  ///< of the first
};

/// What a plan comes to, in numbers of files.
struct TagPlan {
    std::vector<PlannedTag> tags;
    std::int64_t kept = 0;       ///< have a genre, and `replace` is not set
    std::int64_t same = 0;       ///< have these genres
    std::int64_t uncertain = 0;  ///< the verdict is not probable enough
    std::int64_t unnamed = 0;    ///< the genre is never to be written
};

/// @throws Error as list; bad_option when a name is given to a genre that the index does not know
TagPlan plan_tags(Index& index, const TagOptions& options);

/// Writes what is planned for one file, keeps it in the journal and brings the index in line, so that a scan does not
/// take the file for changed. @throws Error as Retag; nothing was done to the file then
void write_tag(Index& index, TagJournal& journal, std::int64_t run, const PlannedTag& tag);

/// Undoes a change where the file now is. @throws Error as undo
Undone undo_tag(Index& index, TagJournal& journal, const KeptChange& kept);

}  // namespace earmark
