#include "evaluation/label_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/random.hpp"
#include "base/throw.hpp"
#include "evaluation/percentiles.hpp"

namespace earmark::evaluation {

namespace {

/// Items in the order of falling scores, with where each run of equal scores ends.
struct Ranking {
    std::vector<std::uint32_t> order;
    std::vector<std::uint32_t> ends;
    std::vector<std::uint8_t> truths;  // in that order

    Ranking(std::span<const double> scores, const std::function<bool(std::size_t)>& holds) {
        order.resize(scores.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::sort(order, std::ranges::greater(), [&](std::uint32_t i) { return scores[i]; });
        for (std::size_t i = 0; i < order.size(); ++i) {
            truths.push_back(holds(order[i]) ? 1 : 0);
            if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]])
                ends.push_back(static_cast<std::uint32_t>(i + 1));
        }
    }
};

struct Areas {
    std::optional<double> roc;
    std::optional<double> pr;
};

/// @param weights  of the items: how often each was drawn
template <typename Weight>
Areas areas_of(const Ranking& ranking, Weight weight) {
    double positives = 0.0;
    double negatives = 0.0;
    double pairs = 0.0;  // in the right order
    double precision = 0.0;
    std::size_t begin = 0;
    for (const std::uint32_t end : ranking.ends) {
        double here = 0.0;
        double others = 0.0;
        for (; begin < end; ++begin) {
            const double w = weight(ranking.order[begin]);
            (ranking.truths[begin] != 0 ? here : others) += w;
        }
        // Negatives below come later: count for each of these the positives above.
        pairs += others * (positives + 0.5 * here);
        positives += here;
        negatives += others;
        if (here > 0.0) precision += here * positives / (positives + negatives);
    }
    Areas areas;
    if (positives > 0.0 && negatives > 0.0) areas.roc = pairs / (positives * negatives);
    if (positives > 0.0) areas.pr = precision / positives;
    return areas;
}

template <typename Values, typename Get>
std::optional<double> mean_of(const Values& values, Get get) {
    double sum = 0.0;
    int count = 0;
    for (const auto& each : values) {
        if (const std::optional<double> value = get(each)) {
            sum += *value;
            ++count;
        }
    }
    if (count == 0) return {};
    return sum / count;
}

/// Counts of right and wrong decisions.
struct Decisions {
    double hits = 0.0;    // said and true
    double alarms = 0.0;  // said and false
    double misses = 0.0;  // true and not said

    double f1() const { return hits == 0.0 ? 0.0 : 2.0 * hits / (2.0 * hits + alarms + misses); }
    double precision() const { return hits == 0.0 ? 0.0 : hits / (hits + alarms); }
    double recall() const { return hits == 0.0 ? 0.0 : hits / (hits + misses); }
    void add(bool said, bool truth) {
        hits += said && truth ? 1.0 : 0.0;
        alarms += said && !truth ? 1.0 : 0.0;
        misses += !said && truth ? 1.0 : 0.0;
    }
    void add(const Decisions& other, double weight = 1.0) {
        hits += weight * other.hits;
        alarms += weight * other.alarms;
        misses += weight * other.misses;
    }
};

void check(const LabelledItems& items, std::span<const double> thresholds) {
    if (items.groups.empty())
        base::fail(ErrorCode::bad_data, "There is no item to measure. Choose another part of the data.");
    const std::size_t values = items.count() * items.labels;
    if (items.labels == 0 || items.probabilities.size() != values || items.truths.size() != values ||
        thresholds.size() != items.labels) {
        base::fail(ErrorCode::bad_data,
                   "{} probabilities, {} truths and {} thresholds do not fit {} items and {} labels.",
                   items.probabilities.size(), items.truths.size(), thresholds.size(), items.count(), items.labels);
    }
    for (const double p : items.probabilities) {
        if (!(p >= 0.0 && p <= 1.0 + 1e-5)) base::fail(ErrorCode::bad_data, "{} is no probability.", p);
    }
}

class Measuring {
  public:
    Measuring(const LabelledItems& items, std::span<const double> thresholds)
        : items_(items), thresholds_(thresholds), of_items_(items.count()) {
        check(items, thresholds);
        for (std::size_t k = 0; k < items.labels; ++k) {
            const std::vector<double> scores = items.scores(k);
            rankings_.emplace_back(scores, [&](std::size_t i) { return truth(i, k); });
        }
    }

    LabelMetrics measure() {
        result_.items = static_cast<std::int64_t>(items_.count());
        measure_by_label();
        for (std::size_t i = 0; i < items_.count(); ++i) measure_item(i);
        Decisions all;
        for (const Decisions& each : of_items_) all.add(each);
        result_.micro = {all.precision(), all.recall(), all.f1()};
        const auto pairs = static_cast<double>(items_.count() * items_.labels);
        result_.hamming_loss = (all.alarms + all.misses) / pairs;
        const Ranking whole(items_.probabilities, [&](std::size_t i) { return items_.truths[i] != 0; });
        result_.micro_roc_auc = areas_of(whole, [](std::size_t) { return 1.0; }).roc;
        return std::move(result_);
    }

    /// The intervals, from resamples of whole groups.
    void bootstrap(const BootstrapOptions& options, LabelMetrics& result) const {
        std::vector<std::vector<std::size_t>> groups;
        std::vector<std::pair<int, std::size_t>> members;
        for (std::size_t i = 0; i < items_.count(); ++i) members.emplace_back(items_.groups[i], i);
        std::ranges::stable_sort(members, {}, &std::pair<int, std::size_t>::first);
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (i == 0 || members[i].first != members[i - 1].first) groups.emplace_back();
            groups.back().push_back(members[i].second);
        }
        base::Random random(options.seed, "bootstrap labels");
        std::vector<double> roc;
        std::vector<double> pr;
        std::vector<double> f1;
        std::vector<double> hamming;
        std::vector<double> weights(items_.count());
        for (int draw = 0; draw < std::max(options.resamples, 1); ++draw) {
            std::ranges::fill(weights, 0.0);
            for (std::size_t i = 0; i < groups.size(); ++i) {
                for (const std::size_t item : groups[random.below(groups.size())]) weights[item] += 1.0;
            }
            std::vector<Areas> areas;
            for (const Ranking& ranking : rankings_)
                areas.push_back(areas_of(ranking, [&](std::size_t i) { return weights[i]; }));
            if (const auto mean = mean_of(areas, [](const Areas& each) { return each.roc; })) roc.push_back(*mean);
            if (const auto mean = mean_of(areas, [](const Areas& each) { return each.pr; })) pr.push_back(*mean);
            Decisions all;
            double drawn = 0.0;
            for (std::size_t i = 0; i < items_.count(); ++i) {
                all.add(of_items_[i], weights[i]);
                drawn += weights[i];
            }
            f1.push_back(all.f1());
            hamming.push_back((all.alarms + all.misses) / (drawn * static_cast<double>(items_.labels)));
        }
        result.macro_roc_auc_interval = middle_95(roc);
        result.macro_pr_auc_interval = middle_95(pr);
        result.micro_f1_interval = middle_95(f1);
        result.hamming_loss_interval = middle_95(hamming);
    }

  private:
    bool truth(std::size_t item, std::size_t label) const { return items_.truths[item * items_.labels + label] != 0; }
    double score(std::size_t item, std::size_t label) const {
        return items_.probabilities[item * items_.labels + label];
    }

    void measure_by_label() {
        double with_positives = 0.0;
        for (std::size_t k = 0; k < items_.labels; ++k) {
            LabelFigures& figures = result_.labels.emplace_back();
            figures.threshold = thresholds_[k];
            Decisions all;
            for (std::size_t i = 0; i < items_.count(); ++i) all.add(score(i, k) >= thresholds_[k], truth(i, k));
            const Areas areas = areas_of(rankings_[k], [](std::size_t) { return 1.0; });
            figures.positives = std::llround(all.hits + all.misses);
            figures.roc_auc = areas.roc;
            figures.pr_auc = areas.pr;
            if (all.hits + all.alarms > 0.0) figures.precision = all.precision();
            if (figures.positives == 0) continue;
            figures.recall = all.recall();
            figures.f1 = all.f1();
            with_positives += 1.0;
            result_.macro.precision += all.precision();
            result_.macro.recall += all.recall();
            result_.macro.f1 += all.f1();
        }
        for (double* sum : {&result_.macro.precision, &result_.macro.recall, &result_.macro.f1})
            *sum /= std::max(with_positives, 1.0);
        result_.macro_roc_auc = mean_of(result_.labels, [](const LabelFigures& each) { return each.roc_auc; });
        result_.macro_pr_auc = mean_of(result_.labels, [](const LabelFigures& each) { return each.pr_auc; });
        for (const int k : {1, 3, 5}) {
            if (static_cast<std::size_t>(k) <= items_.labels) result_.hits.push_back({k, 0.0});
        }
    }

    void measure_item(std::size_t item) {
        const auto count = static_cast<double>(items_.count());
        const std::size_t labels = items_.labels;
        Decisions& own = of_items_[item];
        for (std::size_t k = 0; k < labels; ++k) {
            own.add(score(item, k) >= thresholds_[k], truth(item, k));
            const double p = std::clamp(score(item, k), 1e-7, 1.0 - 1e-7);
            result_.loss -= std::log(truth(item, k) ? p : 1.0 - p) / (count * static_cast<double>(labels));
        }
        result_.samples.precision += own.precision() / count;
        result_.samples.recall += own.recall() / count;
        result_.samples.f1 += own.f1() / count;
        if (own.alarms + own.misses == 0.0) result_.subset_accuracy += 1.0 / count;
        const Ranking ranking(std::span(items_.probabilities).subspan(item * labels, labels),
                              [&](std::size_t k) { return truth(item, k); });
        rank(ranking, count);
        std::vector<std::size_t> order(labels);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t k) { return score(item, k); });
        for (HitsAt& hits : result_.hits) {
            const auto right =
                std::count_if(order.begin(), order.begin() + hits.k, [&](std::size_t k) { return truth(item, k); });
            hits.precision += static_cast<double>(right) / (hits.k * count);
        }
    }

    /// Adds an item's share of the ranking loss and of the ranking precision.
    void rank(const Ranking& ranking, double items) {
        double positives = 0.0;
        double negatives = 0.0;
        double wrong = 0.0;
        double precision = 0.0;
        std::size_t begin = 0;
        for (const std::uint32_t end : ranking.ends) {
            double here = 0.0;
            const auto all = static_cast<double>(end - begin);
            for (; begin < end; ++begin) here += ranking.truths[begin];
            positives += here;
            negatives += all - here;
            wrong += here * negatives;  // that are as probable or more so
            if (here > 0.0) precision += here * positives / (positives + negatives);
        }
        const bool mixed = positives > 0.0 && negatives > 0.0;
        if (mixed) result_.ranking_loss += wrong / (positives * negatives) / items;
        result_.ranking_precision += (mixed ? precision / positives : 1.0) / items;
    }

    const LabelledItems& items_;
    std::span<const double> thresholds_;
    std::vector<Ranking> rankings_;  // of each label
    std::vector<Decisions> of_items_;
    LabelMetrics result_;
};

}  // namespace

std::vector<double> LabelledItems::scores(std::size_t label) const {
    std::vector<double> result;
    for (std::size_t i = 0; i < count(); ++i) result.push_back(probabilities[i * labels + label]);
    return result;
}

LabelMetrics measure_labels(const LabelledItems& items, std::span<const double> thresholds,
                            const BootstrapOptions& bootstrap) {
    Measuring measuring(items, thresholds);
    LabelMetrics result = measuring.measure();
    measuring.bootstrap(bootstrap, result);
    return result;
}

LabelThresholds fit_label_thresholds(std::span<const double> scores, std::span<const std::uint8_t> truths,
                                     double precision, std::int64_t least) {
    const Ranking ranking(scores, [&](std::size_t i) { return truths[i] != 0; });
    const auto all = static_cast<double>(std::ranges::count_if(truths, [](std::uint8_t truth) { return truth != 0; }));
    LabelThresholds result;
    if (all == 0.0 || all == static_cast<double>(truths.size())) return result;
    double best = 0.0;
    double hits = 0.0;
    std::size_t begin = 0;
    for (const std::uint32_t end : ranking.ends) {
        for (; begin < end; ++begin) hits += ranking.truths[begin];
        const double last = scores[ranking.order[end - 1]];
        const double next = end < ranking.order.size() ? scores[ranking.order[end]] : 0.0;
        const double threshold = 0.5 * (last + next);
        const double f1 = 2.0 * hits / (static_cast<double>(end) + all);
        if (f1 > best) {
            best = f1;
            result.best_f1 = threshold;
        }
        if (end >= least && hits >= precision * static_cast<double>(end)) result.precise = threshold;
    }
    if (result.precise) result.precise = std::max(*result.precise, *result.best_f1);
    return result;
}

}  // namespace earmark::evaluation
