#include "library/scan/scan.hpp"

#include <fmt/format.h>

#include <memory>

#include "base/throw.hpp"
#include "cli/guard.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/output_options.hpp"
#include "cli/progress.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/confinement.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

struct Options {
    std::vector<std::string> folders;
    std::string index;
    std::vector<std::string> models;
    cli::OutputOptions output;
    library::ScanOptions scan;
    bool wait = false;
    bool confined = true;
    bool quiet = false;
};

double files_per_second(const library::ScanSummary& summary) {
    return summary.seconds > 0.0 ? static_cast<double>(summary.files()) / summary.seconds : 0.0;
}

void print_summary(const Options& options, const fs::path& index, const library::ScanSummary& summary) {
    if (options.output.format == cli::OutputFormat::json) {
        const nlohmann::ordered_json json = {
            {"index", index.string()},           {"analyzed", summary.analyzed},
            {"unchanged", summary.unchanged},    {"moved", summary.moved},
            {"copies", summary.copies},          {"missing", summary.missing},
            {"failed", summary.failed},          {"failed_before", summary.failed_before},
            {"seconds", summary.seconds},        {"files_per_second", files_per_second(summary)},
            {"interrupted", summary.interrupted}};
        fmt::print("{}\n", json_line(json));
        return;
    }
    if (options.quiet) return;
    if (summary.found == 0 && summary.missing == 0) {
        if (summary.failed == 0) cli::report("there is no audio file to analyze. Check the path.");
        return;  // failures were reported
    }
    std::string failures = fmt::format("{} failed", summary.failed);
    if (summary.failed_before > 0) failures += fmt::format(" ({} more failed before)", summary.failed_before);
    const std::string copies = summary.copies > 0 ? fmt::format(" {} copies,", summary.copies) : "";
    cli::note(fmt::format("{} analyzed, {} unchanged, {} moved,{} {} missing, {}; {}, {:.1f} files/s", summary.analyzed,
                          summary.unchanged, summary.moved, copies, summary.missing, failures,
                          cli::clock_time(summary.seconds), files_per_second(summary)));
}

int run_scan(Options options) {
    TrackOpener tracks(options.confined);
    options.scan.open = [&tracks](const fs::path& file) { return tracks(file); };
    const base::StopFlag& stop = cli::stop_on_interrupt();
    const fs::path path = library::index_path(options.index);
    if (options.index.empty()) library::make_index_folder(path);
    options.scan.folders.assign(options.folders.begin(), options.folders.end());
    if (options.models.empty()) options.models.emplace_back();
    for (const std::string& model : options.models) options.scan.models.push_back(model_path(model));
    const library::IndexLock lock = lock_index(path, options.wait, options.quiet, stop);
    library::Index index(path, library::Database::Mode::create);

    cli::ProgressBar progress("Analyzing", 0, options.quiet);
    library::ScanEvents events;
    events.progress = progress.sink();
    events.failed = [&](const Error& error) {
        progress.clear();
        cli::report(error);
    };
    events.warned = [&](const fs::path& file, const std::vector<std::string>& warnings) {
        if (options.quiet) return;
        progress.clear();
        cli::warn(file, warnings);
    };
    const library::ScanSummary summary = library::scan(index, options.scan, events, &stop);
    progress.finish();
    if (!options.quiet) tracks.report_missing_protections();
    print_summary(options, path, summary);
    if (summary.interrupted) {
        base::fail(ErrorCode::interrupted, "interrupted: what was analyzed is in the index. The same command goes on.");
    }
    return summary.failed > 0 ? cli::failed : 0;
}

}  // namespace

void add_scan(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "scan", "Analyze a music library and keep the results; a second scan analyzes only what is new or changed");
    command->add_option("FOLDER", options->folders, "Folders to search for music, or files")->required();
    cli::add_index_option(*command, options->index);
    cli::add_models_option(*command, "--model", options->models);
    command
        ->add_option("--excerpts", options->scan.excerpts,
                     "Analyze only N evenly spaced segments of each file; 0: all. A later scan can analyze more")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    command->add_option("--jobs", options->scan.jobs, "Files to analyze at a time; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command
        ->add_option("--exclude", options->scan.walk.exclude,
                     "Pattern (*, ?, […]) of names, or of paths below FOLDER, to skip; may be given several times")
        ->allow_extra_args(false)
        ->type_name("PATTERN");
    command->add_flag("--hidden", options->scan.walk.hidden, "Search hidden files and folders, too");
    command->add_flag("--retry", options->scan.retry, "Try files again that failed before");
    command->add_flag("--mark-missing", options->scan.mark_missing,
                      "Mark files as missing even where a FOLDER is missing or empty");
    add_old_flag(*command, "--mark-gone", options->scan.mark_missing);
    command->add_flag("--wait", options->wait, "Wait while another process changes the index");
    add_confinement_option(*command, options->confined);
    cli::add_output_options(*command, options->output, {cli::OutputFormat::table, cli::OutputFormat::json},
                            "table, or json: the summary as an object on standard output");
    command->add_flag("--quiet", options->quiet, "No progress, no warnings and no summary");
    command->footer("Folders with a file .nomedia in them are skipped.");
    command->callback([options, &run] { run = [options] { return run_scan(*options); }; });
}

}  // namespace earmark::commands
