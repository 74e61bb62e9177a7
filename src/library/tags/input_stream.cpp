#include "library/tags/input_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace earmark::library {

TagLib::ByteVector InputStream::readBlock(unsigned long length) {
    const long left = std::max(0L, this->length() - position_);
    TagLib::ByteVector bytes(
        static_cast<unsigned>(std::min<unsigned long>({length, static_cast<unsigned long>(left), UINT32_MAX})), '\0');
    unsigned got = 0;
    while (got < bytes.size()) {
        const std::ptrdiff_t more =
            input_.read(position_ + got, {reinterpret_cast<std::uint8_t*>(bytes.data()) + got, bytes.size() - got});
        if (more <= 0) break;
        got += static_cast<unsigned>(more);
    }
    position_ += got;
    return bytes.resize(got);
}

void InputStream::seek(long offset, Position from) {
    const long base = from == Beginning ? 0 : (from == Current ? position_ : length());
    if (offset >= 0 || base + offset >= 0) position_ = base + offset;
}

}  // namespace earmark::library
