#include "files/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <set>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "files/extensions.hpp"

namespace earmark::files {

namespace fs = std::filesystem;

namespace {

FileStamp stamp_from(const struct stat& status) {
    return {status.st_size, std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

FileFailure failure_of(const fs::path& path, int error) {
    try {
        fail_to_open(path, error);
    } catch (const Error& failure) {
        return {path, failure.code(), failure.what()};
    }
}

/// Of a path that somebody gave: it is meant for a folder unless its name is that of an audio file.
FileFailure failure_of_root(const fs::path& path, int error) {
    if ((error != ENOENT && error != ENOTDIR) || has_audio_extension(path)) return failure_of(path, error);
    return {path, ErrorCode::not_found, path.string() + ": no such folder. Check the path."};
}

class Walker {
  public:
    Walker(const WalkOptions& options, const base::StopFlag* stop) : options_(options), stop_(stop) {}

    Walk walk(const std::vector<fs::path>& folders) {
        for (const fs::path& folder : folders) {
            struct stat status {};
            if (::stat(folder.c_str(), &status) != 0) {
                found_.failures.push_back(failure_of_root(folder, errno));
            } else if (S_ISDIR(status.st_mode)) {
                go_through({folder, "", nullptr});
            } else {
                found_.files.push_back({folder, stamp_from(status)});
            }
        }
        // Links come after all that is there by itself, so that a folder is known by its own path.
        while (!linked_.empty()) {
            const Folder folder = std::move(linked_.front());
            linked_.pop_front();
            go_through(folder);
        }
        const auto path = [](const FoundFile& file) -> const std::string& { return file.path.native(); };
        std::ranges::sort(found_.files, {}, path);
        const auto doubled = std::ranges::unique(found_.files, {}, path);
        found_.files.erase(doubled.begin(), doubled.end());
        return std::move(found_);
    }

  private:
    using Identity = std::pair<dev_t, ino_t>;

    /// A folder on the way down to another.
    struct Ancestor {
        Identity identity;
        std::shared_ptr<const Ancestor> parent;
    };

    struct Folder {
        fs::path path;
        std::string within;  // the path below the folder that is walked; empty for that itself
        std::shared_ptr<const Ancestor> parent;
    };

    void go_through(Folder first) {
        std::vector<Folder> waiting;
        waiting.push_back(std::move(first));
        while (!waiting.empty()) {
            if (stop_ != nullptr && *stop_)
                base::fail(ErrorCode::interrupted, "interrupted while searching for files.");
            const Folder folder = std::move(waiting.back());
            waiting.pop_back();
            look_into(folder, waiting);
        }
    }

    void look_into(const Folder& folder, std::vector<Folder>& waiting) {
        const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.path.c_str()), &::closedir);
        struct stat status {};
        if (!open || ::fstat(::dirfd(open.get()), &status) != 0) {
            found_.failures.push_back(failure_of(folder.path, errno));
            return;
        }
        const Identity identity(status.st_dev, status.st_ino);
        if (options_.repeat_folders ? is_within(identity, folder) : !visited_.insert(identity).second) return;
        const auto here = std::make_shared<const Ancestor>(Ancestor{identity, folder.parent});
        std::vector<std::string> names;
        for (;;) {
            errno = 0;
            const dirent* const entry = ::readdir(open.get());
            if (entry == nullptr) break;
            names.emplace_back(entry->d_name);
        }
        if (errno != 0) found_.failures.push_back(failure_of(folder.path, errno));
        if (options_.heed_nomedia && std::ranges::find(names, ".nomedia") != names.end()) return;
        std::ranges::sort(names);
        for (const std::string& name : names) take(folder, here, name, ::dirfd(open.get()), waiting);
    }

    static bool is_within(const Identity& identity, const Folder& folder) {
        for (const Ancestor* each = folder.parent.get(); each != nullptr; each = each->parent.get()) {
            if (each->identity == identity) return true;
        }
        return false;
    }

    void take(const Folder& folder, const std::shared_ptr<const Ancestor>& here, const std::string& name,
              int descriptor, std::vector<Folder>& waiting) {
        if (name == "." || name == ".." || (name.starts_with('.') && !options_.hidden)) return;
        const std::string within = folder.within.empty() ? name : folder.within + '/' + name;
        if (excluded(name) || excluded(within)) return;
        const fs::path path = folder.path / name;
        struct stat status {};
        if (::fstatat(descriptor, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT) found_.failures.push_back(failure_of(path, errno));  // else: removed just now
            return;
        }
        const bool link = S_ISLNK(status.st_mode);
        if (link && ::fstatat(descriptor, name.c_str(), &status, 0) != 0) {
            const bool leads_nowhere = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
            if (!leads_nowhere) {
                found_.failures.push_back(failure_of(path, errno));
            } else if (options_.broken_links && !has_non_audio_extension(path)) {
                found_.files.push_back({path, {}});
            }
            return;
        }
        if (S_ISDIR(status.st_mode)) {
            if (!link) {
                waiting.push_back({path, within, here});
            } else if (options_.linked_folders) {
                linked_.push_back({path, within, here});
            }
        } else if (S_ISREG(status.st_mode) && !has_non_audio_extension(path)) {
            found_.files.push_back({path, stamp_from(status)});
        }
    }

    bool excluded(const std::string& text) const {
        return std::ranges::any_of(options_.exclude, [&](std::string pattern) {
            if (pattern.ends_with('/')) pattern.pop_back();  // as a shell completes the name of a folder
            return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
        });
    }

    const WalkOptions& options_;
    const base::StopFlag* stop_;
    Walk found_;
    std::deque<Folder> linked_;
    std::set<Identity> visited_;
};

}  // namespace

Walk walk(const std::vector<fs::path>& folders, const WalkOptions& options, const base::StopFlag* stop) {
    return Walker(options, stop).walk(folders);
}

fs::path normal_path(const fs::path& path) {
    if (path.empty()) base::fail(ErrorCode::bad_option, "an empty path names nothing. Give a file or a folder.");
    fs::path normal = fs::absolute(path).lexically_normal();
    if (!normal.has_filename() && normal.has_relative_path()) normal = normal.parent_path();
    return normal;
}

FileStamp read_stamp(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) fail_to_open(path, errno);
    return stamp_from(status);
}

}  // namespace earmark::files
