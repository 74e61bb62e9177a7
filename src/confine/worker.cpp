#include "confine/worker.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <ctime>
#include <utility>

#include "base/throw.hpp"

namespace earmark::confine {

namespace {

/// Longest message of an error that a worker may send.
constexpr std::size_t longest_text = std::size_t{1} << 14;

/// Steps of a second in which a worker may neither answer nor use the processor: a disk may have to start, a network
/// to come back.
constexpr int most_idle_steps = 120;

std::string megabytes(std::int64_t bytes) {
    return fmt::format("{} MB", bytes >> 20);
}

}  // namespace

Worker::Worker(Spawner& spawner, const SpawnerOptions& options)
    : spawner_(spawner), limits_(options.limits), memory_(options.shared_memory), child_(spawner.spawn()) {}

Worker::~Worker() {
    end();
}

void Worker::begin(std::string name, double seconds) {
    name_ = std::move(name);
    seconds_ = seconds;
    begun_ = processor_seconds();
    ++files_;
}

/// Seconds of the processor that it has taken since it began; 0 when that is not known.
double Worker::processor_seconds() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(child_.process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0.0;
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Waits until something can be read. Time is that of the worker's processor, so that a busy machine does no harm; the
/// steps in which it does nothing are counted, not timed, since both processes may be stopped.
bool Worker::wait_for_answer() {
    int idle = 0;
    double before = -1.0;
    for (;;) {
        pollfd socket{child_.channel.descriptor(), POLLIN, 0};
        const double left = std::max(0.0, begun_ + seconds_ - std::max(before, begun_));
        const int ready = ::poll(&socket, 1, static_cast<int>(std::clamp(1000.0 * left + 1.0, 10.0, 1000.0)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
        const double now = processor_seconds();
        if (now - begun_ > seconds_) {
            how_ = Ended::out_of_time;
            return false;
        }
        idle = now > before ? 0 : idle + 1;
        before = now;
        if (idle >= most_idle_steps) {
            how_ = Ended::idle;
            return false;
        }
    }
}

void Worker::end() {
    if (std::exchange(ended_, true)) return;
    ::kill(child_.process, SIGKILL);  // its number is its own until it was waited for
    child_.channel = Channel();
    status_ = spawner_.wait_for(child_.process);
}

void Worker::abandon() noexcept {
    if (std::exchange(ended_, true)) return;
    ::kill(child_.process, SIGKILL);
}

void Worker::lose(Ended how) {
    if (how == Ended::by_itself && !ended_) {  // not to be killed before it was seen how it ended
        ended_ = true;
        child_.channel = Channel();
        status_ = spawner_.wait_for(child_.process);
    }
    end();
    const bool retry = files_ > 1;
    switch (how) {
        case Ended::out_of_time:
            throw WorkerLost(
                ErrorCode::internal,
                fmt::format("{}: decoding it took longer than {:.0f} s of the processor. It is damaged, or "
                            "made to do that: copy it again from its source.",
                            name_, seconds_),
                false);
        case Ended::idle:
            throw WorkerLost(ErrorCode::unreadable,
                             fmt::format("{}: cannot be read: nothing came of it for {} s. Check the disk or the "
                                         "connection to it.",
                                         name_, most_idle_steps),
                             false);
        case Ended::by_itself:
            break;
    }
    if (status_ == -1) refuse();
    if (WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL) {
        throw WorkerLost(ErrorCode::unreadable,
                         fmt::format("{}: the process that read it was killed. The machine may be short of memory: "
                                     "close other programs.",
                                     name_),
                         retry);
    }
    const std::string why = WIFSIGNALED(status_) ? fmt::format("signal {}", WTERMSIG(status_))
                                                 : fmt::format("status {}", WEXITSTATUS(status_));
    throw WorkerLost(ErrorCode::internal,
                     fmt::format("{}: the decoder crashed ({}). It is damaged, or made to do that: copy it again from "
                                 "its source, and keep FFmpeg's libraries up to date.",
                                 name_, why),
                     retry);
}

void Worker::refuse() {
    end();
    throw WorkerLost(ErrorCode::internal,
                     fmt::format("{}: the decoder gave an answer that makes no sense. The file is damaged, or made to "
                                 "do that: copy it again from its source.",
                                 name_),
                     files_ > 1);
}

void Worker::send(const MessageWriter& request, std::span<const int> descriptors) {
    owes_answer_ = true;
    if (ended_ || !child_.channel.send(request.bytes(), descriptors)) lose(Ended::by_itself);
}

MessageReader Worker::receive() {
    how_ = Ended::by_itself;
    std::optional<Channel::Received> received;
    if (!ended_) received = child_.channel.receive(false, [this] { return wait_for_answer(); });
    if (!received) lose(how_);
    owes_answer_ = false;
    try {
        MessageReader reader(std::move(received->message));
        switch (static_cast<Answer>(reader.integer(0, 2))) {
            case Answer::done:
                return reader;
            case Answer::out_of_memory:
                failed_ = true;
                throw WorkerLost(ErrorCode::internal,
                                 fmt::format("{}: decoding it needed more than {} of memory. It is damaged, or made to "
                                             "do that: copy it again from its source.",
                                             name_, megabytes(limits_.memory)),
                                 files_ > 1);
            case Answer::failed:
                break;
        }
        failed_ = true;
        const auto code = static_cast<ErrorCode>(reader.integer(0, static_cast<std::int64_t>(ErrorCode::internal)));
        const std::string message = reader.text(longest_text);
        reader.end();
        throw Error(code, message.starts_with(name_) ? message : fmt::format("{}: {}", name_, message));
    } catch (const WorkerLost&) {
        throw;
    } catch (const Error& error) {
        if (failed_) throw;
        refuse();
    }
}

MessageReader Worker::call(const MessageWriter& request, std::span<const int> descriptors) {
    send(request, descriptors);
    return receive();
}

WorkerPool::WorkerPool(SpawnerOptions options) : options_(std::move(options)), spawner_(options_) {}

WorkerPool::~WorkerPool() {
    // All at once, not one after the other.
    for (const std::unique_ptr<Worker>& worker : idle_) worker->abandon();
}

std::shared_ptr<Worker> WorkerPool::take(bool fresh) {
    std::unique_ptr<Worker> worker;
    {
        const std::scoped_lock lock(mutex_);
        if (!fresh && !idle_.empty()) {
            worker = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!worker) {
        worker = std::make_unique<Worker>(spawner_, options_);
        const std::scoped_lock lock(mutex_);
        missing_ = worker->protections().missing();
    }
    return {worker.release(), [this](Worker* taken) { give_back(std::unique_ptr<Worker>(taken)); }};
}

void WorkerPool::give_back(std::unique_ptr<Worker> worker) {
    if (!worker->is_reusable()) return;
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(worker));
}

std::vector<std::string> WorkerPool::missing_protections() const {
    const std::scoped_lock lock(mutex_);
    return missing_;
}

}  // namespace earmark::confine
