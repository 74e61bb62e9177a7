#pragma once

#include <cstdint>

#include "earmark/sink.hpp"

namespace earmark::base {

/// How far a long work has come, in files, tracks or runs.
struct Progress {
    std::int64_t done = 0;   ///< with the failed ones
    std::int64_t total = 0;  ///< 0: not known yet
    std::int64_t failed = 0;

    bool operator==(const Progress&) const = default;
};

/// Is told of progress: at the start, and after each item. May be empty.
using ProgressSink = Sink<const Progress&>;

}  // namespace earmark::base
