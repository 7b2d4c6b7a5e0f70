"""The parts of a run's data, read again as they were read for training."""

from __future__ import annotations

from typing import Any

from lstm_studio.config import RunConfig
from lstm_studio.data.places import cache_folder
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.tasks import registry


def open_part(config: RunConfig, meta: Any, part: str, progress: Progress = silent) -> tuple[Any, tuple[str, ...]]:
    """A part of the run's data, encoded, and the names of the parts that can be checked.

    Args:
        config: The run.
        meta: What it keeps of its data.
        part: "validation" or "test".
        progress: May raise ``Cancelled``.

    Raises:
        StudioError: the data are gone, are other ones than those that were trained on, or have no such part.
    """
    task = registry.get(config.task)
    prepared = task.prepare(config, progress, cache_folder() / "prepared")
    if task.meta(prepared).to_json() != meta.to_json():
        raise StudioError(
            "The data are not those that this network was trained on",
            where=config.data.path,
            why="The file has changed since, and its words or classes are other ones now",
            todo="Put the old file back, or train a new run",
        )
    parts = task.parts(prepared)
    if part not in parts:
        raise StudioError(f"The run has no {part} part", todo=f"It has {', '.join(parts)}")
    return parts[part], tuple(name for name in parts if name != "train")
