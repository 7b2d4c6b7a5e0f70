"""Settings that are each right and cannot stand together, or leave another one nothing to do; by task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_studio.config.data import DataConfig
from lstm_studio.config.model import ModelConfig

_WHOLE_TEXT = "Pretrained vectors go with whole words only, and here texts are cut into characters or pieces of words."
_WHOLE_SOURCES = (
    "Pretrained vectors go with whole words only, and here sources are cut into characters or pieces of words."
)
_WHOLE_TARGETS = (
    "Pretrained vectors go with whole words only, and here targets are cut into characters or pieces of words."
)


def conflicts(task: str, data: DataConfig, model: ModelConfig) -> dict[str, str]:
    """Field of [model] -> sentence, for what does not go with the rest."""
    return _CHECKS[task](data, model) if task in _CHECKS else {}


def idle(task: str, data: DataConfig) -> dict[str, str]:
    """Field of [model] -> sentence, for what has no effect on data that is cut in this way."""
    return _IDLE[task](data) if task in _IDLE else {}


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


def _idle_text(data: Any) -> dict[str, str]:
    if data.units in {None, "word"}:
        return {}
    return dict.fromkeys(("vectors", "vectors_learn", "vectors_after"), _WHOLE_TEXT)


def _idle_sides(data: Any) -> dict[str, str]:
    found = {}
    if data.source_units not in {None, "word"}:
        found["vectors"] = _WHOLE_SOURCES
    if data.target_units not in {None, "word"}:
        found["target_vectors"] = _WHOLE_TARGETS
    if len(found) == 2:
        found |= dict.fromkeys(("vectors_learn", "vectors_after"), _WHOLE_TEXT)
    return found


_CHECKS: dict[str, Callable[[Any, ModelConfig], dict[str, str]]] = {
    "translation": _writing,
    "generation": _going_on,
}
"""A new task adds its own here."""
_IDLE: dict[str, Callable[[Any], dict[str, str]]] = {"translation": _idle_sides, "generation": _idle_text}
"""Likewise."""
