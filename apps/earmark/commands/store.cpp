#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/data_set.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "earmark/commands/commands.hpp"
#include "model/options_json.hpp"

namespace earmark::commands {

namespace {

struct Options {
    std::string input;
    std::string index;
    std::string output;
    std::string kind = "mfcc";
    std::string layout = "columns-first";
    FeatureOptions features;
    SegmentOptions segments;
    int jobs = 0;
    bool quiet = false;
    std::string format = "table";
};

void print_summary(const Options& options, const dataset::StoreSummary& summary) {
    if (options.quiet) return;
    fmt::print("{}: {} tracks of {} genres, {} segments, {} of audio\n", cli::printable(options.output), summary.tracks,
               summary.labels.size(), summary.segments, cli::clock_time(summary.seconds));
    if (summary.silent_segments > 0) fmt::print("{} silent segments were left out\n", summary.silent_segments);
    if (!summary.failures.empty()) fmt::print("{} files were left out\n", summary.failures.size());
}

int create(const Options& options) {
    const cli::DataOptions data{options.features, options.segments, options.jobs, options.quiet,
                                &cli::stop_on_interrupt()};
    const dataset::StoreSummary summary = cli::analyze_folder(data, [&](const dataset::FolderOptions& folder) {
        return dataset::create_store(options.input, options.output, folder);
    });
    print_summary(options, summary);
    return summary.failures.empty() ? 0 : 1;
}

int import(const Options& options) {
    const dataset::ArrayLayout layout = options.layout == "columns-first" ? dataset::ArrayLayout::columns_first
                                                                          : dataset::ArrayLayout::coefficients_first;
    print_summary(options, dataset::import_store(options.input, options.index, options.output, options.features,
                                                 options.segments, layout));
    return 0;
}

int info(const Options& options) {
    const dataset::FeatureStore store = dataset::open_store(options.input);
    std::vector<std::int64_t> tracks(store.labels.size());
    std::vector<std::int64_t> segments(store.labels.size());
    for (const dataset::StoredTrack& track : store.tracks) {
        ++tracks[static_cast<std::size_t>(track.label)];
        segments[static_cast<std::size_t>(track.label)] += track.segments;
    }
    if (options.format == "json") {
        nlohmann::ordered_json genres = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < store.labels.size(); ++i) {
            genres.push_back({{"genre", store.labels[i]}, {"tracks", tracks[i]}, {"segments", segments[i]}});
        }
        const nlohmann::ordered_json json = {{"path", options.input},
                                             {"tracks", store.tracks.size()},
                                             {"segments", store.segment_count()},
                                             {"fingerprint", store.fingerprint()},
                                             {"genres", genres},
                                             {"feature_options", model::to_json(store.features)},
                                             {"segment_options", model::to_json(store.segments)}};
        fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        return 0;
    }
    fmt::print("{}\n", cli::printable(options.input));
    fmt::print("  tracks       {}\n", store.tracks.size());
    fmt::print("  segments     {} of {:g} s: {} frames × {} coefficients\n", store.segment_count(),
               store.segments.seconds, store.segments.frames, coefficient_count(store.features));
    fmt::print("  fingerprint  {}\n", store.fingerprint());
    fmt::print("  features     {}\n", model::to_json(store.features).dump());
    fmt::print("  cut          {}\n", model::to_json(store.segments).dump());
    fmt::print("\n  {:<20} {:>8} {:>9}\n", "genre", "tracks", "segments");
    for (std::size_t i = 0; i < store.labels.size(); ++i) {
        fmt::print("  {:<20} {:>8} {:>9}\n", cli::printable(store.labels[i]), tracks[i], segments[i]);
    }
    return 0;
}

void add_making_options(CLI::App& command, Options& options) {
    command.add_option("--output", options.output, "Folder to write; there is none of that name yet")
        ->required()
        ->type_name("FOLDER");
    command.add_option("--kind", options.kind, "Features to keep: mfcc, logmel, mel or spectrogram")
        ->check(CLI::IsMember({"mfcc", "logmel", "mel", "spectrogram"}))
        ->capture_default_str()
        ->group("Features");
    cli::add_feature_options(command, options.features);
    cli::add_segment_options(command, options.segments);
    command.add_flag("--quiet", options.quiet, "No progress, no warnings and no summary");
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
    command->add_option("--format", describing->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    add_action(*command, describing, run, info);
}

}  // namespace earmark::commands
