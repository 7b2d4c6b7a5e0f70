"""Where sets that are written by hand are kept.

A set is a CSV file in one folder; beside it stands a small JSON file with its task and the order of its labels, which
the set can do without. What is trained on is a copy under ``used/`` whose folder is named by its content: a run can
always read what it has learned from, however the set is changed afterwards.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_studio.data.handmade import MOST_ROWS, HandSet
from lstm_studio.data.handmade_kinds import HAND_KINDS, HandKind, Row, as_csv
from lstm_studio.errors import StudioError

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))])
_LONGEST = 60
_KEPT_DAYS = 30


@dataclass(frozen=True)
class SetInfo:
    """A set in the list of one's own: ``rows`` of it can be learned from or not, ``names`` labels are in use."""

    path: Path
    title: str
    task: str
    rows: int
    names: int
    changed: float


_NAMING = threading.Lock()


class HandFiles:
    """The folder of sets. Reading and writing may take a while for large ones: call it from a job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # -- what there is --------------------------------------------------------------------------------------

    def sets(self) -> list[SetInfo]:
        """All sets, the one that was changed last first."""
        found = []
        for path in self.folder.glob("*.csv") if self.folder.is_dir() else ():
            try:
                changed = path.stat().st_mtime
                about = self._about(path)
                if about.get("task") not in HAND_KINDS or "rows" not in about:
                    made = self.load(path)
                    about = {"task": made.kind.task, "rows": len(made.rows), "names": len(made.classes)}
            except (OSError, StudioError):
                continue  # gone meanwhile, or no set
            info = SetInfo(path, path.stem, about["task"], int(about["rows"]), int(about.get("names", 0)), changed)
            found.append(info)
        return sorted(found, key=lambda info: (-info.changed, info.title))

    def owner(self, path: Path) -> Path | None:
        """The set that a file under ``used/`` was made from; None if it is none, or the set is gone."""
        if path.parent.parent != self.folder / "used":
            return None
        key = path.parent.name.partition("-")[0]
        return next((info.path for info in self.sets() if self._about(info.path).get("key") == key), None)

    def free_title(self, wanted: str, but: Path | None = None) -> str:
        """A title that no set has yet, as close to the wanted one as a file can be called."""
        base = _FORBIDDEN.sub(" ", wanted)
        base = " ".join(base.split()).strip(". ")[:_LONGEST].rstrip(". ") or "Texts"
        base = f"{base}_" if base.split(".")[0].casefold() in _RESERVED else base
        taken = {path.stem.casefold() for path in self.folder.glob("*.csv") if path != but}
        title, number = base, 1
        while title.casefold() in taken:
            number += 1
            title = f"{base} {number}"
        return title

    # -- reading and writing --------------------------------------------------------------------------------

    def path(self, title: str) -> Path:
        """Where a set of this title is kept."""
        return self.folder / f"{title}.csv"

    def load(self, path: Path) -> HandSet:
        """Read a set.

        Raises:
            StudioError: there is no such file, or it is no set.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = str(getattr(error, "strerror", None) or error)
            raise StudioError("The set cannot be read", where=path, why=why, todo="Choose another one") from None
        csv.field_size_limit(2**31 - 1)
        lines = csv.reader(io.StringIO(text, newline="\n"))
        header = next(lines, [])
        kind = next((kind for kind in HAND_KINDS.values() if [column.field for column in kind.columns] == header), None)
        if kind is None:
            raise StudioError("This is no set that was written by hand", where=path, todo="Open it as a file")
        wide = len(header)
        rows: list[Row] = [tuple([*row, *[""] * wide][:wide]) for row in lines if row]
        classes = self._about(path).get("classes")
        known = [name for name in classes if isinstance(name, str)] if isinstance(classes, list) else []
        return HandSet(kind, path.stem, rows[:MOST_ROWS], known)

    def save(self, title: str, kind: HandKind, rows: list[Row], classes: list[str]) -> Path:
        """Keep a set; a kill at any moment leaves what was kept before.

        Raises:
            StudioError: the folder cannot be written.
        """
        path = self.path(title)
        with _told(path):
            key = self._key(path)
            about = {"key": key, "task": kind.task, "classes": classes, "rows": len(rows), "names": len(classes)}
            _write(_beside(path), json.dumps(about, ensure_ascii=False, indent=1))
            _write(path, as_csv(rows, [column.field for column in kind.columns]))
        return path

    def use(self, title: str, kind: HandKind, rows: list[Row]) -> Path:
        """The file to train on, with the rows that can be learned from; the same rows give the same file.

        Raises:
            StudioError: the folder cannot be written.
        """
        text = kind.write([row for row in rows if kind.complete(row)])
        with _told(self.path(title)):
            key = self._key(self.path(title))
        name = hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
        path = self.folder / "used" / f"{key}-{name}" / f"{title}{kind.suffix}"
        with _told(path):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, text)
        return path

    def _key(self, path: Path) -> str:
        """What names a set for good, given when it is first kept or used, whichever happens first."""
        with _NAMING:
            about = self._about(path)
            key = str(about.get("key") or "")
            if not key:
                key = secrets.token_hex(4)
                self.folder.mkdir(parents=True, exist_ok=True)
                _write(_beside(path), json.dumps(about | {"key": key}, ensure_ascii=False, indent=1))
        return key

    # -- the list -------------------------------------------------------------------------------------------

    def rename(self, path: Path, title: str) -> Path:
        """Call a set otherwise; where it is kept then. Raises StudioError where that cannot be."""
        new = self.path(self.free_title(title, but=path))
        with _told(path):
            if new != path:
                os.replace(path, new)
                if _beside(path).exists():
                    os.replace(_beside(path), _beside(new))
        return new

    def delete(self, path: Path) -> Path:
        """Take a set out of the list; where it is kept for a month, for ``restore``."""
        bin = self.folder / "deleted"
        with _told(path):
            bin.mkdir(parents=True, exist_ok=True)
            self._empty_bin(bin)
            place = bin / f"{int(time.time())}-{secrets.token_hex(3)}"
            place.mkdir()
            for file in (path, _beside(path)):
                if file.exists():
                    os.replace(file, place / file.name)
        return place / path.name

    def restore(self, deleted: Path) -> Path:
        """Put a deleted set back; where it is kept now."""
        path = self.path(self.free_title(deleted.stem))
        with _told(path):
            os.replace(deleted, path)
            if _beside(deleted).exists():
                os.replace(_beside(deleted), _beside(path))
        return path

    # -- inside ---------------------------------------------------------------------------------------------

    @staticmethod
    def _about(path: Path) -> dict[str, Any]:
        try:
            found = json.loads(_beside(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @staticmethod
    def _empty_bin(bin: Path) -> None:
        """What was deleted over a month ago is gone for good."""
        for place in bin.iterdir():
            stamp = place.name.partition("-")[0]
            if stamp.isdigit() and time.time() - int(stamp) > _KEPT_DAYS * 86400:
                for file in place.iterdir():
                    file.unlink()
                place.rmdir()


def write_file(path: Path, kind: HandKind, rows: list[Row]) -> Path:
    """Write rows into a file that a person has chosen: all of them as CSV, complete sentences as words in columns.

    Raises:
        StudioError: it cannot be written.
    """
    columns = path.suffix.lower() == kind.suffix != ".csv"
    complete = [row for row in rows if kind.complete(row)]
    text = kind.write(complete) if columns else as_csv(rows, [column.field for column in kind.columns])
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StudioError("The file cannot be written", where=path, why=error.strerror or "") from None
    return path


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.json")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise StudioError("The set cannot be kept", where=path, why=why, todo="Check the folder and the disk") from None


def _write(path: Path, text: str) -> None:
    """Beside the file, then renamed into its place."""
    handle, name = tempfile.mkstemp(prefix=".set.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
