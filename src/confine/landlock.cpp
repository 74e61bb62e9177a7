#include "confine/landlock.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace earmark::confine {

namespace {

// The headers of the system may be older than its kernel, so that what is needed of linux/landlock.h stands here.
#ifdef SYS_landlock_create_ruleset
constexpr long create_ruleset = SYS_landlock_create_ruleset;
constexpr long restrict_self = SYS_landlock_restrict_self;
#else
constexpr long create_ruleset = 444;
constexpr long restrict_self = 446;
#endif
constexpr unsigned long ask_version = 1;  // LANDLOCK_CREATE_RULESET_VERSION

/// struct landlock_ruleset_attr, as of version 6; older kernels take a longer one whose end is zero.
struct Ruleset {
    std::uint64_t file_access;
    std::uint64_t network_access;
    std::uint64_t scoped;
};

/// All rights on files that a version knows.
std::uint64_t file_rights(int version) {
    int count = 13;             // up to LANDLOCK_ACCESS_FS_MAKE_SYM
    if (version >= 2) ++count;  // … REFER
    if (version >= 3) ++count;  // … TRUNCATE
    if (version >= 5) ++count;  // … IOCTL_DEV
    return (std::uint64_t{1} << count) - 1;
}

}  // namespace

int landlock_version() noexcept {
    const long version = ::syscall(create_ruleset, nullptr, 0, ask_version);
    return version > 0 ? static_cast<int>(version) : 0;
}

bool enter_landlock() noexcept {
    const int version = landlock_version();
    if (version < 1) return false;
    Ruleset rules{file_rights(version), 0, 0};
    if (version >= 4) rules.network_access = 3;  // LANDLOCK_ACCESS_NET_BIND_TCP, … CONNECT_TCP
    if (version >= 6) rules.scoped = 3;          // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, … SIGNAL
    const auto ruleset = static_cast<int>(::syscall(create_ruleset, &rules, sizeof rules, 0));
    if (ruleset < 0) return false;
    const long result = ::syscall(restrict_self, ruleset, 0);  // no rule allows anything
    ::close(ruleset);
    return result == 0;
}

}  // namespace earmark::confine
