#pragma once

#include "metadata/edit/edit_id3v2.hpp"

namespace earmark::metadata {

/// The comments of FLAC. @param begin  of "fLaC"
void edit_flac(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit);
/// Those of the first stream of Ogg with sound.
void edit_ogg(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit);

}  // namespace earmark::metadata
