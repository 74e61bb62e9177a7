#include "audio_files.hpp"

#include <algorithm>
#include <set>

#include "core/throw.hpp"
#include "dataset/track_folder.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

bool hidden(const fs::path& path) {
    return path.filename().native().starts_with('.');
}

std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, error);
    if (error) fail(ErrorCode::unreadable, "{}: cannot be searched: {}.", folder.string(), error.message());
    while (entry != fs::recursive_directory_iterator()) {
        if (hidden(entry->path())) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file(error) && !plainly_no_audio(entry->path())) {
            files.push_back(entry->path());
        }
        entry.increment(error);
        if (error) fail(ErrorCode::unreadable, "{}: cannot be searched: {}.", folder.string(), error.message());
    }
    if (files.empty()) fail(ErrorCode::no_audio, "{}: no audio file in this folder. Check the path.", folder.string());
    std::ranges::sort(files);
    return files;
}

}  // namespace

std::vector<fs::path> find_audio_files(const std::vector<std::string>& paths,
                                       const std::function<void(const fs::path&, const Error&)>& on_error) {
    std::vector<fs::path> files;
    std::set<fs::path> seen;
    const auto add = [&](const fs::path& file) {
        if (seen.insert(file.lexically_normal()).second) files.push_back(file);
    };
    for (const std::string& name : paths) {
        const fs::path path(name);
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            add(path);  // one that is missing or no file is reported when it is opened
            continue;
        }
        try {
            for (const fs::path& file : files_below(path)) add(file);
        } catch (const Error& failure) {
            on_error(path, failure);
        }
    }
    return files;
}

}  // namespace earmark::commands
