#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace earmark::commands {

/// A man page as it is written: text with its special characters made plain, and the macros of man(7).
class Roff {
  public:
    /// @param section  "1", "5"
    Roff(std::string_view name, std::string_view section, std::string_view title);

    /// A heading, and one below it.
    void heading(std::string_view text);
    void subheading(std::string_view text);
    /// A paragraph.
    void paragraph(std::string_view text);
    /// An entry of a list: `name` in bold, `value` in italics, and what is said of it.
    void item(std::string_view name, std::string_view value, std::string_view text);
    /// A line of bold text, and italics after it.
    void usage(std::string_view bold, std::string_view italics);
    void next_line() { text_ += ".br\n"; }
    /// Lines that are not filled.
    void example(std::string_view lines);
    /// The one-line description below NAME.
    void name(std::string_view name, std::string_view description);

    const std::string& text() const { return text_; }
    /// The same page for people, in lines of at most `width` columns.
    std::string readable(std::size_t width) const;

  private:
    /// A piece of the readable page.
    struct Part {
        std::size_t indent = 0;
        std::string text;
        bool after_blank = true;  ///< preceded by a blank line
    };

    void line(std::string_view macro, std::string_view text);
    void begin_paragraph();

    std::string text_;
    std::vector<Part> parts_;
    bool begun_ = false;  ///< by a heading, after which a paragraph needs no sign
};

}  // namespace earmark::commands
