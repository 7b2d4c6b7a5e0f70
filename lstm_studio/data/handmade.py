"""A small set of rows that is written by hand: cells and labels are changed, and everything can be undone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from lstm_studio.data.handmade_changes import Change, Changes, Edit, Naming, Splice, Step, removals
from lstm_studio.data.handmade_kinds import HandKind, Row
from lstm_studio.data.handmade_words import hand_words, mark, moved, read_marks
from lstm_studio.errors import StudioError

MOST_ROWS = 20_000
MOST_CELL = 20_000
"""Characters of a cell."""
MOST_LABEL = 80
"""Characters of a label."""
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    """A cell without what no text needs: control characters, halves of characters, Windows' line ends."""
    return _ODD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class HandSet:
    """Rows, labels and what was done to them.

    Each method that changes something is one change, which ``undo`` takes back. Those who want to know are called
    with the change after it was made.

    Args:
        kind: What is written.
        title: What the person calls it.
        rows: To begin with.
        classes: Labels in their order; those that rows have and that are not here follow.
    """

    def __init__(self, kind: HandKind, title: str, rows: Iterable[Row] = (), classes: Iterable[str] = ()) -> None:
        self.kind, self.title = kind, title
        self.rows: list[Row] = list(rows)
        self.classes: list[str] = list(dict.fromkeys(classes))
        self.classes += self._new_names(self.rows)
        self.listeners: list[Callable[[Change], object]] = []
        self._changes = Changes()
        self._counts: Counter[str] | None = None
        self._complete: list[Row] | None = None

    # -- what there is --------------------------------------------------------------------------------------

    @property
    def empty_row(self) -> Row:
        """A row with nothing in it."""
        return ("",) * len(self.kind.columns)

    def counts(self) -> Mapping[str, int]:
        """How often each label occurs."""
        if self._counts is None:
            self._counts = Counter(name for row in self.rows for name in self.kind.names_in(row))
        return self._counts

    def unlabelled(self) -> int:
        """Rows that have a text and no label (or nothing marked)."""
        place = self.kind.labelled
        return 0 if place is None else sum(not row[place] and bool(row[0].strip()) for row in self.rows)

    def lacks_label(self, row: Row) -> bool:
        """Whether a row has a text and no label (or nothing marked)."""
        place = self.kind.labelled
        return place is not None and bool(row[0].strip()) and not row[place]

    def complete_rows(self) -> list[Row]:
        """The rows that can be learned from; not to be changed."""
        if self._complete is None:
            self._complete = [row for row in self.rows if self.kind.complete(row)]
        return self._complete

    def lacks(self) -> str:
        """What the set lacks to be trained on, one sentence; "" if nothing."""
        return self.kind.lacks(self.complete_rows())

    @property
    def undoable(self) -> str:
        """What ``undo`` would take back, in a few words; "" for nothing."""
        return self._changes.undoable

    @property
    def redoable(self) -> str:
        """What ``redo`` would do again; "" for nothing."""
        return self._changes.redoable

    # -- cells and rows -------------------------------------------------------------------------------------

    def set_cell(self, row: int, column: int, text: str) -> None:
        """Write a cell; the row behind the last one is a new row. Raises StudioError for what is too long."""
        value = self._checked(column, text)
        if row >= len(self.rows):
            if value:
                fresh = list(self.empty_row)
                fresh[column] = value
                self.insert(len(self.rows), [tuple(fresh)])
        else:
            self._edit("Edit a cell", self._cells_of(row, column, value))

    def insert(self, at: int, rows: Sequence[Row], words: str = "Add rows") -> None:
        """More rows before the row ``at``. Raises StudioError where there would be too many."""
        self._make_room(len(rows))
        checked = [self._row(row) for row in rows]
        self._do(words, [*self._naming(checked), Splice(at, (), tuple(checked))])

    def remove(self, places: Sequence[int]) -> None:
        """Rows away."""
        there = [place for place in places if 0 <= place < len(self.rows)]
        self._do("Remove rows", list(removals(self.rows, there)))

    def clear(self, cells: Iterable[tuple[int, int]]) -> None:
        """Empty some cells, (row, column)."""
        found: dict[tuple[int, int], str] = {}
        for row, column in cells:
            if row < len(self.rows):
                found.update({(row, place): after for _, place, _, after in self._cells_of(row, column, "")})
        self._edit("Clear cells", [(row, at, self.rows[row][at], after) for (row, at), after in found.items()])

    def paste(self, at: int, column: int, block: Sequence[Sequence[str]]) -> None:
        """Write a block of cells over those from (at, column) on; rows that are not there yet are added.

        Raises:
            StudioError: a cell is too long, or there would be too many rows.
        """
        last = len(self.kind.columns)
        old = tuple(self.rows[at : at + len(block)])
        self._make_room(max(0, at + len(block) - len(self.rows)))
        new: list[Row] = []
        for place, cells in enumerate(block):
            row = list(old[place]) if place < len(old) else list(self.empty_row)
            before = row[0]
            fitting = cells[: last - column]
            row[column : column + len(fitting)] = [self._checked(column + n, cell) for n, cell in enumerate(fitting)]
            if self.kind.marks and row[0] != before and column == 0 and len(fitting) == 1:
                row[1] = moved(before, row[1], row[0])
            elif self.kind.marks and column + len(fitting) > 1:
                row[1] = read_marks(row[0], row[1])
            new.append(tuple(row))
        self._do("Paste", [*self._naming(new), Splice(at, old, tuple(new))])

    # -- labels ---------------------------------------------------------------------------------------------

    def label(self, places: Iterable[int], name: str) -> None:
        """Give rows a label; "" takes it away. Only where a row has one label."""
        column = self.kind.labelled
        if column is None or self.kind.marks:
            return
        name = self._checked(column, name)
        cells = [(row, column, self.rows[row][column], name) for row in places if row < len(self.rows)]
        self._edit("Label rows" if name else "Take labels away", cells)

    def mark(self, row: int, start: int, end: int, type: str) -> None:
        """Mark words ``start`` to ``end`` of a sentence, the last not included, as a type; "" takes marks away."""
        text, marked = self.rows[row]
        type = self._name(type)
        after = mark(marked, len(hand_words(text)), start, end, type)
        steps: list[Step] = [] if not type or type in self.classes else [self._named([*self.classes, type])]
        if after != marked:
            self._do("Mark words" if type else "Take marks away", [*steps, Edit(((row, 1, marked, after),))])

    def add_class(self, name: str) -> None:
        """A label that no row has yet. Raises StudioError for one that cannot be."""
        name = self._name(name)
        if name and name not in self.classes:
            self._do("Add a label", [self._named([*self.classes, name])])

    def rename_class(self, old: str, new: str) -> None:
        """Call a label otherwise, in all rows; one of that name that is there already takes its rows in."""
        new = self._name(new)
        if not new or new == old or old not in self.classes:
            return
        names = list(dict.fromkeys(new if name == old else name for name in self.classes))
        self._do("Rename a label", [self._named(names), *self._everywhere(old, new)])

    def remove_class(self, name: str) -> None:
        """A label away; rows that have it have none then."""
        if name in self.classes:
            kept = [other for other in self.classes if other != name]
            self._do("Remove a label", [*self._everywhere(name, ""), self._named(kept)])

    def known_name(self, typed: str) -> str:
        """The label that is meant: one that is there in other capitals, or a new one."""
        typed = " ".join(typed.split())
        if typed in self.classes:
            return typed
        return next((name for name in self.classes if name.casefold() == typed.casefold()), typed)

    # -- undo -----------------------------------------------------------------------------------------------

    def undo(self) -> Change | None:
        """Take the last change back; what was done for that."""
        return self._tell(self._changes.undo(self))

    def redo(self) -> Change | None:
        """Make the change again that was taken back last."""
        return self._tell(self._changes.redo(self))

    # -- inside ---------------------------------------------------------------------------------------------

    def _do(self, words: str, steps: Sequence[Step]) -> None:
        if steps:
            change = Change(words, tuple(steps))
            self._changes.do(change, self)
            self._tell(change)

    def _tell(self, change: Change | None) -> Change | None:
        if change is not None:
            self._counts = self._complete = None
            for listener in self.listeners:
                listener(change)
        return change

    def _edit(self, words: str, cells: Iterable[tuple[int, int, str, str]]) -> None:
        changed = tuple(cell for cell in cells if cell[2] != cell[3])
        if changed:
            place = self.kind.labelled
            names = [] if self.kind.marks else [after for _, at, _, after in changed if at == place and after]
            fresh = [name for name in dict.fromkeys(names) if name not in self.classes]
            naming = [self._named([*self.classes, *fresh])] if fresh else []
            self._do(words, [*naming, Edit(changed)])

    def _cells_of(self, row: int, column: int, value: str) -> list[tuple[int, int, str, str]]:
        """The cells that change when one is written: marks follow the words of their sentence."""
        now = self.rows[row]
        cells = [(row, column, now[column], value)]
        if self.kind.marks and column == 0 and now[1]:
            cells.append((row, 1, now[1], moved(now[0], now[1], value)))
        return cells

    def _everywhere(self, old: str, new: str) -> list[Step]:
        place = self.kind.labelled
        if place is None:
            return []
        cells = [(at, place, row[place], self.kind.renamed(row[place], old, new)) for at, row in enumerate(self.rows)]
        changed = tuple(cell for cell in cells if cell[2] != cell[3])
        return [Edit(changed)] if changed else []

    def _named(self, names: Iterable[str]) -> Naming:
        return Naming(tuple(self.classes), tuple(names))

    def _new_names(self, rows: Iterable[Row]) -> list[str]:
        known = set(self.classes)
        found = dict.fromkeys(name for row in rows for name in self.kind.names_in(row))
        return [name for name in found if name not in known]

    def _naming(self, rows: Iterable[Row]) -> list[Naming]:
        fresh = self._new_names(rows)
        return [self._named([*self.classes, *fresh])] if fresh else []

    def _row(self, cells: Sequence[str]) -> Row:
        return tuple(self._checked(place, cell) for place, cell in enumerate(cells))

    def _checked(self, column: int, text: str) -> str:
        holds = self.kind.columns[column].holds
        if holds == "label":
            return self._name(text)
        if len(text) > MOST_CELL and holds == "text":
            raise StudioError(
                f"A cell has {len(text):,} characters",
                why=f"In a set that is written by hand it may have {MOST_CELL:,}",
                todo="Open such texts as a file",
            )
        return clean(text).strip("\n") if holds == "text" else text

    def _name(self, text: str) -> str:
        name = " ".join(clean(text).split())
        if len(name) > MOST_LABEL:
            raise StudioError(f"A label may have {MOST_LABEL} characters, not {len(name):,}", todo="Choose a short one")
        if self.kind.marks:
            name = name.replace(" ", "_")  # a tag has no spaces
        return name

    def _make_room(self, more: int) -> None:
        if len(self.rows) + more > MOST_ROWS:
            raise StudioError(
                f"The set would have {len(self.rows) + more:,} rows",
                why=f"One that is written by hand may have {MOST_ROWS:,}",
                todo="Open such texts as a file",
            )
