#pragma once

#include "library/index/database.hpp"

namespace earmark::library {

/// The version of the tables that this Earmark writes (`PRAGMA user_version`); docs/reference/index-format.md describes
/// them.
inline constexpr int schema_version = 5;

/// Brings a database to that version: makes the tables of a new one, or changes those of an older Earmark, whole or not
/// at all. Sets the write-ahead log and the checking of references.
/// @throws Error unsupported when it was written by a newer Earmark; corrupt when it is another program's; as Database
void prepare_schema(Database& database);

}  // namespace earmark::library
