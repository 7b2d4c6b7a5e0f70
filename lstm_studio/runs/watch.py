"""Following a run that another process writes, perhaps on another machine: nothing but its files is asked.

The record is read on from where the last look ended. Neither notifications of the file system nor clocks of other
machines are trusted: over a shared folder there are none of the former, and the latter differ.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lstm_studio.errors import StudioError
from lstm_studio.runs import folder as names
from lstm_studio.runs.files import FolderLock
from lstm_studio.runs.folder import RunFolder, RunInfo
from lstm_studio.training.events import TrainingEvent
from lstm_studio.training.record import from_json

SILENCE = 120.0
"""Seconds without a new line after which a run is said to be silent."""
_TAIL = 64
"""Bytes before the place reached that must still be there, or the record was begun anew."""


@dataclass(frozen=True)
class Look:
    """What a look has found.

    Attributes:
        events: That are new, in order.
        again: They begin with the first one: all that was told before is void, since a resumed run has cut it off.
        writing: Whether somebody seems to write the run: it says so, and it is locked, or was written not long ago
            where no lock can be seen.
        silent: Seconds since a new line was seen.
        info: What run.json says.
    """

    events: tuple[TrainingEvent, ...]
    again: bool
    writing: bool
    silent: float
    info: RunInfo


class RunWatch:
    """Looks at one run folder again and again.

    Args:
        path: The folder.

    Raises:
        StudioError: there is no run in it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._folder = RunFolder(self.path)
        self._lock = FolderLock(self.path / names.LOCK)
        self._at = 0
        self._tail = b""
        self._changed: float | None = None
        self._locked = False

    def look(self) -> Look:
        """What is new since the last look; everything at the first.

        Raises:
            StudioError: the folder is gone, or its configuration is not valid.
        """
        if not self.path.is_dir():
            raise StudioError("The run's folder is gone", where=self.path)
        try:
            lines, again, age = self._read()
        except FileNotFoundError:
            lines, again, age = [], self._at > 0, 0.0
            self._at, self._tail = 0, b""
        except OSError as error:
            raise StudioError(
                "The run's record cannot be read", where=self.path / names.METRICS, why=error.strerror or str(error)
            ) from None
        now = time.monotonic()
        if self._changed is None:
            # The first look has only the file's own time, which another machine may have set.
            self._changed = now - age
        elif lines or again:
            self._changed = now
        silent = now - self._changed
        info = self._folder.info
        held = self._lock.held_by_somebody()
        self._locked = self._locked or held
        # A lock that was seen is to be trusted. Not every shared folder shows those of other machines.
        living = info.status in ("running", "paused") and (held or (not self._locked and silent < SILENCE))
        return Look(tuple(self._events(lines)), again, living, silent, info)

    def _read(self) -> tuple[list[bytes], bool, float]:
        """New whole lines, whether they are the first ones after others had been read, and the age of the file."""
        with (self.path / names.METRICS).open("rb") as file:
            found = os.fstat(file.fileno())
            again = False
            if self._at:
                file.seek(max(0, self._at - len(self._tail)))
                again = found.st_size < self._at or file.read(len(self._tail)) != self._tail
            if again:
                self._at, self._tail = 0, b""
            file.seek(self._at)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]  # a line that is still being written waits
        self._at += len(whole)
        self._tail = (self._tail + whole)[-_TAIL:]
        return whole.splitlines(), again, max(0.0, time.time() - found.st_mtime)

    def _events(self, lines: list[bytes]) -> list[TrainingEvent]:
        found: list[TrainingEvent] = []
        for line in lines:
            try:
                values = json.loads(line)
            except ValueError:
                continue
            if isinstance(values, dict) and (event := from_json(values, self._folder.config)) is not None:
                found.append(event)
        return found
