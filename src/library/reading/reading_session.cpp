#include "library/reading/reading_session.hpp"

#include <array>
#include <span>

#include "library/reading/limits.hpp"

namespace earmark::library {

void ReadingSession::open() {
    if (opened_) return;
    if (!worker_) worker_ = pool_.take();
    worker_->begin(file_->name(), longest_reading(file_->size()));
    confine::MessageWriter message = request(protocol::Request::open);
    message.text(file_->name()).integer(file_->size());
    const std::array descriptors{file_->descriptor(), worker_->memory().descriptor()};
    // Its memory is sent to a process once.
    worker_->send(message, std::span(descriptors).first(worker_->files() == 1 ? 2 : 1));
    receive(*worker_, [](confine::MessageReader&) { return true; });
    opened_ = true;
}

}  // namespace earmark::library
