#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "base/throw.hpp"
#include "cli/guard.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/output/records.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/commands/experiment_progress.hpp"
#include "experiment/description/inputs.hpp"
#include "experiment/run/runner.hpp"

namespace earmark::commands {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file;
    std::string data;
    std::string output;
    std::vector<std::string> stores;  // NAME=STORE
    std::int64_t memory = 0;          // mebibytes
    experiment::RunnerOptions runner;
    bool dry_run = false;
    cli::OutputOptions output_options;  // of --dry-run
    bool quiet = false;
};

/// Locks a folder of results against a second runner, until it is destroyed.
class FolderLock {
  public:
    explicit FolderLock(const fs::path& folder) {
        const fs::path path = folder / "lock";
        file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file_ < 0)
            base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}. Choose another --output.", path.string(),
                       std::strerror(errno));
        if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
        ::close(file_);
        base::fail(ErrorCode::cannot_write,
                   "{}: another earmark experiment runs in this folder. Wait for it, or give another --output.",
                   folder.string());
    }
    ~FolderLock() { ::close(file_); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int file_ = -1;
};

template <typename Entries>
void check_names(const std::vector<std::string>& names, const Entries& entries, const char* option) {
    for (const std::string& name : names) {
        const bool known =
            std::any_of(entries.begin(), entries.end(), [&](const auto& each) { return each.name == name; });
        if (known) continue;
        std::vector<std::string> all;
        for (const auto& each : entries) all.push_back(each.name);
        base::fail(ErrorCode::bad_option, "{} {}: the experiment has none of that name. It has: {}.", option, name,
                   fmt::join(all, ", "));
    }
}

void check_filters(const experiment::Experiment& experiment, const experiment::RunnerOptions& options) {
    check_names(options.protocols, experiment.protocols, "--protocol");
    check_names(options.grids, experiment.grids, "--grid");
    for (const std::uint64_t seed : options.seeds) {
        if (std::count(experiment.seeds.begin(), experiment.seeds.end(), seed) == 0) {
            base::fail(ErrorCode::bad_option, "--seed {}: is none of the experiment's. Give one of these: {}.", seed,
                       fmt::join(experiment.seeds, ", "));
        }
    }
}

/// Prints the planned runs and their states.
int list_plan(const experiment::Experiment& experiment, const experiment::RunnerOptions& options,
              const cli::OutputOptions& output) {
    const experiment::ExperimentInputs inputs = experiment::known_inputs(experiment, options.data, options.results);
    std::map<std::string, int> counts;
    cli::RecordWriter writer(output, {{.name = "id", .fit = cli::Fit::keep},
                                      {.name = "state", .fit = cli::Fit::keep},
                                      {.name = "run", .formats = cli::in_table, .fit = cli::Fit::below},
                                      {.name = "grid", .formats = cli::in_data},
                                      {.name = "protocol", .formats = cli::in_data},
                                      {.name = "data", .formats = cli::in_data},
                                      {.name = "seed", .kind = cli::ColumnKind::integer, .formats = cli::in_data},
                                      {.name = "fold", .kind = cli::ColumnKind::integer, .formats = cli::in_data},
                                      {.name = "options", .kind = cli::ColumnKind::json, .formats = cli::in_data}});
    for (const earmark::experiment::Run& run : experiment::make_plan(experiment, inputs)) {
        if (!options.includes(run)) continue;
        std::string state = "waiting";
        if (!run.id.empty()) {
            const auto record = experiment::load_record(run, experiment::run_folder(options.results, run.id),
                                                        experiment::RecordDetail::scores);
            if (record) state = record->failed ? "failed" : "finished";
        }
        ++counts[state];
        cli::Cell id = run.id.empty() ? cli::Cell().shows("-") : cli::Cell(run.id);
        cli::Cell fold = run.fold < 0 ? cli::Cell() : cli::Cell(run.fold);
        cli::Cell shown_state(state);
        if (state == "failed") shown_state.styled(cli::Style::bad);
        if (state == "finished") shown_state.styled(cli::Style::good);
        writer.write({std::move(id), std::move(shown_state), experiment::label_of(experiment, run), run.grid,
                      run.protocol, run.data, static_cast<std::int64_t>(run.seed), std::move(fold), run.options});
    }
    writer.finish();
    std::fflush(stdout);
    cli::note(
        fmt::format("{} finished, {} failed, {} waiting", counts["finished"], counts["failed"], counts["waiting"]));
    return 0;
}

/// Replaces sources of data by existing stores.
void take_stores(experiment::Experiment& experiment, const std::vector<std::string>& stores) {
    for (const std::string& text : stores) {
        const std::size_t sign = text.find('=');
        const auto data = std::find_if(experiment.data.begin(), experiment.data.end(),
                                       [&](const auto& each) { return each.name == text.substr(0, sign); });
        if (sign == std::string::npos || data == experiment.data.end()) {
            base::fail(ErrorCode::bad_option,
                       "--store {}: write NAME=STORE with the name of one of the experiment's data.", text);
        }
        data->store = fs::absolute(text.substr(sign + 1)).string();
        data->audio.clear();
        data->import.clear();
        data->options = experiment::Settings::object();
    }
}

fs::path own_program() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) base::fail(ErrorCode::internal, "/proc/self/exe: cannot be read: {}. Mount /proc.", error.message());
    return program;
}

int run_experiment(Options options) {
    experiment::Experiment experiment = experiment::read_experiment(options.file);
    take_stores(experiment, options.stores);
    experiment::RunnerOptions& runner_options = options.runner;
    runner_options.data = options.data;
    runner_options.results = options.output.empty() ? experiment.name + "-results" : options.output;
    runner_options.memory = options.memory << 20;
    check_filters(experiment, runner_options);
    if (options.dry_run) return list_plan(experiment, runner_options, options.output_options);

    const base::StopFlag& stop = cli::stop_on_interrupt();
    std::error_code error;
    fs::create_directories(runner_options.results / "runs", error);
    if (error) {
        base::fail(ErrorCode::cannot_write, "{}: cannot be made: {}. Choose another --output.",
                   runner_options.results.string(), error.message());
    }
    const FolderLock lock(runner_options.results);
    experiment::ProcessLauncher launcher(own_program());
    ExperimentProgress progress(options.quiet);
    std::set<std::string> needed;
    for (const earmark::experiment::Run& run : experiment::make_plan(experiment, {})) {
        if (runner_options.includes(run)) needed.insert(run.data);
    }
    const auto tell = [&](const std::string& name) {
        if (!options.quiet) progress.message(fmt::format("making the store of the data \"{}\" …", name));
    };
    const experiment::ExperimentInputs inputs = experiment::prepare_inputs(
        experiment, runner_options.data, runner_options.results, needed, launcher, tell, stop);
    experiment::ExperimentRunner runner(experiment, inputs, runner_options, launcher, progress.events());
    const experiment::ExperimentStatus status = runner.run(stop);
    progress.clear();
    if (stop) {
        base::fail(ErrorCode::interrupted, "interrupted: {} of {} runs are finished. The same command goes on.",
                   status.runs.done, status.runs.total);
    }
    if (!options.quiet) {
        cli::note(fmt::format("{}: {} of {} runs finished, {} failed.", runner_options.results.string(),
                              status.runs.done - status.runs.failed, status.runs.total, status.runs.failed));
    }
    return status.runs.failed > 0 || status.runs.done < status.runs.total ? cli::failed : 0;
}

void add_run(CLI::App& experiment, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = experiment.add_subcommand(
        "run", "Do the runs of an experiment that are not finished; can be interrupted and started again at any time");
    command->add_option("FILE", options->file, "Experiment file (docs/guide/experiments.md)")->required();
    command->add_option("--data", options->data, "Folder that the experiment's data and split files are in")
        ->required()
        ->type_name("FOLDER");
    command->add_option("--store", options->stores, "NAME=STORE: take the data of that name from a feature store")
        ->type_name("NAME=STORE");
    command->add_option("--output", options->output, "Folder for the results; left out: ./NAME-results, after FILE")
        ->type_name("FOLDER");
    command->add_option("--jobs", options->runner.jobs, "Runs at a time, each on one thread; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    command->add_option("--memory", options->memory, "MiB that the runs may take together; 0: what is available")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 30))
        ->capture_default_str();
    command->add_flag("--dry-run", options->dry_run, "List the runs and which are finished, and do nothing")
        ->configurable(false);
    cli::add_output_options(*command, options->output_options,
                            {cli::OutputFormat::table, cli::OutputFormat::json, cli::OutputFormat::csv},
                            "Of --dry-run: table, json (one object a line) or csv");
    command->add_flag("--retry-failed", options->runner.retry_failed, "Try failed runs again")->configurable(false);
    command
        ->add_flag("--choose-anew", options->runner.choose_anew,
                   "Replace a choice that was already measured on the test part")
        ->configurable(false);
    command->add_flag("--quiet", options->quiet, "Print failures and choices only");
    const std::string group = "Only some runs";
    command->add_option("--protocol", options->runner.protocols, "Those under these protocols")
        ->type_name("NAME")
        ->group(group);
    command->add_option("--grid", options->runner.grids, "Those of these grids")->type_name("NAME")->group(group);
    command->add_option("--seed", options->runner.seeds, "Those with these seeds")->group(group);
    command->callback([options, &run] { run = [options] { return run_experiment(*options); }; });
}

}  // namespace

void add_experiment(CLI::App& app, Run& run) {
    CLI::App* experiment =
        app.add_subcommand("experiment", "Train and evaluate all runs that an experiment file describes");
    experiment->require_subcommand(1);
    add_run(*experiment, run);
    add_experiment_report(*experiment, run);
}

}  // namespace earmark::commands
