#pragma once

/// @file
/// How results are handed over that come one after another: segments, frames, tracks.

#include <functional>

namespace earmark {

/// Takes results one by one, in order, on the thread that makes them; all that belongs to one result is one call. A
/// reference or span is valid during the call. What the sink throws ends the work, and is thrown on.
template <typename... Item>
using Sink = std::function<void(Item...)>;

}  // namespace earmark
