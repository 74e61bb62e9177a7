#include "experiment/run/machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/control_groups.hpp"
#include "base/cores.hpp"

namespace earmark::experiment {

namespace {

/// The number of KiB behind a name in /proc/meminfo.
std::optional<std::int64_t> memory_line(const std::string& name) {
    std::ifstream file("/proc/meminfo");
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string key;
        std::int64_t kibibytes = 0;
        if (words >> key >> kibibytes && key == name) return kibibytes;
    }
    return std::nullopt;
}

}  // namespace

std::string machine_name() {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    std::string name = "unknown processor";
    while (std::getline(file, line)) {
        const std::size_t colon = line.find(": ");
        if (!line.starts_with("model name") || colon == std::string::npos) continue;
        name = line.substr(colon + 2);
        break;
    }
    const int cores = base::available_cores();
    return fmt::format("{}, {} core{}", name, cores, cores == 1 ? "" : "s");
}

std::int64_t available_memory() {
    const auto kibibytes = memory_line("MemAvailable:");
    return std::min(kibibytes ? *kibibytes * 1024 : base::unlimited_memory, base::memory_quota_left());
}

std::int64_t resident_memory(int process) {
    std::ifstream file(fmt::format("/proc/{}/statm", process));
    std::int64_t whole = 0;
    std::int64_t resident = 0;
    if (!(file >> whole >> resident)) return 0;
    return resident * ::sysconf(_SC_PAGESIZE);
}

std::string utc_now() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::now()));
}

}  // namespace earmark::experiment
