#include <fmt/format.h>

#include <memory>

#include "cli/guard.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "files/walk.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

struct Options {
    std::vector<std::string> paths;
    std::string index;
    bool missing = false;
    bool wait = false;
};

int run_forget(const Options& options) {
    const base::StopFlag& stop = cli::stop_on_interrupt();
    const fs::path path = existing_index(options.index);
    const library::IndexLock lock = lock_index(path, options.wait, false, stop);
    library::Index index(path, library::Database::Mode::existing);
    bool all_good = true;
    std::int64_t forgotten = 0;
    library::Transaction transaction(index.database());
    if (options.paths.empty()) forgotten = index.forget("/", true);
    for (const std::string& name : options.paths) {
        const std::int64_t entries = index.forget(files::normal_path(name), options.missing);
        forgotten += entries;
        if (entries > 0) continue;
        cli::report(fmt::format("{}: the index has no {}entry of this path. `earmark list` shows what it has.", name,
                                options.missing ? "missing " : ""));
        all_good = false;
    }
    index.prune();
    transaction.commit();
    fmt::print("{} {} forgotten\n", forgotten, forgotten == 1 ? "entry" : "entries");
    return all_good ? 0 : cli::failed;
}

}  // namespace

void add_forget(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("forget", "Remove entries from the index of `scan`; no file is touched");
    command->add_option("PATH", options->paths, "Files, or folders with all that is below them")->configurable(false);
    command->add_flag("--missing", options->missing, "Only entries of missing files; without PATH all of them")
        ->configurable(false);
    add_old_flag(*command, "--gone", options->missing)->configurable(false);
    command->add_flag("--wait", options->wait, "Wait while another process changes the index");
    cli::add_index_option(*command, options->index);
    command->callback([options, &run] {
        if (options->paths.empty() && !options->missing) throw CLI::RequiredError("PATH or --missing");
        run = [options] { return run_forget(*options); };
    });
}

}  // namespace earmark::commands
