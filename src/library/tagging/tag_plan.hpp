#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "library/index/listing.hpp"
#include "library/tags/genre_names.hpp"

namespace earmark::library {

/// Which files are to have which genres and moods in their tags.
struct TagOptions {
    TrackQuery list = {};  ///< which entries of the index; `limit` is not used
    bool replace = false;  ///< give files that have a genre or moods others; else these are left alone
    bool album = false;    ///< one genre an album, by all its tracks in the index together
    /// How probable a genre must be; none: so that it is sure.
    std::optional<double> minimum_probability = {};
    int top = 1;           ///< genres a file at the most
    double further = 0.2;  ///< how probable those after the first must be
    GenreNames names = {};
    int moods = 5;               ///< moods a file at the most; 0: they are left alone
    GenreNames mood_names = {};  ///< under which moods are written
};

/// How far a predicted genre can be relied on.
enum class Certainty {
    sure,      ///< nine in ten of such were right on tracks that had no part in the model
    likely,    ///< the prediction is not uncertain
    doubtful,  ///< it is
};

/// How probable a genre must be to be sure where nobody measured the model.
inline constexpr double unmeasured_sure = 0.9;

/// What is to be written into a file.
struct PlannedTag {
    std::int64_t file = 0;  ///< its number in the index
    std::filesystem::path path;
    files::FileStamp stamp;           ///< as the index has it
    std::vector<std::string> values;  ///< of the genre tag, as the index has them
    std::vector<std::string> before;  ///< the genres that they name; none when they say nothing
    std::vector<std::string> after = {};
    double probability = 0.0;  ///< of the first genre, or else mood
    Certainty certainty = Certainty::sure;
    std::string artist = {};  ///< this and the next two as the index has them
    std::string title = {};
    std::string album = {};
    bool writes_genres = true;  ///< else only moods; then `after` is as `before`
    std::vector<std::string> moods_before = {};
    std::optional<std::vector<std::string>> moods_after = {};  ///< none: they are left alone
};

/// What a plan comes to, in numbers of files.
struct TagPlan {
    std::vector<PlannedTag> tags;    ///< by path, no file twice, whatever links lead to it
    std::vector<PlannedTag> unsure;  ///< what is not probable enough without `minimum_probability`, for people to see
    std::int64_t kept = 0;           ///< have a genre, and `replace` is not set
    std::int64_t same = 0;           ///< have these genres
    std::int64_t uncertain = 0;      ///< the prediction is not probable enough, those of `unsure` among them
    std::int64_t unnamed = 0;        ///< the genre is never to be written
    std::int64_t not_music = 0;      ///< are no music, and never written
    std::int64_t kept_moods = 0;     ///< have moods, and `replace` is not set
    std::vector<std::filesystem::path> unknown;  ///< of the folders, those of which the index has nothing
    std::vector<std::string> unmeasured;         ///< names of models that nobody measured, when that mattered
};

/// @throws Error as list; bad_option when a name is given to a genre that the index does not know
TagPlan plan_tags(Index& index, const TagOptions& options);

}  // namespace earmark::library
