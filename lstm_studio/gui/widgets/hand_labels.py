"""The labels of a set that is written by hand: how often each occurs, its key, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from lstm_studio.data.handmade import MOST_LABEL, HandSet
from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import S1, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Button, Card, Muted, describe, set_enabled
from lstm_studio.gui.widgets.hand_model import Index
from lstm_studio.gui.widgets.label_colors import LabelColors, colors_of
from lstm_studio.gui.widgets.preview_table import one_line

_ROW = 36
_NAME = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_KEY = Qt.ItemDataRole.UserRole + 2
EVERY, NONE = "\0all", ""
"""What stands for all rows, and for those without a label."""


class _Rows(QStyledItemDelegate):
    """The key, a dot, the name, how many rows, and a bar as long as that."""

    def __init__(self, view: LabelList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, rect = theme(), QRectF(option.rect)
        name, count = index.data(_NAME), int(index.data(_COUNT) or 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(colors.color("focus"), 1.5) if self._view.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)
        above = 4 if name != EVERY else 8  # all rows have no bar
        top = QRectF(rect.left() + 8, rect.top() + above, rect.width() - 16, 20)
        painter.setFont(font("small", tabular=True))
        figures = number(count)
        if count and name != EVERY and (name != NONE or self._view.shares_rows):
            figures += f"   {100 * count / max(1, self._view.total):.0f} %"
        width = painter.fontMetrics().horizontalAdvance(figures)
        painter.setPen(colors.color("text_muted"))
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figures)
        left = top.left()
        if key := index.data(_KEY):
            box = QRectF(left, top.center().y() - 9, 18, 18)
            painter.setPen(QPen(colors.color("border_strong"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(colors.color("text_muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)
        own = name not in (EVERY, NONE)
        if own or index.row():
            left += 26
        painter.setFont(font("body"))
        painter.setPen(colors.color("text" if own or name == EVERY else "text_muted"))
        room = top.right() - left - width - 10
        words = painter.fontMetrics().elidedText(one_line(index.data(), 90), Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(
            QRectF(left, top.top(), room, 20), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
        )
        if name != EVERY:
            bar = QRectF(left, rect.bottom() - 10, top.right() - left, 5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("surface_raised"))
            painter.drawRoundedRect(bar, 2.5, 2.5)
            if count:
                ink = self._view.colors.of(name) or colors.color("accent")
                painter.setBrush(ink if own else colors.color("border_strong"))
                bar.setWidth(max(5.0, bar.width() * count / max(1, self._view.most)))
                painter.drawRoundedRect(bar, 2.5, 2.5)
        painter.restore()


class LabelList(QListWidget):
    """All rows, each label, and rows without one; the chosen line says which rows the table shows."""

    renamed = Signal(str, str)
    removed = Signal(str)
    chosen = Signal(object)
    """A label; "" for rows without one, None for all."""

    def __init__(self) -> None:
        super().__init__()
        self.colors = LabelColors()
        self.total = self.most = 1
        self.shares_rows = True  # a label is of a row, and not of words in it
        self.setObjectName("plain")
        self.setItemDelegate(_Rows(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(self, tr("Labels"), tr("Choose a label to see its rows alone; F2 renames it, Delete removes it."))
        self.currentItemChanged.connect(self._choose)
        self.itemChanged.connect(self._rename)
        for key, function in (("Delete", self.remove), ("Backspace", self.remove)):
            action = QAction(self)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(function)
            self.addAction(action)
        theme_notifier().changed.connect(self.viewport().update)

    def show_set(self, content: HandSet) -> None:
        """Follow a set; nothing is emitted."""
        counts, missing = content.counts(), content.unlabelled()
        self.colors = colors_of(content)
        self.total = sum(counts.values()) + (0 if content.kind.marks else missing)
        self.shares_rows = not content.kind.marks
        self.most = max([*counts.values(), missing, 1])
        nothing = tr("Nothing marked") if content.kind.marks else tr("No label")
        lines = [(EVERY, tr("All rows"), len(content.rows), "")]
        lines += [
            (name, name, counts.get(name, 0), str(place + 1) if place < 9 else "")
            for place, name in enumerate(content.classes)
        ]
        lines.append((NONE, nothing, missing, ""))
        now = self.current()
        self.blockSignals(True)
        while self.count() > len(lines):
            self.takeItem(self.count() - 1)
        while self.count() < len(lines):
            self.addItem(QListWidgetItem())
        for row, (name, words, count, key) in enumerate(lines):
            item = self.item(row)
            own = name not in (EVERY, NONE)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if own else flags)
            for role, value in ((Qt.ItemDataRole.DisplayRole, words), (_NAME, name), (_COUNT, count), (_KEY, key)):
                if item.data(role) != value:
                    item.setData(role, value)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}: {number(count)}")
            item.setToolTip(words if len(words) > 20 else "")
        names = [name for name, *_ in lines]
        wanted = EVERY if now is None else now
        self.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self.blockSignals(False)
        if wanted not in names:
            self.chosen.emit(None)
        self.viewport().update()

    def current(self) -> str | None:
        """The label whose rows are shown; "" for those without one, None for all."""
        item = self.currentItem()
        name = item.data(_NAME) if item is not None else EVERY
        return None if name in (EVERY, None) else str(name)

    def show_all(self) -> None:
        """Choose all rows."""
        self.setCurrentRow(0)

    def rename(self) -> None:
        """Let the person write another name."""
        if self.current():
            self.editItem(self.currentItem())

    def remove(self) -> None:
        """Remove the chosen label."""
        name = self.current()
        if name:
            self.removed.emit(name)

    def _choose(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(self.current())

    def _rename(self, item: QListWidgetItem) -> None:
        old, new = str(item.data(_NAME)), item.text()
        if old not in (EVERY, NONE) and old != new:
            self.blockSignals(True)
            item.setText(old)  # the set says what it is called now
            self.blockSignals(False)
            self.renamed.emit(old, new)


class HandLabels(Card):
    """The list, and below it a field for another label and what can be done with the chosen one."""

    added = Signal(str)

    def __init__(self, back_to_rows: Callable[[], object]) -> None:
        super().__init__(tr("Labels"))
        self.about = Muted("")
        self.body.addWidget(self.about)
        self.list = LabelList()
        self.list.itemActivated.connect(lambda _: back_to_rows())
        self.body.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.new = QLineEdit()
        self.new.setMaxLength(MOST_LABEL)
        self.new.setPlaceholderText(tr("New label"))
        describe(
            self.new, tr("New label"), tr("Type a name and press Enter; then figures and letters give it."), "Alt+N"
        )
        self.new.returnPressed.connect(self._add)
        self.add = Button(tr("Add"), "plus", self._add)
        describe(self.add, tr("Add"), tr("Adds the label to the list; no row has it yet."))
        row.addWidget(self.new, 1)
        row.addWidget(self.add)
        self.body.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(S1)
        self.rename = Button(tr("Rename"), "rename", self.list.rename)
        describe(self.rename, tr("Rename"), tr("Calls the chosen label otherwise, in all rows."))
        self.remove = Button(tr("Remove"), "trash", self.list.remove)
        describe(self.remove, tr("Remove"), tr("Takes the chosen label away; its rows stay, without a label."))
        for button in (self.rename, self.remove):
            below.addWidget(button, 1)
        self.body.addLayout(below)
        self.list.currentItemChanged.connect(self._enable)
        self._enable()

    def show_set(self, content: HandSet) -> None:
        """Follow a set."""
        self.list.show_set(content)
        counts = [count for count in content.counts().values() if count]
        marks = content.kind.marks
        self.set_title(tr("Types") if marks else tr("Labels"))
        self.new.setPlaceholderText(tr("New type") if marks else tr("New label"))
        if not content.classes:
            words = tr("Add what words can be.") if marks else tr("Add what a text can be, or type it beside a text.")
        elif len(counts) < 2:
            words = (
                tr("The figures on the left are the keys that mark the chosen words.")
                if marks
                else tr("The figures on the left are the keys that give a label.")
            )
        else:
            total = sum(counts)
            words = tr(
                "Balance: the largest has {most}, the smallest {least}.",
                most=f"{100 * max(counts) / total:.0f}\u00a0%",
                least=f"{100 * min(counts) / total:.0f}\u00a0%",
            )
        self.about.setText(words)
        self._enable()

    def _enable(self, *_: object) -> None:
        there = bool(self.list.current())
        for button in (self.rename, self.remove):
            set_enabled(button, there, tr("Choose a label in the list first."))

    def _add(self) -> None:
        name = " ".join(self.new.text().split())
        if name:
            self.new.clear()
            self.added.emit(name)
