#pragma once

#include "metadata/edit/splice.hpp"
#include "metadata/formats/mp4.hpp"

namespace earmark::metadata {

/// Adds `shift` to all offsets in a file that point to `from` or behind it.
/// @throws Error unsupported where that cannot be done
void shift_offsets(Splices& splices, const ByteSource& source, const Mp4Atom& file, std::uint64_t from,
                   std::int64_t shift);

}  // namespace earmark::metadata
