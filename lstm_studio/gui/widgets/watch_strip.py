"""A line above the curves: this run is trained by another process, how far it is, and whether it still writes."""

from __future__ import annotations

from PySide6.QtCore import Slot

from lstm_studio.gui.i18n import duration, number, tr
from lstm_studio.gui.session_watch import WatchRoom
from lstm_studio.gui.widgets.basic import Banner
from lstm_studio.runs.watch import SILENCE, Look
from lstm_studio.training.events import RunFailed

FRESH = 10.0
"""Seconds of silence that are nothing to speak of."""


class WatchStrip(Banner):
    """Follows a WatchRoom; hidden where there is nothing to watch."""

    def __init__(self, room: WatchRoom) -> None:
        super().__init__("info")
        self._room = room
        room.changed.connect(self.refresh)
        self.hide()

    @Slot()
    def refresh(self) -> None:
        """Say what the last look found."""
        look = self._room.look
        self.setVisible(look is not None)
        if look is not None:
            history = self._room.session.history
            step = look.info.step
            if history is not None and len(history.steps):
                step = int(history.steps[-1])
            severity, words = sentence(look, step)
            if words != self.label.text():
                self.show_message(severity, words)


def sentence(look: Look, step: int) -> tuple[str, str]:
    """How grave it is, and what to say of a watched run that has come to a step."""
    info = look.info
    if look.writing and look.silent >= SILENCE:
        words = tr(
            "Nothing was written to {name} for {time}. It may be reading or evaluating; if its process hangs, end it "
            "there and resume the run.",
            name=info.name,
            time=duration(look.silent),
        )
        return "warning", words
    if look.writing:
        place = (
            tr("step {n} of {all}", n=number(step), all=number(info.total_steps))
            if info.total_steps
            else tr("it is preparing")
        )
        words = tr("Watching {name}, which another program trains: {place}.", name=info.name, place=place)
        if look.silent >= FRESH:
            words = f"{words} {tr('Last heard of {time} ago.', time=duration(look.silent))}"
        return "info", words
    if info.status in ("running", "paused", "interrupted"):
        words = tr("{name} was broken off. Resume it from the Runs page, where it has a checkpoint.", name=info.name)
        return "warning", words
    if info.status == "failed":
        failed = next((event for event in look.events if isinstance(event, RunFailed)), None)
        words = tr("{name} could not go on. {why}", name=info.name, why=tr(failed.message if failed else info.message))
        return "error", words
    return "success", tr("{name} has ended; its best weights can be asked and looked at.", name=info.name)
