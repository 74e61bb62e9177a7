#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

#include "confine/channel.hpp"
#include "confine/sandbox.hpp"

namespace earmark::confine {

/// What the processes of a Spawner are.
struct SpawnerOptions {
    /// Loads what they need, before they are confined. It runs once, in a process of its own.
    std::function<void()> prepare;
    /// What each does: answers messages until its channel ends.
    std::function<void(const Channel& channel)> serve;
    SandboxLimits limits = {};
    /// Bytes of memory that each shares with this process; see Worker::memory.
    std::size_t shared_memory = 4096;
};

/// Makes confined processes. It forks a process with one thread at once, and has that fork the others, so that nothing is
/// ever forked from a process with threads. All of them end with this process, however that ends.
class Spawner {
  public:
    /// To be called while this process has one thread only, and holds no locks that a copy of it must not have.
    /// @throws Error internal when the system has no room for another process
    explicit Spawner(const SpawnerOptions& options);
    /// Ends all of them.
    ~Spawner();
    Spawner(const Spawner&) = delete;
    Spawner& operator=(const Spawner&) = delete;

    struct Child {
        pid_t process = 0;
        Channel channel;
        Protections protections;
    };

    /// Starts one. Thread-safe. @throws Error unreadable when the system has no room for another process
    Child spawn();

    /// Waits until one has ended whose channel has, or which was told to. Thread-safe. @return its status, as waitpid(2)
    /// gives it; -1 when it did not end by itself
    int wait_for(pid_t process);

  private:
    Channel channel_;  // to the process that forks
    pid_t process_ = -1;
    std::mutex mutex_;
};

}  // namespace earmark::confine
