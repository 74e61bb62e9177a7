#pragma once

/// @file
/// Writes genres and moods into a file's tags, in the bytes themselves: everything else stays as it stands, also what
/// no library can read.

#include <span>
#include <string>
#include <vector>

#include "metadata/edit/edit_id3v2.hpp"
#include "metadata/edit/splice.hpp"
#include "metadata/metadata.hpp"

namespace earmark::metadata {

/// What came of an edit.
struct EditReport {
    Container container = Container::unknown;
    std::vector<std::string> oddities;  ///< of the file as it was
};

/// What would have to change, so that a file has other values of a field and keeps all else: no file is touched. Tags of
/// all kinds that it has come in line. ID3v1, INFO lists and enhanced tags hold one genre and get the first, and have no
/// place for a mood; where an MP3, WAV or AIFF has no ID3v2 tag, a new one takes along what its other tags say. The
/// changes were made on paper and checked: all metadata but the field is the same.
/// @throws Error unsupported where the kind of file takes no tags, or a tag cannot be changed; corrupt; internal where
/// the check finds a difference. Messages begin in lower case and name no file: "would lose TXXX:FOO of ID3v2.3 tag 1"
std::vector<Splice> plan_edit(const ByteSource& source, const FieldEdit& edit);

/// The same in an open file itself, one field after the other. Each is checked again as it was written.
/// @param descriptor  open for reading and writing: of a copy
/// @throws Error as plan_edit; cannot_write
EditReport edit_fields(int descriptor, std::span<const FieldEdit> edits);

/// Sees to it that a file after an edit holds all that it held before, and the values.
/// @throws Error internal with the tag at fault
void check_edit(const Metadata& before, const Metadata& after, const FieldEdit& edit);

}  // namespace earmark::metadata
