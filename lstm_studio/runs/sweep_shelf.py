"""The sweeps that belong to a store: each in a folder of its own beside the runs. Needs neither Optuna nor torch."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.config import RunConfig
from lstm_studio.errors import StudioError
from lstm_studio.runs.folder import now
from lstm_studio.runs.store import RunStore, data_title
from lstm_studio.runs.sweep_config import SweepConfig, check, load_sweep, save_sweep

FOLDER, FILE = ".sweeps", "sweep.toml"
"""Beside the runs; the list of runs passes over names that begin with a dot."""


@dataclass(frozen=True)
class Shelved:
    """A sweep that is kept: its title and its file."""

    title: str
    created: str
    path: Path


def shelf(store: RunStore) -> list[Shelved]:
    """All that are kept, the newest first; what is damaged is passed over."""
    found = []
    for path in (store.folder / FOLDER).glob(f"*/{FILE}"):
        try:
            sweep = load_sweep(path)
        except StudioError:
            continue
        found.append(Shelved(sweep.title, sweep.created, path))
    return sorted(found, key=lambda one: (one.created, one.path.parent.name), reverse=True)


def title_for(config: RunConfig, store: RunStore) -> str:
    """ "reviews sweep 2"."""
    base = f"{data_title(config.data.path) or config.task} sweep"
    pattern = re.compile(re.escape(base) + r" (\d{1,8})")
    numbers = [int(match[1]) for one in shelf(store) if (match := pattern.fullmatch(one.title))]
    return f"{base} {max(numbers, default=0) + 1}"


def put(sweep: SweepConfig, store: RunStore) -> Path:
    """Write a new sweep into a folder of its own; returns its file.

    Raises:
        StudioError: it is not in order, or the folder cannot be made.
    """
    sweep = check(sweep.model_copy(update={"created": now()}))
    stamp = "".join(letter for letter in sweep.created if letter.isdigit())[:14]
    try:
        folder = RunStore(store.folder / FOLDER).new_place(f"{stamp}-{sweep.title}")
        save_sweep(sweep, folder / FILE)
    except OSError as error:
        raise StudioError(
            "The folder for the sweep cannot be made",
            where=store.folder / FOLDER,
            why=error.strerror or str(error),
            todo="Choose another folder for the runs",
        ) from None
    return folder / FILE


def forget(path: Path) -> None:
    """Remove a sweep; its runs stay. Raises OSError."""
    shutil.rmtree(path.parent)
