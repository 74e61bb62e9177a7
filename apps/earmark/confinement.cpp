#include "earmark/confinement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "cli/messages.hpp"

namespace earmark::commands {

void add_confinement_option(CLI::App& command, bool& confined) {
    command
        .add_flag_callback(
            "--no-confinement", [&confined] { confined = false; },
            "Read files in this process, where one that makes a decoder crash ends all (for debugging)")
        ->configurable(false);
}

TrackOpener::TrackOpener(bool confined) {
    if (confined) confined_.emplace();
}

std::unique_ptr<library::TrackReader> TrackOpener::operator()(const std::filesystem::path& file) {
    return confined_ ? confined_->open(file) : library::open_track(file);
}

void TrackOpener::report_missing_protections() const {
    if (!confined_) return;
    const std::vector<std::string> missing = confined_->missing_protections();
    if (missing.empty()) return;
    cli::report(fmt::format("files were read by processes that are confined in part: {}. Update the kernel.",
                            fmt::join(missing, ", and ")));
}

}  // namespace earmark::commands
