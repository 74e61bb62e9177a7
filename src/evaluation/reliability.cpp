#include "evaluation/reliability.hpp"

#include <algorithm>
#include <cmath>

#include "base/throw.hpp"

namespace earmark::evaluation {

namespace {

void check(int bins) {
    if (bins < 1) base::fail(ErrorCode::bad_option, "{} bins of confidence: at least 1 is needed.", bins);
}

void add(ConfidenceBin& bin, const ScoredItem& item) {
    ++bin.items;
    bin.confidence += item.confidence;
    bin.accuracy += item.right ? 1.0 : 0.0;
}

/// Makes means of the sums.
void finish(std::vector<ConfidenceBin>& bins) {
    for (ConfidenceBin& bin : bins) {
        if (bin.items == 0) continue;
        bin.confidence /= static_cast<double>(bin.items);
        bin.accuracy /= static_cast<double>(bin.items);
    }
}

}  // namespace

std::vector<ConfidenceBin> equal_width_bins(std::span<const ScoredItem> items, int bins) {
    check(bins);
    std::vector<ConfidenceBin> result(static_cast<std::size_t>(bins));
    for (const ScoredItem& item : items) {
        const int place = static_cast<int>(std::ceil(item.confidence * bins)) - 1;
        add(result[static_cast<std::size_t>(std::clamp(place, 0, bins - 1))], item);
    }
    finish(result);
    return result;
}

std::vector<ConfidenceBin> equal_mass_bins(std::span<const ScoredItem> items, int bins) {
    check(bins);
    std::vector<ScoredItem> sorted(items.begin(), items.end());
    std::ranges::sort(sorted, {}, &ScoredItem::confidence);
    const std::size_t count = static_cast<std::size_t>(bins);
    std::vector<ConfidenceBin> result(count);
    std::size_t next = 0;
    for (std::size_t bin = 0; bin < count; ++bin) {
        const std::size_t end = (bin + 1) * sorted.size() / count;
        const auto tied = [&] { return next > 0 && sorted[next].confidence == sorted[next - 1].confidence; };
        const std::size_t first = next;
        while (next < sorted.size() && (next < end || (next > first && tied()))) add(result[bin], sorted[next++]);
    }
    finish(result);
    return result;
}

double calibration_error(std::span<const ConfidenceBin> bins) {
    double sum = 0.0;
    std::int64_t items = 0;
    for (const ConfidenceBin& bin : bins) {
        sum += static_cast<double>(bin.items) * std::abs(bin.accuracy - bin.confidence);
        items += bin.items;
    }
    return items == 0 ? 0.0 : sum / static_cast<double>(items);
}

}  // namespace earmark::evaluation
