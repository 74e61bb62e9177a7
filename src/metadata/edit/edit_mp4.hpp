#pragma once

#include "metadata/edit/edit_id3v2.hpp"

namespace earmark::metadata {

/// The genre among an MP4's atoms: "©gen" of iTunes' list, or the key of QuickTime's. The sound stays where it is if
/// there is a free atom to take from; otherwise all tables of its offsets follow.
void edit_mp4(Splices& splices, const ByteSource& source, std::uint64_t begin, const FieldEdit& edit);

}  // namespace earmark::metadata
