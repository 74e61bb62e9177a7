#include "cli/output/terminal.hpp"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace earmark::cli {

namespace {

constexpr std::size_t default_width = 80;

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::size_t window_width(int file) {
    winsize size{};
    if (::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const std::string_view text = variable("COLUMNS");
    std::size_t width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    const bool number = error == std::errc() && end == text.data() + text.size();
    return number && width > 0 ? width : default_width;
}

}  // namespace

std::optional<std::size_t> output_width() {
    if (::isatty(STDOUT_FILENO) != 1) return std::nullopt;
    return window_width(STDOUT_FILENO);
}

std::size_t text_width() {
    return output_width().value_or(default_width);
}

std::size_t message_width() {
    return ::isatty(STDERR_FILENO) == 1 ? window_width(STDERR_FILENO) : default_width;
}

bool may_draw_progress() {
    if (::isatty(STDERR_FILENO) != 1 || variable("TERM") == "dumb") return false;
    struct stat output {};
    return ::fstat(STDOUT_FILENO, &output) != 0 || !S_ISFIFO(output.st_mode);
}

bool uses_color(ColorMode mode) {
    if (mode != ColorMode::automatic) return mode == ColorMode::always;
    if (!variable("NO_COLOR").empty()) return false;
    const std::string_view forced = variable("CLICOLOR_FORCE");
    if (!forced.empty() && forced != "0") return true;
    return ::isatty(STDOUT_FILENO) == 1 && variable("TERM") != "dumb";
}

}  // namespace earmark::cli
