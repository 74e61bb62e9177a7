#pragma once

#include <cstddef>
#include <optional>

/// Whether standard output and standard error are terminals, and how wide these are.
namespace earmark::cli {

enum class ColorMode { automatic, always, never };

/// Columns of the window that standard output goes to; none when it is no terminal: then nothing needs to fit.
/// The window says it itself, else $COLUMNS, else it is taken for 80.
std::optional<std::size_t> output_width();

/// The same for help and messages: 80 columns where there is no terminal.
std::size_t text_width();

/// Columns of the window that standard error goes to.
std::size_t message_width();

/// Whether a line may be drawn and redrawn on standard error. Not when standard output is a pipe: what reads it may be
/// a pager that draws on the same window.
bool may_draw_progress();

/// Whether standard output is to be coloured. `automatic` asks $NO_COLOR, $CLICOLOR_FORCE and the terminal.
bool uses_color(ColorMode mode);

}  // namespace earmark::cli
