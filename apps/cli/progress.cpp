#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <vector>

#include "cli/output/terminal.hpp"
#include "cli/output/text_width.hpp"

namespace earmark::cli {

ProgressBar::ProgressBar(std::string what, std::int64_t total, bool quiet)
    : what_(std::move(what)), progress_{.total = total}, active_(!quiet && may_draw_progress()) {}

void ProgressBar::update(const base::Progress& progress) {
    progress_ = progress;
    if (!active_ || progress.total <= 0) return;
    const Clock::time_point now = Clock::now();
    if (progress.done < progress.total && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    draw(std::chrono::duration<double>(now - begin_).count());
}

void ProgressBar::draw(double seconds) {
    // The last column stays free: a cursor beyond it would wrap on some terminals. The cursor goes back to the beginning
    // of the line: when the window becomes narrower and the terminal wraps the line, all of it is below the cursor.
    const std::size_t width = message_width() - 1;
    fmt::print(stderr, "\r{}\x1b[J\r", progress_line(what_, progress_, seconds, width));
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressBar::clear() {
    if (!drawn_) return;
    fmt::print(stderr, "\r\x1b[J");
    std::fflush(stderr);
    drawn_ = false;
    last_ = {};
}

void ProgressBar::finish() {
    clear();
    active_ = false;
}

std::string progress_line(const std::string& what, const base::Progress& progress, double seconds, std::size_t width) {
    constexpr std::size_t least_bar = 10;
    const auto [done, total, failed] = progress;
    const std::string note = failed > 0 ? fmt::format("{} failed", failed) : "";
    const std::string count = fmt::format("{}/{}", done, total);
    std::string rate;
    std::string left;
    if (done > 0 && seconds > 0.0) {
        const double per_second = static_cast<double>(done) / seconds;
        rate = per_second < 1.0 ? fmt::format("{:.1f} s each", 1.0 / per_second) : fmt::format("{:.1f}/s", per_second);
        left = clock_time(static_cast<double>(total - done) / per_second) + " left";
    }
    // From the most to the least important.
    std::vector<const std::string*> parts;
    std::size_t taken = display_width(what);
    for (const std::string* part : std::initializer_list<const std::string*>{&count, &left, &note, &rate}) {
        if (part->empty() || taken + 2 + display_width(*part) > width) continue;
        parts.push_back(part);
        taken += 2 + display_width(*part);
    }
    std::string line = what;
    if (taken + 2 + 2 + least_bar <= width) {
        const std::size_t bar = width - taken - 4;
        const auto filled = total > 0
                                ? static_cast<std::size_t>(
                                      std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) *
                                      static_cast<double>(bar))
                                : 0;
        line += fmt::format("  [{}{}]", std::string(filled, '='), std::string(bar - filled, ' '));
    }
    for (const std::string* part : std::initializer_list<const std::string*>{&count, &rate, &left, &note}) {
        if (std::ranges::find(parts, part) != parts.end()) line += "  " + *part;
    }
    return display_width(line) <= width ? line : shortened(line, width);
}

std::string clock_time(double seconds) {
    const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 1e9) + 0.5);
    if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace earmark::cli
