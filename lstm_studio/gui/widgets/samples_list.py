"""What was written of one source after each epoch, line by line, the newest on top."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
    QTextCharFormat,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lstm_studio.data.written import Sample
from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.text_diff import Stretch, differences, nearest
from lstm_studio.gui.widgets.text_lines import LINE, Lines, lay_out, one_line
from lstm_studio.gui.widgets.tips import show_tip
from lstm_studio.training.events import EpochEnded

Index = QModelIndex | QPersistentModelIndex
EPOCH, SCORE, NAME = 56, 88, 84
"""Widths of the columns: the epoch, the score, and the names of what stands above."""
_TOP, _BAR, _LINES = 4, 34, 4
_KEPT = 200


class WrittenModel(QAbstractListModel):
    """One row an epoch; row 0 is the newest."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[EpochEnded] = []
        self.sample = 0

    def show(self, epochs: Sequence[EpochEnded], sample: int) -> int:
        """Show one sample over the epochs, oldest first; returns how many rows came on top, -1 if all are other ones.

        What is shown already stays in place when epochs only were added.
        """
        old, new = self.epochs, list(epochs)
        added = len(new) - len(old)
        if old and sample == self.sample and added >= 0 and new[0] is old[0] and new[len(old) - 1] is old[-1]:
            if added:
                self.beginInsertRows(QModelIndex(), 0, added - 1)
                self.epochs = new
                self.endInsertRows()
            return added
        self.beginResetModel()
        self.epochs, self.sample = new, sample
        self.endResetModel()
        return -1

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.epochs)

    def place(self, row: int) -> int:
        """Position of a row's epoch in the run."""
        return len(self.epochs) - 1 - row

    def text(self, row: int) -> Sample | None:
        """What was written; None where this epoch wrote fewer samples."""
        samples = self.epochs[self.place(row)].samples
        return samples[self.sample] if self.sample < len(samples) else None

    def best(self) -> int:
        """Position of the epoch whose weights are kept, -1 for none."""
        return next((place for place in range(len(self.epochs) - 1, -1, -1) if self.epochs[place].best), -1)

    @property
    def scored(self) -> bool:
        """Whether there is something to compare with."""
        return any(sample.score is not None for epoch in self.epochs[-1:] for sample in epoch.samples)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or (sample := self.text(index.row())) is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return sample.written
        if role == Qt.ItemDataRole.AccessibleTextRole:
            epoch = self.epochs[self.place(index.row())].epoch
            if sample.score is None:
                return tr("Epoch {n}: {words}", n=epoch, words=sample.written)
            return tr("Epoch {n}, chrF {score:.1f}: {words}", n=epoch, score=sample.score, words=sample.written)
        return None


class _Rows(QStyledItemDelegate):
    """Paints the rows in sight; what was laid out is kept."""

    def __init__(self, view: WrittenList) -> None:
        super().__init__(view)
        self._view = view
        self._lines: OrderedDict[int, Lines] = OrderedDict()

    def forget(self) -> None:
        """Other texts, another width or other colours."""
        self._lines.clear()

    def lines(self, row: int) -> Lines:
        """A row's text, laid out."""
        place = self._view.written.place(row)
        found = self._lines.get(place)
        if found is None:
            sample = self._view.written.text(row)
            text, references = (one_line(sample.written), sample.references) if sample is not None else ("", ())
            right = QTextCharFormat()
            right.setForeground(theme().color("text"))
            right.setBackground(theme().color("success_soft"))
            marks = right_stretches(text, references)
            found = lay_out(text, font("body"), self._view.room(), self._view.height_in_lines, marks, right)
            self._lines[place] = found
            if len(self._lines) > _KEPT:
                self._lines.popitem(last=False)
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, round(2 * _TOP + self._view.height_in_lines * LINE))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, row, colors, model = option.rect, index.row(), theme(), self._view.written
        sample = model.text(row)
        if sample is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected and self._view.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("surface_raised"))
            painter.drawRoundedRect(QRectF(rect), 6, 6)
        self._epoch(painter, rect, model.epochs[model.place(row)].epoch, model.place(row) == model.best())
        if model.scored:
            self._score(painter, rect, sample.score)
        painter.setPen(colors.color("text" if not sample.references else "text_muted"))
        face = font("body")
        if not sample.written.strip():
            painter.setFont(face)
            place = QRectF(rect.left() + self._view.left(), rect.top() + _TOP, self._view.room(), LINE)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, tr("(nothing)"))
        self.lines(row).layout.draw(painter, QPointF(rect.left() + self._view.left(), rect.top() + _TOP))
        painter.restore()

    def _epoch(self, painter: QPainter, rect: QRect, epoch: int, best: bool) -> None:
        painter.setFont(font("small", tabular=True))
        painter.setPen(theme().color("text_muted"))
        place = QRectF(rect.left() + 4, rect.top() + _TOP, EPOCH - 8, LINE)
        words = number(epoch)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if best:
            place.setLeft(place.left() + QFontMetricsF(painter.font()).horizontalAdvance(words) + 5)
            painter.setPen(theme().color("plot_best"))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "★")

    def _score(self, painter: QPainter, rect: QRect, score: float | None) -> None:
        if score is None:
            return
        colors = theme()
        x, middle = rect.left() + EPOCH, rect.top() + _TOP + LINE / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("surface_raised"))
        painter.drawRoundedRect(QRectF(x, middle - 2, _BAR, 4), 2, 2)
        painter.setBrush(colors.color("plot_validation"))
        share = min(1.0, max(0.0, score / 100))
        painter.drawRoundedRect(QRectF(x, middle - 2, max(2.0, _BAR * share), 4), 2, 2)
        painter.setFont(font("small", tabular=True))
        painter.setPen(colors.color("text_muted"))
        place = QRectF(x + _BAR, rect.top() + _TOP, SCORE - _BAR - 16, LINE)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{score:.1f}")


class WrittenList(QListView):
    """Rows in sight of what may be hundreds. Ctrl+C copies the chosen text."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("plain")
        self.written = WrittenModel()
        self.height_in_lines = 1
        self.setModel(self.written)
        self.rows = _Rows(self)
        self.setItemDelegate(self.rows)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Its place is kept, so that lines do not break anew when it is needed; it shows only then.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        bar.setEnabled(False)
        bar.rangeChanged.connect(lambda low, high: bar.setEnabled(high > low))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMinimumHeight(60)
        self.setAccessibleName(tr("Written after each epoch, the newest first"))
        self.setAccessibleDescription(tr("What the network wrote for the same texts while it learned."))
        theme_notifier().changed.connect(self._repaint)

    def left(self) -> int:
        """Where the texts begin."""
        return EPOCH + SCORE if self.written.scored else NAME

    def room(self) -> float:
        """Width of the texts."""
        return max(40.0, self.viewport().width() - self.left() - 6)

    def show_sample(self, epochs: Sequence[EpochEnded], sample: int) -> None:
        """One sample over the epochs; a person who reads further down is not disturbed by what comes on top."""
        before = self.verticalScrollBar().value()
        added = self.written.show(epochs, sample)
        if added < 0:
            self.rows.forget()
            self.scrollToTop()
        self._fit()
        if added > 0 and before > 0:
            self.executeDelayedItemsLayout()
            tall = self.sizeHintForRow(0)
            self.verticalScrollBar().setValue(before + added * tall)

    def _fit(self) -> None:
        """As many lines a row as what would be right needs, or the texts themselves; never more than four."""
        model = self.written
        texts = [sample for row in range(min(3, model.rowCount())) if (sample := model.text(row)) is not None]
        wanted = [reference for sample in texts[:1] for reference in sample.references]
        wanted = wanted or [sample.written for sample in texts]
        metrics = QFontMetricsF(font("body"))
        widest = max((metrics.horizontalAdvance(text[:1000]) for text in wanted), default=0.0)
        lines = max(1, min(_LINES, -int(-widest * 1.1 // self.room())))
        if lines != self.height_in_lines:
            self.height_in_lines = lines
            self.rows.forget()
            self.scheduleDelayedItemsLayout()

    def _repaint(self) -> None:
        self.rows.forget()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.rows.forget()
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        sample = self.written.text(self.currentIndex().row()) if self.currentIndex().isValid() else None
        if event.matches(QKeySequence.StandardKey.Copy) and sample is not None:
            QGuiApplication.clipboard().setText(sample.written)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: Any) -> bool:
        if isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            sample = self.written.text(index.row()) if index.isValid() else None
            cut = sample is not None and self.rows.lines(index.row()).cut
            show_tip(event, sample.written[:1500] if sample is not None and cut else "", self)
            return True
        return super().viewportEvent(event)


def right_stretches(written: str, references: Sequence[str]) -> list[Stretch]:
    """Places [start, end) of the words that the reference most like it has too, in the same order."""
    if not references:
        return []
    wrong, _ = differences(written, references[nearest(written, references)])
    found, at = [], 0
    for start, end in [*wrong, (len(written), len(written))]:
        piece = written[at:start]
        begin = at + len(piece) - len(piece.lstrip())
        if begin < start and piece.strip():
            found.append((begin, at + len(piece.rstrip())))
        at = end
    return found
