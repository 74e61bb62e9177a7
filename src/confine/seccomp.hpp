#pragma once

namespace earmark::confine {

/// Whether this build knows the system calls of the processor, and the kernel can filter them.
bool has_seccomp() noexcept;

/// From now on this process can make only those system calls that decoding takes: read, write and map what is open, and
/// allocate memory that is never executable. All others fail with EPERM. The process must not be able to gain
/// privileges (PR_SET_NO_NEW_PRIVS).
/// @return whether that was done
bool enter_seccomp() noexcept;

}  // namespace earmark::confine
