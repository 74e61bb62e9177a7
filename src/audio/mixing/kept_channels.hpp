#pragma once

#include <cstddef>

namespace earmark::audio {

/// Channels of decoded frames, as float, that are kept beside their mean: none of one, the first of two (the other
/// follows from it and the mean), all of more. What is not finite is 0.
struct KeptChannels {
    int count = 1;                 ///< channels that the mean is of
    int kept = 0;                  ///< of these
    const float* first = nullptr;  ///< the first sample of the first channel
    std::size_t stride = 0;        ///< from one channel to the next

    const float* channel(int index) const { return first + static_cast<std::size_t>(index) * stride; }

    /// Leaves out the first `samples` samples.
    void drop(std::size_t samples) {
        if (kept > 0) first += samples;
    }
};

}  // namespace earmark::audio
