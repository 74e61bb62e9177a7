#pragma once

#include "base/stop.hpp"

namespace earmark::cli {

/// From now on Ctrl-C (SIGINT) and SIGTERM set the flag that is returned, so that the work under way can be ended and
/// what is half written taken away. A second one ends the program at once.
const base::StopFlag& stop_on_interrupt();

}  // namespace earmark::cli
