#include "earmark/version.hpp"

#include "base/build_config.hpp"

namespace earmark {

std::string_view version() noexcept {
    return EARMARK_VERSION;
}

}  // namespace earmark
