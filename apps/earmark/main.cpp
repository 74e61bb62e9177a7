#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>

#include "cli/guard.hpp"
#include "cli/parse.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/version.hpp"

namespace {

int run(int argc, char** argv) {
    namespace commands = earmark::commands;
    CLI::App app("Earmark listens to music and says what genre it is.", "earmark");
    app.set_version_flag("--version", "earmark " + std::string(earmark::version()));
    app.require_subcommand(1);
    app.get_formatter()->column_width(32);
    app.footer(commands::common_footer);  // which the commands take over that have none of their own

    commands::Run command;
    commands::add_classify(app, command);
    commands::add_scan(app, command);
    commands::add_list(app, command);
    commands::add_playlist(app, command);
    commands::add_stats(app, command);
    commands::add_tag(app, command);
    commands::add_forget(app, command);
    commands::add_export(app, command);
    commands::add_features(app, command);
    commands::add_plot(app, command);
    commands::add_store(app, command);
    commands::add_train(app, command, {argv + std::min(argc, 1), argv + argc});
    commands::add_evaluate(app, command);
    commands::add_baseline(app, command);
    commands::add_experiment(app, command);
    commands::add_model(app, command);
    commands::add_help(app, command);
    commands::add_completions(app, command);
    app.footer(fmt::format(
        "`earmark COMMAND --help` describes a command, `earmark help --man COMMAND | man -l -` shows its man page.\n"
        "Options can be set for good in ~/.config/earmark/settings.toml, and in the environment: EARMARK_SCAN_JOBS is\n"
        "--jobs of `earmark scan`. `earmark help --man settings | man -l -` says how.\n{}",
        commands::common_footer));
    const earmark::cli::UserSettings settings(app);
    if (const auto status = earmark::cli::parse(app, settings, argc, argv)) return *status;
    return command();
}

}  // namespace

int main(int argc, char** argv) {
    return earmark::cli::guarded([&] { return run(argc, argv); });
}
