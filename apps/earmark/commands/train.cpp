#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/throw.hpp"
#include "cli/train_options.hpp"
#include "earmark/commands/commands.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;

namespace {

/// Hands over to `earmark-train`, which lies beside this program, the way git starts its sub-commands: so nothing here
/// links libtorch.
int hand_over(const std::vector<std::string>& arguments) {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    const fs::path program = error ? fs::path("earmark-train") : self.parent_path() / "earmark-train";
    std::string name = "earmark train";
    std::vector<char*> argv{name.data()};
    std::vector<std::string> copy = arguments;
    for (std::string& argument : copy) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execvp(program.c_str(), argv.data());
    if (errno == ENOENT) {
        base::fail(ErrorCode::not_found,
                   "{}: not there: this Earmark was built without training. Install libtorch "
                   "(scripts/setup does) and build again.",
                   program.string());
    }
    base::fail(ErrorCode::unreadable, "{}: cannot be started: {}. Install Earmark again.", program.string(),
               std::strerror(errno));
}

}  // namespace

void add_train(CLI::App& app, Run& run, std::vector<std::string> arguments) {
    auto options = std::make_shared<cli::TrainOptions>();
    CLI::App* command = app.add_subcommand("train", cli::train_description);
    cli::add_train_options(*command, *options);
    // Just before parsing, CLI11 gives the number of arguments after "train".
    auto left = std::make_shared<std::size_t>(0);
    command->preparse_callback([left](std::size_t count) { *left = count; });
    command->callback([&app, &run, options, left, arguments = std::move(arguments)] {
        std::vector<std::string> words(arguments.end() - static_cast<std::ptrdiff_t>(*left), arguments.end());
        const std::string settings = app.get_option("--settings")->results().back();
        if (!settings.empty()) words.insert(words.begin(), {"--settings", settings});
        run = [words] { return hand_over(words); };
    });
}

}  // namespace earmark::commands
