#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>

#include "cli/guard.hpp"
#include "cli/output/help_text.hpp"
#include "cli/output/terminal.hpp"
#include "cli/parse.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/version.hpp"

namespace {

/// What `earmark` alone prints.
constexpr const char* short_help = R"(Earmark listens to music and says what genre it is.

  earmark classify song.mp3      predict the genre of files or folders
  earmark scan ~/Music           analyze a music library and keep the results
  earmark list --genre jazz      list what was analyzed
  earmark playlist --genre jazz  make a playlist
  earmark tag ~/Music            write genres into the files' tags

`earmark --help` lists all commands, `earmark COMMAND --help` describes one.
)";

int run(int argc, char** argv) {
    namespace commands = earmark::commands;
    if (argc <= 1) {
        fmt::print("{}", earmark::cli::fitted_help(short_help, earmark::cli::text_width()));
        return 0;
    }
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
        "Options can be set for good in ~/.config/earmark/settings.toml and in the environment: EARMARK_SCAN_JOBS is "
        "--jobs of `earmark scan`. `earmark help settings` says how.\n{}",
        commands::common_footer));
    const earmark::cli::UserSettings settings(app);
    if (const auto status = earmark::cli::parse(app, settings, argc, argv)) return *status;
    return command();
}

}  // namespace

int main(int argc, char** argv) {
    return earmark::cli::guarded([&] { return run(argc, argv); });
}
