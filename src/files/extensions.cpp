#include "files/extensions.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

namespace earmark::files {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool has_non_audio_extension(const std::filesystem::path& path) {
    static constexpr std::array<std::string_view, 76> extensions = {
        ".7z",     ".bak", ".bib",    ".bmp",  ".bz2",  ".c",    ".cfg", ".cpp",  ".css",  ".csv",  ".cue",
        ".db",     ".dll", ".doc",    ".docx", ".exe",  ".ffp",  ".gif", ".gz",   ".h",    ".htm",  ".html",
        ".ico",    ".ini", ".jpeg",   ".jpg",  ".js",   ".json", ".lnk", ".lock", ".log",  ".lrc",  ".m3u",
        ".m3u8",   ".md",  ".md5",    ".mid",  ".midi", ".nfo",  ".npy", ".npz",  ".odt",  ".par2", ".part",
        ".pdf",    ".pls", ".png",    ".ps",   ".py",   ".rar",  ".rst", ".rtf",  ".sfv",  ".sh",   ".sha1",
        ".sha256", ".so",  ".sqlite", ".srt",  ".svg",  ".tar",  ".tex", ".tif",  ".tiff", ".tmp",  ".torrent",
        ".tsv",    ".txt", ".url",    ".webp", ".xml",  ".xspf", ".xz",  ".yaml", ".yml",  ".zip"};
    static constexpr std::array<std::string_view, 7> names = {"readme",  "license",  "licence",  "copying",
                                                              "authors", "makefile", "changelog"};
    const std::string extension = lower(path.extension().string());
    if (extension.empty()) return is_one_of(names, lower(path.filename().string()));
    if (extension.starts_with(".sqlite-")) return true;  // what SQLite keeps beside a database
    return is_one_of(extensions, extension);
}

bool has_audio_extension(const std::filesystem::path& path) {
    static constexpr std::array<std::string_view, 35> extensions = {
        ".aac",  ".ac3",  ".aif",  ".aifc", ".aiff", ".alac", ".amr", ".ape", ".au",  ".caf",  ".dff", ".dsf",
        ".dts",  ".eac3", ".flac", ".m4a",  ".m4b",  ".mka",  ".mp2", ".mp3", ".mpc", ".mpga", ".oga", ".ogg",
        ".opus", ".ra",   ".rf64", ".snd",  ".spx",  ".tak",  ".tta", ".w64", ".wav", ".wma",  ".wv"};
    return is_one_of(extensions, lower(path.extension().string()));
}

}  // namespace earmark::files
