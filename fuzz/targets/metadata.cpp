#include "metadata/metadata.hpp"

#include "metadata/byte_source.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// All that is written in a file besides its sound: the same each time, and within the file.
void run_metadata(Bytes bytes) {
    const metadata::MemorySource source(text_of(bytes));
    const metadata::Metadata read = metadata::read_metadata(source);
    require(read.audio_begin <= read.audio_end && read.audio_end <= bytes.size(), "sound beyond the file");
    for (const metadata::Item& item : read.items) {
        require(item.offset <= bytes.size(), "an item beyond the file");
        require(item.value.size() <= item.size && item.value.size() <= metadata::longest_value,
                "an item keeps more than it has");
        (void)metadata::texts_of(item);
    }
    const metadata::Metadata again = metadata::read_metadata(source);
    require(again.items.size() == read.items.size() && again.oddities == read.oddities, "a file is read in two ways");
    for (std::size_t i = 0; i < read.items.size(); ++i) {
        require(again.items[i].same_as(read.items[i]), "an item is read in two ways");
    }
}

const Registration metadata_target("metadata", run_metadata);

}  // namespace

}  // namespace earmark::fuzz
