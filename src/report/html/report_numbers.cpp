#include "report/html/report_numbers.hpp"

#include <fmt/format.h>

#include <cmath>

namespace earmark::report {

std::string percent(double share) {
    return decimal(100.0 * share, 1);
}

std::string percent(const Spread& share) {
    return percent(share.mean) + (share.deviation ? " ± " + percent(*share.deviation) : "");
}

std::string percent(const evaluation::Interval& interval) {
    return percent(interval.low) + " to " + percent(interval.high);
}

std::string decimal(double value, int decimals) {
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "\u2013";
}

std::string decimal(const Spread& value, int decimals) {
    return decimal(value.mean, decimals) + (value.deviation ? " ± " + decimal(*value.deviation, decimals) : "");
}

std::string points_between(double ours, double theirs) {
    const std::string digits = fmt::format("{:.1f}", 100.0 * std::abs(ours - theirs));
    if (digits == "0.0") return "±0.0";
    return (ours < theirs ? "\u2212" : "+") + digits;
}

std::string duration(double seconds) {
    if (seconds < 60.0) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string megabytes(std::int64_t bytes) {
    return fmt::format("{:.0f}", static_cast<double>(bytes) / 1e6);
}

std::string counted(std::size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace earmark::report
