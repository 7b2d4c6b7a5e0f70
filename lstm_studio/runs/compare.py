"""Runs beside each other: how each went, and in which settings they differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lstm_studio.config import RunConfig
from lstm_studio.runs.folder import METRICS

SECTIONS = ("data", "model", "training")
UNTOLD = {"probe_text", "probe_seconds", "checkpoint_seconds", "keep_epochs", "threads"}
"""Settings that do not change what a run learns."""


def validation_curve(path: Path, metric: str) -> list[float]:
    """The figure after each epoch, oldest first; empty for a run that has none."""
    values: list[float] = []
    try:
        with (path / METRICS).open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if '"epoch_ended"' not in line:
                    continue
                try:
                    event = json.loads(line)
                    value = event["validation_loss"] if metric == "loss" else event["metrics"][metric]
                except (ValueError, KeyError, TypeError):
                    continue
                if isinstance(value, (int, float)):
                    values.append(float(value))
    except OSError:
        return []
    return values


def differences(configs: list[RunConfig]) -> list[tuple[str, str, list[Any]]]:
    """(section, field, value in each run) for all settings that are not the same everywhere."""
    found: list[tuple[str, str, list[Any]]] = []
    if len({config.task for config in configs}) > 1:
        found.append(("", "task", [config.task for config in configs]))
    for section in SECTIONS:
        names: dict[str, None] = {}
        for config in configs:
            names |= dict.fromkeys(type(getattr(config, section)).model_fields)
        for name in names:
            values = [getattr(getattr(config, section), name, None) for config in configs]
            if name not in UNTOLD and any(value != values[0] for value in values):
                found.append((section, name, values))
    return found
