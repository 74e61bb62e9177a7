#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace earmark::fuzz {

/// An input that a fuzzer made up.
using Bytes = std::span<const std::uint8_t>;

/// What is fuzzed: something that reads bytes of strangers.
struct Target {
    const char* name;
    void (*run)(Bytes bytes);
};

/// The targets that this program is linked with: one in a fuzzer, all in the program that replays inputs.
std::vector<Target>& targets();

/// Makes a target known; one stands in each file of targets/.
struct Registration {
    Registration(const char* name, void (*run)(Bytes bytes)) { targets().push_back({name, run}); }
};

/// Runs a target. An Error is how a bad input is to be refused, but for one of code internal. All else that is thrown
/// is a fault.
void run(const Target& target, Bytes bytes);

/// A fault when it does not hold. @throws std::logic_error
void require(bool holds, const char* what);

inline std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The next bytes up to a NUL or the end, taken off the front.
std::string take_text(Bytes& bytes);

/// The next byte, taken off the front; 0 at the end.
std::uint8_t take_byte(Bytes& bytes);

}  // namespace earmark::fuzz
