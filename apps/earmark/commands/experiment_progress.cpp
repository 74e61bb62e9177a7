#include "earmark/commands/experiment_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "cli/messages.hpp"
#include "cli/output/terminal.hpp"
#include "cli/output/text_width.hpp"
#include "cli/progress.hpp"

namespace earmark::commands {

namespace {

std::string left(const std::optional<double>& seconds) {
    return seconds ? cli::clock_time(*seconds) + " left" : "";
}

std::string whole_line(const experiment::ExperimentStatus& status) {
    std::string text = fmt::format("{} of {} runs", status.runs.done, status.runs.total);
    if (status.runs.failed > 0) text += fmt::format(", {} failed", status.runs.failed);
    text += fmt::format("   {} passed", cli::clock_time(status.seconds));
    if (status.seconds_left) text += "   " + left(status.seconds_left);
    return text;
}

std::string running_line(const experiment::RunningStatus& run) {
    std::string text = "  " + cli::printable(run.label);
    if (run.stage != "train") {
        text += fmt::format("   measured on the {} part", run.stage == "valid" ? "validation" : "test");
    } else if (run.epochs > 0) {
        text += fmt::format("   epoch {} of {}", run.epoch, run.epochs);
        if (!std::isnan(run.valid_accuracy)) text += fmt::format("   validation {:.1f} %", 100.0 * run.valid_accuracy);
    } else {
        text += "   starting";
    }
    if (run.seconds_left) text += "   " + left(run.seconds_left);
    return text;
}

}  // namespace

ExperimentProgress::ExperimentProgress(bool quiet) : quiet_(quiet), terminal_(cli::may_draw_progress()) {}

experiment::RunEvents ExperimentProgress::events() {
    return {[this](const experiment::ExperimentStatus& status) { show(status); },
            [this](const experiment::RunRecord& record, const experiment::ExperimentStatus& status) {
                finished(record, status);
            },
            [this](const std::string& text) { message(text); }};
}

void ExperimentProgress::clear() {
    if (drawn_ > 0) fmt::print(stderr, "\x1b[{}F\x1b[J", drawn_);
    std::fflush(stderr);
    drawn_ = 0;
}

void ExperimentProgress::show(const experiment::ExperimentStatus& status) {
    const Clock::time_point now = Clock::now();
    if (quiet_ || !terminal_ || now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    std::vector<std::string> lines{whole_line(status)};
    for (const experiment::RunningStatus& run : status.running) lines.push_back(running_line(run));
    // One write, so that the block does not flicker; a line that wrapped would spoil the count.
    std::string text = drawn_ > 0 ? fmt::format("\x1b[{}F", drawn_) : "";
    const std::size_t width = cli::message_width() - 1;
    for (const std::string& line : lines) text += cli::shortened(line, width) + "\x1b[K\n";
    text += "\x1b[J";
    fmt::print(stderr, "{}", text);
    std::fflush(stderr);
    drawn_ = static_cast<int>(lines.size());
}

void ExperimentProgress::finished(const experiment::RunRecord& record, const experiment::ExperimentStatus& status) {
    const bool wanted = record.failed || (!quiet_ && !terminal_);
    if (!wanted) return;
    clear();
    const std::string place = fmt::format("[{}/{}] ", status.runs.done, status.runs.total);
    const std::string rest = status.seconds_left ? "; " + left(status.seconds_left) : "";
    fmt::print(stderr, "{}{}{}\n", place, cli::printable(outcome_line(record)), rest);
}

void ExperimentProgress::message(const std::string& text) {
    clear();
    cli::report(cli::with_options(text));
}

std::string outcome_line(const experiment::RunRecord& record) {
    const earmark::experiment::Run& run = record.run;
    std::string text =
        fmt::format("{} {} {}, {}, seed {}", run.id, run.grid, run.options.dump(), run.protocol, run.seed);
    if (run.fold >= 0) text += fmt::format(", fold {}", run.fold);
    if (record.failed) return text + ": failed: " + record.error;
    const auto add = [&](const char* name, const std::optional<experiment::PartScore>& part) {
        if (!part) return;
        text += fmt::format("; {}: segments {:.1f} %, tracks {:.1f} %", name, 100.0 * part->segments.accuracy,
                            100.0 * part->tracks.accuracy);
    };
    add("validation", record.valid);
    add("test", record.test);
    return text + fmt::format("; {}", cli::clock_time(record.seconds));
}

}  // namespace earmark::commands
