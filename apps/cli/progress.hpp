#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/progress.hpp"

namespace earmark::cli {

/// A line on standard error that says how far a long command has come: done of how many, how fast, how long to go.
/// It is as wide as the window and never wraps. It is drawn at most ten times a second, and only on a terminal; not when
/// standard output is a pipe, for what reads that may be a pager on the same terminal. Not thread-safe.
class ProgressBar {
  public:
    /// @param total  0 when it is not known yet; see `update`
    /// @param quiet  draws nothing
    ProgressBar(std::string what, std::int64_t total, bool quiet);
    ~ProgressBar() { finish(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// One more is done.
    void advance() { update({progress_.done + 1, progress_.total, progress_.failed}); }
    void update(const base::Progress& progress);
    /// What hands progress to `update`, while this lives.
    base::ProgressSink sink() {
        return [this](const base::Progress& progress) { update(progress); };
    }
    /// Wipes the line, to make room for a message; the next step draws it again.
    void clear();
    /// Wipes the line for good.
    void finish();

  private:
    using Clock = std::chrono::steady_clock;

    void draw(double seconds);

    std::string what_;
    base::Progress progress_;
    bool active_ = false;
    bool drawn_ = false;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point last_;
};

/// The line of a progress bar in at most `width` columns: what does not fit is left out, the least important first.
/// @param seconds  since the beginning; 0: no rate is given yet
std::string progress_line(const std::string& what, const base::Progress& progress, double seconds, std::size_t width);

/// "4:05" or "1:02:03".
std::string clock_time(double seconds);

}  // namespace earmark::cli
