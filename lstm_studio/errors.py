"""The one kind of error that a user is meant to read."""

from __future__ import annotations

from pathlib import Path


class StudioError(Exception):
    """Something a person can act on: what happened, where, why, and what to do.

    Anything else that escapes is a bug. The command line prints a StudioError on one line and exits with 2;
    the window shows it as a sentence in the page.

    Args:
        what: One sentence without a full stop at the end, e.g. "The file has no rows".
        where: File, line or field, e.g. "reviews.csv, line 7".
        why: The cause, where it helps.
        todo: What the person can do about it.
    """

    def __init__(self, what: str, *, where: str | Path = "", why: str = "", todo: str = "") -> None:
        self.what = _sentence(what)
        self.where = str(where)
        self.why = _sentence(why)
        self.todo = _sentence(todo)
        super().__init__(self.message())

    def message(self) -> str:
        """All parts on one line."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return " ".join(part for part in (head, self.why, self.todo) if part)

    def __str__(self) -> str:
        return self.message()


class Cancelled(Exception):  # noqa: N818 - it is a request that was obeyed, not an error
    """Raised inside a job after the person cancelled it. Never shown as an error."""


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    if text and text[-1] not in ".!?。！？":
        text += "."
    return text
