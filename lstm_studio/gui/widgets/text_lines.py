"""A text in at most so many lines, some stretches of it marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.tips import plain_tip

LINE = 20.0
"""Height of a line."""
_LONGEST = 3000
_TIP = 1500


@dataclass(frozen=True)
class Lines:
    """A text that is laid out. ``cut``: it ends in dots."""

    layout: QTextLayout
    height: float
    cut: bool


def one_line(text: str) -> str:
    """The text without line ends and control characters; places stay the same."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST])


def lay_out(
    text: str,
    face: QFont,
    width: float,
    most: int,
    marks: Sequence[tuple[int, int]] = (),
    marked: QTextCharFormat | None = None,
) -> Lines:
    """Break a text into at most ``most`` lines of ``width`` pixels; the stretches (start, end) of ``marks`` look
    ``marked``."""
    text = one_line(text)
    layout, starts, whole = _broken(text, face, width, most, marks, marked)
    if not whole:
        last = starts[-1]
        short = QFontMetricsF(face).elidedText(text[last : last + 500] + "…", Qt.TextElideMode.ElideRight, width - 2)
        text = text[:last] + short
        layout, starts, _ = _broken(text, face, width, most, marks, marked)
    return Lines(layout, len(starts) * LINE, not whole)


def _broken(
    text: str, face: QFont, width: float, most: int, marks: Sequence[tuple[int, int]], marked: QTextCharFormat | None
) -> tuple[QTextLayout, list[int], bool]:
    """The layout, where each line starts, whether all of it fits."""
    layout = QTextLayout(text, face)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    if marked is not None:
        formats = []
        for start, end in marks:
            if start < len(text):
                one = QTextLayout.FormatRange()
                one.start, one.length, one.format = start, min(end, len(text)) - start, marked
                formats.append(one)
        layout.setFormats(formats)
    starts: list[int] = []
    end = 0
    layout.beginLayout()
    while len(starts) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(20.0, width))
        line.setPosition(QPointF(0, len(starts) * LINE + max(0.0, (LINE - line.height()) / 2)))
        starts.append(line.textStart())
        end = line.textStart() + line.textLength()
    layout.endLayout()
    return layout, starts or [0], end >= len(text)


class TextLines(QWidget):
    """A text in at most so many lines; the tooltip holds all of it where it is cut."""

    def __init__(self, most: int = 2, role: str = "text") -> None:
        super().__init__()
        self._most, self._role = most, role
        self._text, self._more = "", ""
        self._lines: Lines | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit()
        theme_notifier().changed.connect(self.update)

    def set_text(self, text: str, more: str = "") -> None:
        """Show a text; ``more`` is only in the tooltip."""
        if (text, more) != (self._text, self._more):
            self._text, self._more = text, more
            self.setAccessibleName(f"{text}\n{more}".strip())
            self._fit()

    def set_most(self, most: int) -> None:
        """Another number of lines."""
        if most != self._most:
            self._most = most
            self._fit()

    def text(self) -> str:
        """All of it."""
        return self._text

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        self._lines = lay_out(self._text, font("body"), self.width(), self._most)
        said = [self._text] if self._lines.cut else []
        said += [self._more] if self._more else []
        self.setToolTip(plain_tip("\n".join(said)[:_TIP]) if said else "")
        self.setFixedHeight(round(self._lines.height))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().color(self._role))
        if self._lines is not None:
            self._lines.layout.draw(painter, QPointF(0, 0))
        painter.end()
