#!/usr/bin/env python3
"""Prints the reference values of label_metrics_test.cpp, computed by scikit-learn (pip install scikit-learn)."""

import numpy as np
from sklearn.metrics import (accuracy_score, average_precision_score, hamming_loss, label_ranking_average_precision_score,
                             label_ranking_loss, log_loss, precision_recall_fscore_support, roc_auc_score)

ITEMS, LABELS = 40, 6


def numbers(count, state):
    """A linear congruential generator, so that the test can make the same numbers."""
    result = []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        result.append((state >> 16) % 100)
    return np.array(result)


def main():
    truths = (numbers(ITEMS * LABELS, 777).reshape(ITEMS, LABELS) < 10 * (1 + np.arange(LABELS))).astype(int)
    truths[3] = 0  # an item of which nothing holds, and one of which all does
    truths[4] = 1
    raw = numbers(ITEMS * LABELS, 12345).reshape(ITEMS, LABELS) // 10  # so that many are equal
    scores = (raw + 1 + 2 * truths) / 13
    scores[5] = 0.25  # all equal
    thresholds = 0.3 + 0.05 * np.arange(LABELS)
    said = (scores >= thresholds).astype(int)
    for label in range(LABELS):
        roc = roc_auc_score(truths[:, label], scores[:, label])
        precision, recall, f1, _ = precision_recall_fscore_support(truths[:, label], said[:, label], average="binary",
                                                                   zero_division=0)
        pr = average_precision_score(truths[:, label], scores[:, label])
        print(f"    {{{truths[:, label].sum()}, {roc!r}, {pr!r}, {precision!r}, {recall!r}, {f1!r}}},")
    print("macro roc", roc_auc_score(truths, scores), "micro roc", roc_auc_score(truths, scores, average="micro"))
    print("macro pr", average_precision_score(truths, scores))
    for average in ("micro", "macro", "samples"):
        print(average, precision_recall_fscore_support(truths, said, average=average, zero_division=0)[:3])
    print("hamming", hamming_loss(truths, said), "subset", accuracy_score(truths, said))
    print("ranking loss", label_ranking_loss(truths, scores))
    print("ranking precision", label_ranking_average_precision_score(truths, scores))
    order = np.argsort(-scores, axis=1, kind="stable")
    for k in (1, 3, 5):
        print("precision at", k, np.take_along_axis(truths, order[:, :k], 1).mean())
    clipped = np.clip(scores, 1e-7, 1 - 1e-7)
    print("loss", np.mean([log_loss(truths[:, k], clipped[:, k], labels=[0, 1]) for k in range(LABELS)]))


main()
