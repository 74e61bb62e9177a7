#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "metadata/metadata.hpp"

namespace earmark::library {

/// What a write took out of a file's metadata, and what it put in.
struct ItemChanges {
    std::vector<metadata::Item> removed;
    std::vector<metadata::Item> added;
};

/// How the items of a file differ before and after a write, each counted as often as it stands there.
ItemChanges item_changes(const metadata::Metadata& before, const metadata::Metadata& after);

/// As a journal keeps them: CBOR (RFC 8949), values whole up to metadata::longest_value.
std::vector<std::uint8_t> pack_items(const ItemChanges& changes);
/// @throws Error corrupt
ItemChanges unpack_items(std::span<const std::uint8_t> bytes);

/// "TIT2 in ID3v2.3 tag 1", for people.
std::string name_of(const metadata::Item& item);

}  // namespace earmark::library
