#include "formats/arff.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"

namespace earmark::formats {

namespace {

/// Sparse rows name few of many attributes, so a short file could ask for much memory.
constexpr std::size_t most_fields = std::size_t{1} << 26;

std::string lower_case(std::string_view text) {
    std::string word(text);
    for (char& c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return word;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

bool is_number(const std::string& text) {
    const char* begin = text.data();
    const char* end = begin + text.size();
    if (begin != end && *begin == '+') ++begin;
    double value = 0.0;
    const auto [stop, error] = std::from_chars(begin, end, value);
    return error == std::errc() && stop == end && std::isfinite(value);
}

/// Words of a line: bare ones, quoted ones, and the marks { } and commas.
class Line {
  public:
    Line(std::string_view text, const std::string& where, std::size_t number)
        : text_(text), where_(where), number_(number) {}

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }
    bool at_end() {
        skip_blanks();
        return at_ == text_.size();
    }
    bool take(char mark) {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != mark) return false;
        ++at_;
        return true;
    }
    /// A word up to a blank or one of `marks`; a quoted one up to its quote. Sets whether it was quoted.
    std::string word(std::string_view marks, bool* was_quoted = nullptr) {
        skip_blanks();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (was_quoted != nullptr) *was_quoted = quote == '\'' || quote == '"';
        if (quote == '\'' || quote == '"') return quoted(quote);
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) && marks.find(text_[at_]) == std::string_view::npos) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }
    std::string_view rest() const { return text_.substr(at_); }

    template <typename... Args>
    [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
        base::fail(ErrorCode::corrupt, "{}: line {}: {}", where_, number_,
                   fmt::format(format, std::forward<Args>(args)...));
    }

  private:
    std::string quoted(char quote) {
        std::string result;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                result += text_[++at_];
            } else if (text_[at_] == quote) {
                ++at_;
                return result;
            } else {
                result += text_[at_];
            }
        }
        fail("a quote has no end. Close it.");
    }

    std::string_view text_;
    const std::string& where_;
    std::size_t number_;
    std::size_t at_ = 0;
};

struct Attribute {
    bool numeric = false;
    std::vector<std::string> values;  // of a nominal one

    /// What stands for it in a sparse row that leaves it out.
    std::string left_out() const { return numeric || values.empty() ? "0" : values.front(); }
};

class Reader {
  public:
    Reader(std::string_view text, std::string where) : text_(text) { result_.table.where = std::move(where); }

    ArffRelation read() {
        bool data = false;
        for (std::size_t number = 1; !text_.empty(); ++number) {
            const std::size_t end = std::min(text_.find('\n'), text_.size());
            Line line(text_.substr(0, end), result_.table.where, number);
            text_.remove_prefix(std::min(end + 1, text_.size()));
            if (line.at_end() || line.rest().starts_with('%')) continue;
            if (data) {
                read_row(line, number);
            } else {
                data = read_declaration(line);
            }
        }
        if (!data)
            base::fail(ErrorCode::corrupt, "{}: has no @data. Give an ARFF file with rows.", result_.table.where);
        return std::move(result_);
    }

  private:
    /// @return whether the rows begin
    bool read_declaration(Line& line) {
        const std::string keyword = lower_case(line.word(""));
        if (keyword == "@relation") {
            result_.name = line.word("");
        } else if (keyword == "@attribute") {
            read_attribute(line);
        } else if (keyword == "@data") {
            if (attributes_.empty()) line.fail("the rows begin before any @attribute.");
            return true;
        } else {
            line.fail("expected @relation, @attribute or @data, found \"{}\".", keyword);
        }
        return false;
    }

    void read_attribute(Line& line) {
        std::string name = line.word("{");
        if (!names_.insert(name).second) line.fail("there are two attributes \"{}\". Rename one.", name);
        Attribute attribute;
        if (line.take('{')) {
            while (!line.take('}')) {
                attribute.values.push_back(line.word(",}"));
                if (!line.take(',') && !line.rest().starts_with('}')) line.fail("the values of {} have no end.", name);
            }
            if (attribute.values.empty()) line.fail("{} has no values.", name);
        } else {
            const std::string type = lower_case(line.word("["));
            attribute.numeric = type == "numeric" || type == "real" || type == "integer";
            if (type == "relational") {
                base::fail(ErrorCode::unsupported, "{}: the attribute {} is relational. Leave it out.",
                           result_.table.where, name);
            }
            if (!attribute.numeric && type != "string" && type != "date") {
                line.fail("the attribute {} has the unknown type \"{}\".", name, type);
            }
        }
        result_.numeric.push_back(attribute.numeric);
        result_.table.header.push_back(std::move(name));
        attributes_.push_back(std::move(attribute));
    }

    void read_row(Line& line, std::size_t number) {
        CsvTable& table = result_.table;
        if ((table.rows.size() + 1) * attributes_.size() > most_fields) {
            base::fail(ErrorCode::unsupported, "{}: has more than {} values. Take fewer rows or attributes.",
                       table.where, most_fields);
        }
        const bool sparse = line.take('{');
        std::vector<std::string> row = sparse ? sparse_row(line) : dense_row(line);
        if (line.take(',')) line.skip_blanks();  // a weight of the row, {5}, which nothing here uses
        if (line.take('{')) {
            line.word("}");
            if (!line.take('}')) line.fail("the weight of the row has no end.");
        }
        if (!line.at_end() && !line.rest().starts_with('%')) {
            line.fail("the row has more than {} values.", attributes_.size());
        }
        table.rows.push_back(std::move(row));
        table.lines.push_back(number);
    }

    std::vector<std::string> dense_row(Line& line) {
        std::vector<std::string> row;
        while (row.size() < attributes_.size()) {
            if (!row.empty() && !line.take(',')) {
                if (line.at_end()) line.fail("the row has {} values, not {}.", row.size(), attributes_.size());
            }
            row.push_back(value(line, row.size(), ",{"));
        }
        return row;
    }

    std::vector<std::string> sparse_row(Line& line) {
        std::vector<std::string> row;
        row.reserve(attributes_.size());
        for (const Attribute& attribute : attributes_) row.push_back(attribute.left_out());
        while (!line.take('}')) {
            const std::string place = line.word(",}");
            std::size_t index = 0;
            const auto [stop, error] = std::from_chars(place.data(), place.data() + place.size(), index);
            if (error != std::errc() || stop != place.data() + place.size() || index >= row.size()) {
                line.fail("\"{}\" is the index of no attribute; there are {}.", place, row.size());
            }
            row[index] = value(line, index, ",}");
            if (!line.take(',') && !line.rest().starts_with('}')) line.fail("the row has no end. Close it with }}.");
        }
        return row;
    }

    std::string value(Line& line, std::size_t index, std::string_view marks) {
        bool quoted = false;
        std::string text = line.word(marks, &quoted);
        if (!quoted && text == "?") return "";
        const Attribute& attribute = attributes_[index];
        const std::string& name = result_.table.header[index];
        if (attribute.numeric && !is_number(text)) line.fail("\"{}\" is no number, as {} must be.", text, name);
        if (!attribute.values.empty() && std::ranges::find(attribute.values, text) == attribute.values.end()) {
            line.fail("\"{}\" is no value of {}.", text, name);
        }
        return text;
    }

    std::string_view text_;
    ArffRelation result_;
    std::vector<Attribute> attributes_;
    std::unordered_set<std::string> names_;
};

/// A value of XML with its entities replaced.
std::string unescaped(std::string_view text) {
    static constexpr std::pair<std::string_view, char> entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    std::string result;
    while (!text.empty()) {
        const auto* const found =
            std::ranges::find_if(entities, [&](const auto& entity) { return text.starts_with(entity.first); });
        const bool plain = found == std::end(entities);
        result += plain ? text.front() : found->second;
        text.remove_prefix(plain ? 1 : found->first.size());
    }
    return result;
}

/// The value of an attribute of a tag; none when it has none of that name.
std::optional<std::string> attribute_of(std::string_view tag, std::string_view name) {
    for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
        std::string_view after = tag.substr(at + name.size());
        const auto skip_blanks = [&after] {
            const std::size_t begin = after.find_first_not_of(" \t\r\n");
            after.remove_prefix(std::min(begin, after.size()));
        };
        skip_blanks();
        if (at == 0 || !(is_blank(tag[at - 1]) || tag[at - 1] == '\n') || !after.starts_with('=')) continue;
        after.remove_prefix(1);
        skip_blanks();
        if (after.empty() || (after.front() != '"' && after.front() != '\'')) return std::nullopt;
        const std::size_t end = after.find(after.front(), 1);
        if (end == std::string_view::npos) return std::nullopt;
        return unescaped(after.substr(1, end - 1));
    }
    return std::nullopt;
}

}  // namespace

ArffRelation parse_arff(std::string_view text, std::string where) {
    return Reader(text, std::move(where)).read();
}

ArffRelation read_arff(const std::filesystem::path& path) {
    return parse_arff(files::read_file(path), path.string());
}

std::vector<std::string> parse_mulan_labels(std::string_view text, const std::string& where) {
    constexpr std::string_view opening = "<label";
    std::vector<std::string> names;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
        if (text.substr(at).starts_with("<!--")) {
            at = text.find("-->", at);
            if (at == std::string_view::npos) break;
            continue;
        }
        std::string_view tag = text.substr(at);
        if (!tag.starts_with(opening) || tag.size() == opening.size()) continue;
        const char next = tag[opening.size()];
        if (!is_blank(next) && next != '\n' && next != '/' && next != '>') continue;  // <labels>
        const std::size_t end = tag.find('>');
        const auto name = end == std::string_view::npos ? std::nullopt : attribute_of(tag.substr(0, end), "name");
        if (!name) base::fail(ErrorCode::corrupt, "{}: a <label> has no name. Write <label name=\"…\">.", where);
        names.push_back(*name);
    }
    if (names.empty()) {
        base::fail(ErrorCode::corrupt, "{}: names no label. Give a file of Mulan's, with <label name=\"…\">.", where);
    }
    return names;
}

std::vector<std::string> read_mulan_labels(const std::filesystem::path& path) {
    return parse_mulan_labels(files::read_file(path, std::size_t{1} << 24), path.string());
}

}  // namespace earmark::formats
