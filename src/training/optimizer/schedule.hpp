#pragma once

#include <cstdint>
#include <string>

namespace earmark::training {

/// How the learning rate runs over the steps of a training.
struct Schedule {
    std::string kind = "constant";  ///< or "cosine": (1 + cos(pi · t)) / 2, t from 0 after the warm-up to 1 at the end
                                    ///< (Loshchilov & Hutter 2017, without restarts)
    double warm_up = 0.0;           ///< epochs in which it grows evenly from 0 to the full rate

    /// The learning rate of a step as a share of the full one.
    /// @param step  from 0, counted over the whole training of `epochs` epochs
    double factor(std::int64_t step, std::int64_t steps_an_epoch, int epochs) const;
};

}  // namespace earmark::training
