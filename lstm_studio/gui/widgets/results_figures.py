"""The figures of a run over one part of its data: a line of them, and a table with those of each class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import S3, font
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import SegmentedControl, Stat, describe
from lstm_studio.gui.widgets.metrics import metric_help, metric_title, shown_metric
from lstm_studio.gui.widgets.row_table import RowTable
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.gui.widgets.token_axis import visible_token

if TYPE_CHECKING:
    from lstm_studio.runs.results import ClassFigures, Results

Index = QModelIndex | QPersistentModelIndex
_ROW = 28
_SORT = Qt.ItemDataRole.UserRole
_MOST = 8


def main_figure(part: Results, monitor: str = "") -> str:
    """The figure to show first: the watched one, unless that is the loss."""
    if monitor in part.metrics and monitor != "loss":
        return monitor
    others = (name for name in part.metrics if name != "loss")
    return next((name for name in (*part.usual, *others, "loss") if name in part.metrics), "")


class FiguresBar(QWidget):
    """Which part, the main figure large, the others small, and over how many examples."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(S3)
        self.part = SegmentedControl([("validation", "")], "validation", tr("Part of the data"))
        self.set_parts(("validation",))
        still = QVBoxLayout()
        still.setContentsMargins(0, 2, 0, 0)
        still.addWidget(self.part)
        still.addStretch(1)
        self._row.addLayout(still)
        self.stats: dict[str, Stat] = {}
        self._names: tuple[str, ...] = ()
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, names: tuple[str, ...]) -> None:
        """The parts there are; with one there is nothing to choose."""
        now = self.part.value()
        said = {
            "validation": (
                tr("Validation"),
                tr("What the network was checked with after each epoch; the best epoch was chosen by it."),
                "Alt+V",
            ),
            "test": (tr("Test"), tr("What the network was checked with once, after training."), "Alt+T"),
        }
        self.part.set_options([(name, *said[name][:2]) for name in names], now)
        for name, button in zip(names, self.part.buttons, strict=True):
            describe(button, *said[name])
        self.part.setVisible(len(names) > 1)

    def show_part(self, part: Results | None, monitor: str, counted: str) -> None:
        """Show the figures; ``counted``: how many examples, in words."""
        main = main_figure(part, monitor) if part is not None else ""
        order = (main, *(name for name in part.metrics if name != "loss"), "loss") if part is not None else ()
        names = tuple(name for name in dict.fromkeys(order) if part is not None and name in part.metrics)[:_MOST]
        if names != self._names:
            self._make(names)
        for name, stat in self.stats.items():
            if name == "examples":
                stat.set_value(counted)
            elif part is not None:
                stat.set_value(shown_metric(name, part.metrics[name]))
                stat.setToolTip(self._tip(name, part))
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(320, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow window the less telling figures stay away."""
        room = self.width() - (self.part.sizeHint().width() + S3 if len(self.part.buttons) > 1 else 0)
        first = list(self.stats)[:1]
        for name in (*first, "examples", *(name for name in self.stats if name not in (*first, "examples"))):
            if name in self.stats:
                room -= self.stats[name].sizeHint().width() + S3
                self.stats[name].setVisible(room >= -S3 or name in first)

    def _make(self, names: tuple[str, ...]) -> None:
        for stat in self.stats.values():
            self._row.removeWidget(stat)
            stat.hide()
            stat.deleteLater()
        self.stats, self._names = {}, names
        for place, name in enumerate((*names, "examples") if names else ()):
            title = tr("Checked with") if name == "examples" else self._title(name, names)
            said = tr("How many were read for these figures.") if name == "examples" else ""
            stat = Stat(title, tooltip=said, size="headline" if not place else "body")
            self.stats[name] = stat
            self._row.insertWidget(self._row.count() - 1, stat, 0, Qt.AlignmentFlag.AlignBottom)
        self.updateGeometry()

    @staticmethod
    def _title(name: str, names: tuple[str, ...]) -> str:
        if name == "accuracy" and "precision" in names:
            return tr("Accuracy by word")
        return metric_title(name)

    def _tip(self, name: str, part: Results) -> str:
        said = metric_help(name, spans="precision" in self._names)
        if name not in part.ranges:
            return said
        low, high = (shown_metric(name, end) for end in part.ranges[name])
        sure = tr("In 95 of 100 samples of these texts it lies between {low} and {high}.", low=low, high=high)
        return f"{said} {sure}"


class ClassModel(QAbstractTableModel):
    """Rows of (name, ClassFigures)."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[str, ClassFigures]] = []

    def fill(self, figures: Mapping[str, ClassFigures]) -> None:
        """Other classes or figures; the same classes stay where they are."""
        rows = list(figures.items())
        if [name for name, _ in rows] == [name for name, _ in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 4))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("Class"), tr("Precision"), tr("Recall"), tr("F1"), tr("Count"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 0 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                "",
                tr("Of what was read as this class, the share that truly is."),
                tr("Of what truly is this class, the share that was read so."),
                tr("The harmonic mean of precision and recall."),
                tr("How often the class occurs in this part of the data."),
            )[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, own = self.rows[index.row()]
        values = (own.precision, own.recall, own.f1)
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 0:
                return visible_token(name[:200])
            return number(own.support) if column == 4 else percent(values[column - 1])
        if role == _SORT:
            return name.casefold() if column == 0 else own.support if column == 4 else values[column - 1]
        if role == Qt.ItemDataRole.TextAlignmentRole and column:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column:
            return font("body", tabular=True)
        if role == Qt.ItemDataRole.ToolTipRole and column == 0:
            return plain_tip(name[:500])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = self.headerData(column, Qt.Orientation.Horizontal)
            return f"{name}, {said}: {self.data(index)}" if column else name
        return None


class ClassTable(RowTable):
    """A row a class; a click on a title sorts by it."""

    def __init__(self) -> None:
        self.figures = ClassModel()
        self.sorted = QSortFilterProxyModel()
        self.sorted.setSourceModel(self.figures)
        self.sorted.setSortRole(_SORT)
        super().__init__(self.sorted, _ROW, 0)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setMinimumHeight(3 * _ROW)
        describe(
            self,
            tr("Classes"),
            tr("How well each class was read; click a title, or press 1 to 5, to sort by it."),
            "Alt+S",
        )

    def set_figures(self, figures: Mapping[str, ClassFigures]) -> None:
        """Show the figures of each class."""
        self.figures.fill(figures)
        titles, cells = QFontMetricsF(font("small", bold=True)), QFontMetricsF(font("body", tabular=True))
        widest = [percent(1.0)] * 3 + [number(max((own.support for own in figures.values()), default=0))]
        for column, words in enumerate(widest, 1):
            title = str(self.figures.headerData(column, Qt.Orientation.Horizontal))
            wide = max(titles.horizontalAdvance(title) + 18, cells.horizontalAdvance(words) + 28)
            self.setColumnWidth(column, int(wide))
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        column = event.key() - Qt.Key.Key_1
        if 0 <= column < 5:
            header = self.horizontalHeader()
            falling = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            again = header.sortIndicatorSection() == column
            order = Qt.SortOrder.AscendingOrder if again and falling else Qt.SortOrder.DescendingOrder
            self.sortByColumn(column, order)
        else:
            super().keyPressEvent(event)

    def wanted(self) -> int:
        """Height in which nothing scrolls."""
        return self.horizontalHeader().sizeHint().height() + _ROW * max(1, len(self.figures.rows)) + 4

    def sizeHint(self) -> QSize:
        return QSize(420, min(self.wanted(), 320))
