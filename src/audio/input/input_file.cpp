#include "audio/input/input_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"

namespace earmark::audio {

namespace {

/// Whether a path that leads to no file begins as a URL does (RFC 3986): a scheme and "://".
bool is_url(const std::string& path) {
    const std::size_t scheme = path.find("://");
    return scheme != std::string::npos && scheme > 0 && std::all_of(path.begin(), path.begin() + scheme, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                      c == '-' || c == '.';
           });
}

[[noreturn]] void fail_to_find(const std::filesystem::path& path, int error) {
    if ((error == ENOENT || error == ENOTDIR) && is_url(path.native())) {
        base::fail(ErrorCode::unsupported, "{}: is a URL, and only local files are read. {}", path.string(),
                   path.native().starts_with("file://") ? "Name the file by its path." : "Download it first.");
    }
    files::fail_to_open(path, error);
}

}  // namespace

InputFile::InputFile(std::filesystem::path path)
    : DescriptorInput(files::Descriptor(), 0, path.string()), path_(std::move(path)) {
    // A NUL would cut the name short and open another file.
    if (path_.native().find('\0') != std::string::npos) files::fail_to_open(path_, ENOENT);
    struct stat status {};
    // Looked at before it is opened: opening a pipe waits for a writer, and opening a device can do things.
    if (::stat(path_.c_str(), &status) != 0) fail_to_find(path_, errno);
    if (S_ISREG(status.st_mode)) {
        descriptor_ = files::Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        if (!descriptor_.is_open() || ::fstat(descriptor(), &status) != 0) files::fail_to_open(path_, errno);
    }
    const char* problem = nullptr;
    ErrorCode code = ErrorCode::unreadable;
    if (S_ISDIR(status.st_mode)) {
        problem = "is a folder. Name an audio file in it.";
    } else if (!S_ISREG(status.st_mode)) {
        problem = "is a pipe or a device. Write its sound to a file first, and name that.";
    } else if (status.st_size == 0) {
        problem = "is empty. Copy it again from its source.";
        code = ErrorCode::no_audio;
    }
    if (problem != nullptr) base::fail(code, "{}: {}", path_.string(), problem);
    size_ = status.st_size;
    modified_ = status.st_mtim;
}

std::ptrdiff_t DescriptorInput::read(std::int64_t offset, std::span<std::uint8_t> buffer) noexcept {
    if (offset < 0 || offset >= size_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(buffer), size_ - offset));
    ssize_t got = 0;
    do {
        got = ::pread(descriptor(), buffer.data(), wanted, offset);
    } while (got < 0 && errno == EINTR);
    if (got < 0) error_ = errno;
    return got;
}

void DescriptorInput::check_readable() const {
    if (error_ == 0) return;
    base::fail(ErrorCode::unreadable, "{}: cannot be read to its end: {}. Check the disk or the connection to it.",
               name(), std::strerror(error_));
}

void InputFile::check_unchanged() const {
    struct stat now {};
    if (::fstat(descriptor(), &now) != 0) files::fail_to_open(path_, errno);
    if (now.st_size != size_ || now.st_mtim.tv_sec != modified_.tv_sec || now.st_mtim.tv_nsec != modified_.tv_nsec) {
        base::fail(ErrorCode::changed, "{}: changed while it was read. Wait until it is complete, then try again.",
                   path_.string());
    }
}

}  // namespace earmark::audio
