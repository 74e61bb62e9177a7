#include <fmt/format.h>

#include <memory>

#include "earmark/commands/commands.hpp"
#include "earmark/completions/completion_scripts.hpp"

namespace earmark::commands {

void add_completions(CLI::App& app, Run& run) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("completions", "Print completions for a shell: commands, options, values");
    command->add_option("SHELL", *shell, "bash, zsh or fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->required()
        ->configurable(false);
    command->footer(
        "Installed, they are where the shells look for them. Otherwise: source <(earmark completions bash).");
    command->callback([shell, &app, &run] {
        run = [shell, &app] {
            const auto make = *shell == "bash"  ? bash_completions
                              : *shell == "zsh" ? zsh_completions
                                                : fish_completions;
            fmt::print("{}", make(app));
            return 0;
        };
    });
}

}  // namespace earmark::commands
