#pragma once

#include <cstdint>

namespace earmark::training {

/// What Adam does to `count` values that lie together; compiled for several instruction sets, of which the program
/// takes the best.
struct AdamStep {
    float* value;
    const float* gradient;
    float* first;  ///< moments
    float* second;
    std::int64_t count;
    float rate;     ///< with the correction of both moments' bias
    float penalty;  ///< 2 · l2
    float kept;     ///< what weight decay leaves of a value, before the step; 1 without it
};

constexpr double first_decay = 0.9;
constexpr double second_decay = 0.999;
constexpr double adam_epsilon = 1e-7;

void run(const AdamStep& step);

}  // namespace earmark::training
