#pragma once

#include <filesystem>
#include <string>

#include "base/stop.hpp"
#include "earmark/sink.hpp"
#include "files/descriptor.hpp"

namespace earmark::library {

/// The index that is used when `given` is empty: $EARMARK_INDEX, else earmark/index.sqlite in the user's data folder
/// ($XDG_DATA_HOME, else ~/.local/share). Absolute. @throws Error not_found when there is no such folder to be known
std::filesystem::path index_path(const std::string& given);

/// Makes the folders that lead to the place of an index in the user's data folder. @throws Error cannot_write
void make_index_folder(const std::filesystem::path& index);

/// Keeps others from changing an index for as long as it lives: an flock on the file INDEX.lock, which the system lets
/// go when the process ends, however it does.
class IndexLock {
  public:
    /// What to do when another process has it.
    struct Wait {
        bool wait = false;                     ///< until it has ended; else to fail
        Sink<const std::string&> waiting;      ///< told once, before it begins
        const base::StopFlag* stop = nullptr;  ///< ends the waiting
    };

    /// @throws Error cannot_write, naming the other process when it has the lock; interrupted
    IndexLock(const std::filesystem::path& index, const Wait& wait);

  private:
    files::Descriptor file_;
};

}  // namespace earmark::library
