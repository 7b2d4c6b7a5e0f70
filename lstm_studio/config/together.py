"""Settings that are each right and cannot stand together, by task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_studio.config.data import DataConfig
from lstm_studio.config.model import ModelConfig


def conflicts(task: str, data: DataConfig, model: ModelConfig) -> dict[str, str]:
    """Field of [model] -> sentence, for what does not go with the rest."""
    return _CHECKS[task](data, model) if task in _CHECKS else {}


def _writing(data: Any, model: ModelConfig) -> dict[str, str]:
    found = {}
    if model.attention == "luong_dot" and model.bidirectional:
        found["attention"] = (
            "Luong's dot product needs queries and memory of one size: choose Luong, general, or a reader of one "
            "direction"
        )
    if model.tied == "all" and model.encoding == "embedding" and data.vocabularies == "separate":
        found["tied"] = (
            "To share the vectors of source and target, both need one vocabulary: choose that, or tie target words "
            "and output"
        )
    return found


def _going_on(data: Any, model: ModelConfig) -> dict[str, str]:
    if model.tied == "all" and model.encoding == "embedding":
        return {"tied": "There is one text only: tie written words and output, or nothing"}
    return {}


_CHECKS: dict[str, Callable[[Any, ModelConfig], dict[str, str]]] = {
    "translation": _writing,
    "generation": _going_on,
}
"""A new task adds its own here."""
