#pragma once

#include <filesystem>
#include <string>

namespace earmark {

/// What it takes to make the file `wanted` of the file `have`: a few hundred bytes where little differs, wherever it
/// stands, and whatever moved for it. Bytes that the two have in common at their ends are told by their number; what
/// lies between them is compressed by Zstandard with the other file as its dictionary.
/// @throws Error not_found, unreadable; unsupported for files of 2 GiB and more
std::string make_patch(const std::filesystem::path& have, const std::filesystem::path& wanted);

/// Writes to `output` the file that `patch` makes of `have`, which must be the very file that the patch was made with.
/// @throws Error not_found, unreadable, cannot_write; corrupt when the patch is damaged or does not fit the file
void apply_patch(const std::filesystem::path& have, const std::string& patch, const std::filesystem::path& output);

}  // namespace earmark
