#include "library/index/casefold.hpp"
#include "library/tags/genre_names.hpp"
#include "library/tags/genre_tags.hpp"
#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// The text of a genre tag, and a file that gives genres other names.
void run_genres(Bytes bytes) {
    const std::string text(text_of(bytes));
    std::vector<std::string> values = library::genres_of_value(text, bytes.size() % 2 == 0);
    values.push_back(text);
    const std::vector<std::string> genres = library::genres_of_tag(values);
    for (const std::string& genre : genres) {
        require(!genre.empty(), "a genre without a name");
        (void)library::names_genre(values, genre);
        (void)library::genres_disagree(genres, text);
    }
    require(library::genres_of_tag(genres) == genres, "genres that were read are read otherwise again");
    const std::string folded = library::casefold(text);
    require(library::casefold(folded) == folded, "text in one case is changed into one case");
    const ScratchFile file("genres", bytes);
    const library::GenreNames names(file.path());
    (void)names("hiphop");
}

const Registration genres_target("genres", run_genres);

}  // namespace

}  // namespace earmark::fuzz
