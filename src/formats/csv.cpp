#include "formats/csv.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "formats/csv_rows.hpp"

namespace earmark::formats {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class Parser {
  public:
    Parser(std::string_view text, const std::string& where, char separator, std::size_t line)
        : text_(text), where_(where), separator_(separator), ends_{separator, '\n'}, line_(line) {}

    /// Reads the next row; false at the end. `line` is where it starts.
    bool row(std::vector<std::string>& fields, std::size_t& line) {
        skip_blank_lines();
        if (at_ == text_.size()) return false;
        line = line_;
        fields.clear();
        do fields.push_back(field());
        while (take(separator_));
        if (!line_end() && at_ != text_.size()) {
            base::fail(ErrorCode::corrupt, "{}: line {}: text follows a closing quote. Quote the whole field.", where_,
                       line_);
        }
        return true;
    }

  private:
    bool take(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool line_end() {
        const bool crlf = text_.substr(at_, 2) == "\r\n";
        if (!crlf && text_.substr(at_, 1) != "\n") return false;
        at_ += crlf ? 2 : 1;
        ++line_;
        return true;
    }

    void skip_blank_lines() {
        while (line_end()) {
        }
    }

    std::string field() {
        if (!take('"')) {
            std::size_t end =
                std::min(text_.find_first_of(std::string_view(ends_.data(), ends_.size()), at_), text_.size());
            const std::size_t next = end;
            if (end > at_ && end < text_.size() && text_[end] == '\n' && text_[end - 1] == '\r') --end;
            std::string plain(text_.substr(at_, end - at_));
            at_ = end;
            if (next == text_.size() && !plain.empty() && plain.back() == '\r') {
                plain.pop_back();  // a last line that lacks only the LF of its CRLF
            }
            return plain;
        }
        const std::size_t start = line_;
        std::string quoted;
        for (;;) {
            if (at_ == text_.size()) {
                base::fail(ErrorCode::corrupt, "{}: line {}: a quoted field has no end. Close its quote.", where_,
                           start);
            }
            const char c = text_[at_++];
            if (c == '\n') ++line_;
            if (c == '"' && !take('"')) return quoted;
            quoted += c;
        }
    }

    std::string_view text_;
    const std::string& where_;
    char separator_;
    std::array<char, 2> ends_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

/// What separates the values of a table that begins with this row: of comma, semicolon and tab the first that stands in
/// it outside quotes; a comma in a row of one column.
char separator_of(std::string_view text) {
    for (const char separator : {',', ';', '\t'}) {
        bool quoted = false;
        for (const char c : text) {
            if (c == '"') quoted = !quoted;
            if (quoted) continue;
            if (c == separator) return separator;
            if (c == '\n') break;
        }
    }
    return ',';
}

}  // namespace

std::ptrdiff_t CsvTable::find_column(std::string_view name) const noexcept {
    const auto found = std::find(header.begin(), header.end(), name);
    return found == header.end() ? -1 : std::distance(header.begin(), found);
}

std::size_t CsvTable::column(std::string_view name) const {
    const std::ptrdiff_t found = find_column(name);
    if (found < 0)
        base::fail(ErrorCode::bad_data, "{}: has no column \"{}\". Name the columns in its first row.", where, name);
    return static_cast<std::size_t>(found);
}

namespace {

/// What stands before the rows of a text.
struct Start {
    std::size_t line = 1;
    char separator = 0;
};

/// Takes from a text what stands before its rows.
/// @param unix_lines  the text, where its lines end otherwise; `text` becomes a view of it then
Start begin_rows(std::string_view& text, std::string& unix_lines, const std::string& where) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (const std::string_view utf16 : {"\xFF\xFE", "\xFE\xFF"}) {
        if (text.starts_with(utf16))
            base::fail(ErrorCode::unsupported, "{}: is UTF-16. Save it as CSV in UTF-8.", where);
    }
    if (text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos) {
        unix_lines = text;  // of a Macintosh of long ago, or a program that still writes so
        std::ranges::replace(unix_lines, '\r', '\n');
        text = unix_lines;
    }
    Start start;
    constexpr std::string_view declares = "sep=";
    if (text.starts_with(declares) && text.size() > declares.size() + 1) {
        const std::string_view after = text.substr(declares.size() + 1);
        if (after.starts_with("\n") || after.starts_with("\r\n")) {
            start.separator = text[declares.size()];
            text = after.substr(after.find('\n') + 1);
            ++start.line;
        }
    }
    if (start.separator == 0) start.separator = separator_of(text);
    return start;
}

bool is_blank(const std::string& field) {
    return field.find_first_not_of(" \t") == std::string::npos;
}

}  // namespace

CsvTable parse_csv(std::string_view text, std::string where) {
    CsvTable table;
    table.where = std::move(where);
    std::string unix_lines;
    const Start start = begin_rows(text, unix_lines, table.where);
    std::size_t line = start.line;
    Parser parser(text, table.where, start.separator, line);
    if (!parser.row(table.header, line)) {
        base::fail(ErrorCode::corrupt, "{}: is empty. Its first row must name the columns.", table.where);
    }
    std::unordered_set<std::string_view> names;
    for (const std::string& name : table.header) {
        if (!names.insert(name).second) {
            base::fail(ErrorCode::corrupt, "{}: has two columns \"{}\". Rename one.", table.where, name);
        }
    }
    std::vector<std::string> row;
    while (parser.row(row, line)) {
        if (table.header.size() > 1 && std::ranges::all_of(row, is_blank)) continue;
        if (row.size() != table.header.size()) {
            base::fail(ErrorCode::corrupt, "{}: line {} has {} fields, but the header has {}.", table.where, line,
                       row.size(), table.header.size());
        }
        table.rows.push_back(std::move(row));
        table.lines.push_back(line);
    }
    return table;
}

CsvRows read_csv_rows(const std::filesystem::path& path) {
    const std::string whole = files::read_file(path);
    const std::string where = path.string();
    std::string_view text = whole;
    std::string unix_lines;
    const Start start = begin_rows(text, unix_lines, where);
    std::size_t line = start.line;
    Parser parser(text, where, start.separator, line);
    CsvRows result;
    std::vector<std::string> row;
    while (parser.row(row, line)) {
        if (std::ranges::all_of(row, is_blank)) continue;
        result.rows.push_back(std::move(row));
        result.lines.push_back(line);
    }
    return result;
}

CsvTable read_csv(const std::filesystem::path& path) {
    return parse_csv(files::read_file(path), path.string());
}

std::string csv_line(const std::vector<std::string>& fields) {
    std::string line;
    for (const std::string& field : fields) {
        if (&field != &fields.front()) line += ',';
        const bool lone = field.empty() && fields.size() == 1;                   // would read as a blank line
        const bool marked = line.empty() && field.starts_with(byte_order_mark);  // would be left out in reading
        if (!lone && !marked && field.find_first_of(",;\t\"\r\n") == std::string::npos) {
            line += field;
            continue;
        }
        line += '"';
        for (const char c : field) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    return line;
}

}  // namespace earmark::formats
