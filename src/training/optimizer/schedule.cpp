#include "training/optimizer/schedule.hpp"

#include <cmath>
#include <numbers>

namespace earmark::training {

double Schedule::factor(std::int64_t step, std::int64_t steps_an_epoch, int epochs) const {
    const auto at = static_cast<double>(step);
    const double rising = std::round(warm_up * static_cast<double>(steps_an_epoch));
    if (at < rising) return (at + 1.0) / rising;
    if (kind == ScheduleKind::constant) return 1.0;
    const double falling = static_cast<double>(steps_an_epoch * epochs) - rising;
    return 0.5 * (1.0 + std::cos(std::numbers::pi * (at - rising) / falling));
}

}  // namespace earmark::training
