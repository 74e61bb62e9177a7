#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace earmark::testing {

/// What a program left behind.
struct Finished {
    int status = 0;  ///< exit status, or 128 + the signal that ended it
    std::string output;
    std::string messages;
    long peak_kib = 0;  ///< largest resident size
};

/// A program under way, with its output caught. What the user has set for `earmark`, in variables or a settings file,
/// does not reach it.
class Program {
  public:
    /// @param variables  of its environment, NAME=value, besides those that are there
    explicit Program(std::vector<std::string> command, std::vector<std::string> variables = {}) {
        int out[2];
        int err[2];
        if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        process_ = ::fork();
        if (process_ < 0) throw std::runtime_error("no process");
        if (process_ == 0) {
            set_environment(variables);
            ::dup2(::open("/dev/null", O_RDONLY), 0);
            ::dup2(out[1], 1);
            ::dup2(err[1], 2);
            std::vector<char*> argv;
            for (std::string& word : command) argv.push_back(word.data());
            argv.push_back(nullptr);
            ::execvp(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(out[1]);
        ::close(err[1]);
        output_ = out[0];
        messages_ = err[0];
    }

    void signal(int number) const { ::kill(process_, number); }

    /// Reads until standard error holds `text` or ends.
    bool wait_for_message(const std::string& text) {
        while (result_.messages.find(text) == std::string::npos) {
            if (!pump()) return false;
        }
        return true;
    }

    testing::Finished wait() {
        while (pump()) {
        }
        int status = 0;
        rusage usage{};
        ::wait4(process_, &status, 0, &usage);
        result_.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        result_.peak_kib = usage.ru_maxrss;
        return result_;
    }

  private:
    static void set_environment(std::vector<std::string>& variables) {
        std::vector<std::string> names;
        for (char** each = environ; *each != nullptr; ++each) {
            const std::string entry = *each;
            if (entry.starts_with("EARMARK_")) names.push_back(entry.substr(0, entry.find('=')));
        }
        for (const std::string& name : names) ::unsetenv(name.c_str());
        ::setenv("EARMARK_SETTINGS", "/dev/null", 1);
        for (std::string& variable : variables) ::putenv(variable.data());
    }

    /// Takes what there is. @return false when both pipes have ended
    bool pump() {
        pollfd files[2] = {{output_, POLLIN, 0}, {messages_, POLLIN, 0}};
        if (output_ < 0 && messages_ < 0) return false;
        ::poll(files, 2, -1);
        take(files[0], output_, result_.output);
        take(files[1], messages_, result_.messages);
        return output_ >= 0 || messages_ >= 0;
    }

    static void take(const pollfd& file, int& descriptor, std::string& text) {
        if (descriptor < 0 || (file.revents & (POLLIN | POLLHUP | POLLERR)) == 0) return;
        char buffer[1 << 16];
        const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
        if (got > 0) {
            text.append(buffer, static_cast<std::size_t>(got));
        } else {
            ::close(descriptor);
            descriptor = -1;
        }
    }

    pid_t process_ = -1;
    int output_ = -1;
    int messages_ = -1;
    testing::Finished result_;
};

inline testing::Finished run(std::vector<std::string> command, std::vector<std::string> variables = {}) {
    return testing::Program(std::move(command), std::move(variables)).wait();
}

/// Runs the `earmark` of this build.
inline testing::Finished earmark(std::vector<std::string> arguments, std::vector<std::string> variables = {}) {
    arguments.insert(arguments.begin(), EARMARK_BUILD_DIR "/bin/earmark");
    return testing::run(std::move(arguments), std::move(variables));
}

}  // namespace earmark::testing
