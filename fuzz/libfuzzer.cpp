#include <cstddef>
#include <cstdint>

#include "target.hpp"

/// What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    earmark::fuzz::run(earmark::fuzz::targets().front(), {data, size});
    return 0;
}
