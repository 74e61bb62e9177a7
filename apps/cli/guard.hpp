#pragma once

#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>

#include "cli/messages.hpp"

/// The exit statuses of Earmark's programs: 0 all good, and those below; 128 + SIGINT after Ctrl-C.
namespace earmark::cli {

inline constexpr int failed = 1;       ///< something failed and was reported
inline constexpr int wrong_usage = 2;  ///< the command line was wrong

/// Runs a program: reports what it throws, and standard output that could not be written. @return the exit status
inline int guarded(const std::function<int()>& program) {
    try {
        const int status = program();
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
            report("standard output: cannot be written. Free some space, or choose another place.");
            return failed;
        }
        return status;
    } catch (const Error& error) {
        report(error);
        return error.code() == ErrorCode::interrupted ? 128 + SIGINT : failed;
    } catch (const std::exception& error) {
        report(error.what());
        return failed;
    }
}

}  // namespace earmark::cli
