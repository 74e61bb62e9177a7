#include "target.hpp"

#include <algorithm>
#include <stdexcept>

#include "earmark/error.hpp"

namespace earmark::fuzz {

std::vector<Target>& targets() {
    static std::vector<Target> all;
    return all;
}

void run(const Target& target, Bytes bytes) {
    try {
        target.run(bytes);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) throw;
    }
}

void require(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
}

std::string take_text(Bytes& bytes) {
    const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{0});
    const std::string text(bytes.begin(), end);
    bytes = bytes.subspan(text.size() + (end == bytes.end() ? 0 : 1));
    return text;
}

std::uint8_t take_byte(Bytes& bytes) {
    if (bytes.empty()) return 0;
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    return byte;
}

}  // namespace earmark::fuzz
