#include "library/tagging/packing.hpp"

#include "library/tagging/tag_items.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// The columns of an index. The first byte says which, the second how many labels its model has.
void run_packing(Bytes bytes) {
    const int column = take_byte(bytes) % 5;
    const std::size_t labels = take_byte(bytes);
    const std::vector<std::uint8_t> given(bytes.begin(), bytes.end());
    if (column == 0) {
        const std::vector<float> values = library::unpack_probabilities(bytes, labels);
        require(library::pack_probabilities(values) == given, "probabilities do not survive their writing");
    } else if (column == 1) {
        const std::vector<float> values = library::unpack_embedding(bytes);
        require(library::pack_embedding(values) == given, "an embedding does not survive its writing");
    } else if (column == 2) {
        const std::vector<SegmentPrediction> values = library::unpack_segments(bytes, labels);
        require(library::pack_segments(values) == given, "segments do not survive their writing");
    } else if (column == 4) {
        const library::ItemChanges changes = library::unpack_items(bytes);
        const std::vector<std::uint8_t> packed = library::pack_items(changes);
        require(library::pack_items(library::unpack_items(packed)) == packed, "changes do not survive their writing");
    } else {
        const std::vector<std::string> words = library::words_of(std::string(text_of(bytes)));
        require(library::words_of(library::json_text(words)) == words, "words do not survive their writing");
        (void)library::json_text({std::string(text_of(bytes))});
        (void)library::digest_of(bytes);
    }
}

const Registration packing_target("packing", run_packing);

}  // namespace

}  // namespace earmark::fuzz
