#pragma once

#include <memory>
#include <utility>

#include "audio/input/input_file.hpp"
#include "confine/worker.hpp"
#include "library/reading/protocol.hpp"

namespace earmark::library {

/// One file that a confined process has open: the process is this session's alone until it ends. Not thread-safe.
class ReadingSession {
  public:
    ReadingSession(confine::WorkerPool& pool, std::shared_ptr<audio::InputFile> file)
        : pool_(pool), file_(std::move(file)) {}

    /// Another on the same file, in a process of its own.
    std::shared_ptr<ReadingSession> another() const { return std::make_shared<ReadingSession>(pool_, file_); }

    /// Does something in the process: `use(worker)`. When it ended, and may have been spoilt by an earlier file, that is
    /// done once more in a fresh one; then `process` is another.
    template <typename Use>
    auto run(Use use) {
        try {
            open();
            return use(*worker_);
        } catch (const confine::WorkerLost& lost) {
            check_unchanged();
            if (!lost.retry()) throw;
        } catch (const Error&) {
            check_unchanged();  // which is what is wrong then
            throw;
        }
        worker_ = pool_.take(true);
        ++process_;
        opened_ = false;
        open();
        return use(*worker_);
    }

    /// Which process it is by now.
    int process() const noexcept { return process_; }

    /// @throws Error changed
    void check_unchanged() const { file_->check_unchanged(); }

    static confine::MessageWriter request(protocol::Request request) {
        confine::MessageWriter message;
        message.integer(static_cast<std::int64_t>(request));
        return message;
    }

    /// Takes an answer that is due with `take(answer)`. @throws WorkerLost also when it makes no sense
    template <typename Take>
    static auto receive(confine::Worker& worker, Take take) {
        confine::MessageReader answer = worker.receive();
        try {
            auto result = take(answer);
            answer.end();
            return result;
        } catch (const Error&) {
            worker.refuse();
        }
    }

    template <typename Take>
    static auto ask(confine::Worker& worker, const confine::MessageWriter& request, Take take) {
        worker.send(request);
        return receive(worker, take);
    }

  private:
    void open();

    confine::WorkerPool& pool_;
    std::shared_ptr<audio::InputFile> file_;
    std::shared_ptr<confine::Worker> worker_;
    int process_ = 0;
    bool opened_ = false;
};

}  // namespace earmark::library
