#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace earmark::confine {

/// What keeps a process from doing harm, besides limits.
struct Protections {
    bool seccomp = false;   ///< it can make only a few system calls
    bool landlock = false;  ///< it can open nothing

    /// A sentence for each that this kernel does not have.
    std::vector<std::string> missing() const;
};

/// What a process may use.
struct SandboxLimits {
    /// Bytes of address space beyond those that the process has when it enters; 0: no limit. A sanitizer's shadow needs
    /// more than any limit, so that there is none in its builds.
    std::int64_t memory = std::int64_t{256} << 20;
};

/// Whether this build watches itself with a sanitizer.
bool is_sanitized() noexcept;

/// Ends this process when its parent ends. The signals that people and the system end a whole group of processes with do
/// nothing to it from now on: it ends with its parent.
/// @param parent  its process number; when that has ended already, this one ends at once
void follow_parent(int parent) noexcept;

/// Closes all descriptors but one. Standard input, output and error become /dev/null.
void close_all_but(int descriptor) noexcept;

/// Bytes of address space that this process has now; 0 when that cannot be told.
std::int64_t address_space() noexcept;

/// Confines this process for good: it can use what is open, and memory, and nothing else.
/// @param address_space  what it has now
Protections enter_sandbox(const SandboxLimits& limits, std::int64_t address_space) noexcept;

}  // namespace earmark::confine
