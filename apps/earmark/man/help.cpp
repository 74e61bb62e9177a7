#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>

#include "base/nearest_name.hpp"
#include "base/throw.hpp"
#include "cli/guard.hpp"
#include "cli/messages.hpp"
#include "cli/output/help_text.hpp"
#include "cli/output/terminal.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/man/man_page.hpp"
#include "files/atomic_file.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

struct Options {
    cli::CommandPath path;
    bool man = false;
    std::string folder;
};

const cli::CommandPath settings_topic{"settings"};

/// What --help prints of the command at the end of the path.
std::string help_text(CLI::App& app, const cli::CommandPath& path) {
    if (path.empty()) return app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
    std::string above = app.get_name();
    for (std::size_t i = 0; i + 1 < path.size(); ++i) above += " " + path[i];
    return cli::find_command(app, path)->help(above);
}

void write_man_pages(const CLI::App& app, const fs::path& folder) {
    const auto write = [&](const std::string& section, const std::string& name, const std::string& page) {
        const fs::path below = folder / ("man" + section);
        std::error_code error;
        fs::create_directories(below, error);
        if (error) {
            base::fail(ErrorCode::cannot_write, "{}: cannot be made: {}. Choose another folder.", below.string(),
                       error.message());
        }
        files::write_file(below / (name + "." + section), page);
    };
    write("1", page_name({}), man_page({}, app));
    cli::visit_commands(app, [&](const cli::CommandPath& path, const CLI::App& command) {
        write("1", page_name(path), man_page(path, command));
    });
    write("5", "earmark-settings", settings_man_page(app));
}

int show_help(CLI::App& app, const Options& options) {
    if (!options.folder.empty()) {
        write_man_pages(app, options.folder);
    } else if (options.path == settings_topic) {
        fmt::print("{}", options.man ? settings_man_page(app) : settings_help(app, cli::text_width()));
    } else if (options.man) {
        fmt::print("{}", man_page(options.path, *cli::find_command(app, options.path)));
    } else {
        fmt::print("{}", cli::fitted_help(help_text(app, options.path), cli::text_width()));
    }
    return 0;
}

/// @throws Error bad_option when no command has this path
void check_path(CLI::App& app, const Options& options) {
    if (options.path == settings_topic) return;
    CLI::App* command = &app;
    for (std::size_t i = 0; i < options.path.size(); ++i) {
        const std::vector<std::string> names = cli::command_names(*command);
        command = cli::find_command(*command, {options.path[i]});
        if (command != nullptr) continue;
        const cli::CommandPath above(options.path.begin(), options.path.begin() + static_cast<std::ptrdiff_t>(i));
        base::fail(ErrorCode::bad_option, "unknown command \"{}\".{} `{} --help` lists them.",
                   fmt::join(options.path.begin(), options.path.begin() + static_cast<std::ptrdiff_t>(i + 1), " "),
                   base::suggestion(options.path[i], names), above.empty() ? "earmark" : "earmark " + above.back());
    }
}

}  // namespace

void add_help(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("help", "Describe a command, as its --help does, or print its man page");
    command
        ->add_option("COMMAND", options->path,
                     "Command and sub-command, or settings for the settings file; left out: the program")
        ->type_name("COMMAND")
        ->configurable(false);
    command->add_flag("--man", options->man, "Print the man page (roff): `earmark help --man scan | man -l -`")
        ->configurable(false);
    command
        ->add_option("--man-pages", options->folder,
                     "Write all man pages into this folder, below man1 and man5, and print nothing")
        ->type_name("FOLDER")
        ->configurable(false);
    command->callback([options, &app, &run] {
        check_path(app, *options);
        run = [options, &app] { return show_help(app, *options); };
    });
}

}  // namespace earmark::commands
