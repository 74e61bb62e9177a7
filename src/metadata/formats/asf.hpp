#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/collector.hpp"

namespace earmark::metadata {

/// An object of ASF (Advanced Systems Format specification, 1.20).
struct AsfObject {
    std::string guid;  ///< its 16 bytes as they stand
    std::uint64_t begin = 0;
    std::uint64_t content = 0;  ///< behind GUID and size
    std::uint64_t end = 0;
};

/// The header of a file, and what it holds.
struct AsfHeader {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::vector<AsfObject> objects;
    std::vector<AsfObject> extension;  ///< those of the Header Extension Object
    bool whole = true;
};

namespace asf {
using namespace std::string_view_literals;
constexpr std::string_view header = "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C"sv;
constexpr std::string_view file_properties = "\xA1\xDC\xAB\x8C\x47\xA9\xCF\x11\x8E\xE4\x00\xC0\x0C\x20\x53\x65"sv;
constexpr std::string_view stream_properties = "\x91\x07\xDC\xB7\xB7\xA9\xCF\x11\x8E\xE6\x00\xC0\x0C\x20\x53\x65"sv;
constexpr std::string_view description = "\x33\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C"sv;
constexpr std::string_view extended = "\x40\xA4\xD0\xD2\x07\xE3\xD2\x11\x97\xF0\x00\xA0\xC9\x5E\xA8\x50"sv;
constexpr std::string_view header_extension = "\xB5\x03\xBF\x5F\x2E\xA9\xCF\x11\x8E\xE3\x00\xC0\x0C\x20\x53\x65"sv;
constexpr std::string_view metadata = "\xEA\xCB\xF8\xC5\xAF\x5B\x77\x48\x84\x67\xAA\x8C\x44\xFA\x4C\xCA"sv;
constexpr std::string_view metadata_library = "\x94\x1C\x23\x44\x98\x94\xD1\x49\xA1\x41\x1D\x13\x4E\x45\x70\x54"sv;
constexpr std::string_view padding = "\x74\xD4\x06\x18\xDF\xCA\x09\x45\xA4\xBA\x9A\xAB\xCB\x96\xAA\xE8"sv;
}  // namespace asf

/// An attribute of the extended content description or of a metadata object, within the object's content.
struct AsfAttribute {
    std::string name;  ///< UTF-8
    std::uint32_t type = 0;
    std::uint32_t language = 0;
    std::uint32_t stream = 0;
    std::size_t begin = 0;
    std::size_t value = 0;
    std::size_t end = 0;
};

AsfHeader parse_asf(const ByteSource& source, std::uint64_t begin);
/// @param library  whether the object is a metadata object, whose attributes name stream and language
/// @return those that could be read; `rest` becomes where the first is that could not
std::vector<AsfAttribute> parse_attributes(std::string_view content, bool library, std::size_t& rest);
Field field_of(const AsfAttribute& attribute);
void collect_asf(Collector& collector, const AsfHeader& header);

}  // namespace earmark::metadata
