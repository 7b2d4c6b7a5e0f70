"""Texts that were asked about, each with its answer below; the latest first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.tips import plain_tip

MOST = 50
_SIDE, _TOP, _LINE, _BELOW = 8, 5, 20, 18
_ANSWER = Qt.ItemDataRole.UserRole + 1


class HistoryList(QListWidget):
    """Choose a text, by mouse or keys, to ask about it again."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Delegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(self._choose)
        self.itemClicked.connect(self._choose)
        describe(self, tr("What you typed"), tr("Texts you asked about; click one to ask again."))

    def keep(self, text: str, answer: str) -> None:
        """Put a text on top; an earlier entry of the same text goes."""
        for row in range(self.count()):
            if self.item(row).data(Qt.ItemDataRole.UserRole) == text:
                self.takeItem(row)
                break
        item = QListWidgetItem(f"{text[:200]}\n{answer[:200]}")
        item.setData(Qt.ItemDataRole.UserRole, text)
        item.setData(_ANSWER, answer[:500])
        item.setToolTip(plain_tip(f"{text[:1000]}\n{answer[:500]}"))
        self.insertItem(0, item)
        while self.count() > MOST:
            self.takeItem(self.count() - 1)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


class _Delegate(QStyledItemDelegate):
    """The text, and below it, smaller, the answer."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, 2 * _TOP + _LINE + _BELOW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        background = QStyleOptionViewItem(option)
        self.initStyleOption(background, index)
        background.text = ""
        widget = background.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, background, painter, widget)
        rect: QRect = background.rect.adjusted(_SIDE, _TOP, -_SIDE, -_TOP)
        painter.save()
        for words, size, ink, top, tall in (
            (index.data(Qt.ItemDataRole.UserRole), "body", "text", rect.top(), _LINE),
            (index.data(_ANSWER), "small", "text_muted", rect.top() + _LINE, _BELOW),
        ):
            used = font(size)
            painter.setFont(used)
            painter.setPen(theme().color(ink))
            line = str(words)[:300].replace("\n", " ")
            line = isolated(line) if size == "body" else line
            shown = QFontMetrics(used).elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
            place = QRect(rect.left(), top, rect.width(), tall)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()
