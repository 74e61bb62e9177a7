#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/metrics.hpp"

namespace earmark::evaluation {

/// Items of which any number of labels may hold, with what was said of them.
struct LabelledItems {
    std::size_t labels = 0;
    std::vector<double> probabilities;  ///< items × labels, 0 … 1
    std::vector<std::uint8_t> truths;   ///< items × labels: 1 where the label holds
    std::vector<int> groups;            ///< of each item, such as its artist: groups are drawn as wholes for intervals

    std::size_t count() const { return groups.size(); }
    /// A column of the probabilities.
    std::vector<double> scores(std::size_t label) const;
};

/// How well one label is told. What would be a division by zero is left empty.
struct LabelFigures {
    std::int64_t positives = 0;       ///< items of which it holds
    std::optional<double> roc_auc;    ///< area under the ROC curve; equal probabilities count half
    std::optional<double> pr_auc;     ///< average precision: Σ (recall - recall before) · precision
    double threshold = 0.5;           ///< least probability at which the label is said to hold
    std::optional<double> precision;  ///< TP / (TP + FP)
    std::optional<double> recall;     ///< TP / (TP + FN)
    std::optional<double> f1;         ///< 2 TP / (2 TP + FP + FN); none of a label without positives
};

/// Means of one kind.
struct PrecisionRecall {
    double precision = 0.0;
    double recall = 0.0;
    double f1 = 0.0;
};

/// The share of the k most probable labels of an item that hold, mean over the items ("hits at k").
struct HitsAt {
    int k = 0;
    double precision = 0.0;
};

/// Figures of many labels at once, as scikit-learn defines them. Intervals are 95 % bootstraps over groups.
struct LabelMetrics {
    std::int64_t items = 0;
    std::vector<LabelFigures> labels;
    std::optional<double> macro_roc_auc;  ///< mean over the labels that have one
    Interval macro_roc_auc_interval;
    std::optional<double> macro_pr_auc;  ///< likewise: the mean average precision (mAP)
    Interval macro_pr_auc_interval;
    std::optional<double> micro_roc_auc;  ///< of all pairs of item and label as one
    PrecisionRecall micro;                ///< of all pairs of item and label as one
    Interval micro_f1_interval;
    /// Mean over the labels that hold of some item; of one that is never said to hold, precision and F1 count as 0.
    PrecisionRecall macro;
    PrecisionRecall samples;    ///< mean over the items, where 0 / 0 counts as 0
    double hamming_loss = 0.0;  ///< share of the pairs of item and label that are wrong
    Interval hamming_loss_interval;
    double subset_accuracy = 0.0;  ///< share of the items of which all labels are right
    /// Share of the pairs of a label that holds and one that does not in which the former is no more probable; mean over
    /// the items, 0 of an item of which all labels hold or none.
    double ranking_loss = 0.0;
    /// Of each label that holds, the share of those at least as probable that hold; mean over these, then over the items.
    /// 1 of an item of which all labels hold or none.
    double ranking_precision = 0.0;
    std::vector<HitsAt> hits;  ///< for k of 1, 3 and 5, as far as there are so many labels
    double loss = 0.0;         ///< mean binary cross-entropy in nats; probabilities are kept 1e-7 from 0 and 1
};

/// @param thresholds  one a label
/// @throws Error bad_data when there is no item, the spans do not fit one another, or a probability is not in 0 … 1
LabelMetrics measure_labels(const LabelledItems& items, std::span<const double> thresholds,
                            const BootstrapOptions& bootstrap = {});

/// Where a label should be said to hold.
struct LabelThresholds {
    std::optional<double> best_f1;  ///< none of a label that holds of no item, or of all
    std::optional<double> precise;  ///< the least at which the precision is reached; no lower than `best_f1`
};

/// Fits them to items. A threshold lies half way between two probabilities.
/// @param precision  that is to be reached, by at least `least` items that are said to have the label
LabelThresholds fit_label_thresholds(std::span<const double> scores, std::span<const std::uint8_t> truths,
                                     double precision = 0.8, std::int64_t least = 5);

}  // namespace earmark::evaluation
