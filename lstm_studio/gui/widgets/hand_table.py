"""The table in which rows are written by hand: all of it works by the keyboard alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QMenu, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.hand_cells import HandCells, Hint, LabelEditor
from lstm_studio.gui.widgets.hand_view import HandView

DIGITS = range(Qt.Key.Key_1, Qt.Key.Key_9 + 1)


class HandTable(HandView):
    """Enter goes down, Tab to the right, F2 into a cell; in the column of labels a figure or a first letter labels."""

    pasted = Signal(str)
    """Text to be put where the cursor is."""
    too_long = Signal(int)
    marks_asked = Signal()
    """The words of the row are to be marked."""
    left = Signal()
    """Escape: the keyboard goes elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._home: int | None = None
        cells = HandCells(self)
        cells.table_pasted.connect(self._pasted_in_cell)
        cells.too_long.connect(self.too_long)
        self.setItemDelegate(cells)

    # -- what is done ---------------------------------------------------------------------------------------

    def label(self, name: str) -> None:
        """Give the chosen rows a label; of a single one the cursor goes on to the next."""
        model = self.hand
        places = self.chosen_places()
        if model is None or not places:
            return
        model.content.label([model.row_of(place) for place in places], name)
        if len(places) == 1 and name and places[0] == self.currentIndex().row():
            self.go_to(places[0] + 1, self.currentIndex().column())

    def delete(self) -> None:
        """Remove whole rows; of other cells take what stands in them. A row with nothing in it is removed."""
        model = self.hand
        if model is None:
            return
        rows = self.chosen_rows()
        if self.whole_rows() or (rows and not any(any(model.content.rows[row]) for row in rows)):
            model.content.remove(rows)
            return
        indexes = self.selectionModel().selectedIndexes() or [self.currentIndex()]
        cells = [(model.row_of(index.row()), index.column()) for index in indexes]
        model.content.clear(cell for cell in cells if cell[0] < len(model.content.rows))

    def remove_rows(self) -> None:
        """Remove the rows that have a chosen cell."""
        if self.hand is not None:
            self.hand.content.remove(self.chosen_rows())

    def insert_row(self) -> None:
        """An empty row above the cursor."""
        model = self.hand
        if model is not None and not model.is_empty_row(self.currentIndex().row()):
            row = model.row_of(self.currentIndex().row())
            self._column = 0
            try:
                model.content.insert(row, [model.content.empty_row])
            except StudioError as error:
                model.refused.emit(error)

    def copy(self) -> None:
        """The chosen cells as a table for spreadsheets."""
        model = self.hand
        indexes = self.selectionModel().selectedIndexes()
        if model is None or not indexes:
            return
        columns = sorted({index.column() for index in indexes})
        out = io.StringIO()
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        for place in self.chosen_places():
            writer.writerow([model.words_of(place, column) for column in columns])
        QGuiApplication.clipboard().setText(out.getvalue().removesuffix("\n"))

    def cut(self) -> None:
        """Copy the chosen cells and take what stands in them."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """What the clipboard holds, from the cursor on."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.pasted.emit(text)

    def commit(self) -> None:
        """Keep what stands in an open cell."""
        for editor in self.viewport().findChildren(QWidget, "cell"):
            if not editor.isHidden():  # those that are done with are hidden before they are deleted
                self.commitData(editor)

    def _pasted_in_cell(self, text: str) -> None:
        editor = self.indexWidget(self.currentIndex()) or self.viewport().focusWidget()
        if editor is not None:
            self.itemDelegate().closeEditor.emit(editor, Hint.RevertModelCache)
        self.pasted.emit(text)

    # -- keys -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self.hand
        if model is None or self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
            return
        pressed = _pressed(event)
        for key, function in self._commands():
            if pressed == QKeySequence(key) if isinstance(key, str) else event.matches(key):
                function()
                return
        if self._labelled(event):
            return
        self.typing_over = True
        super().keyPressEvent(event)
        self.typing_over = False

    def _commands(self) -> tuple[tuple[str | QKeySequence.StandardKey, Callable[[], object]], ...]:
        here = self.currentIndex()
        return (
            (QKeySequence.StandardKey.Copy, self.copy),
            (QKeySequence.StandardKey.Paste, self.paste),
            (QKeySequence.StandardKey.Cut, self.cut),
            ("Return", lambda: self._next_row()),
            ("Enter", lambda: self._next_row()),
            ("Shift+Return", lambda: self.go_to(here.row() - 1, here.column())),
            ("Delete", self.delete),
            ("Backspace", self.delete),
            ("Ctrl+Delete", self.remove_rows),
            ("Ctrl+Backspace", self.remove_rows),
            ("Insert", self.insert_row),
            ("Shift+Space", self._choose_row),
            ("Escape", self.left.emit),
            ("F2", self.begin),
        )

    def begin(self) -> None:
        """Change the cell of the cursor; marked words are changed below the table."""
        model, here = self.hand, self.currentIndex()
        if model is None or not here.isValid():
            return
        if model.content.kind.columns[here.column()].holds == "tags":
            self.marks_asked.emit()
            return
        self.edit(here)
        editor = self.viewport().focusWidget()
        if isinstance(editor, LabelEditor):
            editor.offer()

    def _labelled(self, event: QKeyEvent) -> bool:
        """Whether the key gave a label: figures by place, letters by the first of the name."""
        model = self.hand
        assert model is not None
        content, here = model.content, self.currentIndex()
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
        )
        if content.kind.labelled is None or not plain or not here.isValid():
            return False
        column = content.kind.columns[here.column()]
        if content.kind.marks:
            if column.holds == "tags" and event.text().strip():
                self.marks_asked.emit()
                return True
            return False
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        there = bool(self.chosen_places())
        if event.key() in DIGITS:
            free = column.holds == "label" or len(self.chosen_places()) > 1 or bool(model.cell(here.row(), 0))
            place = event.key() - Qt.Key.Key_1
            if there and (alt or free) and place < len(content.classes):
                self.label(content.classes[place])
                return True
            return False
        typed = event.text().casefold()
        if not alt and there and column.holds == "label" and typed.strip():
            fitting = [name for name in content.classes if name.casefold().startswith(typed)]
            if fitting:
                now = model.cell(here.row(), here.column())
                again = now in fitting and len(fitting) > 1
                name = fitting[(fitting.index(now) + 1) % len(fitting)] if again else fitting[0]
                content.label(self.chosen_rows(), name) if len(fitting) > 1 else self.label(name)
                return True
        return False

    def _next_row(self) -> None:
        here = self.currentIndex()
        column = self._home if self._home is not None else here.column()
        self._home = None
        self.go_to(here.row() + 1, column)

    def _next_cell(self, by: int) -> bool:
        """To the right, and on to the next row; False at the ends of the table."""
        model, here = self.hand, self.currentIndex()
        if model is None or not here.isValid():
            return False
        wide = model.columnCount()
        row, column = divmod(here.row() * wide + here.column() + by, wide)
        if row < 0 or row >= model.rowCount():
            self._home = None
            return False
        home = here.column() if self._home is None else self._home
        self.go_to(row, column)
        self._home = home if row == here.row() else None
        return True

    def _choose_row(self) -> None:
        if self.hand is not None:
            wide = self.hand.columnCount() - 1
            chosen = QItemSelection()
            for place in self.chosen_places() or [self.currentIndex().row()]:
                chosen.select(self.hand.index(place, 0), self.hand.index(place, wide))
            self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes from cell to cell; at the ends of the table the keyboard goes on to the next control."""
        return (self.hasFocus() and self._next_cell(1 if next else -1)) or super().focusNextPrevChild(next)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """What is composed takes the place of what stands in a cell, as what is typed does."""
        self.typing_over = True
        super().inputMethodEvent(event)
        self.typing_over = False

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, Hint.NoHint)
        if hint == Hint.SubmitModelCache:
            self._next_row()
        elif hint in (Hint.EditNextItem, Hint.EditPreviousItem):
            self._next_cell(1 if hint == Hint.EditNextItem else -1)

    # -- menu and size --------------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the chosen rows."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model = self.hand
        assert model is not None
        content = model.content
        if content.kind.labelled is not None and not content.kind.marks:
            for place, name in enumerate(content.classes[:40]):
                shown = name.replace("&", "&&")
                key = f"\t{place + 1}" if place < 9 else ""
                menu.addAction(f"{shown}{key}").triggered.connect(lambda _=False, name=name: self.label(name))
            menu.addAction(tr("No label")).triggered.connect(lambda: self.label(""))
            menu.addSeparator()
        for words, key, function in (
            (tr("Copy"), "Ctrl+C", self.copy),
            (tr("Paste"), "Ctrl+V", self.paste),
            (tr("Insert a row above"), "Ins", self.insert_row),
            (tr("Remove rows"), "Ctrl+Del", self.remove_rows),
        ):
            menu.addAction(f"{words}\t{key}").triggered.connect(lambda _=False, function=function: function())
        return menu


def _pressed(event: QKeyEvent) -> QKeySequence:
    """A key with what is held down beside it; the number pad's keys are like the others."""
    return QKeySequence(int(event.key()) | (event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier).value)
