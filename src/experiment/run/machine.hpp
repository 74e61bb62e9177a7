#pragma once

#include <cstdint>
#include <string>

namespace earmark::experiment {

/// Processor and number of cores, for people: "AMD EPYC 9B14, 2 cores".
std::string machine_name();

/// Bytes of memory that can be had now: what the system has available, and what is left of the control group's limit.
std::int64_t available_memory();

/// Resident bytes of a process; 0 when it is missing.
std::int64_t resident_memory(int process);

/// "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace earmark::experiment
