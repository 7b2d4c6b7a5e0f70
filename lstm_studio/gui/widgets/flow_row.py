"""Small controls side by side that go on in the next line when the width is used up."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from lstm_studio.gui.theme import S1


class FlowRow(QLayout):
    """Lays out like words of a text, from the left, or from the right where the language does."""

    def __init__(self, gap: int = S1) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def widgets(self) -> list[QWidget]:
        """What is in it, in order."""
        found = (item.widget() for item in self._items)
        return [widget for widget in found if widget is not None]

    def clear(self) -> None:
        """Delete all that is in it."""
        while self._items:
            widget = self._items.pop().widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.invalidate()

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Move the items into place; returns the height that is needed."""
        x, y, tall = rect.left(), rect.top(), 0
        parent = self.parentWidget()
        turned = parent is not None and parent.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for item in self._items:
            size = item.sizeHint()
            wide = min(size.width(), rect.width())
            if x > rect.left() and x + wide > rect.left() + rect.width():
                x, y, tall = rect.left(), y + tall + self._gap // 2, 0
            if move:
                left = rect.left() + rect.right() - x - wide + 1 if turned else x
                item.setGeometry(QRect(QPoint(left, y), QSize(wide, size.height())))
            x, tall = x + wide + self._gap, max(tall, size.height())
        return y + tall - rect.top()
