#pragma once

#include <nlohmann/json_fwd.hpp>

#include "evaluation/evaluation.hpp"

namespace earmark::evaluation {

/// An evaluation for programs. Figures that are undefined (see ClassMetrics) are null.
///
///     {"model": …, "data_fingerprint": …, "split": …, "part": …,
///      "leaky": true, "leaky_split": false, "tracks_seen_in_training": 12,   null: the model does not say
///      "tracks_seen_in_pretraining": 0, "labels": […],
///      "segments": {"count": …, "accuracy": …, "accuracy_interval_95": [low, high], "loss": …, "brier": …,
///                   "calibration_error": …, "calibration_error_equal_mass": …, "reliability": [{"count": …,
///                   "confidence": …, "accuracy": …}, …],                bins of confidence; null: without items
///                   "macro_f1": …, "macro_roc_auc": …, "genres": {LABEL: {"count": …, "precision": …, "recall": …,
///                   "f1": …, "roc_auc": …}, …}, "confusion": [[…], …]},              rows: truth, columns: prediction
///      "tracks": {the same, and "threshold": …,                                null: the judge has none
///                 "coverage": …, "selective_accuracy": …},                      null: all tracks are uncertain
///      "warnings": […]}
///
/// Of many labels, "many_labels" is true, "intervals_over" is "tracks" or "artists", and both levels are
///
///     {"count": …, "macro_roc_auc": …, "macro_roc_auc_interval_95": […], "macro_pr_auc": …, …, "micro_roc_auc": …,
///      "micro": {"precision": …, "recall": …, "f1": …}, "micro_f1_interval_95": […], "macro": {…}, "samples": {…},
///      "hamming_loss": …, "hamming_loss_interval_95": […], "subset_accuracy": …, "ranking_loss": …,
///      "ranking_precision": …, "precision_at": {"1": …, "3": …, "5": …}, "loss": …,
///      "labels": {LABEL: {"count": …, "roc_auc": …, "pr_auc": …, "threshold": …, "precision": …, "recall": …,
///                         "f1": …}, …}}
nlohmann::ordered_json to_json(const Evaluation& evaluation);

}  // namespace earmark::evaluation
