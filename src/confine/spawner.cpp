#include "confine/spawner.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/throw.hpp"
#include "confine/message.hpp"

namespace earmark::confine {

namespace {

enum class Request { spawn, wait };

/// The process that forks the others.
class Forker {
  public:
    Forker(const SpawnerOptions& options, const Channel& channel) : options_(options), channel_(channel) {}

    void run() {
        try {
            options_.prepare();
        } catch (const std::exception&) {
            // The processes will say what is missing when they need it.
        }
        address_space_ = address_space();
        while (const std::optional<Channel::Received> received = channel_.receive(true)) {
            MessageReader request(received->message);
            MessageWriter answer;
            if (request.integer() == static_cast<std::int64_t>(Request::spawn)) {
                answer.integer(spawn(received->descriptors.at(0).get()));
            } else {
                answer.integer(wait_for(static_cast<pid_t>(request.integer())));
            }
            channel_.send(answer.bytes());
        }
        for (const pid_t child : children_) ::kill(child, SIGKILL);
        for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
    }

  private:
    /// @return the process, or what errno says of why there is none, below zero
    std::int64_t spawn(int socket) {
        const pid_t self = ::getpid();
        const pid_t child = ::fork();
        if (child < 0) return -errno;
        if (child > 0) {
            children_.insert(child);
            return child;
        }
        follow_parent(self);
        close_all_but(socket);
        const Channel channel{files::Descriptor(socket)};
        const Protections protections = enter_sandbox(options_.limits, address_space_);
        MessageWriter hello;
        hello.integer(protections.seccomp).integer(protections.landlock);
        if (channel.send(hello.bytes())) options_.serve(channel);
        ::_exit(0);
    }

    int wait_for(pid_t child) {
        int status = 0;
        pid_t ended = 0;
        for (int step = 0; ended == 0 && step < most_steps; ++step) {
            if (step > 0) ::usleep(step < 20 ? 100 : 1000);
            ended = ::waitpid(child, &status, WNOHANG);
        }
        children_.erase(child);
        if (ended == child) return status;
        // It closed its channel, but went on.
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        return -1;
    }

    static constexpr int most_steps = 2000;  // some milliseconds that a process may take to end

    const SpawnerOptions& options_;
    const Channel& channel_;
    std::int64_t address_space_ = 0;
    std::set<pid_t> children_;
};

[[noreturn]] void fail_to_start(int error) {
    base::fail(ErrorCode::unreadable, "no process can be started to read files: {}. Close other programs.",
               std::strerror(error));
}

}  // namespace

Spawner::Spawner(const SpawnerOptions& options) {
    auto [mine, other] = Channel::make();
    const pid_t self = ::getpid();
    process_ = ::fork();
    if (process_ < 0) fail_to_start(errno);
    if (process_ == 0) {
        follow_parent(self);
        close_all_but(other.descriptor());
        try {
            Forker(options, other).run();
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    channel_ = std::move(mine);
}

Spawner::~Spawner() {
    channel_ = Channel();  // which ends them
    ::waitpid(process_, nullptr, 0);
}

Spawner::Child Spawner::spawn() {
    auto [mine, other] = Channel::make();
    MessageWriter request;
    request.integer(static_cast<std::int64_t>(Request::spawn));
    const int socket = other.descriptor();
    std::optional<Channel::Received> answer;
    {
        const std::scoped_lock lock(mutex_);
        if (channel_.send(request.bytes(), {&socket, 1})) answer = channel_.receive(false);
    }
    if (!answer) fail_to_start(ECHILD);
    other = Channel();
    const std::int64_t process = MessageReader(answer->message).integer();
    if (process < 0) fail_to_start(static_cast<int>(-process));
    Child child{static_cast<pid_t>(process), std::move(mine), {}};
    // It opened nothing yet: what it says of itself is true.
    const std::optional<Channel::Received> hello = child.channel.receive(false);
    if (!hello) fail_to_start(ECHILD);
    MessageReader reader(hello->message);
    child.protections.seccomp = reader.integer() != 0;
    child.protections.landlock = reader.integer() != 0;
    return child;
}

int Spawner::wait_for(pid_t process) {
    MessageWriter request;
    request.integer(static_cast<std::int64_t>(Request::wait)).integer(process);
    const std::scoped_lock lock(mutex_);
    if (!channel_.send(request.bytes())) return -1;
    const std::optional<Channel::Received> answer = channel_.receive(false);
    return answer ? static_cast<int>(MessageReader(answer->message)
                                         .integer(std::numeric_limits<int>::min(), std::numeric_limits<int>::max()))
                  : -1;
}

}  // namespace earmark::confine
