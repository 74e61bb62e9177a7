#include "earmark/library_options.hpp"

#include <fmt/ranges.h>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "files/walk.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

void add_search_options(CLI::App& command, library::TrackQuery& options) {
    const std::string group = "Which tracks";
    command.add_option("--genre", options.genres, "Only this genre; may be given several times")
        ->allow_extra_args(false)
        ->type_name("GENRE")
        ->group(group);
    const auto add_labels = [&](const char* name, std::vector<std::string>& values, const char* type,
                                const char* help) {
        command.add_option(name, values, help)->allow_extra_args(false)->type_name(type)->group(group);
    };
    add_labels("--tag", options.labels, "TAG",
               "Only what has this tag by a model that knows it; may be given several times: then all must hold");
    add_labels("--mood", options.moods, "MOOD", "The same, but only moods");
    add_labels("--without", options.without, "TAG", "Only what does not have this tag; may be given several times");
    command
        .add_option("--minimum-probability", options.minimum_probability, "Only genres at least so probable, 0 to 1")
        ->check(CLI::Range(0.0, 1.0))
        ->group(group);
    command.add_flag("--uncertain", options.uncertain, "Only uncertain predictions, below the model's threshold")
        ->group(group);
    command.add_flag("--disagree", options.disagree, "Only files whose tags name another genre")->group(group);
    command
        .add_option_function<std::string>(
            "--folder",
            [&options](const std::string& folder) { options.folders.push_back(files::normal_path(folder)); },
            "Only what lies in this folder and below; may be given several times")
        ->allow_extra_args(false)
        ->trigger_on_parse()
        ->type_name("FOLDER")
        ->group(group);
    command
        .add_option("--search", options.search,
                    "Only where each word of this text occurs in path, artist, title or genres of the tags")
        ->type_name("WORDS")
        ->group(group);
    command.add_option("--artist", options.artist, "Only where each word of this text occurs in the artist")
        ->type_name("ARTIST")
        ->group(group);
    add_genre_settings(command, options.tags);
}

void add_genre_settings(CLI::App& command, library::GenreSettings& settings) {
    const std::string group = "How genre tags are read";
    command
        .add_option("--genre-separator", settings.separators,
                    "What parts the genres of one value of a tag, besides the format's own separator; may be given "
                    "several times; empty: nothing")
        ->allow_extra_args(false)
        ->type_name("TEXT")
        ->group(group)
        ->default_str("\";\" and \" / \"");
    command
        .add_option("--missing-genre", settings.missing,
                    "A genre that says nothing, like \"Unknown\"; may be given several times; empty: none")
        ->allow_extra_args(false)
        ->type_name("GENRE")
        ->group(group)
        ->default_str(fmt::format("{}", fmt::join(settings.missing, ", ")));
}

CLI::Option* add_old_flag(CLI::App& command, const std::string& name, bool& value) {
    return command.add_flag(name, value)->group("");
}

std::string track_name(const std::string& artist, const std::string& title, const fs::path& path) {
    if (!title.empty()) return artist.empty() ? title : artist + " – " + title;
    const fs::path folder = path.parent_path().filename();
    return folder.empty() ? path.string() : (folder / path.filename()).string();
}

fs::path existing_index(const std::string& given) {
    const fs::path path = library::index_path(given);
    std::error_code error;
    if (!fs::exists(path, error)) {
        base::fail(ErrorCode::not_found, "{}: there is no index here. Make one with `earmark scan FOLDER`.",
                   path.string());
    }
    return path;
}

library::Index open_index(const std::string& given) {
    return {existing_index(given), library::Database::Mode::existing};
}

bool is_empty(library::Index& index) {
    return index.database().number("SELECT EXISTS (SELECT 1 FROM files WHERE state <> 2)") == 0;
}

std::string no_match_text(const library::TrackQuery& query) {
    for (const fs::path& folder : query.folders) {
        std::error_code error;
        if (!fs::exists(folder, error)) return folder.string() + ": no such folder. Check the path.";
    }
    return "no track of the index matches. `earmark stats` shows what it has.";
}

library::IndexLock lock_index(const fs::path& index, bool wait, bool quiet, const base::StopFlag& stop) {
    const auto waiting = [&](const std::string& who) {
        if (!quiet) cli::report(fmt::format("{}: waiting for {} …", index.string(), who));
    };
    return {index, {wait, waiting, &stop}};
}

}  // namespace earmark::commands
