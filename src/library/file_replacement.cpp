#include "library/file_replacement.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/throw.hpp"

namespace earmark {

namespace fs = std::filesystem;

namespace {

/// A descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }

  private:
    int number_;
};

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

/// Names of the extended attributes of a file; none where there are no such things.
std::vector<std::string> attribute_names(const fs::path& file) {
    const ssize_t size = ::listxattr(file.c_str(), nullptr, 0);
    if (size <= 0) return {};
    std::string list(static_cast<std::size_t>(size), '\0');
    const ssize_t got = ::listxattr(file.c_str(), list.data(), list.size());
    std::vector<std::string> names;
    for (std::size_t at = 0; got > 0 && at < static_cast<std::size_t>(got); at += names.back().size() + 1) {
        names.emplace_back(list.c_str() + at);
    }
    return names;
}

}  // namespace

FileReplacement::FileReplacement(const fs::path& file) {
    std::error_code error;
    original_ = fs::canonical(file, error);
    if (error) fail_to_open(file, error.value());
    if (::stat(original_.c_str(), &before_) != 0) fail_to_open(original_, errno);
    // Root may write anywhere; a file that nobody may write is not for it, either.
    if (::access(original_.c_str(), W_OK) != 0 || (before_.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0) {
        fail(ErrorCode::cannot_write, "{}: is write-protected. Allow writing (chmod u+w) and try again.",
             original_.string());
    }
    if (before_.st_nlink > 1) {
        fail(
            ErrorCode::unsupported,
            "{}: has {} names (hard links), and would be changed under this one only. Make it a file of its own first.",
            original_.string(), before_.st_nlink);
    }
    std::random_device random;
    copy_ = original_.parent_path() / fmt::format("{}{:08x}", copy_prefix, random());
    copy_ += original_.extension();
    copy_file();
}

FileReplacement::~FileReplacement() {
    if (!committed_) ::unlink(copy_.c_str());
    if (lock_ >= 0) ::close(lock_);
}

void FileReplacement::raise(const char* what, int error) const {
    fail(ErrorCode::cannot_write, "{}: {}: {}. The file is as it was.", original_.string(), what, std::strerror(error));
}

void FileReplacement::copy_file() {
    std::error_code error;
    fs::copy_file(original_, copy_, error);
    if (error) {
        ::unlink(copy_.c_str());
        raise("cannot be copied beside itself", error.value());
    }
    lock_ = ::open(copy_.c_str(), O_RDONLY | O_CLOEXEC);
    if (lock_ >= 0) ::flock(lock_, LOCK_EX | LOCK_NB);
}

void FileReplacement::keep_extended_attributes(int copy) const {
    for (const std::string& name : attribute_names(original_)) {
        const ssize_t size = ::getxattr(original_.c_str(), name.c_str(), nullptr, 0);
        if (size < 0) raise("its extended attributes cannot be read", errno);
        std::string value(static_cast<std::size_t>(size), '\0');
        if (::getxattr(original_.c_str(), name.c_str(), value.data(), value.size()) != size) {
            raise("its extended attributes cannot be read", errno);
        }
        std::string now(value.size() + 1, '\0');
        const ssize_t has = ::fgetxattr(copy, name.c_str(), now.data(), now.size());
        if (has == size && now.compare(0, value.size(), value) == 0) continue;
        if (::fsetxattr(copy, name.c_str(), value.data(), value.size(), 0) != 0) {
            raise("its extended attributes cannot be kept", errno);
        }
    }
}

void FileReplacement::keep_attributes(int copy) const {
    struct stat now {};
    if (::fstat(copy, &now) != 0) raise("its copy cannot be read", errno);
    if ((now.st_uid != before_.st_uid || now.st_gid != before_.st_gid) &&
        ::fchown(copy, before_.st_uid, before_.st_gid) != 0) {
        raise("its owner and group cannot be kept", errno);
    }
    if (::fchmod(copy, before_.st_mode & 07777) != 0) raise("its mode cannot be kept", errno);
    keep_extended_attributes(copy);
    const timespec times[] = {before_.st_atim, before_.st_mtim};
    if (::futimens(copy, times) != 0) raise("its times cannot be kept", errno);
}

void FileReplacement::commit() {
    const Descriptor copy(::open(copy_.c_str(), O_RDWR | O_CLOEXEC));
    if (copy.get() < 0) raise("its copy cannot be opened", errno);
    keep_attributes(copy.get());
    if (::fsync(copy.get()) != 0) raise("its copy cannot be written", errno);
    struct stat now {};
    if (::stat(original_.c_str(), &now) != 0 || now.st_ino != before_.st_ino || now.st_size != before_.st_size ||
        !same(now.st_mtim, before_.st_mtim)) {
        fail(ErrorCode::changed, "{}: was changed by another program meanwhile. It is as that program left it.",
             original_.string());
    }
    if (::rename(copy_.c_str(), original_.c_str()) != 0) raise("cannot be replaced", errno);
    committed_ = true;
    sync_folder();
}

/// So that the new name outlives a loss of power. What cannot be synced (some network folders) is left to the system.
void FileReplacement::sync_folder() const {
    const Descriptor folder(::open(original_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0) ::fsync(folder.get());
}

void remove_stale_copies(const fs::path& folder) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (!names_a_copy(entry.path().filename().string()) || !entry.is_regular_file(error)) continue;
        const Descriptor file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        if (file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
    }
}

}  // namespace earmark
