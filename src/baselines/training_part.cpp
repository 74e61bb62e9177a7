#include "baselines/training_part.hpp"

#include "base/throw.hpp"

namespace earmark::baselines {

std::vector<std::int64_t> training_part(const dataset::FeatureStore& store, const dataset::Split& split) {
    if (store.labelling.many) {
        base::fail(ErrorCode::bad_data,
                   "The tracks of the data may have several labels, and baselines tell one. Train a network instead.");
    }
    std::vector<std::int64_t> segments = split.segments(dataset::Part::train);
    if (segments.empty()) {
        base::fail(ErrorCode::bad_data, "The training part of the split ({}) is empty. Choose another split.",
                   split.description);
    }
    return segments;
}

void stopped_early() {
    base::fail(ErrorCode::interrupted, "stopped before the baseline was done.");
}

}  // namespace earmark::baselines
