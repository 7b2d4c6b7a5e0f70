"""All runs of a folder: list, name, rename, delete and take back."""

from __future__ import annotations

import os
import re
import shutil
import time
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lstm_studio.config import RunConfig, save
from lstm_studio.data.places import SCHEME, runs_folder
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import FolderLock, write_text
from lstm_studio.runs.folder import (
    CHECKPOINT,
    CONFIG,
    INFO,
    LOCK,
    WEIGHTS,
    RunFolder,
    RunInfo,
    Status,
    is_run,
    now,
    true_status,
)

TRASH = ".trash"
Paths = list[Path]
Infos = list[RunInfo]
_GENERIC = {"train", "training", "data", "dataset", "all", "full", "text", "texts", "input", "corpus"}
_RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        path: Its folder.
        name, created, task, status: As in run.json, the status as it truly is.
        data: Name of the training file without its folder and ending ("reviews").
        data_path: The training file.
        metric, value: The watched metric and its best value; None before the first epoch's end.
        info: Everything else that run.json says.
        has_weights: It can predict.
        can_resume: Training can be taken up again.
    """

    path: Path
    name: str
    created: datetime
    task: str
    status: Status
    data: str
    data_path: str
    metric: str
    value: float | None
    info: RunInfo
    has_weights: bool
    can_resume: bool


class RunStore:
    """The runs of one folder. Other things that lie there are left alone.

    Args:
        folder: Made when the first run is; the program's own place when None.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else runs_folder()

    # -- looking ---------------------------------------------------------------------------------------------

    def list(self) -> list[RunSummary]:
        """All runs, newest first."""
        found = [summary for path in self._folders() if (summary := self.summary(path)) is not None]
        return sorted(found, key=lambda run: (run.created, _natural(run.name)), reverse=True)

    def summary(self, path: str | Path) -> RunSummary | None:
        """One run's line; None when the folder holds no run."""
        path = Path(path)
        try:
            info = RunInfo.from_json((path / INFO).read_text(encoding="utf-8"))
            status = true_status(info, FolderLock(path / LOCK))
        except (OSError, ValueError, RecursionError):
            if not is_run(path):
                return None
            try:
                folder = RunFolder(path)
                info, status = folder.info, folder.status
            except (StudioError, OSError):
                return None
        metric = info.metric if info.metric in info.best else next(iter(info.best), "")
        checkpoint = (path / CHECKPOINT).is_dir()
        return RunSummary(
            path=path,
            name=info.name or path.name,
            created=info.when,
            task=info.task,
            status=status,
            data=data_title(info.data),
            data_path=info.data,
            metric=metric,
            value=info.best.get(metric),
            info=info,
            has_weights=(path / WEIGHTS).is_file(),
            can_resume=checkpoint and status in ("interrupted", "stopped", "failed"),
        )

    def _folders(self) -> Paths:
        try:
            with os.scandir(self.folder) as entries:
                return [Path(e.path) for e in entries if not e.name.startswith(".") and e.is_dir()]
        except OSError:
            return []

    # -- making ----------------------------------------------------------------------------------------------

    def new_folder(self, config: RunConfig, name: str | None = None) -> Path:
        """Make the folder of a run to be, with its name and date.

        Args:
            config: Names the data.
            name: How to call it; "reviews 3" for the third run on reviews.csv when None.

        Raises:
            StudioError: the folder cannot be made.
        """
        name = " ".join(name.split()) if name else self.default_name(config)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = _make(self.folder, _slug(name))
            prepare_folder(path, config, name)
        except OSError as error:
            raise StudioError(
                "The folder for the run cannot be made",
                where=self.folder,
                why=error.strerror or str(error),
                todo="Choose another folder for the runs",
            ) from None
        return path

    def new_place(self, name: str) -> Path:
        """A new, empty folder for a run of that name. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return _make(self.folder, _slug(name))

    def default_name(self, config: RunConfig) -> str:
        """The data's name and the next number: "sst2 12"."""
        base = data_title(config.data.path) or config.task
        pattern = re.compile(re.escape(base) + r" (\d+)", re.IGNORECASE)
        names = [run.name for run in self.list()]
        names += [info.name for info in self._trashed_infos()]
        numbers = [int(match[1]) for name in names if (match := pattern.fullmatch(name)) and len(match[1]) < 9]
        return f"{base} {max(numbers, default=0) + 1}"

    def duplicate(self, path: str | Path) -> RunConfig:
        """The settings of a run, for a new one.

        Raises:
            StudioError: the run or its configuration cannot be read.
        """
        return RunFolder(path).config

    # -- changing --------------------------------------------------------------------------------------------

    def rename(self, path: str | Path, name: str) -> None:
        """Call a run something else; its folder stays where it is.

        Raises:
            StudioError: no name, a name that another run has, or a folder that cannot be written.
        """
        name = " ".join(name.split())
        path = Path(path)
        if not name:
            raise StudioError("A run needs a name", todo="Type one")
        if len(name) > 200:
            raise StudioError("The name is too long", todo="Use at most 200 characters")
        if any(run.name.casefold() == name.casefold() and run.path != path for run in self.list()):
            raise StudioError(f"Another run is called {name} already", todo="Choose another name")
        try:
            RunFolder(path).update(name=name)
        except OSError as error:
            raise StudioError("The run cannot be renamed", where=path, why=error.strerror or str(error)) from None

    def delete(self, path: str | Path) -> Path:
        """Put a run into the store's trash.

        Returns:
            What ``undo`` takes to bring it back.

        Raises:
            StudioError: it is being trained, or cannot be moved.
        """
        path = Path(path)
        summary = self.summary(path)
        if summary is None:
            raise StudioError("There is no such run", where=path)
        if summary.status == "running":
            raise StudioError(f"{summary.name} is being trained", todo="Stop or cancel it first")
        trash = self.folder / TRASH
        try:
            trash.mkdir(parents=True, exist_ok=True)
            # The time stands in the name, so that purge need not trust the folder's own dates.
            place = _make(trash, f"{int(time.time())}~{path.name}")
            place.rmdir()
            shutil.move(path, place)
        except OSError as error:
            raise StudioError(
                f"{summary.name} cannot be deleted",
                where=path,
                why=error.strerror or str(error),
                todo="Close the programs that have its files open",
            ) from None
        return place

    def undo(self, deleted: str | Path) -> Path:
        """Bring a deleted run back.

        Args:
            deleted: What ``delete`` returned.

        Returns:
            Its folder, the old one unless that name was taken meanwhile.

        Raises:
            StudioError: it was purged, or cannot be moved.
        """
        deleted = Path(deleted)
        if not deleted.is_dir():
            raise StudioError("The deleted run is no longer there", where=deleted)
        try:
            place = _make(self.folder, deleted.name.partition("~")[2] or deleted.name)
            place.rmdir()
            shutil.move(deleted, place)
        except OSError as error:
            raise StudioError(
                "The run cannot be brought back", where=deleted, why=error.strerror or str(error)
            ) from None
        return place

    def trashed(self) -> Paths:
        """Deleted runs that can still be brought back, the last one deleted first."""
        try:
            return sorted((p for p in (self.folder / TRASH).iterdir() if p.is_dir()), reverse=True)
        except OSError:
            return []

    def purge(self, older_than: float = 0.0) -> int:
        """Remove deleted runs for good.

        Args:
            older_than: Only those deleted at least so many seconds ago.

        Returns:
            How many were removed.
        """
        removed = 0
        for path in self.trashed():
            stamp = path.name.partition("~")[0]
            deleted = int(stamp) if stamp.isascii() and stamp.isdigit() else 0
            if time.time() - deleted >= older_than:
                shutil.rmtree(path, ignore_errors=True)
                removed += not path.exists()
        return removed

    def _trashed_infos(self) -> Infos:
        return [summary.info for path in self.trashed() if (summary := self.summary(path)) is not None]


def prepare_folder(path: Path, config: RunConfig, name: str) -> None:
    """Write what a run starts with into its empty folder."""
    info = RunInfo(
        name=name, created=now(), status="new", task=config.task, data=config.data.path, epochs=config.training.epochs
    )
    save(config, path / CONFIG)
    write_text(path / INFO, info.to_json())


def data_title(path: str) -> str:
    """What to call a data file: "reviews" for /home/me/reviews.csv, "sst2" for sst2/train.tsv."""
    path = path.strip().removeprefix(SCHEME)
    parts = [part for part in re.split(r"[\\/]+", path) if part and part not in (".", "..")]
    if not parts:
        return ""
    stem = parts[-1].split(".")[0] or parts[-1]
    if stem.lower() in _GENERIC and len(parts) > 1 and not parts[-2].endswith(":"):
        return parts[-2]
    return stem


def _make(folder: Path, name: str) -> Path:
    """A new folder of that name, with a number behind it where the name is taken."""
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path


def _slug(name: str) -> str:
    """A folder name that every system accepts; letters of any script stay."""
    name = unicodedata.normalize("NFC", name)
    slug = re.sub(r"[^\w.-]+", "-", name).strip("-._ ").lower()[:60].rstrip("-._ ")
    if not slug or slug.split(".")[0] in _RESERVED:
        return f"run-{slug}".rstrip("-")
    return slug


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """ "sst2 12" after "sst2 2"."""
    return tuple(
        (0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part.casefold())
        for part in re.split(r"(\d+)", name)
        if part
    )
