#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "cli/data_set.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "cli/progress.hpp"
#include "dataset/analysis/embeddings.hpp"
#include "dataset/labels/import_table.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/label_choice.hpp"
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
    std::string labels;  // list of labels, or Mulan's file of their names
    std::vector<std::string> embeddings;
    std::vector<std::string> feature_columns;
    std::string track_column;
    LabelChoice label_choice;
    dataset::LabelOptions label_options;
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
        const ordered_json json = {{"path", options.written},
                                   {"source", summary.root.empty() ? options.input : summary.root.string()},
                                   {"tracks", summary.tracks},
                                   {"genres", summary.labels},
                                   {"many_labels", summary.many_labels},
                                   {"segments", summary.segments},
                                   {"silent_segments", summary.silent_segments},
                                   {"seconds", summary.seconds},
                                   {"copies", copies_json(summary.copies)},
                                   {"failures", std::move(failures)}};
        fmt::print("{}\n", cli::json_line(json));
        return;
    }
    if (options.output.format == cli::OutputFormat::csv) return write_copies(options.output, summary.copies);
    if (options.quiet) return;
    const std::string audio =
        summary.seconds > 0.0 ? fmt::format(", {} of audio", cli::clock_time(summary.seconds)) : std::string();
    fmt::print("{}: {} tracks of {} {}, {} segments{}\n", cli::printable(options.written), summary.tracks,
               summary.labels.size(), summary.many_labels ? "labels" : "genres", summary.segments, audio);
    if (summary.silent_segments > 0) fmt::print("{} silent segments were left out\n", summary.silent_segments);
    if (!summary.failures.empty()) fmt::print("{} files were left out\n", summary.failures.size());
    if (summary.copies.empty()) return;
    fmt::print("{}:\n\n", sum_of_copies(summary.copies));
    write_copies(options.output, summary.copies);
}

int create(const Options& options) {
    const cli::DataOptions data{options.features, options.segments, options.jobs, options.quiet,
                                &cli::stop_on_interrupt()};
    const dataset::StoreSummary summary = cli::analyze_folder(options.input, data, [&](dataset::FolderOptions folder) {
        folder.label_list = options.labels;
        folder.labels = options.label_options;
        if (options.embeddings.empty()) return dataset::create_store(options.input, options.written, folder);
        std::vector<Model> models;
        for (const std::string& name : options.embeddings) models.push_back(load_model(model_path(name)));
        return dataset::create_embedding_store(options.input, options.written, models, folder);
    });
    write_summary(options, summary);
    return summary.failures.empty() ? 0 : 1;
}

int import_numbers(const Options& options) {
    dataset::TableOptions table{options.label_options, options.feature_columns, options.track_column};
    table.labels.names = options.labels;
    const dataset::StoreSummary summary = dataset::import_table(options.input, options.written, table);
    if (!options.quiet) {
        for (const files::FileFailure& warning : summary.warnings) cli::report("warning: " + warning.message);
    }
    write_summary(options, summary);
    return 0;
}

int import(const Options& options) {
    if (dataset::is_table(options.input)) return import_numbers(options);
    if (options.index.empty()) {
        base::fail(ErrorCode::bad_option, "{}: an array needs the table of its tracks. Name it in `index`.",
                   options.input);
    }
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

std::string segments_text(const dataset::FeatureStore& store) {
    const int width = coefficient_count(store.features);
    if (to_string(store.features.kind) == "table") {
        return fmt::format("{} rows of a table of {} columns", store.segment_count(), width);
    }
    return fmt::format("{} of {:g} s: {} frames × {} coefficients", store.segment_count(), store.segments.seconds,
                       store.segments.frames, width);
}

int info(const Options& options) {
    const dataset::FeatureStore store = dataset::open_store(options.input);
    const std::vector<dataset::TrackCopy> copies = dataset::copies_in(store);
    std::vector<std::int64_t> tracks(store.labels.size());
    std::vector<std::int64_t> segments(store.labels.size());
    for (const dataset::StoredTrack& track : store.tracks) {
        for (std::size_t label = 0; label < store.labels.size(); ++label) {
            if (!store.holds(track, label)) continue;
            ++tracks[label];
            segments[label] += track.segments;
        }
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
                                   {"many_labels", store.labelling.many},
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
                          {"segments", segments_text(store)},
                          {"labels", store.labelling.many ? fmt::format("a track may have several; they name {}",
                                                                        to_string(store.labelling.group))
                                                          : "one a track"},
                          {"copies", copied},
                          {"fingerprint", store.fingerprint()},
                          {"features", model::to_json(store.features).dump()},
                          {"cut", model::to_json(store.segments).dump()}});
        fmt::print("\n");
    }
    cli::RecordWriter writer(options.output, {{"genre", ColumnKind::text, store.labelling.many ? "label" : "genre"},
                                              {"tracks", ColumnKind::integer},
                                              {"segments", ColumnKind::integer}});
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

void add_label_list(CLI::App& command, Options& options, const char* description) {
    command.add_option("--labels", options.labels, description)->type_name("FILE")->group("Labels");
    options.label_choice.add_to(command);
}

void add_action(CLI::App& command, const std::shared_ptr<Options>& options, Run& run, int (*action)(const Options&)) {
    command.callback([options, &command, &run, action] {
        if (command.get_option_no_throw("--segment-frames") != nullptr) {
            options->features.kind = feature_kind(options->kind);
            cli::fit_segment_frames(command, options->features, options->segments);
            options->label_options = options->label_choice.options();
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
    add_label_list(*command, *creating,
                   "CSV that says which labels each track has; the folder need not have genre folders then");
    command
        ->add_option("--embeddings", creating->embeddings,
                     "Keep of each track what these models make of it instead of features: embeddings and log-odds of "
                     "labels, mean and deviation; comma-separated")
        ->delimiter(',')
        ->type_name("MODEL")
        ->group("Features");
    command->add_option("--jobs", creating->jobs, "Files to hear at a time; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    add_action(*command, creating, run, create);

    auto importing = std::make_shared<Options>();
    command = store->add_subcommand("import", "Take features that were computed elsewhere");
    command
        ->add_option("ARRAY", importing->input,
                     "A .npy array of floats, or of bytes that the index scales; or a table of numbers, .csv or .arff")
        ->required();
    command
        ->add_option(
            "--index", importing->index,
            "Of an array: CSV file with a row a track and the columns track and genre; for bytes also min_db and "
            "range_db")
        ->type_name("FILE");
    command
        ->add_option("--layout", importing->layout,
                     "Axes of the array: tracks, then columns-first (columns × coefficients) or coefficients-first")
        ->check(CLI::IsMember({"columns-first", "coefficients-first"}))
        ->capture_default_str();
    add_making_options(*command, *importing);
    add_label_list(*command, *importing, "Of a table: Mulan's XML file that names its labels");
    command
        ->add_option("--feature-columns", importing->feature_columns,
                     "Of a table: columns to learn from, comma-separated; left out: all of numbers that are no label")
        ->delimiter(',')
        ->type_name("NAMES")
        ->group("Table");
    command->add_option("--track-column", importing->track_column, "Of a table: the column of the tracks' names")
        ->type_name("NAME")
        ->group("Table");
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
