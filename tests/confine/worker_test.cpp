// What a confined process can do, and how its end is told.
#include "confine/worker.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "confine/landlock.hpp"
#include "confine/seccomp.hpp"
#include "support/error_of.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::confine {
namespace {

namespace fs = std::filesystem;

/// 0, or what errno says of a call that failed.
int outcome(long result) {
    return result < 0 ? errno : 0;
}

/// Answers the message "WORD ARGUMENT" with what came of the deed of that name, as errno has it.
void serve_deeds(const Channel& channel) {
    while (const std::optional<Channel::Received> received = channel.receive(true)) {
        MessageReader request(received->message);
        const std::string word = request.text();
        const std::string argument = request.text();
        const std::map<std::string, std::function<int()>> deeds{
            {"nothing", [] { return 0; }},
            {"open", [&] { return outcome(::open(argument.c_str(), O_RDONLY)); }},
            {"write", [&] { return outcome(::open(argument.c_str(), O_WRONLY | O_CREAT, 0600)); }},
            {"remove", [&] { return outcome(::unlink(argument.c_str())); }},
            {"stat",
             [&] {
                 struct stat status {};
                 return outcome(::stat(argument.c_str(), &status));
             }},
            {"socket", [] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }},
            {"local socket", [] { return outcome(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
            {"fork", [] { return outcome(::fork()); }},
            {"exec", [] { return outcome(::execl("/bin/true", "true", nullptr)); }},
            {"kill", [] { return outcome(::kill(::getppid(), SIGKILL)); }},
            {"trace", [] { return outcome(::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0)); }},
            {"code",
             [] {
                 void* const page =
                     ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                 return outcome(page == MAP_FAILED ? -1 : 0);
             }},
            {"grow",
             [&] {
                 return outcome(::ftruncate(received->descriptors.empty() ? 0 : received->descriptors[0].get(), 0));
             }},
            {"crash", [] { return std::raise(SIGSEGV); }},
            {"leave",
             [] {
                 ::_exit(7);
                 return 0;
             }},
            {"loop",
             [] {
                 std::atomic<int> rounds = 0;
                 while (rounds >= 0) rounds = 1;
                 return 0;
             }},
            {"memory",
             []() -> int {
                 std::vector<std::vector<char>> pieces;
                 for (;;) pieces.emplace_back(std::size_t{8} << 20);
             }},
            {"close", [&] { return outcome(::close(channel.descriptor())); }},
        };
        MessageWriter answer;
        try {
            const int result = deeds.at(word)();
            answer.integer(static_cast<std::int64_t>(Answer::done)).integer(result);
        } catch (const std::bad_alloc&) {
            answer.integer(static_cast<std::int64_t>(Answer::out_of_memory));
        }
        if (!channel.send(answer.bytes())) {
            for (;;) ::pause();
        }
    }
}

class Confined : public ::testing::Test {
  protected:
    static MessageWriter deed(const std::string& word, const std::string& argument = "") {
        MessageWriter message;
        message.text(word).text(argument);
        return message;
    }

    std::shared_ptr<Worker> worker(double seconds = 60.0) {
        std::shared_ptr<Worker> taken = pool.take();
        taken->begin("song.mp3", seconds);
        return taken;
    }

    int result(const std::string& word, const std::string& argument = "") {
        return static_cast<int>(worker()->call(deed(word, argument)).integer());
    }

    std::string message(const std::string& word, double seconds = 60.0) {
        return testing::error_of([&] { worker(seconds)->call(deed(word)); });
    }

    testing::TemporaryFolder folder;
    WorkerPool pool{{.prepare = [] {}, .serve = &serve_deeds, .limits = {.memory = std::int64_t{64} << 20}}};
};

TEST_F(Confined, CanOpenAndMakeNothing) {
    if (!has_seccomp() && landlock_version() == 0) GTEST_SKIP() << "this kernel has neither seccomp nor Landlock";
    std::ofstream(folder.path() / "here") << "text";
    EXPECT_NE(result("open", "/etc/passwd"), 0);
    EXPECT_NE(result("open", folder.path() / "here"), 0);
    EXPECT_NE(result("write", folder.path() / "new"), 0);
    EXPECT_NE(result("remove", folder.path() / "here"), 0);
    EXPECT_TRUE(fs::exists(folder.path() / "here"));
    EXPECT_FALSE(fs::exists(folder.path() / "new"));
    EXPECT_TRUE(pool.missing_protections().size() < 2);
}

TEST_F(Confined, CanMakeNoOtherSystemCalls) {
    if (!has_seccomp()) GTEST_SKIP() << "this kernel or processor has no seccomp filter";
    for (const char* word : {"socket", "local socket", "fork", "exec", "kill", "trace", "code"}) {
        EXPECT_EQ(result(word), EPERM) << word;
    }
    EXPECT_EQ(result("stat", "/etc/passwd"), EPERM);
    EXPECT_EQ(result("nothing"), 0);
}

/// Landlock alone, in a process of its own, without the filter that would refuse the same.
TEST(Landlock, TakesTheFileSystemAway) {
    if (landlock_version() == 0) GTEST_SKIP() << "this kernel has no Landlock";
    const testing::TemporaryFolder folder;
    const std::string path = folder.path() / "new";
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        const bool entered = enter_landlock();
        const bool opened = ::open("/etc/passwd", O_RDONLY) >= 0 || ::open(path.c_str(), O_WRONLY | O_CREAT, 0600) >= 0;
        ::_exit(entered && !opened ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(Confined, CannotMakeSharedMemorySmaller) {
    const std::shared_ptr<Worker> taken = worker();
    const int memory = taken->memory().descriptor();
    EXPECT_EQ(outcome(::ftruncate(memory, 0)), EPERM);
    EXPECT_EQ(taken->call(deed("grow"), {&memory, 1}).integer(), EPERM);
}

TEST_F(Confined, SaysHowItEnded) {
    // A sanitizer takes the signal, and ends the process itself.
    EXPECT_TRUE(message("crash").starts_with(is_sanitized() ? "internal: song.mp3: the decoder crashed (status 1)."
                                                            : "internal: song.mp3: the decoder crashed (signal 11)."))
        << message("crash");
    EXPECT_TRUE(message("leave").starts_with("internal: song.mp3: the decoder crashed (status 7)."))
        << message("leave");
    EXPECT_TRUE(message("close").starts_with("internal: song.mp3: the decoder gave an answer that makes no sense."))
        << message("close");
    EXPECT_EQ(result("nothing"), 0);
}

TEST_F(Confined, MayNotUseMoreMemory) {
    if (is_sanitized()) GTEST_SKIP() << "a sanitizer needs more address space than any limit";
    EXPECT_TRUE(message("memory").starts_with("internal: song.mp3: decoding it needed more than 64 MB of memory."))
        << message("memory");
}

TEST_F(Confined, MayNotUseMoreTimeOfTheProcessor) {
    const std::string said = message("loop", 0.3);
    EXPECT_TRUE(said.starts_with("internal: song.mp3: decoding it took longer than 0 s of the processor.")) << said;
}

TEST_F(Confined, IsUsedAgainUnlessItFailed) {
    Worker* const first = worker().get();
    std::shared_ptr<Worker> again = worker();
    EXPECT_EQ(again.get(), first);
    EXPECT_EQ(again->files(), 2);
    // Two at a time are two processes.
    EXPECT_NE(worker().get(), first);
    try {
        again->call(deed("crash"));
        FAIL() << "crashed and answered";
    } catch (const WorkerLost& lost) {
        EXPECT_TRUE(lost.retry()) << "an earlier file may have spoilt it";
    }
    EXPECT_FALSE(again->is_reusable());
}

TEST_F(Confined, FreshProcessesAreNotRetried) {
    const std::shared_ptr<Worker> fresh = pool.take(true);
    fresh->begin("song.mp3", 60.0);
    try {
        fresh->call(deed("crash"));
        FAIL() << "crashed and answered";
    } catch (const WorkerLost& lost) {
        EXPECT_FALSE(lost.retry());
    }
}

TEST_F(Confined, WorksFromManyThreads) {
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int j = 0; j < 20; ++j) {
                if ((i + j) % 5 == 0) {
                    good += message("crash").starts_with("internal: song.mp3: the decoder crashed");
                } else {
                    good += result("nothing") == 0;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 80);
}

}  // namespace
}  // namespace earmark::confine
