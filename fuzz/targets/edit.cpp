#include "metadata/edit/edit.hpp"

#include <algorithm>
#include <array>

#include "earmark/error.hpp"
#include "metadata/byte_source.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// Kinds of files whose sound is one piece between the tags in front and those behind.
bool keeps_sound_in_one_piece(metadata::Container container) {
    static constexpr std::array kinds = {metadata::Container::mpeg, metadata::Container::wavpack,
                                         metadata::Container::monkeys_audio, metadata::Container::musepack};
    return std::ranges::find(kinds, container) != kinds.end();
}

std::string sound_of(const metadata::ByteSource& source, const metadata::Metadata& read) {
    return source.bytes(read.audio_begin, read.audio_end - read.audio_begin);
}

/// A genre or a mood is written into the bytes, on paper. The changes lie within the file and do not overlap; all other metadata
/// and the sound are the same; to write the same genre again changes nothing that can be read.
void run_edit(Bytes bytes) {
    static const std::array<std::vector<std::string>, 4> choices = {
        std::vector<std::string>{"Rock"}, {"Hip-Hop", "Drum & Bass"}, {}, {"Chanson fran\xC3\xA7", "51"}};
    const metadata::Field field =
        bytes.size() / choices.size() % 2 == 0 ? metadata::Field::genre : metadata::Field::mood;
    const metadata::FieldEdit edit{field, choices[bytes.size() % choices.size()]};
    const metadata::MemorySource source(text_of(bytes));
    const metadata::Metadata before = metadata::read_metadata(source);
    std::vector<metadata::Splice> splices;
    try {
        splices = metadata::plan_edit(source, edit);
    } catch (const Error&) {
        return;  // refused, also where the check on paper found a difference
    }
    std::uint64_t end = 0;
    for (const metadata::Splice& splice : splices) {
        require(splice.begin >= end && splice.begin <= splice.end && splice.end <= bytes.size(),
                "a change overlaps another, or lies beyond the file");
        end = splice.end;
    }
    const metadata::SplicedSource spliced(source, splices);
    const std::string made = spliced.bytes(0, spliced.size());
    require(made.size() == spliced.size(), "a file has another size than it was to have");
    const metadata::MemorySource again(made);
    const metadata::Metadata after = metadata::read_metadata(again);
    metadata::check_edit(before, after, edit);
    if (keeps_sound_in_one_piece(before.container)) {
        require(sound_of(source, before) == sound_of(again, after), "the sound is another after a genre was written");
    }
    const std::vector<metadata::Splice> more = metadata::plan_edit(again, edit);
    const metadata::SplicedSource twice(again, more);
    metadata::check_edit(after, metadata::read_metadata(twice), edit);
}

const Registration edit_target("edit", run_edit);

}  // namespace

}  // namespace earmark::fuzz
