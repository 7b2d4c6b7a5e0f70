"""What the settings say of the machine, each checked before it holds: the folder of data, the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.settings import use_folder, writable

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import Progress
    from lstm_studio.gui.session import Session


class PlaceRoom:
    """A part of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def set_data_folder(self, path: str) -> str:
        """Keep samples, written sets and runs in another folder ("" is the usual one); what is in the old one stays.

        Returns:
            A sentence if nothing can be written there, and nothing is changed then.
        """
        session = self._session
        why = writable(path) if path else ""
        if not why:
            session.settings.data_folder = path
            use_folder(session.settings)
            session.set_runs_folder(session.settings.runs_folder)
        return why

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
