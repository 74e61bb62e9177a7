#include "cli/data_set.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/progress.hpp"

namespace earmark::cli {

dataset::StoreSummary analyze_folder(
    const std::string& data, const DataOptions& options,
    const std::function<dataset::StoreSummary(const dataset::FolderOptions&)>& analyze) {
    ProgressBar progress("Analyzing", 0, options.quiet);
    const dataset::StoreSummary summary =
        analyze({options.features, options.segments, options.jobs, progress.sink(), options.stop});
    progress.finish();
    if (!options.quiet) {
        if (summary.root != std::filesystem::path(data)) {
            report(fmt::format("{}: the genre folders were taken from {}.", data, summary.root.string()));
        }
        for (const files::FileFailure& warning : summary.warnings) report(warning.message);
    }
    for (const files::FileFailure& failure : summary.failures) report(failure.message);
    return summary;
}

dataset::FeatureStore read_data_set(const std::string& data, const DataOptions& options, bool& complete) {
    std::error_code error;
    if (!std::filesystem::exists(data, error)) {
        base::fail(ErrorCode::not_found, "{}: no such folder. Give a feature store or a folder of genre folders.",
                   data);
    }
    if (dataset::is_store(data)) return dataset::open_store(data);
    dataset::FeatureStore store;
    const dataset::StoreSummary summary = analyze_folder(data, options, [&](const dataset::FolderOptions& folder) {
        auto [analyzed, summary_of_it] = dataset::read_folder(data, folder);
        store = std::move(analyzed);
        return summary_of_it;
    });
    complete = summary.failures.empty();
    if (!options.quiet) {
        for (const dataset::TrackCopy& copy : summary.copies) {
            report(fmt::format("{}: is the same recording as {}.", copy.track, copy.copy_of));
        }
    }
    return store;
}

}  // namespace earmark::cli
