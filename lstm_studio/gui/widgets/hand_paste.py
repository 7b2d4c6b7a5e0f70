"""What is pasted into a set that is written by hand: taken apart, put where the cursor is, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from lstm_studio.data.handmade import MOST_CELL, HandSet
from lstm_studio.data.handmade_paste import Pasted, read_pasted
from lstm_studio.data.tags import OUTSIDE
from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.widgets.hand_model import Shown

if TYPE_CHECKING:
    from lstm_studio.gui.widgets.hand_editor import HandEditor

_AT_ONCE = 20_000
"""Characters that are taken apart while the person waits; more of them by a job."""


class HandPaste(QObject):
    """Puts text into the set on the editor's desk."""

    def __init__(self, editor: HandEditor) -> None:
        super().__init__(editor)
        self.editor = editor

    @Slot(str)
    def paste(self, text: str) -> None:
        """Put text at the cursor: at once, or by a job where there is much of it."""
        editor = self.editor
        content, model = editor.content, editor.desk.table.hand
        if content is None or model is None:
            return
        here = editor.desk.table.currentIndex()
        row, column = model.row_of(here.row()), max(0, here.column())
        chosen = editor.desk.table.chosen_rows()
        kind = content.kind

        def done(found: Pasted) -> None:
            if editor.content is content:
                self._put(found, row, column, chosen)

        if len(text) <= _AT_ONCE:
            try:
                done(read_pasted(text, kind))
            except StudioError as error:
                editor.say_error(error)
            return
        editor.busy(tr("Reading what was pasted"))
        editor.session.jobs.start(
            lambda progress: read_pasted(text, kind, progress), done=done, failed=editor.failed, channel="hand-open"
        )

    def _put(self, found: Pasted, row: int, column: int, chosen: list[int]) -> None:
        editor = self.editor
        content, rows, model = editor.content, found.rows, editor.desk.table.hand
        if content is None or model is None or not rows:
            editor.banner.hide()
            return
        if len(rows) > 1 and model.shown != Shown():
            row = len(content.rows)  # what stands below is not what follows in the set
            editor.desk.show_rows()
        column = max(0, min(column, len(content.kind.columns) - found.width))
        before = len(content.rows)
        labels = content.kind.columns[column].holds == "label"
        try:
            if len(rows) == 1 and found.width == 1 and len(chosen) > 1 and labels:
                content.label(chosen, rows[0][0])
            else:
                content.paste(min(row, before), column, rows)
        except StudioError as error:
            editor.say_error(error)
            return
        notes = [tr(note) for note in found.notes]
        if lost := _without_marks(content, min(row, before), column, rows):
            one = "In 1 row the tags are not those of its words; nothing is marked there."
            many = "In {n} rows the tags are not those of their words; nothing is marked there."
            notes.append(ntr(one, many, lost))
        after = row + len(rows) if len(rows) > 1 else row
        editor.desk.table.go_to(model.place_of(min(after, len(content.rows))), column)
        if len(rows) > 1 or notes:
            words = " ".join([ntr("{n} row was pasted.", "{n} rows were pasted.", len(rows)), *notes])
            editor.say("info", words, tr("Undo"), self._undo)
        else:
            editor.banner.hide()

    def _undo(self) -> None:
        if self.editor.content is not None:
            self.editor.content.undo()
        self.editor.banner.hide()

    @Slot(int)
    def refuse(self, length: int) -> None:
        """Say that a cell would be too long."""
        self.editor.say_error(
            StudioError(
                f"A cell has {length:,} characters",
                why=f"In a set that is written by hand it may have {MOST_CELL:,}",
                todo="Open such texts as a file",
            )
        )


def _without_marks(content: HandSet, at: int, column: int, rows: list[list[str]]) -> int:
    """In how many pasted rows, the first of which is the set's row ``at``, nothing came of the tags."""
    if not content.kind.marks:
        return 0
    given = [cells[1 - column] if len(cells) > 1 - column else "" for cells in rows]
    odd = [bool(set(cell.split()) - {OUTSIDE}) for cell in given]
    return sum(wrong and not content.rows[at + place][1] for place, wrong in enumerate(odd))
