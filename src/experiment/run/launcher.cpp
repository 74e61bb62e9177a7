#include "experiment/run/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/throw.hpp"
#include "experiment/run/machine.hpp"
#include "files/descriptor.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;

namespace {

/// What the new process does before it becomes the program: nothing here may allocate.
[[noreturn]] void exec_child(const char* program, char* const* arguments, char* const* environment, pid_t parent,
                             int in, int out, int err) {
    ::setpgid(0, 0);
#ifdef __linux__
    // Not a polite signal: a run that went on for a moment would meet the one that is started again.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // died before that was set
#endif
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execve(program, arguments, environment);
    ::_exit(127);
}

/// The environment without what the user has set for `earmark`, in variables or in a settings file: what a run does is
/// said by the experiment file alone.
Arguments plain_environment() {
    Arguments result;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        if (!std::string_view(*each).starts_with("EARMARK_")) result.emplace_back(*each);
    }
    result.emplace_back("EARMARK_SETTINGS=/dev/null");
    return result;
}

}  // namespace

ProcessLauncher::~ProcessLauncher() {
    for (Child& child : children_) {
        ::kill(-child.process, SIGKILL);
        ::waitpid(child.process, nullptr, 0);
    }
}

void ProcessLauncher::start(int key, const Arguments& words, const fs::path& log) {
    const files::Descriptor in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const files::Descriptor err(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!err.is_open())
        base::fail(ErrorCode::cannot_write, "{}: cannot be written: {}.", log.string(), std::strerror(errno));
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0)
        base::fail(ErrorCode::internal, "no pipe can be made: {}.", std::strerror(errno));
    files::Descriptor read_end(pipe[0]);
    const files::Descriptor write_end(pipe[1]);

    std::string name = "earmark";
    Arguments copy = words;
    std::vector<char*> arguments{name.data()};
    for (std::string& word : copy) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    Arguments variables = plain_environment();
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) base::fail(ErrorCode::internal, "no process can be started: {}.", std::strerror(errno));
    if (process == 0) {
        exec_child(program_.c_str(), arguments.data(), environment.data(), parent, in.get(), write_end.get(),
                   err.get());
    }
    ::setpgid(process, process);  // here too: whichever comes first
    ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    children_.push_back({key, process, std::move(read_end), ""});
}

void ProcessLauncher::read(Child& child, const Sink<const LaunchEvent&>& tell) {
    std::array<char, 1 << 14> buffer;
    for (;;) {
        const ssize_t got = ::read(child.output.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) {
            child.output.close();
            break;
        }
        child.text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = child.text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        tell({child.key, false, child.text.substr(begin, end - begin), 0, 0});
    }
    child.text.erase(0, begin);
}

void ProcessLauncher::wait(int milliseconds, const Sink<const LaunchEvent&>& tell) {
    std::vector<pollfd> files;
    for (const Child& child : children_) {
        if (child.output.is_open()) files.push_back({child.output.get(), POLLIN, 0});
    }
    // One that has closed its output ends within moments.
    ::poll(files.data(), files.size(), files.size() < children_.size() ? std::min(milliseconds, 5) : milliseconds);
    for (Child& child : children_) {
        if (child.output.is_open()) read(child, tell);
    }
    std::vector<LaunchEvent> ends;
    std::erase_if(children_, [&](Child& child) {
        int status = 0;
        rusage usage{};
        if (child.output.is_open() || ::wait4(child.process, &status, WNOHANG, &usage) != child.process) return false;
        ends.push_back({child.key, true, "", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                        static_cast<std::int64_t>(usage.ru_maxrss) * 1024});
        return true;
    });
    for (const LaunchEvent& end : ends) tell(end);  // which may start others
}

void ProcessLauncher::interrupt() {
    for (const Child& child : children_) ::kill(-child.process, SIGINT);
}

std::int64_t ProcessLauncher::resident(int key) const {
    for (const Child& child : children_) {
        if (child.key == key) return resident_memory(child.process);
    }
    return 0;
}

}  // namespace earmark::experiment
