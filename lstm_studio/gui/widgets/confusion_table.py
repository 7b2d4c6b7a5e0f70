"""What was taken for what: a table of counts, true labels down, predicted ones across, shaded by share of the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from lstm_studio.gui.i18n import compact, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import ElidedLabel, Muted
from lstm_studio.gui.widgets.confusion_model import ConfusionModel, Index, Unit
from lstm_studio.gui.widgets.span_colors import over
from lstm_studio.gui.widgets.token_axis import visible_token

_ROW = 32
_NARROW, _WIDE, _WIDEST = 36, 88, 128
_NAMES, _UPRIGHT = 150, 120
_DEEPEST = 0.5


class _Cells(QStyledItemDelegate):
    """Blue on the diagonal, orange beside it; the deeper the larger its share of the row."""

    def __init__(self, table: _Grid) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = self._table.counts
        row, column = index.row(), index.column()
        count = int(model.counts[row, column])
        colours = theme()
        rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade(float(model.shares[row, column]), row == column))
        painter.drawRoundedRect(rect, 4, 4)
        if index == self._table.currentIndex() and self._table.chosen():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.color("focus" if self._table.hasFocus() else "border_strong"), 2))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(font("small", tabular=True, bold=row == column))
        painter.setPen(colours.color("text" if count else "text_muted"))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), compact(count) if count else "·")
        painter.restore()


class _Names(QHeaderView):
    """Names beside the rows and above the columns; upright above narrow columns, bold where the cursor is."""

    upright = False

    def __init__(self, orientation: Qt.Orientation, table: _Grid) -> None:
        super().__init__(orientation, table)
        self._table = table
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(8)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        colours = theme()
        level = self.orientation() == Qt.Orientation.Horizontal
        now = self._table.currentIndex()
        here = self._table.chosen() and section == (now.column() if level else now.row())
        painter.save()
        painter.fillRect(rect, colours.color("surface"))
        face = font("small", bold=here)
        painter.setFont(face)
        painter.setPen(colours.color("text" if here else "text_muted"))
        name = visible_token(self._table.counts.names[section][:200])
        metrics = QFontMetricsF(face)
        if level and self.upright:
            painter.translate(rect.left(), rect.bottom() + 1)
            painter.rotate(-90)
            place = QRectF(6, 0, rect.height() - 8, rect.width())
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        else:
            side = Qt.AlignmentFlag.AlignHCenter if level else Qt.AlignmentFlag.AlignRight
            place = QRectF(rect).adjusted(2, 0, -2 if level else -8, 0)
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | side), words)
        painter.restore()


class _Grid(QTableView):
    """The cells; Enter and clicks pick one, Space and clicks with Ctrl mark one."""

    picked = Signal(int, int)
    marked = Signal(int, int)
    fitted = Signal(int)
    """The width of the names beside the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = ConfusionModel()
        self.setItemDelegate(_Cells(self))
        self.across, self.down = _Names(Qt.Orientation.Horizontal, self), _Names(Qt.Orientation.Vertical, self)
        self.setHorizontalHeader(self.across)
        self.setVerticalHeader(self.down)
        self.setModel(self.counts)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)

    def chosen(self) -> bool:
        """Whether a cell is the current one by the user's will."""
        return self.currentIndex().isValid() and (self.hasFocus() or bool(self.selectedIndexes()))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.across.viewport().update()
        self.down.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now = self.currentIndex()
        if now.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit(now.row(), now.column())
        elif now.isValid() and event.key() == Qt.Key.Key_Space:
            self.marked.emit(now.row(), now.column())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index == self.currentIndex():
            only = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.marked if only else self.picked).emit(index.row(), index.column())

    def fit(self) -> None:
        """Wider cells while there is room; names stand upright where they do not fit."""
        names, model = [visible_token(name[:200]) for name in self.counts.names], self.counts
        metrics = QFontMetricsF(font("small", bold=True, tabular=True))
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        figures = max((metrics.horizontalAdvance(compact(int(n))) for n in np.unique(model.counts)), default=0.0)
        side = int(min(longest + 14, _NAMES, max(64, 0.34 * self.width())))
        self.down.setFixedWidth(side)
        count = max(1, len(names))
        least = max(_NARROW, int(figures) + 12)
        room = self.width() - side - 2 * self.frameWidth()
        if count * _ROW > self.height() - 40:
            room -= self.verticalScrollBar().sizeHint().width()
        cell = max(least, min(max(_WIDE, least, min(int(longest) + 16, _WIDEST)), room // count))
        self.across.upright = longest + 8 > cell
        self.across.setFixedHeight(int(min(longest + 16, _UPRIGHT)) if self.across.upright else 28)
        self.across.setDefaultSectionSize(cell)
        self.down.setDefaultSectionSize(_ROW)
        self.updateGeometries()
        self.fitted.emit(side)

    def wanted(self) -> QSize:
        """Room in which nothing scrolls."""
        count = len(self.counts.names)
        return QSize(
            self.down.width() + count * self.across.defaultSectionSize() + 2,
            self.across.height() + count * _ROW + 2,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)


class _Side(QWidget):
    """A small title that runs upwards."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.setFixedWidth(20)
        theme_notifier().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        painter.translate(0, self.height())
        painter.rotate(-90)
        words = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.height())
        painter.drawText(QRectF(0, 0, self.height(), 18), int(Qt.AlignmentFlag.AlignCenter), words)
        painter.end()


class ConfusionTable(QWidget):
    """Scrolls inside itself when there are more labels than fit."""

    cell_clicked = Signal(int, int)
    """True and predicted label, by their places: their examples are wanted."""
    cell_marked = Signal(int, int)
    """The same of a cell that is only to be marked: by Space, or a click with Ctrl."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.table = _Grid()
        self._above, self._beside = ElidedLabel(size="small"), _Side()
        self._above.setProperty("tone", "small")
        self._above.setFixedHeight(20)
        self.down_words = self.across_words = ""
        """What the rows and the columns are."""
        self._empty = Muted(tr("Once sentences with known labels were read, this shows which labels were confused."))
        grid.addWidget(self._above, 0, 2)
        grid.addWidget(self._beside, 1, 0)
        grid.addWidget(self.table, 1, 1, 1, 2)
        grid.addWidget(self._empty, 2, 0, 1, 3)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(2, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusProxy(self.table)
        self.setAccessibleName(tr("Table of confusions"))
        self.table.setAccessibleName(tr("Table of confusions"))
        self.table.picked.connect(self.cell_clicked)
        self.table.marked.connect(self.cell_marked)
        self.table.fitted.connect(lambda side: grid.setColumnMinimumWidth(1, side + 8))
        theme_notifier().changed.connect(self._recolor)
        self._show_parts()

    def set_matrix(
        self,
        names: Sequence[str],
        counts: np.ndarray | Sequence[Sequence[int]],
        *,
        title_rows: str,
        title_columns: str,
        nothing: int | None = None,
        unit: Unit = "span",
    ) -> None:
        """Show counts.

        Args:
            names: K labels.
            counts: [K, K], rows are the truth, columns what was predicted.
            title_rows: What the rows are, e.g. "In the data".
            title_columns: What the columns are, e.g. "Predicted".
            nothing: The place that stands for no label at all: its column counts what was missed, its row what was
                invented.
            unit: What is counted.

        Raises:
            ValueError: the counts do not have as many rows and columns as there are names.
        """
        table = np.asarray(counts, np.int64).reshape(len(names), -1) if len(names) else np.zeros((0, 0), np.int64)
        if table.shape != (len(names), len(names)):
            raise ValueError(f"counts of shape {table.shape} for {len(names)} names")
        self.table.counts.fill(names, table, nothing, unit)
        self.down_words, self.across_words = title_rows, f"{title_columns} →"
        self._above.setText(self.across_words)
        self._beside.text = f"← {title_rows}"
        self._beside.update()
        right, all_of_them = int(np.trace(table)), int(table.sum())
        self.setAccessibleDescription(
            f"{title_rows} × {title_columns}. " + tr("{n} of {all} on the diagonal", n=right, all=all_of_them)
        )
        self.table.fit()
        self._show_parts()
        self.updateGeometry()

    def words(self, truth: int, predicted: int) -> str:
        """A cell in a sentence."""
        return self.table.counts.words(truth, predicted)

    def sizeHint(self) -> QSize:
        wanted = self.table.wanted()
        return QSize(min(wanted.width() + 20, 720), min(wanted.height() + 20, 480))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, min(240, self.table.wanted().height() + 20))

    def _show_parts(self) -> None:
        some = bool(self.table.counts.names)
        for part in (self.table, self._above, self._beside):
            part.setVisible(some)
        self._empty.setVisible(not some)

    def _recolor(self) -> None:
        for view in (self.table, self.table.across, self.table.down):
            view.viewport().update()


def shade(share: float, right: bool) -> QColor:
    """The ground of a cell, opaque, for a share of its row in 0..1; text on it stays readable."""
    colours = theme()
    surface = colours.color("surface")
    if share <= 0:
        return over(colours.color("surface_raised"), 0.4, surface)
    ink = colours.color("plot_train" if right else "plot_validation")
    return over(ink, 0.10 + (_DEEPEST - 0.10) * min(share, 1.0), surface)
