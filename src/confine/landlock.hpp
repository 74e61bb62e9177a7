#pragma once

namespace earmark::confine {

/// Version of Landlock that this kernel has; 0: none.
int landlock_version() noexcept;

/// Takes the file system from this process for good, and, as far as the version goes, TCP, signals and abstract sockets:
/// open descriptors stay usable. The process must not be able to gain privileges (PR_SET_NO_NEW_PRIVS).
/// @return whether that was done
bool enter_landlock() noexcept;

}  // namespace earmark::confine
