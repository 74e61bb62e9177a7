#pragma once

#include <cstdint>
#include <string>

#include "report/experiment/experiment_statistics.hpp"

/// Numbers as the report writes them.
namespace earmark::report {

/// A share as per cent with one decimal, without the sign: "71.1".
std::string percent(double share);
/// "71.1 ± 3.7"; without a deviation "71.1".
std::string percent(const Spread& share);
/// "69.2 to 73.0", in per cent.
std::string percent(const evaluation::Interval& interval);
/// With `decimals` decimals; an en dash when it is not finite.
std::string decimal(double value, int decimals);
std::string decimal(const Spread& value, int decimals);
/// Ours less theirs, two shares, in points with its sign: "+1.2", "−5.0", "±0.0".
std::string points_between(double ours, double theirs);
/// "3 h 12 min", "12 min 5 s", "8.1 s".
std::string duration(double seconds);
/// In MB of 10⁶ bytes.
std::string megabytes(std::int64_t bytes);
/// "1 run", "3 runs".
std::string counted(std::size_t count, const std::string& noun);

}  // namespace earmark::report
