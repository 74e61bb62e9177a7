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
nlohmann::ordered_json to_json(const Evaluation& evaluation);

}  // namespace earmark::evaluation
