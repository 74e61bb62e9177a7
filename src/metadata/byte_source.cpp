#include "metadata/byte_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/throw.hpp"

namespace earmark::metadata {

std::string ByteSource::bytes(std::uint64_t offset, std::uint64_t wanted) const {
    if (offset >= size()) return {};
    std::string result(static_cast<std::size_t>(std::min(wanted, size() - offset)), '\0');
    result.resize(read(offset, result));
    return result;
}

DescriptorSource::DescriptorSource(int descriptor) : descriptor_(descriptor) {
    struct stat file {};
    if (::fstat(descriptor, &file) != 0) {
        base::fail(ErrorCode::unreadable, "the open file cannot be read: {}.", std::strerror(errno));
    }
    size_ = static_cast<std::uint64_t>(std::max<off_t>(file.st_size, 0));
}

std::size_t DescriptorSource::read(std::uint64_t offset, std::span<char> bytes) const {
    if (offset >= size_) return 0;
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got =
            ::pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (got == 0) break;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) base::fail(ErrorCode::unreadable, "the open file cannot be read: {}.", std::strerror(errno));
        done += static_cast<std::size_t>(got);
    }
    return done;
}

std::size_t MemorySource::read(std::uint64_t offset, std::span<char> bytes) const {
    if (offset >= bytes_.size()) return 0;
    const std::size_t size = std::min(bytes.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::memcpy(bytes.data(), bytes_.data() + offset, size);
    return size;
}

}  // namespace earmark::metadata
