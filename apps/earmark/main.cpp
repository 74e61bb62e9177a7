#include <CLI/CLI.hpp>
#include <string>

#include "commands.hpp"
#include "common/guard.hpp"
#include "earmark/version.hpp"

namespace {

int run(int argc, char** argv) {
    namespace commands = earmark::commands;
    CLI::App app("Earmark listens to music and says what genre it is.", "earmark");
    app.set_version_flag("--version", "earmark " + std::string(earmark::version()));
    app.require_subcommand(1);
    app.get_formatter()->column_width(32);
    app.footer(
        "`earmark COMMAND --help` describes a command.\n"
        "Exit status: 0 all good; 1 something failed and was reported; 2 wrong usage.");

    commands::Run command;
    commands::add_classify(app, command);
    commands::add_scan(app, command);
    commands::add_list(app, command);
    commands::add_playlist(app, command);
    commands::add_stats(app, command);
    commands::add_tag(app, command);
    commands::add_forget(app, command);
    commands::add_features(app, command);
    commands::add_plot(app, command);
    commands::add_store(app, command);
    commands::add_train(app, command);
    commands::add_evaluate(app, command);
    commands::add_baseline(app, command);
    commands::add_experiment(app, command);
    commands::add_model(app, command);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-') {
            commands::report(fmt::format("unknown command \"{}\". `earmark --help` lists them.", argv[1]));
            return commands::wrong_usage;
        }
        return app.exit(error) == 0 ? 0 : commands::wrong_usage;
    }
    return command();
}

}  // namespace

int main(int argc, char** argv) {
    return earmark::commands::guarded([&] { return run(argc, argv); });
}
