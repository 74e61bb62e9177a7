#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

namespace earmark::base {

/// Where the kernel shows the processes and their control groups. Tests give folders of their own.
struct KernelFolders {
    std::filesystem::path processes = "/proc";
    std::filesystem::path control_groups = "/sys/fs/cgroup";
};

/// No limit.
inline constexpr std::int64_t unlimited_memory = std::numeric_limits<std::int64_t>::max();

/// The cores that the quotas of this process's control groups amount to, those of versions 1 and 2 alike; infinity
/// without a quota.
double core_quota(const KernelFolders& folders = {});

/// Bytes of memory that the control groups' limits leave to this process. Pages of files that nothing used of late count
/// as left, since they can be given up.
std::int64_t memory_quota_left(const KernelFolders& folders = {});

}  // namespace earmark::base
