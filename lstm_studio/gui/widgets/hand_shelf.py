"""One's own sets: open one, call it otherwise, delete it and have it back, or begin another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.data.handmade_files import SetInfo
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Button, Card, Muted, PrimaryButton, describe, set_enabled
from lstm_studio.gui.widgets.hand_model import Index

_ROW = 56
_INFO = Qt.ItemDataRole.UserRole


class _Sets(QStyledItemDelegate):
    """Title, and below it what the set is and when it was changed."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, rect, info = theme(), QRectF(option.rect), index.data(_INFO)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(colors.color("focus"), 1.5) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(1, 2, -1, -2), 8, 8)
        room = rect.adjusted(14, 8, -14, -8)
        painter.setFont(font("body", bold=True))
        painter.setPen(colors.color("text"))
        top = QRectF(room.left(), room.top(), room.width(), 20)
        words = painter.fontMetrics().elidedText(info.title, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.setFont(font("small", tabular=True))
        painter.setPen(colors.color("text_muted"))
        below = QRectF(room.left(), room.bottom() - 18, room.width(), 18)
        words = painter.fontMetrics().elidedText(about(info), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(6, 4, -6, -18))


def about(info: SetInfo) -> str:
    """What a set is, in a line."""
    kind = HAND_KINDS[info.task]
    parts = [tr(kind.says), ntr("{n} row", "{n} rows", info.rows)]
    if kind.names is not None:
        parts.append(ntr(*kind.names, info.names))
    parts.append(tr("changed {time}", time=time.strftime("%Y-%m-%d %H:%M", time.localtime(info.changed))))
    return " · ".join(parts)


class HandShelf(Card):
    """The list, and one button for each kind of set that can be begun."""

    opened = Signal(object)
    renamed = Signal(object, str)
    deleted = Signal(object)
    begun = Signal(str)

    def __init__(self) -> None:
        super().__init__(tr("My sets"))
        self.body.setSpacing(S1)
        self.about = Muted()
        self.body.addWidget(self.about)
        middle = QHBoxLayout()
        middle.setSpacing(S2)
        column = QVBoxLayout()
        self.list = QListWidget()
        self.list.setObjectName("plain")
        self.list.setItemDelegate(_Sets(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(
            self.list, tr("My sets"), tr("Enter opens a set, F2 renames it, Delete removes it; that can be undone.")
        )
        self.list.itemActivated.connect(lambda _: self._open())
        self.list.itemChanged.connect(self._rename)
        self.list.currentRowChanged.connect(lambda _: self._enable())
        self.list.setEditTriggers(QListWidget.EditTrigger.EditKeyPressed)
        action = QAction(self.list)
        action.setShortcut(QKeySequence("Delete"))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(self._delete)
        self.list.addAction(action)
        column.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.open = Button(tr("Open"), "open", self._open)
        describe(self.open, tr("Open"), tr("Opens the chosen set to be changed."))
        self.rename = Button(tr("Rename"), "rename", self._begin_rename)
        describe(self.rename, tr("Rename"), tr("Calls the chosen set otherwise."))
        self.remove = Button(tr("Delete"), "trash", self._delete)
        describe(
            self.remove, tr("Delete"), tr("Takes the chosen set out of the list; runs keep what they learned from.")
        )
        for button in (self.open, self.rename, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        middle.addLayout(column, 3)
        side = QVBoxLayout()
        side.setSpacing(S1)
        side.addWidget(Muted(tr("Begin a new set"), wrap=False))
        self.kinds: dict[str, Button] = {}
        for task, kind in HAND_KINDS.items():
            first = not self.kinds
            make = PrimaryButton if first else Button
            button = make(tr(kind.says), "plus", callback=lambda task=task: self.begun.emit(task))  # type: ignore[misc]
            describe(
                button, tr(kind.says), tr("Begins an empty set for: {task}", task=tr(kind.title)), "Ctrl+N" * first
            )
            button.setMinimumHeight(36)
            self.kinds[task] = button
            side.addWidget(button)
        side.addStretch(1)
        middle.addLayout(side, 1)
        self.body.addLayout(middle, 1)
        theme_notifier().changed.connect(self.list.viewport().update)

    def show_sets(self, sets: Sequence[SetInfo], chosen: Path | None = None) -> None:
        """Show the sets; nothing is emitted."""
        words = tr("Small data sets that you write or paste here; each is kept as you type.")
        self.about.setText(words if sets else f"{words} {tr('There are none yet: begin one on the right.')}")
        self.list.blockSignals(True)
        self.list.clear()
        for info in sets:
            item = QListWidgetItem(info.title)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setData(_INFO, info)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{info.title}. {about(info)}")
            self.list.addItem(item)
        places = [info.path for info in sets]
        self.list.setCurrentRow(places.index(chosen) if chosen in places else 0 if sets else -1)
        self.list.blockSignals(False)
        self._enable()

    def current(self) -> SetInfo | None:
        """The chosen set."""
        item = self.list.currentItem()
        found = item.data(_INFO) if item is not None else None
        return found if isinstance(found, SetInfo) else None

    def _enable(self) -> None:
        for button in (self.open, self.rename, self.remove):
            set_enabled(button, self.current() is not None, tr("Choose a set in the list first."))

    def _open(self) -> None:
        if (info := self.current()) is not None:
            self.opened.emit(info.path)

    def _begin_rename(self) -> None:
        if self.list.currentItem() is not None:
            self.list.editItem(self.list.currentItem())

    def _rename(self, item: QListWidgetItem) -> None:
        info, title = item.data(_INFO), item.text().strip()
        if isinstance(info, SetInfo) and title and title != info.title:
            self.renamed.emit(info.path, title)

    def _delete(self) -> None:
        if (info := self.current()) is not None:
            self.deleted.emit(info.path)
