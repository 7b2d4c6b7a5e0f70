"""The first start: a few bubbles beside the rail that say what each page is for. Everything behind stays in use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.gui.accessible import announce
from lstm_studio.gui.help_pages import FIRST, mark
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import RADIUS, S1, S2, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import (
    Button,
    Dot,
    IconLabel,
    Label,
    LinkButton,
    describe,
    set_enabled,
)
from lstm_studio.gui.widgets.lesson import Outline

if TYPE_CHECKING:
    from lstm_studio.gui.main_window import MainWindow

WIDTH = 360
_BEAK = 10
"""Pixels by which the bubble points at its button."""


@dataclass(frozen=True)
class Stop:
    """One bubble.

    Attributes:
        page: The button of the rail that is meant, or "help"; its icon stands before the title.
    """

    page: str

    def title(self) -> str:
        """A few words."""
        return {
            "data": tr("Begin with data"),
            "model": tr("Choose a network"),
            "train": tr("Watch it learn"),
            "inspect": tr("Look inside"),
            "predict": tr("Use it on your texts"),
            "help": tr("When you are stuck"),
        }[self.page]

    def text(self) -> str:
        """Two sentences."""
        return {
            "data": tr(
                "Try a sample that comes with the program, download a corpus, or open a file of your own. Columns and "
                "task are guessed; the page says why."
            ),
            "model": tr(
                "The recommended settings are a good start. The cell is drawn with its equations, and what every "
                "setting means stands beside it."
            ),
            "train": tr(
                "Curves grow and gates open and close while it learns. You can pause, look into it and go on, or stop "
                "and keep the best weights."
            ),
            "inspect": tr(
                "Type a sentence and see every gate at every word, what a unit remembers, and which words made the "
                "answer. The lesson explains it in a few steps."
            ),
            "predict": tr(
                "Ask the network about texts of yours, or about a whole file. Runs, below it, keeps all that was "
                "trained: to compare, to go on with, to export."
            ),
            "help": tr(
                "F1 opens the handbook at what you are looking at. This tour waits under Help, and language, colours "
                "and folders are in the Settings."
            ),
        }[self.page]


STOPS = tuple(map(Stop, ("data", "model", "train", "inspect", "predict", "help")))


class PageTour(QWidget):
    """A bubble with a beak, moved from button to button of the rail; it covers no more than itself."""

    ended = Signal()

    def __init__(self, window: MainWindow, place: int = 0) -> None:
        super().__init__(window)
        self._window = window
        self.place = place
        self._beak = 0.0
        self.outline = Outline(window)
        self.setFixedWidth(WIDTH)
        mark(self, FIRST)
        theme_notifier().changed.connect(self.update)
        self._icon = IconLabel(STOPS[0].page, 22, "accent")
        self.head, self.said = Label(""), Label("", wrap=True)
        self.head.setFont(font("title", bold=True))
        self._dots = [Dot("border_strong", 6) for _ in STOPS]
        self.back = Button(tr("Back"), callback=lambda: self.go(-1))
        self.next = Button(tr("Next"), "arrow_right", lambda: self.go(1))
        self.skip = LinkButton(tr("Skip the tour"), callback=self.finish)
        describe(self.back, tr("Back"), tr("To the page before."), "Alt+PgUp")
        describe(self.next, tr("Next"), tr("To the next page."), "Alt+PgDown")
        describe(self.skip, tr("Skip the tour"), tr("It is not shown again; Help has it."), "Alt+X")
        self._build()
        for button in (self.back, self.next, self.skip):
            button.installEventFilter(self)  # a button takes the arrow keys for itself
        window.installEventFilter(self)
        window.rail.installEventFilter(self)
        self._show()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(_BEAK + S2, S2, S2, S2)
        column.setSpacing(S1)
        top = QHBoxLayout()
        top.setSpacing(S1)
        top.addWidget(self._icon)
        top.addWidget(self.head, 1)
        for dot in self._dots:
            top.addWidget(dot, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(top)
        column.addWidget(self.said)
        column.addSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addWidget(self.skip)
        row.addStretch(1)
        row.addWidget(self.back)
        row.addWidget(self.next)
        column.addLayout(row)

    @property
    def stop(self) -> Stop:
        """What is pointed at."""
        return STOPS[self.place]

    def go(self, by: int) -> None:
        """Another bubble; beyond the last one the tour ends."""
        if self.place + by >= len(STOPS):
            self.finish()
            return
        self.place = max(0, self.place + by)
        self._show()

    def finish(self) -> None:
        """Go, for good."""
        if self.isHidden():
            return
        self.outline.around(None)
        self.hide()
        self.ended.emit()

    def _show(self) -> None:
        stop, last = self.stop, self.place == len(STOPS) - 1
        self._icon.set_icon(stop.page, "accent")
        self.head.setText(stop.title())
        self.said.setText(stop.text())
        count = tr("Step {n} of {all}", n=self.place + 1, all=len(STOPS))
        self.setAccessibleName(tr("Tour of the pages"))
        self.setAccessibleDescription(f"{count}. {stop.title()}. {stop.text()}")
        for number, dot in enumerate(self._dots):
            dot.set_role("accent" if number == self.place else "border_strong")
            dot.setAccessibleName(count)
        self.next.setText(tr("Done") if last else tr("Next"))
        self.next.setAccessibleName(self.next.text())
        set_enabled(self.back, self.place > 0, tr("This is the first page."))
        self.show()
        self._move()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.accessibleDescription())

    def _move(self) -> None:
        """Beside the button that is meant, within the window."""
        rail = self._window.rail
        button = rail.help if self.stop.page == "help" else rail.buttons[self.stop.page]
        size = QSize(WIDTH, max(self.heightForWidth(WIDTH), self.minimumSizeHint().height()))
        middle = button.mapTo(self._window, button.rect().center()).y()
        top = max(S1, min(middle - size.height() // 3, self._window.height() - size.height() - S1))
        self._beak = float(middle - top)
        self.resize(size)
        self.move(QPoint(rail.mapTo(self._window, QPoint(rail.width(), 0)).x() + 2, top))
        self.outline.around(button)
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return watched in (self.back, self.next, self.skip) and self._use(event.key())
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and not self.isHidden():
            self._move()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._use(event.key()):
            super().keyPressEvent(event)

    def _use(self, key: int) -> bool:
        moves: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Escape: self.finish,
            Qt.Key.Key_Right: lambda: self.go(1),
            Qt.Key.Key_Left: lambda: self.go(-1),
        }
        if key not in moves:
            return False
        moves[key]()
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QPainterPath()
        body.addRoundedRect(QRectF(self.rect()).adjusted(_BEAK, 1, -1, -1), RADIUS + 2, RADIUS + 2)
        beak = QPainterPath(QPointF(1, self._beak))
        beak.lineTo(_BEAK + 1, self._beak - _BEAK)
        beak.lineTo(_BEAK + 1, self._beak + _BEAK)
        beak.closeSubpath()
        painter.setPen(QPen(colors.color("accent"), 1.2))
        painter.setBrush(colors.color("surface"))
        painter.drawPath(body.united(beak))
        painter.end()
