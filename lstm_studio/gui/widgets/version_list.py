"""The versions that a network thought of, each on a line with its share; one of them is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy, QStyle, QStyledItemDelegate
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.tips import plain_tip

_HIGH, _SIDE, _FIGURES = 24, 8, 64
_SHARE = Qt.ItemDataRole.UserRole


class VersionList(QListWidget):
    """Hidden while there is nothing to choose."""

    chosen = Signal(int)
    """A person has chosen a version."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        describe(
            self,
            tr("Versions"),
            tr("What else the network thought of, the best first; choose one to look at it."),
        )
        self.currentRowChanged.connect(self._changed)
        self.set_versions([], [])

    def set_versions(self, texts: Sequence[str], shares: Sequence[float], current: int = 0) -> None:
        """Offer texts, each with its share 0..1 of their probability together; nothing is emitted."""
        blocked = self.blockSignals(True)
        self.clear()
        for text, share in zip(texts, shares, strict=True):
            item = QListWidgetItem(" ".join(text.split())[:400] or tr("Nothing"))
            figure = f"{100 * share:.0f} %"
            item.setData(_SHARE, figure)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {figure}")
            about = tr("{percent} of the probability of these versions together", percent=figure)
            item.setToolTip(plain_tip(f"{text[:1000]}\n{about}"))
            self.addItem(item)
        self.setCurrentRow(current)
        self.blockSignals(blocked)
        self.setFixedHeight(max(1, self.count()) * _HIGH)
        self.setVisible(self.count() > 1)

    def _changed(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)


class _Delegate(QStyledItemDelegate):
    """The text, cut to the line, and its share at the right."""

    def sizeHint(self, option: Option, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, _HIGH)

    def paint(self, painter: QPainter, option: Option, index: QModelIndex | QPersistentModelIndex) -> None:
        background = Option(option)
        self.initStyleOption(background, index)
        background.text = ""
        widget = background.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, background, painter, widget)
        rect: QRect = background.rect.adjusted(_SIDE, 0, -_SIDE, 0)
        face = font("body")
        room = rect.width() - _FIGURES
        words = QFontMetrics(face).elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, room
        )
        painter.save()
        painter.setFont(face)
        painter.setPen(theme().color("text"))
        line = QRect(rect.left(), rect.top(), room, rect.height())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        painter.setFont(font("small", tabular=True))
        painter.setPen(theme().color("text_muted"))
        painter.drawText(
            rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), str(index.data(_SHARE))
        )
        painter.restore()
