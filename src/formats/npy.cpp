#include "formats/npy.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/throw.hpp"

namespace earmark::formats {

static_assert(std::endian::native == std::endian::little, "values are copied to and from little-endian files");

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t header_limit = std::size_t{1} << 16;  // NumPy's own headers have 64 to 128 bytes
constexpr std::size_t header_bytes = 128;                   // of the files written here: room for any first dimension

[[noreturn]] void bad_header(const std::filesystem::path& path) {
    base::fail(ErrorCode::corrupt, "{}: its .npy header cannot be understood. Write the array again with numpy.save.",
               path.string());
}

/// Reads the Python literals that make up a header, as far as NumPy writes them.
class Literal {
  public:
    Literal(std::string_view text, const std::filesystem::path& path) : text_(text), path_(path) {}

    bool take(char c) {
        skip_spaces();
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char c) {
        if (!take(c)) bad_header(path_);
    }

    std::string string() {
        const char quote = take('\'') ? '\'' : '"';
        if (quote == '"') expect('"');
        const std::size_t end = text_.find(quote);
        if (end == std::string_view::npos) bad_header(path_);
        return take_first(end, 1);
    }

    std::string word() {
        skip_spaces();
        std::size_t end = 0;
        while (end < text_.size() && std::isalpha(static_cast<unsigned char>(text_[end]))) ++end;
        return take_first(end, 0);
    }

    std::int64_t number() {
        skip_spaces();
        std::int64_t value = 0;
        std::size_t digits = 0;
        while (digits < text_.size() && std::isdigit(static_cast<unsigned char>(text_[digits]))) {
            if (digits == 18) bad_header(path_);  // no file holds so much, and more would not fit the type
            value = value * 10 + (text_[digits++] - '0');
        }
        if (digits == 0) bad_header(path_);
        take_first(digits, 0);
        return value;
    }

    bool at_end() {
        skip_spaces();
        return text_.empty();
    }

  private:
    void skip_spaces() {
        while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front()))) text_.remove_prefix(1);
    }

    std::string take_first(std::size_t length, std::size_t skip_after) {
        std::string taken(text_.substr(0, length));
        text_.remove_prefix(length + skip_after);
        return taken;
    }

    std::string_view text_;
    const std::filesystem::path& path_;
};

std::int64_t bytes_of(std::string_view type) {
    return type == "<f4" ? 4 : type == "<f8" ? 8 : 1;
}

}  // namespace

NpyReader::NpyReader(std::filesystem::path path) : path_(std::move(path)), file_(nullptr, &std::fclose) {
    file_.reset(std::fopen(path_.c_str(), "rb"));
    if (!file_) files::fail_to_open(path_, errno);
    struct stat status {};
    if (::fstat(::fileno(file_.get()), &status) != 0) files::fail_to_open(path_, errno);
    if (S_ISDIR(status.st_mode)) files::fail_to_open(path_, EISDIR);

    unsigned char start[12] = {};
    const std::size_t got = std::fread(start, 1, 10, file_.get());
    if (got < 10 || std::memcmp(start, magic.data(), magic.size()) != 0) {
        base::fail(ErrorCode::corrupt, "{}: is no .npy file. Give an array saved with numpy.save.", path_.string());
    }
    const int version = start[6];
    if (version < 1 || version > 3) {
        base::fail(ErrorCode::unsupported,
                   "{}: .npy format version {} is not known here. Save it with a NumPy of today.", path_.string(),
                   version);
    }
    std::size_t length = start[8] + 256U * start[9];
    std::size_t offset = 10;
    if (version > 1) {
        if (std::fread(start + 10, 1, 2, file_.get()) != 2) bad_header(path_);
        length += (std::size_t{start[10]} << 16) + (std::size_t{start[11]} << 24);
        offset = 12;
    }
    if (length > header_limit) bad_header(path_);
    std::string header(length, '\0');
    if (std::fread(header.data(), 1, length, file_.get()) != length) bad_header(path_);
    parse_header(header);

    size_ = 1;
    const std::int64_t bytes = static_cast<std::int64_t>(status.st_size) - static_cast<std::int64_t>(offset + length);
    const std::int64_t room = bytes / bytes_of(type_);
    bool fits = true;
    for (const std::int64_t dimension : shape_) {
        if (dimension != 0 && size_ > room / dimension) fits = false;
        size_ = fits ? size_ * dimension : 0;
    }
    if (!fits || size_ * bytes_of(type_) != bytes) {
        base::fail(ErrorCode::corrupt,
                   "{}: its header promises an array of {} values, but {} bytes of values follow. {}", path_.string(),
                   fits ? std::to_string(size_) : "more than the file holds", bytes,
                   "The file was cut short or damaged: copy or write it again.");
    }
    left_ = size_;
}

void NpyReader::parse_header(const std::string& header) {
    Literal literal(header, path_);
    bool has_type = false;
    bool has_order = false;
    bool has_shape = false;
    bool fortran = false;
    literal.expect('{');
    while (!literal.take('}')) {
        const std::string key = literal.string();
        literal.expect(':');
        if (key == "descr") {
            if (literal.take('[')) {
                base::fail(ErrorCode::unsupported, "{}: holds records. Give an array of 32-bit floats.",
                           path_.string());
            }
            type_ = literal.string();
            has_type = true;
        } else if (key == "fortran_order") {
            const std::string word = literal.word();
            if (word != "True" && word != "False") bad_header(path_);
            fortran = word == "True";
            has_order = true;
        } else if (key == "shape") {
            shape_.clear();
            literal.expect('(');
            while (!literal.take(')')) {
                shape_.push_back(literal.number());
                if (shape_.size() > 32) bad_header(path_);
                if (!literal.take(',')) {
                    literal.expect(')');
                    break;
                }
            }
            has_shape = true;
        } else {
            bad_header(path_);
        }
        if (!literal.take(',')) {
            literal.expect('}');
            break;
        }
    }
    if (!literal.at_end() || !has_type || !has_order || !has_shape) bad_header(path_);
    if (type_ != "<f4" && type_ != "<f8" && type_ != "|u1") {
        base::fail(ErrorCode::unsupported,
                   "{}: values of type \"{}\" cannot be used. Convert it: array.astype(\"<f4\").", path_.string(),
                   type_);
    }
    if (fortran && shape_.size() > 1) {
        base::fail(ErrorCode::unsupported, "{}: is in Fortran order. Save numpy.ascontiguousarray(array) instead.",
                   path_.string());
    }
}

void NpyReader::read(std::span<float> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    const auto raise = [&] {
        if (std::ferror(file_.get()) != 0) files::fail_to_open(path_, EIO);
        base::fail(ErrorCode::corrupt, "{}: holds fewer values than its header promises. Copy or write it again.",
                   path_.string());
    };
    if (count > left_) raise();
    left_ -= count;
    if (type_ == "<f4") {
        if (std::fread(values.data(), 4, values.size(), file_.get()) != values.size()) raise();
        return;
    }
    const auto width = static_cast<std::size_t>(bytes_of(type_));
    constexpr std::size_t piece = std::size_t{1} << 16;
    buffer_.resize(piece * width);
    for (std::size_t done = 0; done < values.size();) {
        const std::size_t now = std::min(piece, values.size() - done);
        if (std::fread(buffer_.data(), width, now, file_.get()) != now) raise();
        for (std::size_t i = 0; i < now; ++i, ++done) {
            if (width == 1) {
                values[done] = buffer_[i];
            } else {
                double value = 0.0;
                std::memcpy(&value, buffer_.data() + i * width, width);
                values[done] = static_cast<float>(value);
            }
        }
    }
}

NpyWriter::NpyWriter(std::filesystem::path path, std::vector<std::int64_t> row)
    : file_(std::move(path)), row_(std::move(row)) {
    for (const std::int64_t dimension : row_) row_size_ *= dimension;
    file_.write(header());
}

std::string NpyWriter::header() const {
    std::string shape = std::to_string(rows_) + ",";
    for (std::size_t i = 0; i < row_.size(); ++i) shape += (i > 0 ? ", " : " ") + std::to_string(row_[i]);
    std::string text = fmt::format("{}\x01{}", magic, '\0');
    text += static_cast<char>(header_bytes - 10);
    text += '\0';
    text += fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);
    text.append(header_bytes - 1 - text.size(), ' ');
    return text + '\n';
}

void NpyWriter::append(std::span<const float> values) {
    if (row_size_ == 0 || static_cast<std::int64_t>(values.size()) % row_size_ != 0) {
        base::fail(ErrorCode::internal, "{} values are no whole number of rows of {}.", values.size(), row_size_);
    }
    file_.write(values.data(), values.size_bytes());
    rows_ += static_cast<std::int64_t>(values.size()) / row_size_;
}

void NpyWriter::commit() {
    const std::string text = header();
    file_.rewrite(0, text.data(), text.size());
    file_.commit();
}

}  // namespace earmark::formats
