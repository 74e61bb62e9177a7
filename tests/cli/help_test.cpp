// GCC 12 takes members of std::regex for uninitialised when sanitizers are on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

// Help and man pages, which are generated from the description of the commands.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "files/atomic_file.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using Words = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string output(Words command) {
    const testing::Finished result = testing::earmark(std::move(command));
    EXPECT_EQ(result.status, 0) << result.messages;
    return result.output;
}

/// The names below "Subcommands:" in a help text.
Words commands_in(const std::string& help) {
    Words names;
    std::istringstream lines(help);
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "Subcommands:") {
            inside = true;
        } else if (inside && line.starts_with("  ") && line[2] != ' ') {
            names.push_back(line.substr(2, line.find(' ', 2) - 2));
        } else if (line.empty()) {
            inside = false;
        }
    }
    return names;
}

/// All commands and their sub-commands, each as the words after `earmark`.
std::vector<Words> all_commands() {
    std::vector<Words> result;
    for (const std::string& name : commands_in(output({"--help"}))) {
        result.push_back({name});
        for (const std::string& below : commands_in(output({name, "--help"}))) result.push_back({name, below});
    }
    return result;
}

std::set<std::string> options_in(const std::string& help) {
    std::set<std::string> options;
    static const std::regex option("\n  (?:-h,)?(--[a-z0-9-]+)");
    for (std::sregex_iterator each(help.begin(), help.end(), option), end; each != end; ++each) {
        options.insert((*each)[1]);
    }
    return options;
}

Words joined(Words a, const Words& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// A page without roff escapes.
std::string plain(std::string page) {
    const std::pair<std::string, std::string> characters[] = {
        {"\\-", "-"}, {"\\&", ""}, {"\\fB", ""}, {"\\fI", ""}, {"\\fR", ""}};
    for (const auto& [written, meant] : characters) {
        for (std::size_t at = 0; (at = page.find(written, at)) != std::string::npos;)
            page.replace(at, written.size(), meant);
    }
    return page;
}

TEST(Help, IsWhatTheOptionPrints) {
    EXPECT_EQ(output({"help"}), output({"--help"}));
    const std::vector<Words> commands = all_commands();
    EXPECT_GE(commands.size(), 20U);
    for (const Words& command : commands) {
        EXPECT_EQ(output(joined({"help"}, command)), output(joined(command, {"--help"}))) << command.back();
    }
    EXPECT_TRUE(contains(output({"--help"}), "settings.toml"));
    const std::string settings = output({"help", "settings"});
    EXPECT_TRUE(contains(settings, "\n  [scan]\n")) << settings;
    EXPECT_FALSE(contains(settings, "\\-")) << "roff is for man";
}

TEST(Help, RefusesWhatThereIsNot) {
    const auto expect = [](const Words& command, const std::string& message) {
        const testing::Finished result = testing::earmark(command);
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_TRUE(contains(result.messages, message)) << result.messages;
    };
    expect({"help", "scna"}, "unknown command \"scna\". Did you mean scan? `earmark --help` lists them.");
    expect({"help", "--man", "model", "calibrat"}, "Did you mean calibrate? `earmark model --help` lists them.");
    expect({"help", "scan", "more"}, "unknown command \"scan more\".");
    expect({"scna"}, "unknown command \"scna\". Did you mean scan?");
    expect({"completions", "tcsh"}, "tcsh");
}

TEST(Help, ManPagesHaveAllThatTheCommandsTake) {
    for (const Words& command : all_commands()) {
        const std::string help = output(joined(command, {"--help"}));
        const std::string page = plain(output(joined({"help", "--man"}, command)));
        const std::set<std::string> options = options_in(help);
        EXPECT_TRUE(options.contains("--help")) << help;
        for (const std::string& option : options)
            EXPECT_TRUE(contains(page, option + "\n") || contains(page, option + " ")) << command.back() << option;
        for (const char* heading :
             {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"}) {
            EXPECT_TRUE(contains(page, std::string(".SH ") + heading + "\n")) << command.back() << " " << heading;
        }
        // Options in examples exist.
        const std::size_t examples = page.find(".SH EXAMPLES");
        if (examples == std::string::npos) continue;
        static const std::regex word("--[a-z][a-z0-9-]*");
        const std::string tail = page.substr(examples);
        for (std::sregex_iterator each(tail.begin(), tail.end(), word), end; each != end; ++each) {
            EXPECT_TRUE(options.contains(each->str())) << command.back() << " " << each->str();
        }
    }
    const std::string program = plain(output({"help", "--man"}));
    for (const Words& command : all_commands()) {
        std::string name = "earmark";
        for (const std::string& part : command) name += "-" + part;
        EXPECT_TRUE(contains(program, name + "(1)")) << name;
    }
}

TEST(Help, TheSettingsPageHasEveryKey) {
    const std::string page = plain(output({"help", "--man", "settings"}));
    for (const Words& command : all_commands()) {
        std::string table = command[0];
        if (command.size() > 1) table += "." + command[1];
        const std::size_t begin = page.find("\"[" + table + "]\"");
        if (begin == std::string::npos) {
            EXPECT_TRUE(command[0] == "help" || command[0] == "completions" || command[0] == "store" ||
                        command[0] == "experiment")
                << table;
            continue;
        }
        const std::string section = page.substr(begin, page.find("\n.SS", begin) - begin);
        static const std::set<std::string> never{"--help",         "--settings",    "--write",         "--undo",
                                                 "--runs",         "--missing",     "--resume",        "--dry-run",
                                                 "--retry-failed", "--choose-anew", "--no-confinement"};
        for (const std::string& option : options_in(output(joined(command, {"--help"})))) {
            const bool has = contains(section, fmt::format("\n{} =", option.substr(2)));
            if (command[0] == "list" && option == "--missing") continue;   // a filter there
            if (command[0] == "model" && option == "--licence") continue;  // an option of training is called so, too
            EXPECT_EQ(has, !never.contains(option)) << table << " " << option;
        }
    }
}

TEST(Help, ManPagesAreSoundRoff) {
    const testing::TemporaryFolder folder;
    const testing::Finished written = testing::earmark({"help", "--man-pages", folder.path().string()});
    ASSERT_EQ(written.status, 0) << written.messages;
    EXPECT_EQ(written.output, "");
    EXPECT_TRUE(fs::exists(folder.path() / "man1" / "earmark.1"));
    EXPECT_TRUE(fs::exists(folder.path() / "man1" / "earmark-model-calibrate.1"));
    EXPECT_TRUE(fs::exists(folder.path() / "man5" / "earmark-settings.5"));
    EXPECT_EQ(files::read_file(folder.path() / "man1" / "earmark-scan.1"), output({"help", "--man", "scan"}));
    EXPECT_EQ(files::read_file(folder.path() / "man5" / "earmark-settings.5"), output({"help", "--man", "settings"}));
    if (testing::run({"sh", "-c", "command -v mandoc"}).status != 0) GTEST_SKIP() << "mandoc is not installed";
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder.path())) {
        if (!each.is_regular_file()) continue;
        // Pages have no date: the same source gives the same pages.
        const testing::Finished lint = testing::run(
            {"sh", "-c", "mandoc -T lint -W warning \"$0\" | grep -v 'missing date'", each.path().string()});
        EXPECT_EQ(lint.output, "");
    }
}

}  // namespace
}  // namespace earmark
