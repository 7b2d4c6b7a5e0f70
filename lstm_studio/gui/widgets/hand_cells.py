"""How cells of a set that is written by hand are painted and edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QMimeData, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPen, QTextCursor, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QCompleter,
    QLineEdit,
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lstm_studio.data.handmade import MOST_CELL
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.hand_model import Index
from lstm_studio.gui.widgets.preview_table import one_line

if TYPE_CHECKING:
    from lstm_studio.gui.widgets.hand_view import HandView

_LINES = 6
_CHIP = 22.0
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
Hint = QAbstractItemDelegate.EndEditHint


class TextEditor(QPlainTextEdit):
    """A cell of text: Enter ends it, Shift+Enter begins another line; it grows as far as six lines."""

    table_pasted = Signal(str)
    """Several cells were pasted into a cell with nothing in it."""
    too_long = Signal(int)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setObjectName("cell")
        self.setFont(font("body"))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(4)
        self._frame = QRect()
        describe(
            self, name, tr("Enter ends the cell, Shift+Enter begins another line in it, Escape leaves it as it was.")
        )
        self.textChanged.connect(self.grow)

    def place(self, frame: QRect) -> None:
        """Stand over a cell."""
        self._frame = QRect(frame)
        self.grow()

    def grow(self) -> None:
        """As many lines as the text has, up to six, within the table."""
        if self._frame.isNull():
            return
        step = self.fontMetrics().lineSpacing()
        self.resize(self._frame.width(), self.height())
        lines = round(self.document().size().height())
        height = max(self._frame.height(), min(lines, _LINES) * step + 16)
        parent = self.parentWidget()
        room = parent.height() if parent is not None else height
        top = max(0, min(self._frame.top(), room - height))
        self.setGeometry(self._frame.left(), top, self._frame.width(), height)
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines > _LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()
        if len(text) + self.document().characterCount() > MOST_CELL and not _several(text):
            self.too_long.emit(len(text))
        elif self.document().isEmpty() and _several(text):
            self.table_pasted.emit(text)
        elif len(text) > MOST_CELL:
            self.too_long.emit(len(text))
        else:
            self.insertPlainText(text)


class LabelEditor(QLineEdit):
    """A cell that holds a label; those that there are offer themselves while one types."""

    entered = Signal()
    tabbed = Signal(bool)
    """Forward or back."""

    def __init__(self, parent: QWidget, names: list[str], name: str) -> None:
        super().__init__(parent)
        self.setObjectName("cell")
        self.setFont(font("body"))
        self.setMaxLength(200)
        describe(self, name, tr("Type a label, or choose one with the arrow keys; Enter takes it."))
        complete = QCompleter(names, self)
        complete.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        complete.setFilterMode(Qt.MatchFlag.MatchContains)
        complete.setMaxVisibleItems(9)
        if (choices := complete.popup()) is not None:
            choices.setObjectName("choices")
        self.setCompleter(complete)
        complete.activated.connect(self.setText)
        complete.activated.connect(self.entered)
        self.returnPressed.connect(self.entered)

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.tabbed.emit(forward)
        return True

    def offer(self) -> None:
        """Show all labels at once."""
        complete = self.completer()
        if complete is not None and complete.model().rowCount() and not self.text():
            complete.setCompletionPrefix("")
            complete.complete()


class HandCells(QStyledItemDelegate):
    """Labels are chips in the colour of their class; texts are one line until they are edited."""

    table_pasted = Signal(str)
    too_long = Signal(int)

    def __init__(self, view: HandView) -> None:
        super().__init__(view)
        self._view = view

    # -- painting -------------------------------------------------------------------------------------------

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, 32)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, model = theme(), self._view.hand
        if model is None:
            return
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(option.rect, colors.color("selection"))
        painter.setPen(QPen(colors.color("grid"), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        holds = model.content.kind.columns[index.column()].holds
        text = model.words_of(index.row(), index.column())
        if text and holds == "label":
            self._chip(painter, rect, text)
        elif text and holds == "tags":
            self._marks(painter, rect, index)
        else:
            face = font("body")
            painter.setFont(face)
            shown, ink = one_line(text), "text"
            if not text:
                shown, ink = self._hint(index), "text_muted"
            painter.setPen(colors.color(ink))
            room = rect.adjusted(8, 0, -8, 0)
            words = painter.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, _MIDDLE, words)
        if self._view.hasFocus() and self._view.currentIndex() == index:
            painter.setPen(QPen(colors.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    def _hint(self, index: Index) -> str:
        """What can be written into an empty cell."""
        model = self._view.hand
        assert model is not None
        column = model.content.kind.columns[index.column()]
        if model.is_empty_row(index.row()):
            if not model.content.rows:
                return tr("for example: {words}", words=tr(column.example))
            return tr("Type or paste here") if index.column() == 0 else ""
        if column.holds == "label":
            return tr("no label")
        return tr("nothing marked") if column.holds == "tags" else ""

    def _chip(self, painter: QPainter, rect: QRectF, name: str) -> None:
        ink = self._view.ink(name)
        painter.setFont(font("body"))
        metrics = painter.fontMetrics()
        words = metrics.elidedText(one_line(name, 80), Qt.TextElideMode.ElideRight, max(8, int(rect.width() - 44)))
        chip = QRectF(rect.left() + 6, rect.center().y() - _CHIP / 2, metrics.horizontalAdvance(words) + 30, _CHIP)
        _tint(painter, chip, ink)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QRectF(chip.left() + 9, chip.center().y() - 4, 8, 8))
        painter.setPen(theme().color("text"))
        painter.drawText(chip.adjusted(22, 0, 0, 0), _MIDDLE, words)

    def _marks(self, painter: QPainter, rect: QRectF, index: Index) -> None:
        """Each marked stretch with a dot in the colour of its type."""
        model = self._view.hand
        assert model is not None
        painter.setFont(font("body"))
        metrics, x = painter.fontMetrics(), rect.left() + 8
        for said in model.words_of(index.row(), index.column()).split("   "):
            name = said.rpartition(": ")[2]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._view.ink(name))
            painter.drawEllipse(QRectF(x, rect.center().y() - 4, 8, 8))
            room = rect.right() - x - 20
            if room < 24:
                break
            words = metrics.elidedText(one_line(said), Qt.TextElideMode.ElideRight, int(room))
            painter.setPen(theme().color("text"))
            painter.drawText(QRectF(x + 13, rect.top(), room, rect.height()), _MIDDLE, words)
            x += 13 + metrics.horizontalAdvance(words) + 16

    # -- editing --------------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = self._view.hand
        assert model is not None
        column = model.content.kind.columns[index.column()]
        if column.holds == "label":
            editor = LabelEditor(parent, list(model.content.classes), tr(column.title))
            editor.entered.connect(lambda: self._end(editor, Hint.SubmitModelCache))
            editor.tabbed.connect(
                lambda forward: self._end(editor, Hint.EditNextItem if forward else Hint.EditPreviousItem)
            )
            return editor
        text = TextEditor(parent, tr(column.title))
        text.table_pasted.connect(self.table_pasted)
        text.too_long.connect(self.too_long)
        return text

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, TextEditor):
            editor.setPlainText(text)
            if self._view.typing_over:
                editor.selectAll()
            else:
                editor.moveCursor(QTextCursor.MoveOperation.End)
        elif isinstance(editor, LabelEditor):
            editor.setText(text)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, TextEditor):
            model.setData(index, editor.toPlainText(), Qt.ItemDataRole.EditRole)
        elif isinstance(editor, LabelEditor) and self._view.hand is not None:
            name = self._view.hand.content.known_name(editor.text())
            model.setData(index, name, Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        if isinstance(editor, TextEditor):
            editor.place(option.rect)
        else:
            editor.setGeometry(option.rect)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Tab and Escape end a cell; an input method's own keys never come here."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if isinstance(watched, TextEditor | LabelEditor):
            key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if shift and isinstance(watched, TextEditor):
                    watched.insertPlainText("\n")
                else:
                    self._end(watched, Hint.SubmitModelCache)
                return True
            if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                self._end(watched, Hint.EditPreviousItem if key == Qt.Key.Key_Backtab else Hint.EditNextItem)
                return True
            if isinstance(watched, LabelEditor):
                return super().eventFilter(watched, event)
            if key == Qt.Key.Key_Escape:
                self.closeEditor.emit(watched, Hint.RevertModelCache)
                return True
            # Where nothing was typed yet there is nothing to undo in the cell.
            return event.matches(QKeySequence.StandardKey.Undo) and not watched.document().isUndoAvailable()
        return super().eventFilter(watched, event)

    def _end(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        if not editor.property("ended"):
            editor.setProperty("ended", True)
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, hint)


def _tint(painter: QPainter, rect: QRectF, ink: QColor) -> None:
    fill = QColor(ink)
    fill.setAlphaF(0.16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)


def _several(text: str) -> bool:
    """Whether a text is more than one cell."""
    return "\n" in text.strip("\n") or "\t" in text
