#pragma once

#include "metadata/edit/edit_id3v2.hpp"

namespace earmark::metadata {

/// The attributes WM/Genre of WMA: all in the extended content description, in their order.
void edit_asf(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit);

}  // namespace earmark::metadata
