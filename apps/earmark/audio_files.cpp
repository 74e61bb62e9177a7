#include "earmark/audio_files.hpp"

#include <algorithm>
#include <set>

#include "base/throw.hpp"
#include "files/walk.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

/// The files in a folder and below, sorted. What cannot be looked into is told.
std::vector<fs::path> files_below(const fs::path& folder,
                                  const std::function<void(const fs::path&, const Error&)>& on_error) {
    const files::Walk found = files::walk({folder}, {.linked_folders = false, .heed_nomedia = false});
    for (const files::FileFailure& failure : found.failures)
        on_error(failure.path, Error(failure.code, failure.message));
    std::vector<fs::path> files;
    for (const files::FoundFile& file : found.files) files.push_back(file.path);
    if (files.empty() && found.failures.empty()) {
        on_error(folder, Error(ErrorCode::no_audio,
                               fmt::format("{}: no audio file in this folder. Check the path.", folder.string())));
    }
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
        for (const fs::path& file : files_below(path, on_error)) add(file);
    }
    return files;
}

}  // namespace earmark::commands
