#include "base/control_groups.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace earmark::base {

namespace fs = std::filesystem;

namespace {

/// The first word of a small file of the system as a number; nothing when it is not there or says "max".
std::optional<std::int64_t> read_number(const fs::path& path) {
    std::ifstream file(path);
    std::int64_t number = 0;
    if (!(file >> number)) return std::nullopt;
    return number;
}

/// The number behind a name in a file of names and numbers.
std::optional<std::int64_t> read_named_number(const fs::path& path, const std::string& name) {
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
/// @param controller  "cpu", or empty for version 2
std::vector<fs::path> group_folders(const KernelFolders& kernel, const std::string& controller) {
    const fs::path mount = controller.empty() ? kernel.control_groups : kernel.control_groups / controller;
    std::vector<fs::path> folders;
    std::ifstream file(kernel.processes / "self" / "cgroup");
    std::string line;
    while (std::getline(file, line)) {  // "4:cpu,cpuacct:/path", and "0::/path" of version 2
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
        if (names != "," + controller + "," && (controller.empty() || names.find("," + controller + ",") == names.npos))
            continue;
        for (fs::path path = line.substr(second + 1); path.has_relative_path(); path = path.parent_path()) {
            folders.push_back(mount / path.relative_path());
        }
    }
    folders.push_back(mount);
    return folders;
}

/// What a control group has left of its limit.
std::int64_t memory_left(const fs::path& folder, const char* limit, const char* usage, const char* idle) {
    const auto most = read_number(folder / limit);
    const auto used = read_number(folder / usage);
    if (!most || !used) return unlimited_memory;
    return std::max<std::int64_t>(0, *most - *used + read_named_number(folder / "memory.stat", idle).value_or(0));
}

}  // namespace

double core_quota(const KernelFolders& folders) {
    double cores = std::numeric_limits<double>::infinity();
    const auto limit = [&](std::optional<std::int64_t> quota, std::optional<std::int64_t> period) {
        if (quota && period && *quota > 0 && *period > 0) {
            cores = std::min(cores, static_cast<double>(*quota) / static_cast<double>(*period));
        }
    };
    for (const fs::path& folder : group_folders(folders, "")) {
        std::ifstream file(folder / "cpu.max");
        std::int64_t quota = 0;
        std::int64_t period = 0;
        if (file >> quota >> period) limit(quota, period);
    }
    for (const fs::path& folder : group_folders(folders, "cpu")) {
        limit(read_number(folder / "cpu.cfs_quota_us"), read_number(folder / "cpu.cfs_period_us"));
    }
    return cores;
}

std::int64_t memory_quota_left(const KernelFolders& folders) {
    std::int64_t memory = unlimited_memory;
    for (const fs::path& folder : group_folders(folders, "")) {
        memory = std::min(memory, memory_left(folder, "memory.max", "memory.current", "inactive_file"));
    }
    for (const fs::path& folder : group_folders(folders, "memory")) {
        const auto left = memory_left(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        memory = std::min(memory, left);
    }
    return memory;
}

}  // namespace earmark::base
