#include "audio/input/stream_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <limits>

#include "base/throw.hpp"

namespace earmark::audio {

namespace {

constexpr std::size_t chunk_bytes = 1 << 16;

[[noreturn]] void fail_to_keep(const std::string& name, int error) {
    base::fail(ErrorCode::cannot_write,
               "{}: is too long to be kept in memory, and cannot be kept in a temporary file: {}. Make room in the "
               "folder for temporary files, or set TMPDIR to another.",
               name, std::strerror(error));
}

/// A file that is gone when it is closed.
int open_temporary(const std::string& name) {
    std::string path = (std::filesystem::temp_directory_path() / "earmark-XXXXXX").string();
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) fail_to_keep(name, errno);
    ::unlink(path.c_str());
    return descriptor;
}

void write_all(int descriptor, std::span<const std::byte> bytes, std::int64_t offset, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), offset);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail_to_keep(name, written < 0 ? errno : ENOSPC);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += written;
    }
}

}  // namespace

StreamInput::StreamInput(ByteSource source, std::string name, std::int64_t in_memory)
    : Input(std::move(name)), source_(std::move(source)), in_memory_(in_memory), chunk_(chunk_bytes) {}

StreamInput::~StreamInput() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void StreamInput::keep(std::span<const std::byte> bytes) {
    if (descriptor_ < 0 && size_ + std::ssize(bytes) > in_memory_) {
        descriptor_ = open_temporary(name());
        write_all(descriptor_, memory_, 0, name());
        memory_ = {};
    }
    if (descriptor_ < 0) {
        memory_.insert(memory_.end(), bytes.begin(), bytes.end());
    } else {
        write_all(descriptor_, bytes, size_, name());
    }
    size_ += std::ssize(bytes);
}

/// Asks the source for bytes until there are `end` of them, or no more. @return false when that failed
bool StreamInput::pull_to(std::int64_t end) noexcept {
    try {
        while (!error_ && !ended_ && size_ < end) {
            const std::size_t got = std::min(source_(chunk_), chunk_.size());
            ended_ = got == 0;
            keep(std::span(chunk_).first(got));
        }
    } catch (...) {
        error_ = std::current_exception();
    }
    return !error_;
}

std::int64_t StreamInput::size() noexcept {
    const std::scoped_lock lock(mutex_);
    pull_to(std::numeric_limits<std::int64_t>::max());
    return size_;
}

std::ptrdiff_t StreamInput::read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept {
    const std::scoped_lock lock(mutex_);
    if (offset < 0 || offset > std::numeric_limits<std::int64_t>::max() - std::ssize(buffer)) return 0;
    const bool pulled = pull_to(offset + std::ssize(buffer));
    if (offset >= size_) return pulled ? 0 : -1;
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(buffer), size_ - offset));
    if (descriptor_ < 0) {
        std::memcpy(buffer.data(), memory_.data() + offset, count);
        return static_cast<std::ptrdiff_t>(count);
    }
    ssize_t got = 0;
    do {
        got = ::pread(descriptor_, buffer.data(), count, offset);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        error_ = std::make_exception_ptr(
            Error(ErrorCode::unreadable, name() + ": its temporary file cannot be read. Check the disk."));
        return -1;
    }
    return got;
}

void StreamInput::check_readable() const {
    const std::scoped_lock lock(mutex_);
    if (error_) std::rethrow_exception(error_);
}

}  // namespace earmark::audio
