#include "baselines/training_part.hpp"

#include "base/throw.hpp"

namespace earmark {

std::vector<std::int64_t> training_part(const Split& split) {
    std::vector<std::int64_t> segments = split.segments(Part::train);
    if (segments.empty()) {
        fail(ErrorCode::bad_data, "The training part of the split ({}) is empty. Choose another split.",
             split.description);
    }
    return segments;
}

void stopped_early() {
    fail(ErrorCode::interrupted, "stopped before the baseline was done.");
}

}  // namespace earmark
