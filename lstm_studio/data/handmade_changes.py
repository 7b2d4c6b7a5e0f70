"""What is done to a set that is written by hand, as objects that can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lstm_studio.data.handmade_kinds import Row

MOST = 1000
"""Changes that can be undone."""


class Content(Protocol):
    """What changes apply to."""

    rows: list[Row]
    classes: list[str]


@dataclass(frozen=True)
class Splice:
    """Rows ``at`` and on are others, or there are more or fewer of them."""

    at: int
    old: tuple[Row, ...]
    new: tuple[Row, ...]

    def apply(self, content: Content) -> None:
        """Do it."""
        content.rows[self.at : self.at + len(self.old)] = self.new

    def reversed(self) -> Splice:
        """What undoes it."""
        return replace(self, old=self.new, new=self.old)


@dataclass(frozen=True)
class Edit:
    """Cells have other words: (row, column, before, after)."""

    cells: tuple[tuple[int, int, str, str], ...]

    def apply(self, content: Content) -> None:
        """Do it."""
        for row, column, _, after in self.cells:
            now = content.rows[row]
            content.rows[row] = (*now[:column], after, *now[column + 1 :])

    def reversed(self) -> Edit:
        """What undoes it."""
        return Edit(tuple((row, column, after, before) for row, column, before, after in reversed(self.cells)))


@dataclass(frozen=True)
class Naming:
    """The labels there are, in their order."""

    old: tuple[str, ...]
    new: tuple[str, ...]

    def apply(self, content: Content) -> None:
        """Do it."""
        content.classes[:] = self.new

    def reversed(self) -> Naming:
        """What undoes it."""
        return Naming(self.new, self.old)


Step = Splice | Edit | Naming


@dataclass(frozen=True)
class Change:
    """One thing that a person did. ``words`` say what, for the buttons that undo and redo it."""

    words: str
    steps: tuple[Step, ...]

    @property
    def moves_rows(self) -> bool:
        """Whether rows come, go or change places."""
        return any(isinstance(step, Splice) for step in self.steps)

    @property
    def first_row(self) -> int | None:
        """The first row that it touches, to look at it; None if it touches none."""
        places = [step.at for step in self.steps if isinstance(step, Splice)]
        places += [cell[0] for step in self.steps if isinstance(step, Edit) for cell in step.cells[:1]]
        return min(places, default=None)

    def reversed(self) -> Change:
        """What undoes it."""
        return Change(self.words, tuple(step.reversed() for step in reversed(self.steps)))


class Changes:
    """What was done and what was undone."""

    def __init__(self) -> None:
        self._done: list[Change] = []
        self._undone: list[Change] = []

    @property
    def undoable(self) -> str:
        """What would be undone; "" for nothing."""
        return self._done[-1].words if self._done else ""

    @property
    def redoable(self) -> str:
        """What would be done again; "" for nothing."""
        return self._undone[-1].words if self._undone else ""

    def do(self, change: Change, content: Content) -> None:
        """Apply a change and remember it."""
        for step in change.steps:
            step.apply(content)
        self._done.append(change)
        del self._done[:-MOST]
        self._undone.clear()

    def undo(self, content: Content) -> Change | None:
        """Take the last change back; what was done for that, None for nothing."""
        return self._step(self._done, self._undone, content, back=True)

    def redo(self, content: Content) -> Change | None:
        """Do what was undone last; None for nothing."""
        return self._step(self._undone, self._done, content, back=False)

    @staticmethod
    def _step(source: list[Change], target: list[Change], content: Content, *, back: bool) -> Change | None:
        if not source:
            return None
        change = source.pop()
        target.append(change)
        applied = change.reversed() if back else change
        for step in applied.steps:
            step.apply(content)
        return applied


def removals(rows: Sequence[Row], places: Sequence[int]) -> tuple[Splice, ...]:
    """Steps that take rows away, the last first, neighbours together."""
    steps: list[Splice] = []
    ordered = sorted(set(places))
    end = len(ordered)
    while end:
        start = end - 1
        while start and ordered[start - 1] == ordered[start] - 1:
            start -= 1
        first, last = ordered[start], ordered[end - 1] + 1
        steps.append(Splice(first, tuple(rows[first:last]), ()))
        end = start
    return tuple(steps)
