#pragma once

#include <array>
#include <cstdint>

#include "base/enum_names.hpp"

namespace earmark::training {

/// The curve of the learning rate after the warm-up.
enum class ScheduleKind : std::uint8_t {
    constant,
    cosine,  ///< (1 + cos(pi · t)) / 2, t from 0 to 1 at the end (Loshchilov & Hutter 2017, without restarts)
};

/// The names in options and files.
constexpr auto enum_table(ScheduleKind) {
    return std::array{base::EnumName{ScheduleKind::constant, "constant"},
                      base::EnumName{ScheduleKind::cosine, "cosine"}};
}

/// How the learning rate runs over the steps of a training.
struct Schedule {
    ScheduleKind kind = ScheduleKind::constant;
    double warm_up = 0.0;  ///< epochs in which it grows evenly from 0 to the full rate

    /// The learning rate of a step as a share of the full one.
    /// @param step  from 0, counted over the whole training of `epochs` epochs
    double factor(std::int64_t step, std::int64_t steps_an_epoch, int epochs) const;
};

}  // namespace earmark::training
