#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "target.hpp"

namespace {

const earmark::fuzz::Target& chosen_target() {
    const char* const name = std::getenv("EARMARK_FUZZ_TARGET");
    const auto& all = earmark::fuzz::targets();
    const auto found = std::ranges::find(all, std::string(name != nullptr ? name : ""), &earmark::fuzz::Target::name);
    if (found == all.end()) throw std::invalid_argument("EARMARK_FUZZ_TARGET names no target of fuzz/targets");
    return *found;
}

}  // namespace

/// What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const earmark::fuzz::Target& target = chosen_target();
    earmark::fuzz::run(target, {data, size});
    return 0;
}
