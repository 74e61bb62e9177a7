#include "library/reading/limits.hpp"

namespace earmark::library {

double longest_reading(std::int64_t bytes) noexcept {
    // The smallest files take the longest a byte: chiptunes of some kilobytes play for minutes, silence is packed a
    // thousandfold.
    return 30.0 + 20e-6 * static_cast<double>(bytes);
}

}  // namespace earmark::library
