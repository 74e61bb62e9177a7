#include "cli/interrupt.hpp"

#include <csignal>

namespace earmark::cli {

namespace {

base::StopFlag interrupted{false};
static_assert(base::StopFlag::is_always_lock_free, "a signal handler sets it");

void on_signal(int signal) {
    interrupted = true;
    std::signal(signal, SIG_DFL);
}

}  // namespace

const base::StopFlag& stop_on_interrupt() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    return interrupted;
}

}  // namespace earmark::cli
