#include "earmark/audio_files.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

#include "base/throw.hpp"
#include "files/walk.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

/// The files in a folder and below, sorted. Folders that cannot be read are reported.
std::vector<fs::path> files_below(const fs::path& folder, const Sink<const fs::path&, const Error&>& on_error) {
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

/// "https" of "https://example.org/song.mp3"; empty for what is no URL.
std::string_view url_scheme(std::string_view name) {
    const std::size_t end = name.find("://");
    if (end == std::string_view::npos || end == 0) return {};
    const std::string_view scheme = name.substr(0, end);
    const bool valid = std::ranges::all_of(scheme, [](char character) {
        return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '+' || character == '-' ||
               character == '.';
    });
    return valid ? scheme : std::string_view();
}

}  // namespace

std::vector<fs::path> find_audio_files(const std::vector<std::string>& paths,
                                       const Sink<const fs::path&, const Error&>& on_error) {
    std::vector<fs::path> files;
    std::set<fs::path> seen;
    const auto add = [&](const fs::path& file) {
        if (seen.insert(file.lexically_normal()).second) files.push_back(file);
    };
    for (const std::string& name : paths) {
        const fs::path path(name);
        std::error_code error;
        if (!url_scheme(name).empty() && !fs::exists(path, error)) {
            on_error(path,
                     Error(ErrorCode::not_found,
                           fmt::format("{}: is a URL, and only local files are read. {}", name,
                                       url_scheme(name) == "file" ? "Give the path alone." : "Download it first.")));
            continue;
        }
        if (!fs::is_directory(path, error)) {
            add(path);  // a missing file is reported when it is opened
            continue;
        }
        for (const fs::path& file : files_below(path, on_error)) add(file);
    }
    return files;
}

}  // namespace earmark::commands
