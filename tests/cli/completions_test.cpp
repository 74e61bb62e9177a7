// Completions, run in their shells.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "support/fake_index.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using Words = std::vector<std::string>;
using Offers = std::set<std::string>;

/// A line whose last word is completed, and some of the expected offers, for every shell.
struct Case {
    Words words;
    Offers some;
    Offers none;  ///< what must not be among them
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {{""}, {"classify", "scan", "model", "train", "help", "completions"}, {"calibrate", "a b.mp3"}},
        {{"sc"}, {"scan"}, {"list"}},
        {{"scan", "--ma"}, {"--mark-missing"}, {"--jobs"}},
        {{"scan", "--format", ""}, {"table", "json"}, {"csv", "a b.mp3"}},
        {{"scan", "--format", "j"}, {"json"}, {"table"}},
        {{"scan", "--jobs", ""}, {}, {"a b.mp3", "table"}},
        {{"scan", "a"}, {"a b.mp3"}, {"scan"}},
        {{"classify", "--model", "mfcc-c"}, {"mfcc-cnn"}, {"mfcc-lstm"}},
        {{"plot", "--output", "a"}, {"a b.mp3"}, {}},
        {{"model", "ca"}, {"calibrate"}, {"combine"}},
        {{"model", "calibrate", "--part", ""}, {"train", "valid", "test", "all"}, {"a b.mp3"}},
        {{"model", "calibrate", "--sel"}, {"--selective-accuracy"}, {"--output", "--named-accuracy"}},
        {{"model", "mfcc-"}, {"mfcc-cnn", "mfcc-lstm", "mfcc-mlp"}, {"default"}},
        {{"model", "a"}, {"a b.mp3"}, {}},
        {{"list", "--genre", ""}, {"blues", "jazz", "metal", "rock"}, {"a b.mp3", "Bebop"}},
        {{"playlist", "--genre", "ja"}, {"jazz"}, {"rock"}},
        {{"tag", "--genre", "b"}, {"blues"}, {"Bebop"}},
        {{"list", "--artist", "Ni"}, {"Nina O'Neil"}, {"Zoë"}},
        {{"stats", "--search", "B"}, {"Bebop"}, {"Free Jazz"}},
        {{"playlist", "--like", "a"}, {"a b.mp3"}, {}},
        {{"tag", "a"}, {"a b.mp3"}, {}},
        {{"completions", "--list", ""}, {"genres", "artists", "tags", "labels", "moods", "models"}, {}},
        {{"store", "cr"}, {"create"}, {"import"}},
        {{"experiment", "run", "--dry"}, {"--dry-run"}, {}},
        {{"train", "--network", "v"}, {"vgg"}, {"cnn"}},
        {{"--settings", "scan", "li"}, {"list"}, {}},
        {{"--settings", "x", "scan", "--ma"}, {"--mark-missing"}, {}},
        {{"help", "sto"}, {"store"}, {}},
        {{"help", "model", "com"}, {"combine"}, {"completions"}},
        {{"completions", "z"}, {"zsh"}, {"bash"}},
    };
    return all;
}

std::string line_of(const Words& words) {
    std::string line = "earmark";
    for (const std::string& word : words) line += " " + word;
    return line;
}

class Completions : public ::testing::Test {
  protected:
    void SetUp() override {
        std::ofstream(folder.path() / "a b.mp3") << "x";
        testing::FakeIndex made(index);
        made.add({.path = "/music/1.mp3", .tag = "Bebop; Free Jazz", .artist = "Nina O'Neil"});
        made.add({.path = "/music/2.mp3", .tag = "Bebop", .artist = "Zoë"});
    }

    /// Runs a shell that finds this build's `earmark`, and the index.
    testing::Finished run_shell(const Words& command) const {
        const char* const path = std::getenv("PATH");
        return testing::run(command,
                            {"PATH=" EARMARK_BUILD_DIR "/bin:" + std::string(path != nullptr ? path : ""),
                             "EARMARK_INDEX=" + index.string(), "HOME=" + scripts.path().string(), "TERM=xterm"});
    }

    /// Writes the script for a shell. @return whether the shell is installed
    bool prepare(const std::string& shell) {
        const testing::Finished made = testing::earmark({"completions", shell});
        EXPECT_EQ(made.status, 0) << made.messages;
        std::ofstream(script) << made.output;
        if (testing::run({"sh", "-c", "command -v " + shell}).status != 0) return false;
        const testing::Finished checked = testing::run({shell, "-n", script.string()});
        EXPECT_EQ(checked.status, 0) << checked.messages;
        if (shell == "bash" && testing::run({"sh", "-c", "command -v shellcheck"}).status == 0) {
            const testing::Finished faults =
                testing::run({"shellcheck", "--shell=bash", "--severity=warning", script.string()});
            EXPECT_EQ(faults.status, 0) << faults.output;
        }
        EXPECT_EQ(checked.messages, "");
        return true;
    }

    static void expect(const Case& wanted, const Offers& offers) {
        std::string text;
        for (const std::string& each : offers) text += each + "|";
        for (const std::string& each : wanted.some)
            EXPECT_TRUE(offers.contains(each)) << line_of(wanted.words) << ": " << text;
        for (const std::string& each : wanted.none)
            EXPECT_FALSE(offers.contains(each)) << line_of(wanted.words) << ": " << text;
    }

    testing::TemporaryFolder folder;
    testing::TemporaryFolder scripts;
    fs::path index = scripts.path() / "index.sqlite";
    fs::path script = scripts.path() / "_earmark";
};

TEST_F(Completions, Bash) {
    if (!prepare("bash")) GTEST_SKIP() << "bash is not installed";
    const auto offers = [&](const Words& words) {
        Words command{"bash", "-c",
                      "cd \"$0\"; source \"$1\"; shift; COMP_WORDS=(earmark \"$@\"); COMP_CWORD=$#; _earmark; "
                      "printf '%s\\n' \"${COMPREPLY[@]}\"",
                      folder.path().string(), script.string()};
        command.insert(command.end(), words.begin(), words.end());
        const testing::Finished result = run_shell(command);
        EXPECT_EQ(result.messages, "") << line_of(words);
        Offers found;
        std::istringstream lines(result.output);
        for (std::string line; std::getline(lines, line);) {
            std::erase(line, '\\');
            found.insert(line);
        }
        return found;
    };
    for (const Case& each : cases()) expect(each, offers(each.words));
    // Readline splits words at an equals sign.
    expect({{"scan", "--format=j"}, {"json"}, {"table"}}, offers({"scan", "--format", "=", "j"}));
    expect({{"scan", "--format="}, {"json", "table"}, {}}, offers({"scan", "--format", "="}));
    expect({{"--settings=x", "li"}, {"list"}, {}}, offers({"--settings", "=", "x", "li"}));
    // A name in quotes needs no backslashes, and the case of its letters does not matter.
    expect({{"list", "--artist", "\"nina"}, {"Nina O'Neil"}, {}}, offers({"list", "--artist", "\"nina"}));
    expect({{"list", "--artist", "nina\\ o"}, {"Nina O'Neil"}, {}}, offers({"list", "--artist", "nina\\ o"}));
}

TEST_F(Completions, Fish) {
    if (!prepare("fish")) GTEST_SKIP() << "fish is not installed";
    for (const Case& each : cases()) {
        const testing::Finished result =
            run_shell({"fish", "--no-config", "-c", "cd $argv[1]; source $argv[2]; complete -C $argv[3]",
                       folder.path().string(), script.string(), line_of(each.words)});
        EXPECT_EQ(result.messages, "") << line_of(each.words);
        Offers found;
        std::istringstream lines(result.output);
        for (std::string line; std::getline(lines, line);) {
            std::string word = line.substr(0, line.find('\t'));
            std::erase(word, '\\');
            found.insert(word);
        }
        expect(each, found);
    }
}

TEST_F(Completions, Zsh) {
    if (!prepare("zsh")) GTEST_SKIP() << "zsh is not installed";
    // A shell in a pseudo-terminal, in which TAB is pressed. A unique completion appears on the line.
    std::ofstream(scripts.path() / "press") << R"zsh(
zmodload zsh/zpty || exit 77
setopt extendedglob
zpty -b shell zsh -f -i
zpty -w shell "PS1=; unsetopt zle_bracketed_paste prompt_cr prompt_sp; cd ${(q)1}; fpath=(${(q)2} \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -u -D; bindkey "^I" complete-word; LISTMAX=10000; echo READY''NOW'
zpty -r -m shell text '*READYNOW*'
zpty -w -n shell "$3"$'\t'
text=""
for ((round = 0; round < 100; ++round)); do
    while zpty -rt shell piece; do text+=$piece; done
    plain=${${text//$'\e'\[[0-9;?]#[A-Za-z]/}//[$'\a\b\r']/}
    [[ $plain == *${4}* ]] && break
    sleep 0.1
done
print -r -- "$plain"
zpty -d shell
)zsh";
    const std::vector<std::pair<std::string, std::string>> lines = {
        {"sc", "scan"},
        {"scan --mark", "--mark-missing"},
        {"scan --format j", "json"},
        {"scan a", "a\\ b.mp3"},
        {"classify --model mfcc-c", "mfcc-cnn"},
        {"model cal", "calibrate"},
        {"model calibrate --part va", "valid"},
        {"model calibrate --sel", "--selective-accuracy"},
        {"model mfcc-l", "mfcc-lstm"},
        {"list --genre ja", "jazz"},
        {"playlist --artist ni", "Nina\\ O\\'Neil"},
        {"stats --search Be", "Bebop"},
        {"playlist --like a", "a\\ b.mp3"},
        {"--settings x scan --mark", "--mark-missing"},
        {"train --network v", "vgg"},
        {"help model com", "combine"},
        {"completions z", "zsh"},
    };
    for (const auto& [line, completed] : lines) {
        const testing::Finished result =
            run_shell({"zsh", "-f", (scripts.path() / "press").string(), folder.path().string(),
                       scripts.path().string(), "earmark " + line, completed});
        if (result.status == 77) GTEST_SKIP() << "zsh has no zpty here";
        EXPECT_NE(result.output.find(completed), std::string::npos) << line << ": " << result.output << result.messages;
    }
}

}  // namespace
}  // namespace earmark
