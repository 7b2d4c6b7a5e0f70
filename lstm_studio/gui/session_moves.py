"""Runs that leave the program, and packed ones that come in: one at a time, as a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import Notice, hub

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

T = TypeVar("T")
_CHANNEL = _KEY = "moves"


@dataclass(frozen=True)
class Moving:
    """What is under way: 0..1 of it is done."""

    words: str
    share: float = 0.0


class MoveRoom(QObject):
    """Writes and reads runs as files; ``changed`` follows ``moving``. What came of it is said at the top of the window.

    Attributes:
        moving: None while nothing is under way.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.moving: Moving | None = None

    def export_network(self, run: Path, target: Path) -> None:
        """Write a run's network for ONNX Runtime."""

        def work(progress: Progress) -> list[Path]:
            from lstm_studio.runs.onnx_export import export_onnx

            return export_onnx(run, target, progress=progress)

        self._start(tr("Exporting"), work, self._written)

    def pack(self, run: Path, target: Path) -> None:
        """Write a whole run as one file."""

        def work(progress: Progress) -> list[Path]:
            from lstm_studio.runs.pack import pack_run

            return [pack_run(run, target, progress=progress)]

        self._start(tr("Packing"), work, self._written)

    def unpack(self, path: Path) -> None:
        """Take a packed run into the list of runs, and select it."""
        store = self._session.store

        def work(progress: Progress) -> tuple[Path, str]:
            from lstm_studio.runs.folder import RunFolder
            from lstm_studio.runs.unpack import unpack_run

            found = unpack_run(path, store, progress=progress)
            return found, RunFolder(found).name

        self._start(tr("Opening"), work, self._opened)

    def cancel(self) -> None:
        """Stop; nothing half is kept."""
        if self.moving is not None:
            self._session.jobs.cancel(_CHANNEL)
            self._show(None)

    # -- inside ----------------------------------------------------------------------------------------------

    def _start(self, words: str, work: Callable[[Progress], T], done: Callable[[T], None]) -> None:
        if self.moving is not None:
            self._say("info", tr("Wait until the last file is done, or stop it."))
            return

        def ended(found: T) -> None:
            self._show(None)
            done(found)

        self._show(Moving(words))
        self._session.jobs.start(
            work,
            done=ended,
            failed=self._failed,
            progress=lambda share, _: self._show(Moving(words, max(0.0, share))),
            channel=_CHANNEL,
        )

    def _show(self, moving: Moving | None) -> None:
        self.moving = moving
        self.changed.emit()

    def _written(self, files: Sequence[Path]) -> None:
        names = tr("{one} and {other}", one=files[0], other=files[1].name) if len(files) == 2 else str(files[0])
        folder = QUrl.fromLocalFile(str(files[0].parent))
        self._say("success", tr("Saved as {file}.", file=names), lambda: QDesktopServices.openUrl(folder))

    def _opened(self, found: tuple[Path, str]) -> None:
        path, name = found
        self._session.runs_changed.emit()
        self._session.select_run(path)
        self._say("success", tr("The run {name} was opened. Ask it on the Predict page.", name=name))

    def _failed(self, error: Exception) -> None:
        self._show(None)
        if isinstance(error, StudioError):
            self._say("error", error_text(error))
        elif not isinstance(error, Cancelled):
            hub().fail(error)

    def _say(self, severity: str, words: str, action: Callable[[], object] | None = None) -> None:
        title = tr("Open folder") if action is not None else ""
        self._session.notice.emit(Notice(severity, words, title, action, key=_KEY))  # type: ignore[arg-type]
