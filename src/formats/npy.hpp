#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "files/atomic_file.hpp"

namespace earmark::formats {

/// Reads NumPy's .npy files (format versions 1 to 3, numpy.lib.format): C order, little-endian 32- or 64-bit floats or
/// unsigned bytes. Nothing in the header is trusted: the shape must account for the file's size to the byte, so memory
/// is never asked for that the file does not fill.
class NpyReader {
  public:
    /// Opens the file and reads its header. @throws Error not_found, unreadable, corrupt, unsupported (another type or
    /// Fortran order)
    explicit NpyReader(std::filesystem::path path);

    const std::filesystem::path& path() const noexcept { return path_; }
    const std::vector<std::int64_t>& shape() const noexcept { return shape_; }
    /// "<f4", "<f8" or "|u1".
    const std::string& type() const noexcept { return type_; }
    /// Values in all.
    std::int64_t size() const noexcept { return size_; }

    /// The next `values.size()` values, whatever their type is on disk. @throws Error unreadable, corrupt when the file
    /// has no so many left
    void read(std::span<float> values);

  private:
    void parse_header(const std::string& header);

    std::filesystem::path path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::vector<std::int64_t> shape_;
    std::string type_;
    std::int64_t size_ = 0;
    std::int64_t left_ = 0;
    std::vector<unsigned char> buffer_;
};

/// Writes a .npy file of 32-bit floats whose first dimension is known only at the end: the header is padded, and
/// written again by `commit`. Through an AtomicFile: without `commit` there is no file.
class NpyWriter {
  public:
    /// @param row  the dimensions after the first
    /// @throws Error cannot_write
    NpyWriter(std::filesystem::path path, std::vector<std::int64_t> row);

    /// Appends whole rows. @throws Error cannot_write; internal when `values` is no multiple of a row
    void append(std::span<const float> values);
    /// Rows so far.
    std::int64_t rows() const noexcept { return rows_; }
    void commit();

  private:
    std::string header() const;

    files::AtomicFile file_;
    std::vector<std::int64_t> row_;
    std::int64_t row_size_ = 1;
    std::int64_t rows_ = 0;
};

}  // namespace earmark::formats
