#include "common/data_set.hpp"

#include <filesystem>

#include "common/messages.hpp"
#include "common/progress.hpp"
#include "core/throw.hpp"
#include "dataset/make_store.hpp"

namespace earmark::commands {

FeatureStore read_data_set(const std::string& data, const DataOptions& options, bool& complete) {
    std::error_code error;
    if (!std::filesystem::exists(data, error)) {
        fail(ErrorCode::not_found, "{}: no such folder. Give a feature store or a folder of genre folders.", data);
    }
    if (is_store(data)) return open_store(data);
    Progress progress("Hearing", 0, options.quiet);
    FolderOptions folder;
    folder.features = options.features;
    folder.segments = options.segments;
    folder.jobs = options.jobs;
    folder.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
    folder.stop = options.stop;
    auto [store, summary] = read_folder(data, folder);
    progress.finish();
    if (!options.quiet) {
        for (const FileFailure& warning : summary.warnings) report(warning.message);
    }
    for (const FileFailure& failure : summary.failures) report(failure.message);
    complete = summary.failures.empty();
    return std::move(store);
}

}  // namespace earmark::commands
