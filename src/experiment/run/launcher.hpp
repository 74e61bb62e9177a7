#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "earmark/sink.hpp"
#include "experiment/run/run_commands.hpp"
#include "files/descriptor.hpp"

namespace earmark::experiment {

/// What a command that was started has to say: a line of its standard output, or that it has ended.
struct LaunchEvent {
    int key = 0;  ///< as given to Launcher::start
    bool ended = false;
    std::string line;              ///< without its end; empty when `ended`
    int status = 0;                ///< exit status, or 128 + the signal that ended it
    std::int64_t peak_memory = 0;  ///< bytes, its largest resident size
};

/// Starts commands of `earmark` side by side. The scheduler's only way to the outside, so that tests can play one.
class Launcher {
  public:
    virtual ~Launcher() = default;

    /// Starts a command; its standard error is appended to `log`. @throws Error cannot_write, internal
    virtual void start(int key, const Arguments& words, const std::filesystem::path& log) = 0;
    /// Waits until something happens, at most so many milliseconds, and tells all that did.
    virtual void wait(int milliseconds, const Sink<const LaunchEvent&>& tell) = 0;
    /// Asks all that run to end soon and leave behind what they can go on from.
    virtual void interrupt() = 0;
    /// Resident bytes of a command that runs.
    virtual std::int64_t resident(int key) const = 0;
};

/// Starts a program in processes of their own, each in its own process group, so that Ctrl-C reaches only this one.
/// They are killed when this process dies, however it does. Not thread-safe.
class ProcessLauncher : public Launcher {
  public:
    explicit ProcessLauncher(std::filesystem::path program) : program_(std::move(program)) {}
    ~ProcessLauncher() override;
    ProcessLauncher(const ProcessLauncher&) = delete;
    ProcessLauncher& operator=(const ProcessLauncher&) = delete;

    void start(int key, const Arguments& words, const std::filesystem::path& log) override;
    void wait(int milliseconds, const Sink<const LaunchEvent&>& tell) override;
    void interrupt() override;
    std::int64_t resident(int key) const override;

  private:
    struct Child {
        int key = 0;
        pid_t process = -1;
        files::Descriptor output;  ///< none once it has ended
        std::string text;
    };

    static void read(Child& child, const Sink<const LaunchEvent&>& tell);

    std::filesystem::path program_;
    std::vector<Child> children_;
};

}  // namespace earmark::experiment
