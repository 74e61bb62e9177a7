#include "experiment/run/estimates.hpp"

#include <algorithm>

namespace earmark::experiment {

namespace {

/// What a training takes beside the store: libtorch, a network and its gradients. Measured: see docs/guide/experiments.md.
constexpr std::int64_t base_memory = std::int64_t{400} << 20;
constexpr std::int64_t store_copies = 3;

}  // namespace

void RunEstimates::add(const Run& run, double seconds, std::int64_t peak_memory) {
    for (Mean* mean : {&by_grid_[run.grid], &by_family_[run.family], &all_}) {
        mean->sum += seconds;
        ++mean->runs;
    }
    std::int64_t& peak = peaks_[run.grid];
    peak = std::max(peak, peak_memory);
}

std::optional<double> RunEstimates::seconds(const Run& run) const {
    const auto mean = [](const Mean& of) { return of.sum / of.runs; };
    if (const auto grid = by_grid_.find(run.grid); grid != by_grid_.end()) return mean(grid->second);
    if (const auto family = by_family_.find(run.family); family != by_family_.end()) return mean(family->second);
    if (all_.runs > 0) return mean(all_);
    return std::nullopt;
}

std::int64_t RunEstimates::memory(const Run& run, std::int64_t store_bytes) const {
    const auto peak = peaks_.find(run.grid);
    if (peak != peaks_.end() && peak->second > 0) return peak->second;
    return base_memory + store_copies * store_bytes;
}

}  // namespace earmark::experiment
