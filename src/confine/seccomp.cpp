#include "confine/seccomp.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "confine/sandbox.hpp"

namespace earmark::confine {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t architecture = 0;
#endif

/// What decoding, allocation, C++ exceptions, abort and the channel take. Nothing here opens, makes or names anything.
/// `fstat` is there, but `newfstatat` is not, which would tell of any path.
constexpr std::array allowed = {
    // what is open
    SYS_read, SYS_pread64, SYS_readv, SYS_preadv, SYS_write, SYS_writev, SYS_lseek, SYS_fstat, SYS_close, SYS_sendmsg,
    SYS_recvmsg,
    // memory
    SYS_munmap, SYS_mremap, SYS_brk, SYS_madvise, SYS_futex,
    // signals to itself, and the end
    SYS_rt_sigreturn, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_sigaltstack, SYS_restart_syscall, SYS_exit,
    SYS_exit_group,
    // what it is, and what time it is
    SYS_getpid, SYS_gettid, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_clock_nanosleep, SYS_nanosleep,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_getrandom, SYS_getrusage, SYS_sysinfo, SYS_uname};

/// A filter that is being written: programs for the kernel's packet filter, see seccomp(2).
class Filter {
  public:
    Filter() {
        load(offsetof(seccomp_data, arch));
        // Numbers of another instruction set mean other calls.
        add(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
        add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
    }

    void allow(long call) {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }

    /// Allows a call whose argument has none of some bits.
    void allow_without_bits(long call, int argument, std::uint32_t bits) {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
        load(offset_of_argument(argument));
        add(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0);
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        add(BPF_RET | BPF_K, refused);
    }

    /// Allows a call whose argument has this value.
    void allow_with_value(long call, int argument, std::uint32_t value) {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
        load(offset_of_argument(argument));
        add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        add(BPF_RET | BPF_K, refused);
    }

    bool enter() {
        add(BPF_RET | BPF_K, refused);
        sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        // Without this flag, kernels before 5.16 make the whole process slower.
        if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0) return true;
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    }

  private:
    static constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM;

    /// Of its lower half, where the values that are looked at stand.
    static std::uint32_t offset_of_argument(int argument) {
        static_assert(std::endian::native == std::endian::little);
        return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + sizeof(std::uint64_t) * argument);
    }

    void load(std::uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }

    void add(int code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
        code_.push_back({static_cast<std::uint16_t>(code), if_true, if_false, value});
    }

    std::vector<sock_filter> code_;
};

}  // namespace

bool has_seccomp() noexcept {
    return architecture != 0 && ::prctl(PR_GET_SECCOMP) >= 0;
}

bool enter_seccomp() noexcept {
    if (!has_seccomp()) return false;
    Filter filter;
    for (const long call : allowed) filter.allow(call);
    if (is_sanitized()) {  // it learns through a pipe whether memory can be read
#ifdef SYS_pipe
        filter.allow(SYS_pipe);
#endif
        filter.allow(SYS_pipe2);
    }
    filter.allow_without_bits(SYS_mmap, 2, PROT_EXEC);
    filter.allow_without_bits(SYS_mprotect, 2, PROT_EXEC);
    filter.allow_with_value(SYS_tgkill, 0, static_cast<std::uint32_t>(::getpid()));  // abort
    return filter.enter();
}

}  // namespace earmark::confine
