#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/stop.hpp"
#include "earmark/sink.hpp"
#include "experiment/description/choices.hpp"
#include "experiment/description/plan.hpp"
#include "experiment/results/results.hpp"
#include "experiment/run/estimates.hpp"
#include "experiment/run/launcher.hpp"
#include "experiment/run/run_folder.hpp"

namespace earmark::experiment {

/// How an experiment is run. Empty lists stand for all.
struct RunnerOptions {
    std::filesystem::path data;     ///< the folder with the data
    std::filesystem::path results;  ///< the folder for what comes of it
    int jobs = 0;                   ///< runs at a time; 0: one a core
    std::int64_t memory = 0;        ///< bytes that the runs may take together; 0: what is available
    std::vector<std::string> protocols;
    std::vector<std::string> grids;
    std::vector<std::uint64_t> seeds;
    bool retry_failed = false;  ///< whether failed runs are tried again
    bool choose_anew = false;   ///< whether a choice that was evaluated may be replaced

    bool includes(const Run& run) const;
};

/// A run under way.
struct RunningStatus {
    std::string label;
    std::string stage;  ///< "train", "valid" or "test"
    int epoch = 0;
    int epochs = 0;  ///< 0: not known yet
    double valid_accuracy = std::numeric_limits<double>::quiet_NaN();
    double seconds = 0.0;
    std::optional<double> seconds_left;
};

/// How far an experiment has come.
struct ExperimentStatus {
    base::Progress runs;   ///< of those that were asked for
    double seconds = 0.0;  ///< since the start of this session
    std::optional<double> seconds_left;
    std::vector<RunningStatus> running;
};

/// What a runner is to tell while it is at work. All may be left out.
struct RunEvents {
    Sink<const ExperimentStatus&> status;  ///< several times a second
    /// A run is over: finished or failed.
    Sink<const RunRecord&, const ExperimentStatus&> finished;
    Sink<const std::string&> message;  ///< a sentence about choices and the like
};

/// Runs what an experiment still lacks, several runs at a time, and keeps what comes of it: `runs/ID/`, `choices.json`
/// and `results.csv`. Whatever moment it is ended at, a new one goes on from there. Not thread-safe.
class ExperimentRunner {
  public:
    /// Looks up what is finished. @throws Error unreadable, corrupt
    ExperimentRunner(const Experiment& experiment, const ExperimentInputs& inputs, RunnerOptions options,
                     Launcher& launcher, RunEvents events);

    /// @return how it ended: all runs are done unless it was stopped or a run was interrupted from outside
    /// @throws Error cannot_write, internal
    ExperimentStatus run(const base::StopFlag& stop);

  private:
    using Clock = std::chrono::steady_clock;
    enum class Stage : std::uint8_t { train, valid, test };

    /// A run of the plan, and what is being done about it.
    struct Slot {
        Run run;
        bool selected = false;
        std::optional<RunRecord> record;  ///< without history and outcomes
        std::deque<Stage> todo;
        bool running = false;
        bool given_up = false;  ///< interrupted by someone else: left for the next session
        RunState state;
        std::string output;          ///< of the stage under way
        std::size_t log_offset = 0;  ///< where its messages begin
        bool summarised = false;     ///< the training said that it was through
        Clock::time_point begin;     ///< of the run in this session
        Clock::time_point stage_begin;
        Clock::time_point saved;
        std::int64_t memory = 0;  ///< expected
        int first_epoch = 0;      ///< the first one trained in this session
        RunningStatus progress;
    };

    bool has_valid(const Run& run) const;
    std::vector<Stage> wanted(const Run& run) const;
    void plan_stages(Slot& slot);
    bool unfinished(const Slot& slot) const { return !slot.todo.empty() && !slot.given_up; }

    void start_what_fits();
    /// Whether the runs are over whose networks it needs. Where one failed, its model is missing, and the command that
    /// takes it says so.
    bool has_needed(const Slot& slot) const;
    bool fits(const Slot& slot) const;
    std::int64_t store_bytes(const Run& run) const;
    void begin(std::size_t index);
    void launch_next(std::size_t index);
    Arguments command_of(const Slot& slot, Stage stage) const;
    void on_event(const LaunchEvent& event);
    void on_line(Slot& slot, const std::string& line);
    void on_end(std::size_t index, const LaunchEvent& event);
    /// @return why the stage is not what it should be, or nothing
    std::string keep_stage(Slot& slot, Stage stage);
    void finish(Slot& slot, const std::string& error);
    void update_choice(const std::string& protocol, const std::string& family);
    void tell(const std::string& message) const {
        if (events_.message) events_.message(message);
    }
    void write_csv(bool now);
    void save_progress(Slot& slot);
    ExperimentStatus status() const;
    double left_of(const Slot& slot) const;
    std::filesystem::path folder_of(const Slot& slot) const { return run_folder(options_.results, slot.run.id); }

    const Experiment& experiment_;
    const ExperimentInputs& inputs_;
    RunnerOptions options_;
    Launcher& launcher_;
    RunEvents events_;
    std::vector<Slot> slots_;
    std::map<std::string, bool> has_valid_;  ///< by protocol
    Choices choices_;
    RunEstimates estimates_;
    int running_ = 0;
    bool stopping_ = false;
    bool csv_stale_ = true;
    Clock::time_point csv_written_;
    Clock::time_point start_ = Clock::now();
};

}  // namespace earmark::experiment
