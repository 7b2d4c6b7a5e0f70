"""Where messages to the person go: sentences for what can be expected, reports for bugs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui import i18n

Severity = Literal["info", "success", "warning", "error"]


@dataclass(frozen=True)
class Notice:
    """One sentence for the person, with at most one thing to do about it. ``key``: a later one replaces it."""

    severity: Severity
    text: str
    action_text: str = ""
    action: Callable[[], object] | None = None
    key: str = ""


class Hub(QObject):
    """Takes messages from any thread and hands them out on the thread of the window."""

    notice = Signal(object)
    bug = Signal(str)

    def say(self, notice: Notice) -> None:
        """Show a sentence."""
        self.notice.emit(notice)

    def fail(self, error: BaseException) -> None:
        """An error that nobody handled: a StudioError becomes a sentence, a cancelled job nothing, a bug a report."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, StudioError):
            self.say(Notice("error", i18n.error_text(error)))
            return
        from lstm_studio.gui import crash

        self.report(crash.report_of(error))

    def report(self, report: str) -> None:
        """A bug, described."""
        logging.getLogger(__name__).error("%s", report)
        self.bug.emit(report)


_hub: Hub | None = None


def hub() -> Hub:
    """The one hub. It must be made on the window's thread."""
    global _hub
    if _hub is None:
        _hub = Hub()
    return _hub
