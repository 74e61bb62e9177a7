// Files that make a decoder misbehave, through the program with a decoder that does so when a file asks for it.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "confine/landlock.hpp"
#include "confine/sandbox.hpp"
#include "confine/seccomp.hpp"
#include "earmark/model.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Confinement : public ::testing::Test {
  protected:
    void SetUp() override {
#ifndef EARMARK_TEST_DECODER
        GTEST_SKIP() << "configured without EARMARK_TEST_DECODER";
#endif
        save_model(testing::random_model("mlp"), model);
        for (int i = 0; i < 3; ++i) good("good " + std::to_string(i) + ".wav", 200.0 + 50.0 * i);
    }

    void good(const std::string& name, double frequency) const {
        testing::write_wav(music / name, testing::tones(2.0, frequency));
    }

    /// A file that asks for a deed.
    void hostile(const std::string& deed, const std::string& argument = "") const {
        fs::create_directories(music);
        std::ofstream file(music / (deed + ".mp3"), std::ios::binary);
        file << "earmark test decoder: " << deed;
        if (!argument.empty()) file << ' ' << argument;
        file << '\n' << std::string(10'000, 'x');
    }

    std::vector<std::string> words(const std::string& command, std::vector<std::string> more = {}) const {
        std::vector<std::string> all{EARMARK_BUILD_DIR "/bin/earmark-test-decoder",
                                     command,
                                     "--model",
                                     model.string(),
                                     music.string(),
                                     "--format",
                                     "json"};
        if (command == "scan") all.insert(all.end(), {"--index", index.string()});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    /// Scans, and gives the summary that was printed.
    json scan(int status, const std::vector<std::string>& more = {}) {
        const testing::Finished result = testing::run(words("scan", more));
        messages = result.messages;
        EXPECT_EQ(result.status, status) << messages;
        return json::parse(result.output, nullptr, false);
    }

    bool says(const std::string& text) const {
        return messages.find(text) != std::string::npos;
    }

    /// Processes of programs that were started on this test's music: copies have the words of what they are copies of.
    std::size_t processes() const {
        std::size_t found = 0;
        for (const auto& entry : fs::directory_iterator("/proc")) {
            std::ifstream file(entry.path() / "cmdline");
            std::ostringstream text;
            if (file) text << file.rdbuf();
            found += text.str().find(music.string()) != std::string::npos;
        }
        return found;
    }

    bool wait_for_processes(std::size_t least, std::size_t most) const {
        for (int i = 0; i < 1000; ++i) {
            const std::size_t now = processes();
            if (now >= least && now <= most) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path model = folder.path() / "model.safetensors";
    fs::path index = folder.path() / "index.sqlite";
    std::string messages;
};

TEST_F(Confinement, BadFilesCostThemselvesAlone) {
    for (const char* deed : {"crash", "abort", "exit", "loop"}) hostile(deed);
    if (!confine::is_sanitized()) hostile("memory");
    const int bad = confine::is_sanitized() ? 4 : 5;
    const json summary = scan(1);
    EXPECT_EQ(summary["analyzed"], 3) << messages;
    EXPECT_EQ(summary["failed"], bad) << messages;
    const std::string place = music.string() + "/";
    // A sanitizer ends processes in its own way.
    const bool plain = !confine::is_sanitized();
    EXPECT_TRUE(says(place + "crash.mp3: the decoder crashed (" + (plain ? "signal 11)." : ""))) << messages;
    EXPECT_TRUE(says(place + "abort.mp3: the decoder crashed (" + (plain ? "signal 6)." : ""))) << messages;
    EXPECT_TRUE(says(place + "exit.mp3: the decoder crashed (status 7).")) << messages;
    EXPECT_TRUE(says(place + "loop.mp3: decoding it took longer than 2 s of the processor.")) << messages;
    if (!confine::is_sanitized()) {
        EXPECT_TRUE(says(place + "memory.mp3: decoding it needed more than 256 MB of memory.")) << messages;
    }

    // They are not tried again, unless that is asked for, or they change.
    const json second = scan(0);
    EXPECT_EQ(second["unchanged"], 3);
    EXPECT_EQ(second["failed"], 0) << messages;
    EXPECT_EQ(second["failed_before"], bad);
    EXPECT_EQ(messages, "");
    EXPECT_EQ(scan(1, {"--retry"})["failed"], bad);
    fs::remove(music / "crash.mp3");
    testing::write_wav(music / "crash.mp3", testing::tones(2.0, 700.0));
    const json third = scan(0);
    EXPECT_EQ(third["analyzed"], 1) << messages;
    EXPECT_EQ(third["failed_before"], bad - 1);
}

TEST_F(Confinement, ClassifyGoesOnAfterBadFiles) {
    hostile("crash");
    const testing::Finished result = testing::run(words("classify"));
    EXPECT_EQ(result.status, 1);
    std::istringstream lines(result.output);
    std::map<std::string, json> found;
    for (std::string line; std::getline(lines, line);) {
        const json object = json::parse(line);
        found[fs::path(object["path"].get<std::string>()).filename()] = object;
    }
    ASSERT_EQ(found.size(), 4U) << result.output << result.messages;
    EXPECT_EQ(found["crash.mp3"]["error"]["code"], "internal") << found["crash.mp3"];
    EXPECT_TRUE(found["good 0.wav"].contains("genre")) << found["good 0.wav"];
}

TEST_F(Confinement, IsTheSameToTheBitAsWithout) {
    const testing::Finished confined = testing::run(words("classify"));
    const testing::Finished plain = testing::run(words("classify", {"--no-confinement"}));
    EXPECT_EQ(confined.status, 0) << confined.messages;
    EXPECT_EQ(confined.output, plain.output);
    EXPECT_EQ(testing::run(words("classify", {"--excerpts", "1"})).output,
              testing::run(words("classify", {"--excerpts", "1", "--no-confinement"})).output);
}

TEST_F(Confinement, KeepsDecodersFromEverythingElse) {
    if (!confine::has_seccomp()) GTEST_SKIP() << "this kernel or processor has no seccomp filter";
    const fs::path made = folder.path() / "made";
    const fs::path removed = folder.path() / "removed";
    std::ofstream(removed) << "text";
    for (const char* deed : {"open", "socket", "fork", "kill", "overwrite"}) hostile(deed);
    hostile("write", made);
    hostile("remove", removed);
    EXPECT_EQ(scan(1)["analyzed"], 3) << messages;
    for (const char* deed : {"open", "socket", "fork", "kill", "overwrite", "write", "remove"}) {
        EXPECT_TRUE(says(std::string(deed) + " was refused (Operation not permitted)")) << messages;
    }
    EXPECT_FALSE(fs::exists(made));
    EXPECT_TRUE(fs::exists(removed));
    EXPECT_EQ(messages.find("ALLOWED"), std::string::npos) << messages;
}

TEST_F(Confinement, OpensEachFileOnce) {
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--no-confinement"}}) {
        const int events = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        ASSERT_GE(events, 0);
        ASSERT_GE(::inotify_add_watch(events, music.c_str(), IN_OPEN), 0);
        EXPECT_EQ(scan(0, more)["analyzed"], 3) << messages;
        std::map<std::string, int> opened;
        alignas(inotify_event) std::array<char, 1 << 16> bytes{};
        for (ssize_t got = ::read(events, bytes.data(), bytes.size()); got > 0;
             got = ::read(events, bytes.data(), bytes.size())) {
            for (ssize_t at = 0; at < got;) {
                const auto* const event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
                if ((event->mask & IN_ISDIR) == 0 && event->len > 0) ++opened[event->name];
                at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            }
        }
        ::close(events);
        EXPECT_EQ(opened, (std::map<std::string, int>{{"good 0.wav", 1}, {"good 1.wav", 1}, {"good 2.wav", 1}}));
        fs::remove(index);
    }
}

TEST_F(Confinement, NoProcessStaysBehind) {
    for (int i = 0; i < 40; ++i) good("more " + std::to_string(i) + ".wav", 300.0 + 10.0 * i);
    hostile("loop");
    for (const int signal : {SIGINT, SIGKILL}) {
        testing::Program program(words("scan", {"--jobs", "2"}));
        ASSERT_TRUE(wait_for_processes(3, 100));  // itself, the one that forks, and a worker at least
        program.signal(signal);
        const testing::Finished result = program.wait();
        EXPECT_EQ(result.status, signal == SIGINT ? 128 + SIGINT : 128 + SIGKILL) << result.messages;
        EXPECT_TRUE(wait_for_processes(0, 0)) << "after signal " << signal;
        fs::remove(index);
    }
}

}  // namespace
}  // namespace earmark
