#pragma once

#include "metadata/edit/edit_id3v2.hpp"

namespace earmark::metadata {

/// The ID3 chunks and INFO lists of WAV and AIFF. @param fields  go along into a new ID3 chunk
void edit_chunks(Splices& splices, const ByteSource& source, std::uint64_t begin, bool big_endian,
                 const FieldEdit& edit, const std::vector<CarriedField>& fields);

}  // namespace earmark::metadata
