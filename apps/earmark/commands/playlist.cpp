#include "library/playlist/playlist.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <random>

#include "base/throw.hpp"
#include "cli/guard.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/model.hpp"
#include "earmark/prediction_text.hpp"
#include "files/atomic_file.hpp"
#include "library/playlist/m3u.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

struct Options {
    std::vector<std::string> like;
    std::string model;
    std::string by;
    std::string index;
    std::string output;
    std::string name;
    std::string format = "m3u8";
    std::int64_t limit = 50;
    double hours = 0.0;
    bool shuffle = false;
    std::optional<std::uint64_t> seed;
    bool absolute = false;
    bool quiet = false;
    library::PlaylistOptions playlist;
};

/// The default name of a playlist.
std::string name_of(const Options& options, const std::vector<library::Seed>& seed_tracks) {
    const library::TrackQuery& list = options.playlist.list;
    std::vector<std::string> parts = list.genres;
    parts.insert(parts.end(), list.moods.begin(), list.moods.end());
    parts.insert(parts.end(), list.labels.begin(), list.labels.end());
    for (const std::string& label : list.without) parts.push_back("not " + label);
    if (!list.artist.empty()) parts.push_back(list.artist);
    if (!list.search.empty()) parts.push_back(list.search);
    if (parts.empty() && seed_tracks.empty()) {
        for (const fs::path& folder : list.folders) parts.push_back(folder.filename().string());
    }
    std::vector<std::string> tracks;
    for (const library::Seed& seed_track : seed_tracks) {
        const library::Track& track = seed_track.track;
        tracks.push_back(track.title.empty() ? track.path.stem().string() : track.title);
    }
    if (!tracks.empty()) parts.push_back(fmt::format("like {}", fmt::join(tracks, ", ")));
    return fmt::format("{}", fmt::join(parts, ", "));
}

void print_json(const library::Playlist& playlist) {
    for (const library::PlaylistTrack& entry : playlist.tracks) {
        const library::Track& track = entry.track;
        ordered_json json = {{"path", track.path.string()}, {"duration_seconds", track.duration_seconds},
                             {"artist", track.artist},      {"title", track.title},
                             {"genre", track.genre},        {"probability", track.probability},
                             {"uncertain", track.uncertain}};
        if (entry.similarity) json["similarity"] = *entry.similarity;
        if (track.label_probability) json["label_probability"] = *track.label_probability;
        fmt::print("{}\n", json_line(json));
    }
}

/// The folder at which relative paths begin.
fs::path base_of(const std::string& output) {
    const fs::path folder = output.empty() ? fs::current_path() : files::normal_path(output).parent_path();
    std::error_code error;
    const fs::path resolved = fs::weakly_canonical(folder, error);
    return error ? folder : resolved;
}

/// Writes the playlist where it is to go. @return whether all of it could be
bool write(const Options& options, const library::Playlist& playlist, const std::string& name) {
    const bool json = options.format == "json";
    if (json) print_json(playlist);
    if (json && options.output.empty()) return true;
    const library::M3u m3u =
        library::make_m3u(playlist, name, options.absolute ? std::nullopt : std::optional(base_of(options.output)));
    for (const fs::path& path : m3u.left_out) {
        cli::report(fmt::format("{}: is left out: a playlist cannot hold a line break. Rename the file or its folder.",
                                path.string()));
    }
    if (options.output.empty()) {
        fmt::print("{}", m3u.text);
    } else {
        files::write_file(options.output, m3u.text);
    }
    return m3u.left_out.empty();
}

void print_notes(const Options& options, const library::Playlist& playlist) {
    if (playlist.missing > 0) {
        cli::report(
            fmt::format("left out: {} whose files are not there now. `earmark scan` brings the index up to date.",
                        playlist.missing));
    }
    if (playlist.incomparable > 0) {
        cli::report(fmt::format(
            "left out: {} that another model or an older Earmark analyzed. `earmark scan` analyzes them again.",
            playlist.incomparable));
    }
    if (options.output.empty()) return;
    const std::size_t count = playlist.tracks.size();
    cli::note(fmt::format("{} {}, {}: {}", count, count == 1 ? "track" : "tracks", cli::clock_time(playlist.seconds),
                          options.output));
}

int run_playlist(Options options) {
    library::PlaylistOptions& choice = options.playlist;
    choice.limit = options.limit;
    choice.most_seconds = 3600.0 * options.hours;
    if (options.shuffle) choice.shuffle = options.seed ? *options.seed : std::random_device()();
    library::Index index = open_index(options.index);
    std::vector<library::Seed> seed_tracks;
    library::Playlist playlist;
    if (options.like.empty()) {
        playlist = library::choose_tracks(index, choice);
    } else {
        const auto by = options.by.empty() ? nullptr : library::named_model(index, options.by);
        library::Seeds finder(index, model_path(options.model), !options.model.empty(), by);
        for (const std::string& track : options.like) seed_tracks.push_back(finder.find(track));
        playlist = library::choose_similar_tracks(index, finder.model(), seed_tracks, choice);
    }
    if (playlist.tracks.empty()) {
        if (!options.quiet) print_notes({}, playlist);
        base::fail(ErrorCode::not_found, "{}", no_match_text(options.playlist.list));
    }
    const bool whole = write(options, playlist, options.name.empty() ? name_of(options, seed_tracks) : options.name);
    if (!options.quiet) print_notes(options, playlist);
    return whole ? 0 : cli::failed;
}

}  // namespace

void add_playlist(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "playlist",
        "Make a playlist of what `scan` has analyzed: of a genre, a mood or tags, or of tracks like others");
    command
        ->add_option("--like", options->like,
                     "Tracks that others are to be like, in the index or not: one or more, as `*.flac` gives them")
        ->type_name("FILE");
    add_search_options(*command, options->playlist.list);
    command->add_option("--output", options->output, "Playlist to write: .m3u8 or .m3u; left out: to standard output")
        ->type_name("FILE")
        ->check([](const std::string& path) {
            const std::string extension = fs::path(path).extension().string();
            return extension == ".m3u8" || extension == ".m3u" ? "" : path + ": end the name with .m3u8";
        });
    command->add_flag("--absolute", options->absolute, "Write absolute paths, not those from the playlist's folder");
    command->add_option("--name", options->name, "What the playlist is called; left out: what was asked for")
        ->type_name("NAME");
    CLI::Option* limit = command->add_option("--limit", options->limit, "Maximum number of tracks; 0: no limit")
                             ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
                             ->capture_default_str();
    command
        ->add_option("--hours", options->hours, "At most so long, with as many tracks as fit unless --limit is given")
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--per-artist", options->playlist.per_artist,
                     "Maximum number of tracks of one artist; 0: no limit")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
        ->capture_default_str();
    CLI::Option* shuffle =
        command->add_flag("--shuffle", options->shuffle, "Let chance decide the order, and of a genre the choice");
    command->add_option("--seed", options->seed, "Seed of --shuffle: the same gives the same playlist")->needs(shuffle);
    command
        ->add_option("--format", options->format,
                     "m3u8, or json: the tracks on standard output, one object a line, besides --output")
        ->check(CLI::IsMember({"m3u8", "json"}))
        ->capture_default_str();
    cli::add_model_option(*command, "--model", options->model);
    command
        ->add_option(
            "--by", options->by,
            "With --like: the model whose embeddings are compared, by its name in the index or as --model; left "
            "out: the one that serves best of those that the index has")
        ->type_name("MODEL");
    cli::add_index_option(*command, options->index);
    command->add_flag("--quiet", options->quiet, "No notes and no summary");
    command->footer(
        "By genre: certain predictions first, the most probable first. By tags and moods: the most probable first,\n"
        "by the least probable of what is asked for. With --like: the tracks themselves, then those\n"
        "that are most similar to them. Tracks of one artist are kept apart as far as there are others.\n"
        "--model analyzes tracks that are not in the index.");
    command->callback([options, limit, &run] {
        const library::TrackQuery& list = options->playlist.list;
        if (options->like.empty() && list.genres.empty() && list.folders.empty() && list.search.empty() &&
            list.artist.empty() && list.labels.empty() && list.moods.empty()) {
            throw CLI::RequiredError("--genre, --tag, --mood, --like, --search, --artist or --folder");
        }
        if (options->hours > 0.0 && limit->count() == 0) options->limit = 0;
        run = [options] { return run_playlist(*options); };
    });
}

}  // namespace earmark::commands
