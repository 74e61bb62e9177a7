#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/byte_source.hpp"

namespace earmark::metadata {

/// Bytes of a file that are to be others: those from `begin` to `end` become `bytes`.
struct Splice {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string bytes;

    std::int64_t growth() const {
        return static_cast<std::int64_t>(bytes.size()) - static_cast<std::int64_t>(end - begin);
    }
};

/// Changes of a file, in any order, that do not overlap.
class Splices {
  public:
    void add(std::uint64_t begin, std::uint64_t end, std::string bytes);
    /// The same without what both have in common at either end; nothing where they are equal.
    void add_difference(std::uint64_t begin, std::string_view before, std::string_view after);
    void add(const Splices& others);

    bool empty() const { return splices_.empty(); }
    std::int64_t growth() const;
    /// In the order of the file. @throws Error internal when two overlap
    std::vector<Splice> sorted() const;

  private:
    std::vector<Splice> splices_;
};

/// A file as it will be.
class SplicedSource : public ByteSource {
  public:
    /// Both must outlive it. @param splices  sorted
    SplicedSource(const ByteSource& source, const std::vector<Splice>& splices);

    std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> bytes) const override;

  private:
    struct Segment {
        std::uint64_t begin = 0;  ///< in what will be
        std::uint64_t size = 0;
        std::uint64_t from = 0;  ///< in the source, where `bytes` is null
        const std::string* bytes = nullptr;
    };

    const ByteSource& source_;
    std::vector<Segment> segments_;
    std::uint64_t size_ = 0;
};

/// Makes the changes in the open file itself, with a block in memory at a time. @throws Error cannot_write, unreadable
void apply_splices(int descriptor, const std::vector<Splice>& splices);

}  // namespace earmark::metadata
