#include "experiment/run/machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <vector>

#include "base/parallel.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// The first word of a small file of the system as a number; nothing when it is not there or says "max".
std::optional<std::int64_t> number_in(const fs::path& path) {
    std::ifstream file(path);
    std::int64_t number = 0;
    if (!(file >> number)) return std::nullopt;
    return number;
}

/// The number behind a name in a file of names and numbers.
std::optional<std::int64_t> number_of(const fs::path& path, const std::string& name) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string key;
        std::int64_t number = 0;
        if (words >> key >> number && key == name) return number;
    }
    return std::nullopt;
}

/// The folders of this process's control group and of those it is in, innermost first. Within a container the names in
/// /proc/self/cgroup may be those outside it, so the mount itself is always among them.
std::vector<fs::path> control_groups(const std::string& controller, const fs::path& mount) {
    std::vector<fs::path> folders;
    std::ifstream file("/proc/self/cgroup");
    std::string line;
    while (std::getline(file, line)) {  // "4:memory:/path", and "0::/path" of version 2
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        if (line.substr(first + 1, second - first - 1) != controller) continue;
        for (fs::path path = line.substr(second + 1); path.has_relative_path(); path = path.parent_path()) {
            folders.push_back(mount / path.relative_path());
        }
    }
    folders.push_back(mount);
    return folders;
}

/// What a control group has left of its limit. Its pages of files that nothing has used of late can be given up.
std::int64_t left_of(const fs::path& folder, const char* limit, const char* usage, const char* idle) {
    const auto most = number_in(folder / limit);
    const auto used = number_in(folder / usage);
    if (!most || !used) return unlimited;
    return std::max<std::int64_t>(0, *most - *used + number_of(folder / "memory.stat", idle).value_or(0));
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
    const int cores = usable_cores();
    return fmt::format("{}, {} core{}", name, cores, cores == 1 ? "" : "s");
}

int usable_cores() {
    double cores = base::available_cores();
    const auto limit = [&](std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
        if (quota && period && *quota > 0 && *period > 0) {
            cores = std::min(cores, static_cast<double>(*quota) / static_cast<double>(*period));
        }
    };
    for (const fs::path& folder : control_groups("", "/sys/fs/cgroup")) {
        std::ifstream file(folder / "cpu.max");
        std::int64_t quota = 0;
        std::int64_t period = 0;
        if (file >> quota >> period) limit(quota, period);
    }
    for (const fs::path& folder : control_groups("cpu", "/sys/fs/cgroup/cpu")) {
        limit(number_in(folder / "cpu.cfs_quota_us"), number_in(folder / "cpu.cfs_period_us"));
    }
    return std::max(1, static_cast<int>(std::floor(cores + 0.5)));
}

std::int64_t available_memory() {
    std::int64_t memory = unlimited;
    if (const auto kibibytes = number_of("/proc/meminfo", "MemAvailable:")) memory = *kibibytes * 1024;
    for (const fs::path& folder : control_groups("", "/sys/fs/cgroup")) {
        memory = std::min(memory, left_of(folder, "memory.max", "memory.current", "inactive_file"));
    }
    for (const fs::path& folder : control_groups("memory", "/sys/fs/cgroup/memory")) {
        const auto left = left_of(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        memory = std::min(memory, left);
    }
    return memory;
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
