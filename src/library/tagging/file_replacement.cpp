#include "library/tagging/file_replacement.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "files/descriptor.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view copy_prefix = ".earmark-";

/// Whether a name is that of a copy: the prefix, eight hexadecimal digits and an extension.
bool names_a_copy(const std::string& name) {
    constexpr std::size_t digits = 8;
    const std::size_t end = copy_prefix.size() + digits;
    if (!name.starts_with(copy_prefix) || name.size() < end) return false;
    if (name.find_first_not_of("0123456789abcdef", copy_prefix.size()) < end) return false;
    return name.size() == end || name[end] == '.';
}

bool same(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// Names of the extended attributes of an open file; none where there are no such things.
std::vector<std::string> attribute_names(int file) {
    const ssize_t size = ::flistxattr(file, nullptr, 0);
    if (size <= 0) return {};
    std::string list(static_cast<std::size_t>(size), '\0');
    const ssize_t got = ::flistxattr(file, list.data(), list.size());
    std::vector<std::string> names;
    for (std::size_t at = 0; got > 0 && at < static_cast<std::size_t>(got); at += names.back().size() + 1) {
        names.emplace_back(list.c_str() + at);
    }
    return names;
}

const char* cure_of(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return " Free some space and try again.";
        case EFBIG:
            return " Files may not grow so large here (ulimit -f).";
        case EACCES:
        case EPERM:
            return " Allow writing to its folder and try again.";
        case EROFS:
            return " Mount its disk for writing and try again.";
        default:
            return "";
    }
}

}  // namespace

FileReplacement::FileReplacement(const fs::path& file, Begin begin) {
    std::error_code error;
    original_ = fs::canonical(file, error);
    if (error) files::fail_to_open(file, error.value());
    if (::stat(original_.c_str(), &before_) != 0) files::fail_to_open(original_, errno);
    check_original();
    make_copy();
    // The destructor of what is not constructed does not run.
    try {
        if (begin == Begin::with_contents) copy_contents();
    } catch (...) {
        ::unlink(copy_.c_str());
        throw;
    }
}

FileReplacement::~FileReplacement() {
    if (!committed_) ::unlink(copy_.c_str());
}

void FileReplacement::raise(const char* what, int error) const {
    base::fail(ErrorCode::cannot_write, "{}: {}: {}. The file is as it was.{}", original_.string(), what,
               std::strerror(error), cure_of(error));
}

void FileReplacement::check_original() const {
    const bool writable = ::access(original_.c_str(), W_OK) == 0;
    if (!writable && errno == EROFS) {
        base::fail(ErrorCode::cannot_write, "{}: is on a disk that is read-only. Mount it for writing and try again.",
                   original_.string());
    }
    // Root may write anywhere; a file that nobody may write is not for it, either.
    if (!writable || (before_.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0) {
        base::fail(ErrorCode::cannot_write,
                   "{}: is write-protected. Allow writing (chmod u+w, chattr -i) and try again.", original_.string());
    }
    if (before_.st_nlink > 1) {
        base::fail(
            ErrorCode::unsupported,
            "{}: has {} names (hard links), and would be changed under this one only. Make it a file of its own first.",
            original_.string(), before_.st_nlink);
    }
}

void FileReplacement::make_copy() {
    std::random_device random;
    copy_ = original_.parent_path() / fmt::format("{}{:08x}", copy_prefix, random());
    copy_ += original_.extension();
    file_ = files::Descriptor(::open(copy_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file_.is_open()) raise("no copy can be made beside it", errno);
    ::flock(file_.get(), LOCK_EX | LOCK_NB);
}

void FileReplacement::copy_contents() {
    const files::Descriptor from(::open(original_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from.is_open()) files::fail_to_open(original_, errno);
    ::posix_fadvise(from.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    // The kernel copies without a detour, and where the file system can, shares the blocks.
    constexpr std::size_t at_once = std::size_t{1} << 30;
    ssize_t copied = 0;
    while ((copied = ::copy_file_range(from.get(), nullptr, file_.get(), nullptr, at_once, 0)) > 0) {
    }
    if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
        raise("cannot be copied beside itself", errno);
    }
    // Where it cannot, and for what some file systems leave out.
    std::vector<char> buffer(std::size_t{1} << 18);
    ssize_t got = 0;
    while ((got = ::read(from.get(), buffer.data(), buffer.size())) > 0) {
        write({buffer.data(), static_cast<std::size_t>(got)});
    }
    if (got < 0) files::fail_to_open(original_, errno);
}

void FileReplacement::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) raise("its copy cannot be written", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void FileReplacement::check_space() {
    if (::lseek(file_.get(), 0, SEEK_END) < 0) raise("its copy cannot be written", errno);
    write(std::string(std::size_t{1} << 20, '\0'));
    if (::fsync(file_.get()) != 0) raise("its copy cannot be written", errno);
}

void FileReplacement::keep_extended_attributes() const {
    const files::Descriptor original(::open(original_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!original.is_open()) files::fail_to_open(original_, errno);
    const std::vector<std::string> names = attribute_names(original.get());
    for (const std::string& name : names) {
        const ssize_t size = ::fgetxattr(original.get(), name.c_str(), nullptr, 0);
        if (size < 0) raise("its extended attributes cannot be read", errno);
        std::string value(static_cast<std::size_t>(size), '\0');
        if (::fgetxattr(original.get(), name.c_str(), value.data(), value.size()) != size) {
            raise("its extended attributes cannot be read", errno);
        }
        std::string now(value.size() + 1, '\0');
        const ssize_t has = ::fgetxattr(file_.get(), name.c_str(), now.data(), now.size());
        if (has == size && now.compare(0, value.size(), value) == 0) continue;
        if (::fsetxattr(file_.get(), name.c_str(), value.data(), value.size(), 0) != 0) {
            raise("its extended attributes cannot be kept", errno);
        }
    }
    // A folder may give new files access control lists that the original does not have.
    for (const std::string& name : attribute_names(file_.get())) {
        if (!name.starts_with("system.") || std::ranges::find(names, name) != names.end()) continue;
        if (::fremovexattr(file_.get(), name.c_str()) != 0) raise("its access control list cannot be kept", errno);
    }
}

void FileReplacement::keep_attributes() const {
    struct stat now {};
    if (::fstat(file_.get(), &now) != 0) raise("its copy cannot be read", errno);
    if ((now.st_uid != before_.st_uid || now.st_gid != before_.st_gid) &&
        ::fchown(file_.get(), before_.st_uid, before_.st_gid) != 0) {
        raise("its owner and group cannot be kept", errno);
    }
    keep_extended_attributes();
    if (::fchmod(file_.get(), before_.st_mode & 07777) != 0) raise("its mode cannot be kept", errno);
    const timespec times[] = {before_.st_atim, before_.st_mtim};
    if (::futimens(file_.get(), times) != 0) raise("its times cannot be kept", errno);
}

void FileReplacement::seal() {
    if (sealed_) return;
    keep_attributes();
    if (::fsync(file_.get()) != 0) raise("its copy cannot be written", errno);
    sealed_ = true;
}

void FileReplacement::commit() {
    seal();
    struct stat now {};
    // The time of the last change of anything cannot be set, and so betrays those who set the other back.
    if (::stat(original_.c_str(), &now) != 0 || now.st_ino != before_.st_ino || now.st_size != before_.st_size ||
        !same(now.st_mtim, before_.st_mtim) || !same(now.st_ctim, before_.st_ctim)) {
        base::fail(ErrorCode::changed, "{}: was changed by another program meanwhile. It is as that program left it.",
                   original_.string());
    }
    if (::rename(copy_.c_str(), original_.c_str()) != 0) raise("cannot be replaced", errno);
    committed_ = true;
}

void sync_folder(const fs::path& folder) {
    const files::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.is_open()) ::fsync(opened.get());
}

void remove_stale_copies(const fs::path& folder) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (!names_a_copy(entry.path().filename().string()) || !entry.is_regular_file(error)) continue;
        const files::Descriptor file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        if (file.is_open() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
    }
}

}  // namespace earmark::library
