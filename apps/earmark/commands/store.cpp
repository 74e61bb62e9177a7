#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/data_set.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "cli/progress.hpp"
#include "earmark/commands/commands.hpp"
#include "model/options_json.hpp"

namespace earmark::commands {

using cli::Cell;
using cli::ColumnKind;
using nlohmann::ordered_json;

namespace {

struct Options {
    std::string input;
    std::string index;
    std::string written;
    std::string kind = "mfcc";
    std::string layout = "columns-first";
    FeatureOptions features;
    SegmentOptions segments;
    int jobs = 0;
    bool quiet = false;
    cli::OutputOptions output;
};

ordered_json copies_json(const std::vector<dataset::TrackCopy>& copies) {
    ordered_json list = ordered_json::array();
    for (const dataset::TrackCopy& copy : copies) {
        list.push_back({{"track", copy.track},
                        {"genre", copy.genre},
                        {"copy_of", copy.copy_of},
                        {"copy_of_genre", copy.other_genre},
                        {"equal", copy.equal}});
    }
    return list;
}

/// A row a copy, as a table or as CSV.
void write_copies(const cli::OutputOptions& output, const std::vector<dataset::TrackCopy>& copies) {
    cli::RecordWriter writer(output, {{"track", ColumnKind::text, "copy"},
                                      {"genre", ColumnKind::text},
                                      {"copy_of", ColumnKind::text, "is a copy of"},
                                      {"copy_of_genre", ColumnKind::text, "genre"},
                                      {"sound", ColumnKind::text}});
    for (const dataset::TrackCopy& copy : copies) {
        const bool two_genres = copy.genre != copy.other_genre;
        const cli::Style style = two_genres ? cli::Style::doubtful : cli::Style::plain;
        writer.write({copy.track, Cell(copy.genre).styled(style), copy.copy_of, Cell(copy.other_genre).styled(style),
                      copy.equal ? "equal" : "near"});
    }
    writer.finish();
}

std::string sum_of_copies(const std::vector<dataset::TrackCopy>& copies) {
    const auto two_genres =
        std::ranges::count_if(copies, [](const dataset::TrackCopy& copy) { return copy.genre != copy.other_genre; });
    std::string text = fmt::format("{} {} of a recording that is there already; a split keeps them on one side",
                                   copies.size(), copies.size() == 1 ? "track is a copy" : "tracks are copies");
    if (two_genres > 0) text += fmt::format("; {} of another genre than the first", two_genres);
    return text;
}

void write_summary(const Options& options, const dataset::StoreSummary& summary) {
    if (options.output.format == cli::OutputFormat::json) {
        ordered_json failures = ordered_json::array();
        for (const files::FileFailure& failure : summary.failures) {
            failures.push_back(
                {{"path", failure.path.string()}, {"code", to_string(failure.code)}, {"message", failure.message}});
        }
        const ordered_json json = {
            {"path", options.written},        {"source", summary.root.empty() ? options.input : summary.root.string()},
            {"tracks", summary.tracks},       {"genres", summary.labels},
            {"segments", summary.segments},   {"silent_segments", summary.silent_segments},
            {"seconds", summary.seconds},     {"copies", copies_json(summary.copies)},
            {"failures", std::move(failures)}};
        fmt::print("{}\n", cli::json_line(json));
        return;
    }
    if (options.output.format == cli::OutputFormat::csv) return write_copies(options.output, summary.copies);
    if (options.quiet) return;
    fmt::print("{}: {} tracks of {} genres, {} segments, {} of audio\n", cli::printable(options.written),
               summary.tracks, summary.labels.size(), summary.segments, cli::clock_time(summary.seconds));
    if (summary.silent_segments > 0) fmt::print("{} silent segments were left out\n", summary.silent_segments);
    if (!summary.failures.empty()) fmt::print("{} files were left out\n", summary.failures.size());
    if (summary.copies.empty()) return;
    fmt::print("{}:\n\n", sum_of_copies(summary.copies));
    write_copies(options.output, summary.copies);
}

int create(const Options& options) {
    const cli::DataOptions data{options.features, options.segments, options.jobs, options.quiet,
                                &cli::stop_on_interrupt()};
    const dataset::StoreSummary summary = cli::analyze_folder(options.input, data, [&](const auto& folder) {
        return dataset::create_store(options.input, options.written, folder);
    });
    write_summary(options, summary);
    return summary.failures.empty() ? 0 : 1;
}

int import(const Options& options) {
    const dataset::ArrayLayout layout = options.layout == "columns-first" ? dataset::ArrayLayout::columns_first
                                                                          : dataset::ArrayLayout::coefficients_first;
    const dataset::StoreSummary summary = dataset::import_store(options.input, options.index, options.written,
                                                                options.features, options.segments, layout);
    if (!options.quiet) {
        for (const files::FileFailure& warning : summary.warnings) cli::report("warning: " + warning.message);
    }
    write_summary(options, summary);
    return 0;
}

int info(const Options& options) {
    const dataset::FeatureStore store = dataset::open_store(options.input);
    const std::vector<dataset::TrackCopy> copies = dataset::copies_in(store);
    std::vector<std::int64_t> tracks(store.labels.size());
    std::vector<std::int64_t> segments(store.labels.size());
    for (const dataset::StoredTrack& track : store.tracks) {
        ++tracks[static_cast<std::size_t>(track.label)];
        segments[static_cast<std::size_t>(track.label)] += track.segments;
    }
    if (options.output.format == cli::OutputFormat::json) {
        ordered_json genres = ordered_json::array();
        for (std::size_t i = 0; i < store.labels.size(); ++i) {
            genres.push_back({{"genre", store.labels[i]}, {"tracks", tracks[i]}, {"segments", segments[i]}});
        }
        const ordered_json json = {{"path", options.input},
                                   {"tracks", store.tracks.size()},
                                   {"segments", store.segment_count()},
                                   {"fingerprint", store.fingerprint()},
                                   {"genres", genres},
                                   {"copies", store.copies_known ? copies_json(copies) : ordered_json(nullptr)},
                                   {"feature_options", model::to_json(store.features)},
                                   {"segment_options", model::to_json(store.segments)}};
        fmt::print("{}\n", cli::json_line(json));
        return 0;
    }
    if (options.output.format == cli::OutputFormat::table) {
        const std::string copied = !store.copies_known ? "not looked for: an older Earmark made the store"
                                   : copies.empty()    ? "none"
                                                       : fmt::format("{} tracks", copies.size());
        cli::print_facts(options.output,
                         {{"", options.input},
                          {"tracks", std::to_string(store.tracks.size())},
                          {"segments", fmt::format("{} of {:g} s: {} frames × {} coefficients", store.segment_count(),
                                                   store.segments.seconds, store.segments.frames,
                                                   coefficient_count(store.features))},
                          {"copies", copied},
                          {"fingerprint", store.fingerprint()},
                          {"features", model::to_json(store.features).dump()},
                          {"cut", model::to_json(store.segments).dump()}});
        fmt::print("\n");
    }
    cli::RecordWriter writer(
        options.output,
        {{"genre", ColumnKind::text}, {"tracks", ColumnKind::integer}, {"segments", ColumnKind::integer}});
    for (std::size_t i = 0; i < store.labels.size(); ++i) writer.write({store.labels[i], tracks[i], segments[i]});
    writer.finish();
    if (options.output.format == cli::OutputFormat::table && !copies.empty()) {
        fmt::print("\n");
        write_copies(options.output, copies);
    }
    return 0;
}

void add_making_options(CLI::App& command, Options& options) {
    command.add_option("--output", options.written, "Folder to write; there is none of that name yet")
        ->required()
        ->type_name("FOLDER");
    command.add_option("--kind", options.kind, "Features to keep: mfcc, logmel, mel or spectrogram")
        ->check(CLI::IsMember({"mfcc", "logmel", "mel", "spectrogram"}))
        ->capture_default_str()
        ->group("Features");
    cli::add_feature_options(command, options.features);
    cli::add_segment_options(command, options.segments);
    cli::add_output_options(command, options.output,
                            {cli::OutputFormat::table, cli::OutputFormat::json, cli::OutputFormat::csv},
                            "What is said of the store: table, json (one object) or csv (a row a copy)");
    command.add_flag("--quiet", options.quiet, "No progress and no warnings; no table");
}

void add_action(CLI::App& command, const std::shared_ptr<Options>& options, Run& run, int (*action)(const Options&)) {
    command.callback([options, &command, &run, action] {
        if (command.get_option_no_throw("--segment-frames") != nullptr) {
            options->features.kind = feature_kind(options->kind);
            cli::fit_segment_frames(command, options->features, options->segments);
        }
        run = [options, action] { return action(*options); };
    });
}

}  // namespace

void add_store(CLI::App& app, Run& run) {
    CLI::App* store = app.add_subcommand("store", "Make and describe feature stores, from which networks learn");
    store->require_subcommand(1);

    auto creating = std::make_shared<Options>();
    CLI::App* command = store->add_subcommand("create", "Compute the features of a folder of genre folders of audio");
    command->add_option("FOLDER", creating->input, "A folder with a folder of audio files for each genre")->required();
    add_making_options(*command, *creating);
    command->add_option("--jobs", creating->jobs, "Files to hear at a time; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    add_action(*command, creating, run, create);

    auto importing = std::make_shared<Options>();
    command = store->add_subcommand("import", "Take features that were computed elsewhere");
    command->add_option("ARRAY", importing->input, "A .npy array of floats, or of bytes that the index scales")
        ->required();
    command
        ->add_option("--index", importing->index,
                     "CSV file with a row a track and the columns track and genre; for bytes also min_db and range_db")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--layout", importing->layout,
                     "Axes of the array: tracks, then columns-first (columns × coefficients) or coefficients-first")
        ->check(CLI::IsMember({"columns-first", "coefficients-first"}))
        ->capture_default_str();
    add_making_options(*command, *importing);
    add_action(*command, importing, run, import);

    auto describing = std::make_shared<Options>();
    command = store->add_subcommand("info", "Describe a feature store");
    command->add_option("STORE", describing->input, "Folder of the store")->required();
    cli::add_output_options(*command, describing->output,
                            {cli::OutputFormat::table, cli::OutputFormat::json, cli::OutputFormat::csv},
                            "table, json (one object) or csv (a row a genre)");
    add_action(*command, describing, run, info);
}

}  // namespace earmark::commands
