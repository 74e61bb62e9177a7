#include "confine/sandbox.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <initializer_list>

#include "confine/landlock.hpp"
#include "confine/seccomp.hpp"

namespace earmark::confine {

namespace {

template <typename Resource>
void limit(Resource resource, rlim_t value) {
    const rlimit both{value, value};
    ::setrlimit(resource, &both);
}

void close_range(unsigned first, unsigned last) {
    if (first > last) return;
#ifdef SYS_close_range
    if (::syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
    rlimit open{};
    ::getrlimit(RLIMIT_NOFILE, &open);
    const auto end = static_cast<unsigned>(std::min<rlim_t>(open.rlim_cur, 1 << 16));
    for (unsigned number = first; number <= last && number < end; ++number) ::close(static_cast<int>(number));
}

/// Gives up what a program of the superuser could do.
void drop_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    ::syscall(SYS_capset, &header, none.data());
}

}  // namespace

std::vector<std::string> Protections::missing() const {
    std::vector<std::string> lines;
    if (!seccomp) lines.emplace_back("this kernel cannot filter system calls (seccomp)");
    if (!landlock) lines.emplace_back("this kernel cannot take the file system from a process (Landlock)");
    return lines;
}

bool is_sanitized() noexcept {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

void follow_parent(int parent) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it ended before
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
}

void close_all_but(int descriptor) noexcept {
    const int null = ::open("/dev/null", O_RDWR);
    for (int number = 0; number <= 2; ++number) {
        if (number == 2 && is_sanitized()) continue;  // for its report
        if (null >= 0) {
            ::dup2(null, number);
        } else {
            ::close(number);
        }
    }
    const auto kept = static_cast<unsigned>(descriptor);
    close_range(3, kept - 1);
    close_range(kept + 1, ~0U);
}

std::int64_t address_space() noexcept {
    std::array<char, 64> text{};
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t got = ::read(file, text.data(), text.size() - 1);
    ::close(file);
    return got > 0 ? std::strtoll(text.data(), nullptr, 10) * ::sysconf(_SC_PAGESIZE) : 0;
}

Protections enter_sandbox(const SandboxLimits& limits, std::int64_t address_space) noexcept {
    if (!is_sanitized()) {
        if (limits.memory > 0 && address_space > 0) {
            limit(RLIMIT_AS, static_cast<rlim_t>(address_space + limits.memory));
        }
        limit(RLIMIT_FSIZE, 0);
    }
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 16);
    limit(RLIMIT_NPROC, 0);
    drop_capabilities();
    Protections protections;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return protections;
    protections.landlock = enter_landlock();
    protections.seccomp = enter_seccomp();
    return protections;
}

}  // namespace earmark::confine
