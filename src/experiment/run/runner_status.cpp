// How far an experiment has come, and how long it will take.
#include <algorithm>

#include "experiment/run/runner.hpp"

namespace earmark::experiment {

/// Seconds that a run will still take, as far as can be told; below 0 when not at all.
double ExperimentRunner::left_of(const Slot& slot) const {
    const auto seconds = [](Clock::time_point begin) {
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    const RunningStatus& progress = slot.progress;
    if (slot.running && progress.epoch > 0 && slot.todo.front() == Stage::train) {
        const double an_epoch = seconds(slot.stage_begin) / (progress.epoch - slot.first_epoch + 1);
        return an_epoch * (progress.epochs - progress.epoch);
    }
    const bool trains = !slot.todo.empty() && (slot.todo.front() == Stage::train || slot.run.command == "baseline");
    if (!trains) return 0.0;  // an evaluation takes moments
    const std::optional<double> whole = estimates_.seconds(slot.run);
    if (!whole) return -1.0;
    return slot.running ? std::max(0.0, *whole - seconds(slot.begin)) : *whole;
}

ExperimentStatus ExperimentRunner::status() const {
    ExperimentStatus result;
    result.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    // Where nothing is finished yet, a waiting run takes as long as those that run will have taken.
    RunEstimates estimates = estimates_;
    for (const Slot& slot : slots_) {
        if (!slot.running || left_of(slot) < 0.0) continue;
        if (!estimates_.seconds(slot.run)) estimates.add(slot.run, slot.state.seconds + left_of(slot), 0);
    }
    double left = 0.0;
    double longest = 0.0;
    bool known = true;
    for (const Slot& slot : slots_) {
        if (!slot.selected) continue;
        ++result.runs.total;
        if (slot.record) ++result.runs.done;
        if (slot.record && slot.record->failed) ++result.runs.failed;
        if (!slot.running && !unfinished(slot)) continue;
        double seconds = left_of(slot);
        if (seconds < 0.0 && !slot.running) seconds = estimates.seconds(slot.run).value_or(-1.0);
        known = known && seconds >= 0.0;
        left += std::max(0.0, seconds);
        if (!slot.running) continue;
        longest = std::max(longest, seconds);
        result.running.push_back(slot.progress);
        result.running.back().seconds = std::chrono::duration<double>(Clock::now() - slot.begin).count();
        if (seconds >= 0.0) result.running.back().seconds_left = seconds;
    }
    if (known) result.seconds_left = std::max(longest, left / options_.jobs);
    return result;
}

}  // namespace earmark::experiment
