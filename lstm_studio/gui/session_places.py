"""What the settings say of the machine, each checked before it holds: the folder of data, the device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lstm_studio.errors import StudioError
from lstm_studio.gui.folders import use_data
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.settings import writable

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import Progress
    from lstm_studio.gui.session import Session


class PlaceRoom:
    """A part of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def check(self, folder: str | Path, done: Callable[[str], object]) -> None:
        """Whether files can be written to a folder; ``done`` gets a sentence if not. It is tried on a pool thread: a
        disk that does not answer must not halt the window. The usual folder, "", needs no trial."""
        if not str(folder):
            done("")
            return
        self._session.jobs.start(lambda progress: writable(folder), done=done, channel="folder")

    def set_data_folder(self, path: str, done: Callable[[str], object]) -> None:
        """Keep samples, written sets and runs in another folder ("" is the usual one); what is in the old one stays.
        ``done`` gets a sentence if nothing can be written there, and nothing is changed then."""

        def found(why: str) -> None:
            session = self._session
            if not why:
                session.settings.data_folder = path
                use_data(path)
                session.set_runs_folder(session.settings.runs_folder)
            done(why)

        self.check(path, found)

    def set_runs_folder(self, path: str, done: Callable[[str], object]) -> None:
        """The same for runs alone."""

        def found(why: str) -> None:
            if not why:
                self._session.set_runs_folder(path)
            done(why)

        self.check(path, found)

    def set_device(self, name: str, done: Callable[[str], object]) -> None:
        """Train on another device where a run leaves it open; ``done`` gets a sentence if PyTorch has none such here,
        and nothing is changed then."""
        session = self._session

        def work(progress: Progress) -> str:
            from lstm_studio.training.device import resolve_device

            try:
                resolve_device(name)
            except StudioError as error:
                return error.what
            return ""

        def told(why: str) -> None:
            if not why:
                session.settings.device = name  # type: ignore[assignment]  # validated on assignment
                session.save_soon()
                session.config_changed.emit()
                session.selected_run_changed.emit()
            done(tr(why) if why else "")

        session.jobs.start(work, done=told, channel="device")
