"""metrics.jsonl: one event a line, appended while a run trains."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TextIO

from lstm_studio.config import RunConfig
from lstm_studio.data.written import Sample
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    GateSnapshot,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)

NAMES: dict[type, str] = {
    RunStarted: "run_started",
    StepEnded: "step_ended",
    EpochEnded: "epoch_ended",
    GateSnapshot: "gate_snapshot",
    CheckpointSaved: "checkpoint_saved",
    RunFinished: "run_finished",
    RunFailed: "run_failed",
}
TYPES = {name: kind for kind, name in NAMES.items()}


def to_json(event: TrainingEvent) -> dict[str, Any]:
    """An event as plain values; the arrays of a snapshot are left out, and so is the configuration."""
    values: dict[str, Any] = {"event": NAMES[type(event)]}
    for field in fields(event):
        value = getattr(event, field.name)
        if field.name in {"layers", "probabilities", "alignment", "flow", "config", "report"}:
            continue
        values[field.name] = _plain(value)
    return values


def from_json(values: dict[str, Any], config: RunConfig) -> TrainingEvent | None:
    """The event behind a line; None for kinds of a newer program and for damaged lines."""
    kind = TYPES.get(values.get("event", ""))
    if kind is None or kind is GateSnapshot:
        return None
    known = {field.name for field in fields(kind)}
    given = {name: value for name, value in values.items() if name in known}
    if kind is RunStarted:
        given["config"] = config
    for name in ("run", "path"):
        if given.get(name) is not None:
            given[name] = Path(given[name])
    for name in ("classes", "notes"):
        if name in given:
            given[name] = tuple(given[name])
    for name in ("loss", "train_loss", "validation_loss", "gradient_norm"):
        if name in given and given[name] is None:
            given[name] = math.nan  # JSON has no word for it
    try:
        if "samples" in given:
            given["samples"] = tuple(_sample(values) for values in given["samples"])
        event: TrainingEvent = kind(**given)
    except TypeError:
        return None
    return event


def read(path: Path, config: RunConfig) -> Iterator[TrainingEvent]:
    """All events of a file in order; a last line that a kill cut short is left out."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                values = json.loads(line)
            except ValueError:
                continue
            if isinstance(values, dict) and (event := from_json(values, config)) is not None:
                yield event


class Record:
    """The file while it is written. ``keep`` cuts off what a resumed run will do again."""

    def __init__(self, path: Path, keep: int | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if keep is None:
            path.write_bytes(b"")
        elif path.exists():
            if path.stat().st_size > keep:
                os.truncate(path, keep)
        else:
            path.touch()
        self._file: TextIO = path.open("a", encoding="utf-8", newline="\n")

    def write(self, event: TrainingEvent) -> None:
        """Append a line; it reaches the disk with the next ``sync``, or before."""
        self._file.write(json.dumps(to_json(event), ensure_ascii=False) + "\n")

    def flush(self) -> None:
        """Let other readers see what was written."""
        self._file.flush()

    def sync(self) -> int:
        """Make everything safe; returns the size of the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Flush and close."""
        self._file.close()


def _sample(values: dict[str, Any]) -> Sample:
    return Sample(**{**values, "references": tuple(values.get("references", ()))})


def _plain(value: Any) -> Any:
    if isinstance(value, Sample):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    return value
