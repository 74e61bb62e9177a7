#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Text as a terminal shows it: columns are counted in grapheme clusters, wide ones twice, combining marks not at all.
namespace earmark::cli {

/// Text fit for a cell of a table: control characters, bytes that are no UTF-8 and marks that turn the direction of
/// writing stand as \n, \x1b or \u202e.
std::string cell_text(std::string_view text);

/// Columns that `text` takes.
std::size_t display_width(std::string_view text);

/// `text` with blanks after it, or before it, up to `width` columns.
std::string padded(std::string_view text, std::size_t width, bool right_aligned = false);

/// `text` cut to at most `width` columns, with an "…" at the end, after a whole word where one fits.
std::string shortened(std::string_view text, std::size_t width);

/// A path in at most `width` columns. Folders are cut from the front: "…/album/song.mp3"; then the middle of the name,
/// so that its extension stays.
std::string shortened_path(std::string_view path, std::size_t width);

/// `text` in lines of at most `width` columns, broken at blanks; a longer word has a line of its own. Line breaks stay,
/// and so do the blanks at the beginning of a line, which the lines that go on from it get, too.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace earmark::cli
