#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "commands.hpp"
#include "earmark/error.hpp"
#include "earmark/version.hpp"
#include "messages.hpp"

namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;

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
    commands::add_features(app, command);
    commands::add_plot(app, command);
    commands::add_store(app, command);
    commands::add_train(app, command);
    commands::add_evaluate(app, command);
    commands::add_model(app, command);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : wrong_usage;
    }
    return command();
}

}  // namespace

int main(int argc, char** argv) {
    // A reader that went away (`earmark … | head`) ends the program as it does other programs; a full disk is an error.
    try {
        const int status = run(argc, argv);
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
            earmark::commands::report("standard output: cannot be written. Free some space, or choose another place.");
            return failed;
        }
        return status;
    } catch (const earmark::Error& error) {
        earmark::commands::report(error.what());
        return error.code() == earmark::ErrorCode::interrupted ? 128 + SIGINT : failed;
    } catch (const std::exception& error) {
        earmark::commands::report(error.what());
        return failed;
    }
}
