#pragma once

#include <chrono>
#include <string>

#include "experiment/run/runner.hpp"

namespace earmark::commands {

/// Says on standard error how far an experiment has come: on a terminal a block of lines that is drawn anew, one for
/// the whole and one a run under way; elsewhere a line a finished run.
class ExperimentProgress {
  public:
    /// @param quiet  prints failures and choices only
    explicit ExperimentProgress(bool quiet);
    ~ExperimentProgress() { clear(); }
    ExperimentProgress(const ExperimentProgress&) = delete;
    ExperimentProgress& operator=(const ExperimentProgress&) = delete;

    /// What tells this, while it lives.
    experiment::RunEvents events();
    void message(const std::string& text);
    /// Wipes the block, to make room for other messages.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;

    void show(const experiment::ExperimentStatus& status);
    void finished(const experiment::RunRecord& record, const experiment::ExperimentStatus& status);

    bool quiet_;
    bool terminal_;
    int drawn_ = 0;  ///< lines of the block
    Clock::time_point last_;
};

/// A finished run in one line: "mlp dropout=0.3, tracks, seed 1: test 51.2 % of segments, …".
std::string outcome_line(const experiment::RunRecord& record);

}  // namespace earmark::commands
