#pragma once

/// @file
/// The one exception type of libearmark. The library never prints and never exits: whatever goes wrong is thrown as an
/// Error, whose message names the file and says what to do about it.

#include <stdexcept>
#include <string>
#include <string_view>

#include "earmark/export.h"

namespace earmark {

/// What went wrong, in a form that programs can act on. `to_string` gives the stable names that the JSON output uses.
enum class ErrorCode {
    not_found,     ///< the path does not exist
    unreadable,    ///< the path exists but cannot be read (permissions, a folder where a file was expected, I/O errors)
    no_audio,      ///< the file holds no audio that can be decoded, or the folder holds no audio file
    corrupt,       ///< the data contradict themselves: a broken file, shapes that do not fit, an impossible header
    too_short,     ///< less audio than one analysis frame
    changed,       ///< the file changed while it was read
    unsupported,   ///< valid, but made for a newer version or for something that this build cannot do
    bad_option,    ///< an option outside its range, or options that contradict each other
    bad_data,      ///< a data set, split or label that cannot be used as asked
    cannot_write,  ///< an output could not be written (missing folder, permissions, full disk)
    interrupted,   ///< stopped by the user
    internal,      ///< a defect in Earmark or in a library under it
};

/// The name of a code as it appears in JSON output, for instance "not_found".
EARMARK_API std::string_view to_string(ErrorCode code) noexcept;

/// Every failure of libearmark.
class EARMARK_API Error : public std::runtime_error {
  public:
    /// @param code     what went wrong
    /// @param message  one sentence or two: the file, what is wrong with it, what to do
    Error(ErrorCode code, const std::string& message);

    /// What went wrong, for programs.
    ErrorCode code() const noexcept { return code_; }

  private:
    ErrorCode code_;
};

}  // namespace earmark
