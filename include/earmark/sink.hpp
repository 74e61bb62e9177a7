#pragma once

/// @file
/// How results are handed over that come one after another: segments, frames, tracks.

#include <functional>

namespace earmark {

/// Takes results one by one, what belongs to one in one call, in order, on the thread that makes them. A reference or span among them is valid during
/// the call. What the sink throws ends the work, and is thrown on.
template <typename... Item>
using Sink = std::function<void(Item...)>;

}  // namespace earmark
