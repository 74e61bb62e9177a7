#include <array>
#include <optional>

#include "earmark/error.hpp"
#include "library/tagging/tag_edit.hpp"
#include "library/tagging/tag_restore.hpp"
#include "library/tags/track_content.hpp"
#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

using Genres = std::vector<std::string>;

const Genres& genres_for(Bytes bytes) {
    static const std::array<Genres, 4> choices = {Genres{"Rock"}, Genres{"Hip-Hop", "Drum & Bass"}, Genres{},
                                                  Genres{"Chanson fran\xC3\xA7"
                                                         "aise"}};
    return choices[bytes.size() % choices.size()];
}

/// A genre is written and undone. Refused, the file is as it was; written, it has the genre; undone, it is the same
/// to the byte.
void run_tags(Bytes bytes) {
    const ScratchFile file("fuzzed", bytes);
    const Genres& genres = genres_for(bytes);
    std::optional<library::TagEdit> edit;
    try {
        edit.emplace(file.path(), std::vector<metadata::FieldEdit>{{metadata::Field::genre, genres},
                                                                   {metadata::Field::mood, {"Happy"}}});
    } catch (const Error&) {
        require(file.contents() == text_of(bytes), "a file changed though the writing was refused");
        return;
    }
    require(file.contents() == text_of(bytes), "a file changed before the change was committed");
    try {
        edit->commit();
        const auto written = library::read_track_tags(file.path());
        require(written && written->genres == genres, "a file has not the genres that were written");
        library::TagRestore restore(edit->change(), file.path());
        require(restore.how() == library::Undone::bytes && restore.left().empty(),
                "a change is not undone to the byte");
        restore.commit();
    } catch (const Error& error) {
        require(false, error.what());
    }
    require(file.contents() == text_of(bytes), "a file is not what it was when its change is undone");
}

const Registration tags_target("tags", run_tags);

}  // namespace

}  // namespace earmark::fuzz
