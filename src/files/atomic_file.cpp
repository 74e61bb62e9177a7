#include "files/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "base/throw.hpp"

namespace earmark::files {

namespace fs = std::filesystem;

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
    // A name of its own for each writer, so that two runs writing the same path do not mix their bytes.
    std::random_device random;
    temporary_ = path_;
    temporary_ += fmt::format(".{:08x}.tmp", random());
    const int descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) raise(errno);
    file_ = ::fdopen(descriptor, "wb");
    if (file_ == nullptr) {
        const int error = errno;
        ::close(descriptor);
        ::unlink(temporary_.c_str());
        raise(error);
    }
}

AtomicFile::~AtomicFile() {
    if (file_ != nullptr) {
        std::fclose(file_);
        ::unlink(temporary_.c_str());
    }
}

void AtomicFile::write(const void* data, std::size_t bytes) {
    if (bytes > 0 && std::fwrite(data, 1, bytes, file_) != bytes) raise(errno);
}

void AtomicFile::rewrite(long offset, const void* data, std::size_t bytes) {
    if (std::fseek(file_, offset, SEEK_SET) != 0) raise(errno);
    write(data, bytes);
    if (std::fseek(file_, 0, SEEK_END) != 0) raise(errno);
}

void AtomicFile::commit() {
    if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) raise(errno);
    if (std::fclose(std::exchange(file_, nullptr)) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary_.c_str());
        raise(error);
    }
}

void AtomicFile::raise(int error) const {
    const char* cure = "Choose another place for the `output`.";
    switch (error) {
        case ENOENT:
            cure = "Make its folder first.";
            break;
        case EACCES:
        case EPERM:
        case EROFS:
            cure = "Choose a folder that you may write to.";
            break;
        case ENOSPC:
        case EDQUOT:
            cure = "Free some space, or choose another disk.";
            break;
        case EISDIR:
            cure = "It is a folder: name a file.";
            break;
        default:
            break;
    }
    base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}. {}", path_.string(), std::strerror(error), cure);
}

void write_file(const fs::path& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

void fail_to_open(const fs::path& path, int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            base::fail(ErrorCode::not_found, "{}: no such file. Check the path.", path.string());
        case EACCES:
        case EPERM:
            base::fail(ErrorCode::unreadable, "{}: permission denied. Make it readable first.", path.string());
        default:
            base::fail(ErrorCode::unreadable, "{}: cannot be read: {}.", path.string(), std::strerror(error));
    }
}

std::string read_file(const fs::path& path, std::size_t limit) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) fail_to_open(path, errno);
    struct stat status {};
    if (::fstat(::fileno(file.get()), &status) != 0) fail_to_open(path, errno);
    if (S_ISDIR(status.st_mode)) fail_to_open(path, EISDIR);
    std::string text;
    char buffer[1 << 16];
    std::size_t got = 0;
    while ((got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) {
        if (text.size() + got > limit) {
            base::fail(ErrorCode::corrupt, "{}: larger than the {} bytes that such a file may have.", path.string(),
                       limit);
        }
        text.append(buffer, got);
    }
    if (std::ferror(file.get()) != 0) fail_to_open(path, EIO);
    return text;
}

}  // namespace earmark::files
