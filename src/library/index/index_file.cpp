#include "library/index/index_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/throw.hpp"
#include "files/walk.hpp"

namespace earmark::library {

namespace fs = std::filesystem;

namespace {

/// A variable of the environment; empty when it is not set.
std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

fs::path data_folder() {
    const fs::path given = variable("XDG_DATA_HOME");
    if (given.is_absolute()) return given;  // others are to be ignored (XDG Base Directory Specification)
    const fs::path home = variable("HOME");
    if (!home.is_absolute()) {
        base::fail(ErrorCode::not_found, "there is no home folder to keep the index in. Set $HOME, or give `index`.");
    }
    return home / ".local" / "share";
}

std::string process_in(int file) {
    std::array<char, 32> text{};
    const ssize_t got = ::pread(file, text.data(), text.size() - 1, 0);
    const long process = got > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
    return process > 0 ? fmt::format("process {}", process) : "another process";
}

}  // namespace

fs::path index_path(const std::string& given) {
    if (!given.empty()) return files::normal_path(given);
    const std::string named = variable("EARMARK_INDEX");
    if (!named.empty()) return files::normal_path(named);
    return (data_folder() / "earmark" / "index.sqlite").lexically_normal();
}

void make_index_folder(const fs::path& index) {
    std::error_code error;
    fs::create_directories(index.parent_path(), error);
    if (error) {
        base::fail(ErrorCode::cannot_write, "{}: cannot be made: {}. Choose another place for the `index`.",
                   index.parent_path().string(), error.message());
    }
}

IndexLock::IndexLock(const fs::path& index, const Wait& wait) {
    const fs::path path = index.string() + ".lock";
    file_ = files::Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file_.is_open()) {
        base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}. Choose another place for the `index`.",
                   path.string(), std::strerror(errno));
    }
    const auto taken = [this] { return ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0; };
    bool told = false;
    while (!taken()) {
        const std::string who = process_in(file_.get());
        const bool stopped = base::stop_requested(wait.stop);
        if (!wait.wait || stopped) {
            if (stopped) base::fail(ErrorCode::interrupted, "interrupted while waiting for {}.", who);
            base::fail(ErrorCode::cannot_write,
                       "{}: {} is at work on this index. Wait until it has ended, or give `wait` to have that done.",
                       index.string(), who);
        }
        if (!told && wait.waiting) wait.waiting(who);
        told = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    const std::string process = fmt::format("{}\n", ::getpid());
    // Only others' messages use it, so a full disk is no reason to stop.
    if (::ftruncate(file_.get(), 0) != 0 || ::pwrite(file_.get(), process.data(), process.size(), 0) < 0) errno = 0;
}

}  // namespace earmark::library
