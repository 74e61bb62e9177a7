#include "cli/data_set.hpp"

#include <filesystem>

#include "base/throw.hpp"
#include "cli/messages.hpp"
#include "cli/progress.hpp"

namespace earmark::commands {

StoreSummary hear_folder(const DataOptions& options, const std::function<StoreSummary(const FolderOptions&)>& hear) {
    Progress progress("Hearing", 0, options.quiet);
    const auto show = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    const StoreSummary summary = hear({options.features, options.segments, options.jobs, show, options.stop});
    progress.finish();
    if (!options.quiet) {
        for (const FileFailure& warning : summary.warnings) report(warning.message);
    }
    for (const FileFailure& failure : summary.failures) report(failure.message);
    return summary;
}

FeatureStore read_data_set(const std::string& data, const DataOptions& options, bool& complete) {
    std::error_code error;
    if (!std::filesystem::exists(data, error)) {
        fail(ErrorCode::not_found, "{}: no such folder. Give a feature store or a folder of genre folders.", data);
    }
    if (is_store(data)) return open_store(data);
    FeatureStore store;
    const StoreSummary summary = hear_folder(options, [&](const FolderOptions& folder) {
        auto [heard, summary_of_it] = read_folder(data, folder);
        store = std::move(heard);
        return summary_of_it;
    });
    complete = summary.failures.empty();
    return store;
}

}  // namespace earmark::commands
