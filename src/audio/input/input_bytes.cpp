#include "audio/input/input_bytes.hpp"

#include <algorithm>

#include "base/throw.hpp"

namespace earmark::audio {

std::uint64_t InputBytes::size() const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(input_.size(), 0));
}

std::size_t InputBytes::read(std::uint64_t offset, std::span<char> bytes) const {
    if (offset >= size()) return 0;
    std::size_t done = 0;
    while (done < bytes.size()) {
        const std::ptrdiff_t got =
            input_.read(static_cast<std::int64_t>(offset + done),
                        {reinterpret_cast<std::uint8_t*>(bytes.data()) + done, bytes.size() - done});
        if (got == 0) break;
        if (got < 0) {
            input_.check_readable();
            base::fail(ErrorCode::unreadable, "{}: cannot be read to its end.", input_.name());
        }
        done += static_cast<std::size_t>(got);
    }
    return done;
}

}  // namespace earmark::audio
