#!/usr/bin/env python3
"""Prints the reference values of metrics_test.cpp, computed by scikit-learn (pip install scikit-learn)."""

import numpy as np
from sklearn.metrics import (accuracy_score, confusion_matrix, precision_recall_fscore_support, roc_auc_score)


def numbers(count, state):
    """A linear congruential generator, so that the test can make the same numbers."""
    result = []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        result.append((state >> 16) % 100)
    return np.array(result)


def calibration_error(confidence, right, bins=10):
    """As Guo et al. 2017 define it: bins (0, 0.1], (0.1, 0.2] …"""
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


def show(name, probabilities, truth):
    verdicts = probabilities.argmax(1)
    print(name)
    print("  accuracy", repr(accuracy_score(truth, verdicts)))
    print("  loss", -np.log(probabilities[np.arange(len(truth)), truth]).mean())
    right = verdicts == truth
    print("  brier", ((probabilities - np.eye(4)[truth]) ** 2).sum(1).mean())
    print("  calibration error", calibration_error(probabilities.max(1), right))
    print("  confusion", confusion_matrix(truth, verdicts, labels=range(4)).tolist())
    precision, recall, f1, count = precision_recall_fscore_support(truth, verdicts, labels=range(4), zero_division=np.nan)
    print("  precision", precision.tolist())
    print("  recall", recall.tolist())
    print("  f1", f1.tolist(), "macro over the classes present", f1[count > 0].mean())
    areas = [roc_auc_score(truth == k, probabilities[:, k]) for k in range(3)]
    print("  roc auc", areas, "macro", np.mean(areas))


def main():
    tracks, segments, classes = 12, 5, 4
    truth = np.repeat(numbers(tracks, 777) % 3, segments)  # nothing is of the fourth class
    scores = numbers(tracks * segments * classes, 12345).reshape(-1, classes) // 10 + 1
    scores[np.arange(len(truth)), truth] += 2
    probabilities = (scores / scores.sum(1, keepdims=True)).astype(np.float32).astype(np.float64)
    show("segments", probabilities, truth)
    show("tracks", probabilities.reshape(tracks, segments, classes).mean(1), truth[::segments])


main()
