#include <algorithm>

#include "library/tagging/binary_patch.hpp"
#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

std::string applied(const ScratchFile& have, std::string_view patch) {
    std::string made;
    library::apply_patch(have.path(), patch, [&](std::string_view piece) { made += piece; });
    return made;
}

/// Begins with 0: what follows, up to the middle, is a file, and the rest another that a patch makes of it. Begins with
/// something else: a file of so many bytes follows, then a patch that a stranger made.
void run_patch(Bytes bytes) {
    const std::size_t length = take_byte(bytes);
    const std::size_t middle = length == 0 ? bytes.size() / 2 : std::min(length, bytes.size());
    const ScratchFile have("have", bytes.first(middle));
    const std::string_view rest = text_of(bytes.subspan(middle));
    if (length != 0) {
        (void)applied(have, rest);
        return;
    }
    const ScratchFile wanted("wanted", bytes.subspan(middle));
    require(applied(have, library::make_patch(have.path(), wanted.path()).bytes) == rest,
            "a patch makes another file than the one it was made for");
}

const Registration patch_target("patch", run_patch);

}  // namespace

}  // namespace earmark::fuzz
