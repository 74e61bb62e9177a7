#include "library/scan/scan.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/throw.hpp"
#include "cli/guard.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

struct Options {
    std::vector<std::string> folders;
    std::string index;
    std::string model;
    std::string format = "table";
    library::ScanOptions scan;
    bool wait = false;
    bool quiet = false;
};

double files_per_second(const library::ScanSummary& summary) {
    return summary.seconds > 0.0 ? static_cast<double>(summary.files()) / summary.seconds : 0.0;
}

void print_summary(const Options& options, const fs::path& index, const library::ScanSummary& summary) {
    if (options.format == "json") {
        const nlohmann::ordered_json json = {{"index", index.string()},
                                             {"heard", summary.analyzed},
                                             {"unchanged", summary.unchanged},
                                             {"moved", summary.moved},
                                             {"gone", summary.missing},
                                             {"failed", summary.failed},
                                             {"failed_before", summary.failed_before},
                                             {"seconds", summary.seconds},
                                             {"files_per_second", files_per_second(summary)},
                                             {"interrupted", summary.interrupted}};
        fmt::print("{}\n", json_line(json));
        return;
    }
    if (options.quiet) return;
    std::string failures = fmt::format("{} failed", summary.failed);
    if (summary.failed_before > 0) failures += fmt::format(" ({} more have before)", summary.failed_before);
    fmt::print(stderr, "{} heard, {} unchanged, {} moved, {} gone, {}; {}, {:.1f} files/s\n", summary.analyzed,
               summary.unchanged, summary.moved, summary.missing, failures, cli::clock_time(summary.seconds),
               files_per_second(summary));
}

int run_scan(Options options) {
    const base::StopFlag& stop = cli::stop_on_interrupt();
    const fs::path path = library::index_path(options.index);
    if (options.index.empty()) library::make_index_folder(path);
    options.scan.folders.assign(options.folders.begin(), options.folders.end());
    options.scan.model = model_path(options.model);
    const library::IndexLock lock = lock_index(path, options.wait, options.quiet, stop);
    library::Index index(path, library::Database::Mode::create);

    cli::Progress progress("Listening", 0, options.quiet);
    library::ScanEvents events;
    events.progress = [&](std::int64_t done, std::int64_t total, std::int64_t failed) {
        if (failed > 0) progress.note(fmt::format("{} failed", failed));
        progress.update(done, total);
    };
    events.failed = [&](const Error& error) {
        progress.clear();
        cli::report(error.what());
    };
    events.warned = [&](const fs::path& file, const std::vector<std::string>& warnings) {
        if (options.quiet) return;
        progress.clear();
        cli::warn(file, warnings);
    };
    const library::ScanSummary summary = library::scan(index, options.scan, events, &stop);
    progress.finish();
    print_summary(options, path, summary);
    if (summary.interrupted) {
        base::fail(ErrorCode::interrupted, "interrupted: what was heard is in the index. The same command goes on.");
    }
    return summary.failed > 0 ? cli::failed : 0;
}

}  // namespace

void add_scan(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "scan", "Hear a music library and remember it; a second scan hears only what is new or changed");
    command->add_option("FOLDER", options->folders, "Folders to search for music, or files")->required();
    cli::add_index_option(*command, options->index);
    cli::add_model_option(*command, "--model", options->model);
    command->add_option("--jobs", options->scan.jobs, "Files to hear at a time; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command
        ->add_option("--exclude", options->scan.walk.exclude,
                     "Pattern (*, ?, […]) of names, or of paths below FOLDER, to pass over; may be given several times")
        ->allow_extra_args(false)
        ->type_name("PATTERN");
    command->add_flag("--hidden", options->scan.walk.hidden, "Search hidden files and folders, too");
    command->add_flag("--retry", options->scan.retry, "Try files again that failed before");
    command->add_flag("--mark-gone", options->scan.mark_missing,
                      "Mark files gone even where a FOLDER is missing or empty");
    command->add_flag("--wait", options->wait, "Wait while another scan is at work on the index");
    command->add_option("--format", options->format, "table, or json: the summary as an object on standard output")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->add_flag("--quiet", options->quiet, "No progress, no warnings and no summary");
    command->footer("Folders with a file .nomedia in them are passed over.");
    command->callback([options, &run] { run = [options] { return run_scan(*options); }; });
}

}  // namespace earmark::commands
