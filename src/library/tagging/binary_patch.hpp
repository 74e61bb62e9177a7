#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "earmark/sink.hpp"
#include "files/content_hash.hpp"

namespace earmark::library {

/// What it takes to make a file of another, and what the two are known by.
struct Patch {
    std::string bytes;
    files::ContentHash::Digest have{};    ///< of the file that it is applied to
    files::ContentHash::Digest wanted{};  ///< of the file that comes of it
};

/// Zstandard's windows reach no further.
constexpr std::uint64_t largest_middle = (std::uint64_t{1} << 31) - 1;

/// What it takes to make the file `wanted` of the file `have`: a few hundred bytes where little differs, wherever it
/// stands, and whatever moved for it. Bytes that the two have in common at their ends are told by their number and are
/// not kept in memory; what lies between them is compressed by Zstandard with the other file's as its dictionary.
/// @param most  bytes that may lie between
/// @throws Error not_found, unreadable; changed when a file shrinks meanwhile; unsupported when more lie between
Patch make_patch(const std::filesystem::path& have, const std::filesystem::path& wanted,
                 std::uint64_t most = largest_middle);

/// Calls `write` with one piece after the other of the file that `patch` makes of `have`, which must be the very file
/// that the patch was made with.
/// @return what the pieces together are known by
/// @throws Error as make_patch; corrupt when the patch is damaged or does not fit the file, before anything is written
files::ContentHash::Digest apply_patch(const std::filesystem::path& have, std::string_view patch,
                                       const Sink<std::string_view>& write);

}  // namespace earmark::library
