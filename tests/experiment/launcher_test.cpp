#include "experiment/run/launcher.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include "experiment/run/machine.hpp"
#include "files/atomic_file.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::experiment {
namespace {

namespace fs = std::filesystem;

/// A program: a shell script that gets the words.
class LauncherTest : public ::testing::Test {
  protected:
    void write_script(const std::string& text) {
        std::ofstream(program) << "#!/bin/sh\n" << text;
        fs::permissions(program, fs::perms::owner_all);
    }

    static void wait_for(Launcher& launcher, int ends, std::map<int, std::string>& lines, std::map<int, int>& status,
                         std::int64_t* peak = nullptr) {
        for (int rounds = 0; ends > 0 && rounds < 200; ++rounds) {
            launcher.wait(100, [&](const LaunchEvent& event) {
                if (event.ended) {
                    status[event.key] = event.status;
                    if (peak != nullptr) *peak = event.peak_memory;
                    --ends;
                } else {
                    lines[event.key] += event.line + "|";
                }
            });
        }
        ASSERT_EQ(ends, 0);
    }

    testing::TemporaryFolder folder;
    fs::path program = folder.path() / "program";
    fs::path log = folder.path() / "log";
    std::map<int, std::string> lines;
    std::map<int, int> status;
};

TEST_F(LauncherTest, KeepsTheUsersSettingsFromRuns) {
    write_script("env | grep '^EARMARK_'; echo $LAUNCHER_TEST\n");
    ::setenv("EARMARK_TRAIN_EPOCHS", "2", 1);
    ::setenv("EARMARK_SETTINGS", "/home/ann/settings.toml", 1);
    ::setenv("LAUNCHER_TEST", "reaches", 1);
    ProcessLauncher launcher(program);
    launcher.start(1, {"train"}, log);
    wait_for(launcher, 1, lines, status);
    EXPECT_EQ(lines[1], "EARMARK_SETTINGS=/dev/null|reaches|");
    for (const char* name : {"EARMARK_TRAIN_EPOCHS", "EARMARK_SETTINGS", "LAUNCHER_TEST"}) ::unsetenv(name);
}

TEST_F(LauncherTest, TellsLinesStatusAndMemoryOfSeveralAtATime) {
    write_script("echo one $1; sleep 0.2; echo two; echo said $1 >&2; exit $1\n");
    ProcessLauncher launcher(program);
    launcher.start(5, {"0"}, log);
    launcher.start(6, {"3"}, log);
    std::int64_t peak = 0;
    wait_for(launcher, 2, lines, status, &peak);
    EXPECT_EQ(lines[5], "one 0|two|");
    EXPECT_EQ(lines[6], "one 3|two|");
    EXPECT_EQ(status[5], 0);
    EXPECT_EQ(status[6], 3);
    EXPECT_GT(peak, 100 << 10);
    EXPECT_EQ(files::read_file(log).size(), 14U) << "both appended";
}

TEST_F(LauncherTest, InterruptsPolitely) {
    write_script("trap 'echo saved; exit 130' INT; echo ready; while :; do sleep 0.05; done\n");
    ProcessLauncher launcher(program);
    launcher.start(1, {}, log);
    while (lines[1].empty()) {
        launcher.wait(100, [&](const LaunchEvent& event) { lines[1] += event.line + "|"; });
    }
    launcher.interrupt();
    wait_for(launcher, 1, lines, status);
    EXPECT_EQ(lines[1], "ready|saved|");
    EXPECT_EQ(status[1], 130);
}

TEST_F(LauncherTest, SaysWhatSignalEndedACommand) {
    write_script("kill -9 $$\n");
    ProcessLauncher launcher(program);
    launcher.start(1, {}, log);
    wait_for(launcher, 1, lines, status);
    EXPECT_EQ(status[1], 128 + SIGKILL);
    ProcessLauncher none(folder.path() / "not there");
    none.start(1, {}, log);
    wait_for(none, 1, lines, status);
    EXPECT_EQ(status[1], 127);
}

TEST_F(LauncherTest, TakesItsCommandsAlongWhenItIsKilled) {
    write_script("echo $$ > " + (folder.path() / "process").string() + "\nwhile :; do sleep 0.05; done\n");
    const pid_t parent = ::fork();
    ASSERT_GE(parent, 0);
    if (parent == 0) {
        ProcessLauncher launcher(program);
        launcher.start(1, {}, log);
        for (;;) launcher.wait(1000, [](const LaunchEvent&) {});
    }
    int child = 0;
    for (int i = 0; i < 200 && child == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::ifstream(folder.path() / "process") >> child;
    }
    ASSERT_GT(child, 0);
    EXPECT_GT(resident_memory(child), 0);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    for (int i = 0; i < 200 && resident_memory(child) > 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(resident_memory(child), 0) << "process " << child << " outlived its parent";
}

TEST(Machine, KnowsWhatItHas) {
    EXPECT_GT(available_memory(), std::int64_t{1} << 20);
    EXPECT_GT(resident_memory(::getpid()), std::int64_t{1} << 20);
    EXPECT_NE(machine_name().find(" core"), std::string::npos);
    EXPECT_EQ(utc_now().size(), 20U);
}

}  // namespace
}  // namespace earmark::experiment
