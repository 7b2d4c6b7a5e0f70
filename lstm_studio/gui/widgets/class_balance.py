"""How often each class occurs, a bar for each; many classes collapse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import LinkButton, describe
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.label_colors import LabelColors

FEW = 6
MOST = 200
_ROW = 22.0


class _Bars(QWidget):
    """One row a class: name, bar, rows and share."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: list[tuple[str, int]] = []
        self.colors = LabelColors()
        self.total = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, round(len(self.classes) * _ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme()
        painter.setFont(font("small", tabular=True))
        metrics = painter.fontMetrics()
        most = max((count for _, count in self.classes), default=1)
        figures = [_figures(count, self.total) for _, count in self.classes]
        right = max((metrics.horizontalAdvance(words) for words in figures), default=0) + 8
        name_width = min(
            0.42 * self.width(), max((metrics.horizontalAdvance(name[:60]) for name, _ in self.classes), default=0) + 10
        )
        room = self.width() - name_width - right
        first, last = int(event.rect().top() / _ROW), int(event.rect().bottom() / _ROW) + 1
        for row in range(first, min(last, len(self.classes))):
            name, count = self.classes[row]
            y = row * _ROW
            painter.setPen(colors.color("text"))
            shown = metrics.elidedText(isolated(name[:200]), Qt.TextElideMode.ElideRight, int(name_width - 8))
            place = QRectF(0, y, name_width - 8, _ROW)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("surface_raised"))
            painter.drawRoundedRect(QRectF(name_width, y + 7, room, 8), 4, 4)
            painter.setBrush(self.colors.of(name) or colors.color("accent"))
            painter.drawRoundedRect(QRectF(name_width, y + 7, max(3.0, room * count / most), 8), 4, 4)
            painter.setPen(colors.color("text_muted"))
            place = QRectF(self.width() - right, y, right, _ROW)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figures[row])
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = int(event.pos().y() / _ROW)
            if 0 <= row < len(self.classes):
                name, count = self.classes[row]
                words = f"{name[:500]}: {ntr('{n} text', '{n} texts', count)}, {_share(count, self.total)}"
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


class ClassBalance(QWidget):
    """Starts with the largest classes; a click shows the others."""

    def __init__(self) -> None:
        super().__init__()
        self._all: list[tuple[str, int]] = []
        self._open = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.bars = _Bars()
        self.more = LinkButton("", callback=self._toggle)
        column.addWidget(self.bars)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(tr("Classes"))

    def set_classes(self, classes: list[tuple[str, int]], colors: LabelColors) -> None:
        """Show (label, rows), the largest first."""
        if classes == self._all and colors == self.bars.colors:
            return
        self._all, self._open = classes, False
        total = max(1, sum(count for _, count in classes))
        self.bars.colors = colors
        self.bars.total = total
        self.setAccessibleDescription(", ".join(f"{name[:60]} {_share(count, total)}" for name, count in classes[:FEW]))
        self._show()

    def _show(self) -> None:
        hidden = len(self._all) - FEW
        collapsible = hidden > 1
        self.bars.classes = self._all[: MOST if self._open or not collapsible else FEW]
        self.bars.setFixedHeight(self.bars.sizeHint().height())
        self.bars.update()
        self.more.setVisible(collapsible)
        words = tr("Show fewer") if self._open else ntr("{n} more", "{n} more", hidden)
        if self._open and len(self._all) > MOST:
            words += " · " + tr("the {n} largest are shown", n=MOST)
        self.more.setText(words)
        self.more.set_icon("chevron_up" if self._open else "chevron_down")
        describe(self.more, words, tr("Shows or hides the smaller classes."))

    def _toggle(self) -> None:
        self._open = not self._open
        self._show()


def _share(count: int, total: int) -> str:
    share = 100 * count / total
    if count < total and share > 99.45:
        return f"{min(share, 99.9):.1f} %"
    return f"{share:.0f} %" if share >= 9.5 else f"{share:.1f} %" if share >= 0.05 else "< 0.1 %"


def _figures(count: int, total: int) -> str:
    return f"{number(count)}   {_share(count, total)}"
