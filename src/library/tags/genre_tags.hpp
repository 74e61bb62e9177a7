#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace earmark::library {

/// How the values of genre tags are understood, for the user to set.
struct GenreSettings {
    /// What stands between the genres of one value, besides the tag format's own separator. Commas and bare slashes
    /// belong to names ("Folk, World, & Country", "Hip-Hop/Rap").
    std::vector<std::string> separators = {";", " / "};
    /// Names that say nothing of the music, in any case and whatever stands around them ("<unknown>").
    std::vector<std::string> missing = {"Unknown", "Unknown Genre", "Other", "Genre",
                                        "None",    "No Genre",      "Misc",  "Miscellaneous"};
};

/// The genres that one value of a tag of ID3's kind names, whose numbers stand for names: "(51)(39)" and "17"; "(4)Eurodisco"
/// names Disco and, finer, Eurodisco. "((text" stands for "(text". Numbers without a name name nothing.
/// @param id3v2  whether "RX" and "CR" stand for remix and cover without brackets, too
std::vector<std::string> genres_of_value(std::string_view value, bool id3v2 = false);

/// The genres of a file: its tag's values, parted further at the separators, without those that count as missing; each
/// once, without spaces around.
std::vector<std::string> genres_of_tag(std::span<const std::string> values, const GenreSettings& settings = {});

/// Whether one of the genres of a file is `genre` or a finer one: "Hard Rock" and "Pop/Rock" are rock, "Hip-Hop" is
/// hiphop, "Rocksteady" is not rock. Case and everything but letters and digits make no difference.
bool names_genre(std::span<const std::string> genres, std::string_view genre);

/// Whether a file has genres, but none that is `genre`.
bool genres_disagree(std::span<const std::string> genres, std::string_view genre);

}  // namespace earmark::library
