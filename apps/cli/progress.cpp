#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace earmark::cli {

Progress::Progress(std::string what, std::int64_t total, bool quiet)
    : what_(std::move(what)), total_(total), active_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

void Progress::update(std::int64_t done, std::int64_t total) {
    done_ = done;
    total_ = total;
    if (!active_ || total_ <= 0) return;
    const Clock::time_point now = Clock::now();
    if (done_ < total_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    draw(std::chrono::duration<double>(now - begin_).count());
}

void Progress::draw(double seconds) {
    constexpr int width = 24;
    const int filled = static_cast<int>(std::clamp<std::int64_t>(width * done_ / total_, 0, width));
    std::string text = fmt::format("\r{} [{:=<{}}{: <{}}] {}/{}", what_, "", filled, "", width - filled, done_, total_);
    if (done_ > 0 && seconds > 0.0) {
        const double rate = static_cast<double>(done_) / seconds;
        text += fmt::format("  {:.1f}/s  {} left", rate, clock_time(static_cast<double>(total_ - done_) / rate));
    }
    if (!note_.empty()) text += "  " + note_;
    fmt::print(stderr, "{}\x1b[K", text);
    std::fflush(stderr);
    drawn_ = true;
}

void Progress::clear() {
    if (!drawn_) return;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    drawn_ = false;
    last_ = {};
}

void Progress::finish() {
    clear();
    active_ = false;
}

std::string clock_time(double seconds) {
    const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 1e9) + 0.5);
    if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace earmark::cli
