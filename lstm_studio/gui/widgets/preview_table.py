"""The rows of a file as they were read: filled lazily, with the role of each column above it."""

from __future__ import annotations

import html
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QWidget,
)

from lstm_studio.data.table import Table
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.label_colors import LabelColors

if TYPE_CHECKING:
    from lstm_studio.data.kinds import Role

IGNORE = "ignore"
"""What a column is that has no role. Roles go by the field of [data] that names the column: "text", "word"."""
SHOWN = 400
"""Characters of a cell that are drawn."""
TIP = 1500
"""Characters of a cell that its tooltip holds."""
_BLOCK, _KEPT = 128, 24
_ROW = 30
_HEADER = 60
_MANY = 60
_CONTROLS = dict.fromkeys(range(32), "·") | {0x7F: "·", 0x0A: "↵", 0x0D: "↵", 0x09: " "}
Index = QModelIndex | QPersistentModelIndex


def one_line(text: str, most: int = SHOWN) -> str:
    """A cell as one bounded line; line breaks and control characters become visible marks."""
    return text[:most].translate(_CONTROLS) + ("…" if len(text) > most else "")


class TableModel(QAbstractTableModel):
    """Reads blocks of rows when they come into view and keeps the last few."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table
        self._blocks: OrderedDict[int, list[list[str]]] = OrderedDict()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self.table.num_rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.table.columns)

    def cell(self, row: int, column: int) -> str:
        """The whole cell."""
        block, inside = divmod(row, _BLOCK)
        rows = self._blocks.get(block)
        if rows is None:
            rows = self.table.rows(block * _BLOCK, min((block + 1) * _BLOCK, self.table.num_rows))
            self._blocks[block] = rows
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return rows[inside][column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(self.cell(index.row(), index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.cell(index.row(), index.column())
            if len(text) < 24 and "\n" not in text:
                return None
            return tip(text)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            name = self.table.columns[section] if section < len(self.table.columns) else ""
            if role == Qt.ItemDataRole.DisplayRole:
                return one_line(name, 200)
            return tip(name) if role == Qt.ItemDataRole.ToolTipRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{section + 1:,}"
        if role == Qt.ItemDataRole.ToolTipRole:
            line = self.table.line_number(section)
            return tr("Line {n} of the file", n=f"{line:,}") if line is not None else None
        return None


def tip(text: str) -> str:
    """A long text as a tooltip that wraps and ends somewhere."""
    shown = text[:TIP].translate({code: None for code in range(32) if code not in (9, 10)})
    words = html.escape(shown).replace("\n", "<br>")
    if len(text) > TIP:
        words += "… <i>" + html.escape(tr("{n} characters in all", n=f"{len(text):,}")) + "</i>"
    return f"<qt>{words}</qt>"


class RoleHeader(QHeaderView):
    """Column names, and below each a button that says what the column is used for."""

    role_chosen = Signal(int, str)
    """Column and its new role."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._buttons: dict[int, QToolButton] = {}
        self._roles: dict[int, str] = {}
        self._there: tuple[Role, ...] = ()
        self._sizing = False
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setStretchLastSection(True)
        self.setMinimumSectionSize(96)
        self.sectionResized.connect(lambda *_: self._place())
        self.geometriesChanged.connect(self._place)

    def set_roles(self, roles: dict[int, str], there: Sequence[Role]) -> None:
        """Which columns have a role, and which roles there are; all other columns are ignored."""
        self._roles = dict(roles)
        self._there = tuple(there)
        self._place()
        self.viewport().update()

    def role(self, column: int) -> str:
        """What a column is used for."""
        return self._roles.get(column, IGNORE)

    def rank(self, column: int) -> int:
        """Place of a column's role among the roles, 0 for what is read; -1 for none."""
        return next((place for place, role in enumerate(self._there) if role.field == self.role(column)), -1)

    def button(self, column: int) -> QToolButton:
        """The button of a column in view."""
        self._place()
        return self._buttons[column]

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _HEADER)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._place()

    def _visible(self) -> set[int]:
        if not self.count():
            return set()
        first = max(0, self.visualIndexAt(0))
        last = self.visualIndexAt(self.viewport().width() - 1)
        return {self.logicalIndex(place) for place in range(first, (last if last >= 0 else self.count() - 1) + 1)}

    def bring_forward(self, columns: Sequence[int]) -> None:
        """These columns stand first, in this order, and the others behind them as in the file."""
        rest = [column for column in range(self.count()) if column not in columns]
        for place, column in enumerate([*columns, *rest]):
            self.moveSection(self.visualIndex(column), place)

    def resize_sections(self, widths: Sequence[int]) -> None:
        """All at once: the buttons find their places when the last one has its width."""
        self._sizing = True
        for column, width in enumerate(widths):
            self.resizeSection(column, width)
        self._sizing = False
        self._place()

    def _place(self) -> None:
        """Buttons exist for the columns in view only: a file may have thousands."""
        if self._sizing:
            return
        visible = self._visible()
        for column in [column for column in self._buttons if column not in visible]:
            button = self._buttons.pop(column)
            button.hide()
            button.deleteLater()
        for column in sorted(visible):
            button = self._buttons.get(column) or self._make(column)
            self._name(button, column)
            x = self.sectionViewportPosition(column) + 8
            width = min(button.sizeHint().width(), max(40, self.sectionSize(column) - 16))
            button.setGeometry(x, 30, width, 22)
            button.show()

    def _make(self, column: int) -> QToolButton:
        button = QToolButton(self.viewport())
        button.setObjectName("role")
        button.setFont(font("small"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.menu(column).popup(button.mapToGlobal(QPoint(0, button.height()))))
        self._buttons[column] = button
        return button

    def _name(self, button: QToolButton, column: int) -> None:
        role = self.role(column)
        words, tooltip = tr("Ignored"), tr("This column is not used; click to use it.")
        for known in self._there:
            if known.field == role:
                words = tr(known.title)
                tooltip = f"{tr(known.help)} {tr('Click to use the column for something else.')}"
        button.setText(f"{words} ▾")
        model = self.model()
        name = str(model.headerData(column, Qt.Orientation.Horizontal)) if model is not None else ""
        describe(button, tr("{column}: {role}", column=name, role=words), tooltip)
        button.setStyleSheet(_chip_sheet(self.rank(column)))

    def menu(self, column: int) -> QMenu:
        """The choice of roles of a column."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        now = self.role(column)
        bound = any(role.field == now and role.needed for role in self._there)
        choices = [(role.field, tr(role.title), tr(role.help)) for role in self._there]
        for role, words, tooltip in (*choices, (IGNORE, tr("Ignore"), tr("Not used."))):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(role == now)
            action.setToolTip(tooltip)
            if role == IGNORE and bound:
                action.setEnabled(False)
                action.setToolTip(tr("Give this role to another column first."))
            action.triggered.connect(lambda _=False, role=role: self._choose(column, role))
        return menu

    def _choose(self, column: int, role: str) -> None:
        if role != self.role(column):
            self.role_chosen.emit(column, role)

    def paintSection(self, painter: QPainter, rect: QRect, column: int) -> None:
        colors = theme()
        painter.save()
        painter.fillRect(rect, colors.color("surface"))
        painter.setPen(QPen(colors.color("border"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        model = self.model()
        name = str(model.headerData(column, Qt.Orientation.Horizontal)) if model is not None else ""
        painter.setFont(font("body", bold=True))
        ignored = self.role(column) == IGNORE
        painter.setPen(colors.color("text_muted" if ignored else "text"))
        place = rect.adjusted(10, 6, -6, -(rect.height() - 28))
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()


_CHIPS = (("accent", "accent_soft"), ("success", "success_soft"), ("warning", "warning_soft"))


def _chip_sheet(rank: int) -> str:
    colors = theme()
    ink, fill = _CHIPS[rank % len(_CHIPS)] if rank >= 0 else ("text_muted", "surface_raised")
    return (
        f"QToolButton {{ color: {colors.hex(ink)}; background: {colors.hex(fill)}; border: 1px solid transparent;"
        f" border-radius: 11px; padding: 0 9px; font-size: 12px; }}"
        f"QToolButton:hover {{ border-color: {colors.hex(ink)}; }}"
        f"QToolButton:focus {{ border-color: {colors.hex('focus')}; }}"
    )


_LISTS = ("word", "tag", "source", "target")
"""Roles of columns whose cells may be lists."""


def as_words(shown: str) -> str:
    """The shown beginning of a JSON list of words, the words side by side."""
    return shown.strip("[]…").replace('", "', " ").strip('"') + ("…" if shown.endswith("…") else "")


class _Cells(QStyledItemDelegate):
    """Ignored columns step back; labels carry the colour of their class."""

    def __init__(self, view: PreviewTable) -> None:
        super().__init__(view)
        self._view = view

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight
        if option.text.startswith("[") and self._view.header.role(index.column()) in _LISTS:
            option.text = as_words(option.text)
        option.text = isolated(option.text)
        if self._view.header.role(index.column()) == IGNORE:
            option.palette.setColor(option.palette.ColorRole.Text, theme().color("text_muted"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if self._view.header.role(index.column()) != "label":
            super().paint(painter, option, index)
            return
        color = self._view.label_color(str(index.data()))
        if color is None:
            super().paint(painter, option, index)
            return
        rect: QRect = option.rect
        shifted = QStyleOptionViewItem(option)
        shifted.rect = rect.adjusted(16, 0, 0, 0)
        state = option.state
        if state & state.State_Selected:
            painter.fillRect(rect, theme().color("selection"))
        super().paint(painter, shifted, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPoint(rect.left() + 14, rect.center().y() + 1), 4, 4)
        painter.restore()


class PreviewTable(QTableView):
    """A quiet table over a Table of any size. Choosing another row is told by ``row_changed``."""

    role_chosen = Signal(int, str)
    row_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = RoleHeader()
        self._colors = LabelColors()
        self._model: TableModel | None = None
        self.setHorizontalHeader(self.header)
        self.header.role_chosen.connect(self.role_chosen)
        self.setItemDelegate(_Cells(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(_ROW)
        rows.setMinimumWidth(44)
        rows.setSectionsClickable(False)
        rows.setHighlightSections(False)
        rows.setFont(font("small", tabular=True))
        rows.setStyleSheet("QHeaderView::section { border: none; font-weight: 400; padding-right: 10px; }")
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        describe(self, tr("Rows of the file"), "")
        self.setAccessibleDescription(tr("The first rows come first; the arrow keys move, all rows are there."))
        self.horizontalScrollBar().valueChanged.connect(lambda _: self.header._place())
        theme_notifier().changed.connect(self._recolor)

    def set_table(self, table: Table) -> None:
        """Show the rows of another table."""
        if self._model is not None and self._model.table is table:
            return
        old = self._model
        self._model = TableModel(table)
        self.setModel(self._model)
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self.row_changed.emit(now.row()))
        if old is not None:
            old.deleteLater()
        self._size_columns()
        self.scrollToTop()
        self.setCurrentIndex(self._model.index(0, 0))

    def set_roles(self, roles: dict[int, str], there: Sequence[Role]) -> None:
        """Which columns have a role, and which roles there are."""
        changed = self.header._roles
        self.header.set_roles(roles, there)
        if changed != self.header._roles:
            self._size_columns()
        self.viewport().update()

    def set_colors(self, colors: LabelColors) -> None:
        """What the classes look like."""
        self._colors = colors
        self.viewport().update()

    def label_color(self, name: str) -> QColor | None:
        """Colour of a class, if there are few enough to tell colours apart."""
        return self._colors.of(name.strip())

    def _size_columns(self) -> None:
        """The text gets the room; the others what their first rows need."""
        model = self._model
        if model is None or not model.columnCount():
            return
        metrics = self.fontMetrics()
        count = model.columnCount()
        rows = min(30, model.rowCount())
        if count > _MANY:
            self.header.resize_sections([120] * count)
            return
        widths = []
        for column in range(count):
            longest = max((metrics.horizontalAdvance(one_line(model.cell(row, column), 60)) for row in range(rows)),
                          default=0)  # fmt: skip
            name = metrics.horizontalAdvance(one_line(model.table.columns[column], 24)) + 12
            widths.append(min(max(longest + 36, name + 16, 104), 240))
        wide = [column for column in range(count) if self.header.rank(column) == 0 or self._long(column)]
        if wide:
            others = sum(width for column, width in enumerate(widths) if column not in wide)
            for column in wide:
                widths[column] = max(280, (self.viewport().width() - others - 2) // len(wide))
        self.header.resize_sections(widths)
        # Where not all fit, nobody should have to look for those that are used.
        used = sorted((column for column in range(count) if self.header.rank(column) >= 0), key=self.header.rank)
        self.header.bring_forward(used if sum(widths) > self.viewport().width() else [])
        self.header._place()

    def _long(self, column: int) -> bool:
        """Whether a column holds a tag for each word, or another text, and so is as long as what is read."""
        return self.header.role(column) in {"tag", "target"}

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._size_columns()

    def _recolor(self) -> None:
        self.header._place()
        self.header.viewport().update()
        self.viewport().update()
