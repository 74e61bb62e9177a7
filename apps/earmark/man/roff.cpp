#include "earmark/man/roff.hpp"

#include <fmt/format.h>

#include <cctype>
#include <sstream>

#include "cli/output/text_width.hpp"
#include "earmark/version.hpp"

namespace earmark::commands {

namespace {

/// Text that means itself: a hyphen is the one of the keyboard, so that options can be searched for and copied.
std::string plain(std::string_view text) {
    std::string result;
    bool line_begins = true;
    for (const char character : text) {
        if (line_begins && (character == '.' || character == '\'')) result += "\\&";
        line_begins = character == '\n';
        switch (character) {
            case '\\':
                result += "\\e";
                break;
            case '-':
                result += "\\-";
                break;
            case '`':
                result += "\\(ga";
                break;
            case '~':
                result += "\\(ti";
                break;
            case '^':
                result += "\\(ha";
                break;
            case '"':
                result += "\\(dq";
                break;
            case '\'':
                result += "\\(aq";
                break;
            default:
                result += character;
        }
    }
    return result;
}

/// The same as lines of the source, which are filled again when the page is shown.
std::string filled(std::string_view text) {
    constexpr std::size_t width = 78;
    std::string result;
    std::string line;
    const auto end_line = [&] {
        result += plain(line) + '\n';
        line.clear();
    };
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
        if (!line.empty() && plain(line).size() + 1 + plain(word).size() > width) end_line();
        line += (line.empty() ? "" : " ") + word;
        if (word.ends_with('.') || word.ends_with(':')) end_line();  // a sentence a line, for the space after it
    }
    if (!line.empty()) end_line();
    return result;
}

}  // namespace

Roff::Roff(std::string_view name, std::string_view section, std::string_view title) {
    std::string capitals(name);
    for (char& character : capitals) character = static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    text_ =
        fmt::format(".TH {} {} \"\" \"earmark {}\" \"{}\"\n.nh\n.ad l\n", plain(capitals), section, version(), title);
}

void Roff::line(std::string_view macro, std::string_view text) {
    text_ += fmt::format("{} {}\n", macro, plain(text));
}

void Roff::begin_paragraph() {
    if (!begun_) text_ += ".PP\n";
    begun_ = false;
}

void Roff::heading(std::string_view text) {
    line(".SH", text);
    parts_.push_back({0, std::string(text)});
    begun_ = true;
}

void Roff::subheading(std::string_view text) {
    text_ += fmt::format(".SS \"{}\"\n", plain(text));
    parts_.push_back({2, std::string(text)});
    begun_ = true;
}

void Roff::paragraph(std::string_view text) {
    parts_.push_back({4, std::string(text), !begun_});
    begin_paragraph();
    text_ += filled(text);
}

void Roff::item(std::string_view name, std::string_view value, std::string_view text) {
    text_ += fmt::format(".TP\n\\fB{}\\fR", plain(name));
    if (!value.empty()) text_ += fmt::format(" \\fI{}\\fR", plain(value));
    text_ += '\n' + filled(text);
    begun_ = false;
    parts_.push_back({4, value.empty() ? std::string(name) : fmt::format("{} {}", name, value), false});
    parts_.push_back({8, std::string(text), false});
}

void Roff::usage(std::string_view bold, std::string_view italics) {
    text_ += fmt::format("\\fB{}\\fR", plain(bold));
    if (!italics.empty()) text_ += fmt::format(" \\fI{}\\fR", plain(italics));
    text_ += '\n';
}

void Roff::example(std::string_view lines) {
    parts_.push_back({4, std::string(lines), !begun_});
    begin_paragraph();
    text_ += fmt::format(".RS 4\n.nf\n{}\n.fi\n.RE\n", plain(lines));
}

void Roff::name(std::string_view name, std::string_view description) {
    text_ += fmt::format(".SH NAME\n{} \\-\n{}", plain(name), filled(description));
    parts_.push_back({0, "NAME"});
    parts_.push_back({4, fmt::format("{} - {}", name, description), false});
}

std::string Roff::readable(std::size_t width) const {
    std::string result;
    for (const Part& part : parts_) {
        if (part.after_blank && !result.empty()) result += '\n';
        const std::size_t room = width > part.indent + 20 ? width - part.indent : 20;
        for (const std::string& text : cli::wrapped(part.text, room))
            result += (text.empty() ? "" : std::string(part.indent, ' ')) + text + '\n';
    }
    return result;
}

}  // namespace earmark::commands
