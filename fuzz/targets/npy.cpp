#include "formats/npy.hpp"

#include <algorithm>
#include <cmath>

#include "scratch_file.hpp"
#include "target.hpp"

namespace earmark::fuzz {

namespace {

/// Reads all values of an array, in pieces.
void run_npy(Bytes bytes) {
    const ScratchFile file("fuzzed.npy", bytes);
    formats::NpyReader reader(file.path());
    require(reader.size() >= 0 && reader.size() <= std::ssize(bytes), "more values than bytes");
    std::vector<float> piece(1000);
    for (std::int64_t left = reader.size(); left > 0;) {
        const std::int64_t now = std::min(left, std::ssize(piece));
        reader.read(std::span(piece).first(static_cast<std::size_t>(now)));
        left -= now;
    }
}

const Registration npy_target("npy", run_npy);

}  // namespace

}  // namespace earmark::fuzz
