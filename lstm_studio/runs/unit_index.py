"""Indexes of what units do, kept where the program keeps what may be deleted at any time."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from lstm_studio.config import RunConfig
from lstm_studio.data.cache import Cache, key_of
from lstm_studio.data.places import cache_folder, located
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.inspection.index import FORMAT, MOST_TOKENS, UnitIndex, Wanted, build_index, open_index
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.tasks import registry
from lstm_studio.tasks.corpus import Walkable
from lstm_studio.training.events import LayerGates
from lstm_studio.version import __version__


def reading_layers(model: nn.Module) -> tuple[LayerGates, ...]:
    """Layers and directions that read the text, without values."""
    reader = cast("Recurrent", model.recurrent)
    return tuple(
        LayerGates(layer, direction, {}) for layer in range(len(reader.layers)) for direction in reader.directions
    )


def unit_key(model: nn.Module, config: RunConfig, wanted: Wanted) -> str:
    """Equal for equal weights, data and layers; another one as soon as the network has learned."""
    whole = hashlib.sha256()
    for name, values in sorted(model.state_dict().items()):
        whole.update(name.encode())
        whole.update(values.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes() if values.numel() else b"")
    data = config.data
    stamps = []
    for path in (data.path, data.validation):
        try:
            stat = located(path).stat() if path else None
            stamps.append(None if stat is None else [stat.st_size, stat.st_mtime_ns])
        except (OSError, StudioError):
            stamps.append(None)
    settings = [data.model_dump(mode="json"), config.model.model_dump(mode="json")]
    return key_of([FORMAT, __version__, MOST_TOKENS, whole.hexdigest(), asdict(wanted), settings, stamps])


def unit_index(
    model: nn.Module,
    config: RunConfig,
    meta: Any,
    device: torch.device,
    wanted: Wanted,
    *,
    build: bool,
    progress: Progress = silent,
    lock: AbstractContextManager[Any] | None = None,
    folder: Path | None = None,
) -> UnitIndex | None:
    """The index of just this network; made if it is to be.

    Args:
        model: In evaluation mode, on ``device``.
        meta: Of the run.
        build: Make it where there is none; else None is returned then.
        progress: May raise Cancelled; nothing is left behind then.
        lock: Held while the network computes.
        folder: Where indexes are kept; the program's own place when None.

    Raises:
        StudioError: the data cannot be read or are other ones, or the disk is full.
    """
    store = Cache(folder if folder is not None else cache_folder() / "units")
    key = unit_key(model, config, wanted)
    found = _open(store, key)
    if found is not None or not build:
        return found
    task = registry.get(config.task)
    prepared = task.prepare(config, _first(progress), _prepared())
    if task.meta(prepared).to_json() != meta.to_json():
        raise StudioError(
            "The data are not those that this run was trained on",
            where=config.data.path,
            why="They give another vocabulary",
            todo="Put the file back as it was, or train again",
        )
    if wanted.part not in task.parts(prepared):
        raise StudioError(f"The run has no {wanted.part} data", todo="Choose another part")
    corpus = cast("Walkable", task).corpus(prepared, wanted.part)
    facts: dict[str, Any] = {}

    def fill(place: Path) -> None:
        facts.update(
            build_index(
                corpus,
                model,
                device,
                wanted,
                place,
                most=MOST_TOKENS,
                progress=lambda share, words: progress(0.3 + 0.7 * share, words),
                lock=lock,
            )
        )

    # The facts are known when the files are: they are put into the same dictionary.
    found = _open(store, key) if store.write(key, facts, fill) else None
    if found is None:
        raise StudioError(
            "What the units do could not be kept on the disk", where=store.folder, todo="Make room on the disk"
        )
    return found


def _open(store: Cache, key: str) -> UnitIndex | None:
    opened = store.open(key)
    if opened is None:
        return None
    try:
        return open_index(*opened, key)
    except (OSError, ValueError, KeyError, TypeError):
        store.remove(key)
        return None


def _first(progress: Progress) -> Progress:
    """The first part of the work."""
    return lambda share, words: progress(0.3 * max(0.0, share), words if share < 1 else "Reading the texts")


def _prepared() -> Path:
    return cache_folder() / "prepared"
