#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "confine/message.hpp"
#include "confine/shared_memory.hpp"
#include "confine/spawner.hpp"
#include "earmark/error.hpp"

namespace earmark::confine {

/// A confined process ended, or had to be ended, while it worked on a file.
class WorkerLost : public Error {
  public:
    WorkerLost(ErrorCode code, const std::string& message, bool retry) : Error(code, message), retry_(retry) {}

    /// Whether the file may not be at fault, since the process had worked on others before.
    bool retry() const noexcept { return retry_; }

  private:
    bool retry_;
};

/// How an answer of a worker begins.
enum class Answer {
    done,
    failed,        ///< an ErrorCode and a message follow
    out_of_memory  ///< it needed more than it may have
};

/// A confined process, seen from outside: it works on one file after the other. What it sends is not trusted. Not
/// thread-safe; different ones may be used by different threads.
class Worker {
  public:
    Worker(Spawner& spawner, const SpawnerOptions& options);
    /// Ends it.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    const Protections& protections() const noexcept { return child_.protections; }

    /// What it may share with this process, once it was sent the descriptor. It may change at any time.
    const SharedMemory& memory() const noexcept { return memory_; }
    /// Files that it has worked on.
    int files() const noexcept { return files_; }

    /// From now on it works on another file.
    /// @param name     what errors call the file
    /// @param seconds  of the processor that it may take for it
    void begin(std::string name, double seconds);

    /// Sends a request, to which `receive` gets the answer. @throws WorkerLost
    void send(const MessageWriter& request, std::span<const int> descriptors = {});
    /// @throws WorkerLost; what the worker says that it failed with
    MessageReader receive();
    MessageReader call(const MessageWriter& request, std::span<const int> descriptors = {});

    /// Ends it, since what it sent makes no sense. @throws WorkerLost
    [[noreturn]] void refuse();

    /// Ends it without waiting until it has ended: the spawner does that when it goes.
    void abandon() noexcept;

    /// Whether it can work on another file: it did well, and owes no answer.
    bool is_reusable() const noexcept { return !ended_ && !failed_ && !owes_answer_ && files_ < most_files; }

  private:
    /// Files for one process at the most, so that what it keeps of them does not add up.
    static constexpr int most_files = 500;

    enum class Ended { by_itself, out_of_time, idle };

    bool wait_for_answer();
    double processor_seconds() const;
    void end();
    [[noreturn]] void lose(Ended how);

    Spawner& spawner_;
    SandboxLimits limits_;
    SharedMemory memory_;
    Spawner::Child child_;
    std::string name_;
    double seconds_ = 0.0;
    double begun_ = 0.0;  // seconds of the processor that it had taken when it began with the file
    int files_ = 0;
    Ended how_ = Ended::by_itself;
    bool owes_answer_ = false;
    bool failed_ = false;
    bool ended_ = false;
    int status_ = -1;
};

/// Workers that have nothing to do, and the means to get more. Thread-safe.
class WorkerPool {
  public:
    /// As Spawner.
    explicit WorkerPool(SpawnerOptions options);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// A worker for a file: one that is idle, or a new one. It returns to the pool when the last pointer to it goes; the
    /// pool must outlive that. @throws Error as Spawner::spawn
    std::shared_ptr<Worker> take(bool fresh = false);

    /// What this kernel cannot keep workers from; known once one was taken.
    std::vector<std::string> missing_protections() const;

  private:
    void give_back(std::unique_ptr<Worker> worker);

    SpawnerOptions options_;
    Spawner spawner_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> idle_;
    std::vector<std::string> missing_;
};

}  // namespace earmark::confine
