#pragma once

#include "metadata/metadata.hpp"

namespace earmark::metadata {

/// Puts items together, within limits.
class Collector {
  public:
    /// More than any tagger writes into a file.
    static constexpr std::size_t most_items = 20'000;

    Collector(const ByteSource& source, Metadata& metadata) : source_(source), metadata_(metadata) {}

    const ByteSource& source() const { return source_; }
    Metadata& metadata() { return metadata_; }

    /// An item whose value is given. @param offset  of the item @return to fill in the rest
    /// @throws Error corrupt when there are too many
    Item& add(const std::string& where, const std::string& key, System system, std::string_view value,
              std::uint64_t offset);

    /// An item whose value stands in the file; what of that lies behind its end is left out.
    Item& add_range(const std::string& where, const std::string& key, System system, std::uint64_t value_offset,
                    std::uint64_t size, std::uint64_t offset);

    void add_oddity(std::string sentence);

  private:
    Item& make(const std::string& where, const std::string& key, System system, std::uint64_t offset);

    const ByteSource& source_;
    Metadata& metadata_;
};

}  // namespace earmark::metadata
