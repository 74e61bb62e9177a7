#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "commands.hpp"
#include "core/throw.hpp"

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
        fail(ErrorCode::not_found,
             "{}: not there: this Earmark was built without training. Install libtorch "
             "(scripts/setup does) and build again.",
             program.string());
    }
    fail(ErrorCode::unreadable, "{}: cannot be started: {}.", program.string(), std::strerror(errno));
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
    CLI::App* command = app.add_subcommand("train", "Train a network (`earmark train --help` for its options)");
    command->prefix_command();
    command->set_help_flag();
    command->callback([command, &run] { run = [arguments = command->remaining()] { return hand_over(arguments); }; });
}

}  // namespace earmark::commands
