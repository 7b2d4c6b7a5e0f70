"""Figures of classification, from a confusion matrix alone."""

from __future__ import annotations

import numpy as np


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts [K, K]: row is the true class, column the predicted one. Both arguments are int [N]."""
    flat = np.asarray(truth, np.int64) * classes + np.asarray(predicted, np.int64)
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def accuracy(confusion: np.ndarray) -> float:
    """Share of the rows on the diagonal; 0 when there are no rows."""
    total = confusion.sum()
    return float(np.trace(confusion) / total) if total else 0.0


def per_class(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 [K]; where nothing was predicted, or nothing was there, the figure is 0."""
    hits = np.diag(confusion).astype(float)
    predicted, there = confusion.sum(0), confusion.sum(1)
    precision = np.divide(hits, predicted, out=np.zeros_like(hits), where=predicted > 0)
    recall = np.divide(hits, there, out=np.zeros_like(hits), where=there > 0)
    both = precision + recall
    return precision, recall, np.divide(2 * precision * recall, both, out=np.zeros_like(hits), where=both > 0)


def macro_f1(confusion: np.ndarray) -> float:
    """Mean of the classes' F1, over the classes that occur in the truth or in the predictions."""
    present = (confusion.sum(0) + confusion.sum(1)) > 0
    return float(per_class(confusion)[2][present].mean()) if present.any() else 0.0
