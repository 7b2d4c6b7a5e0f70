"""How this LSTM reads a sentence: a card that walks a newcomer through the Inspect page, one part after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import RADIUS, S1, S2, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Button, Card, Label, describe, set_enabled
from lstm_studio.gui.widgets.inspect_views import GATES
from lstm_studio.gui.widgets.lesson_steps import SENTENCE, Moment, Step, moment_of, steps_for

if TYPE_CHECKING:
    from lstm_studio.gui.widgets.lesson_stage import Stage
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates

_AROUND = 4


class Outline(QWidget):
    """A quiet line around a part of the page; it takes no clicks."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._target: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme_notifier().changed.connect(self.update)
        self.hide()

    def around(self, target: QWidget | None) -> None:
        """Stand around a widget; None: around nothing."""
        for widget in (self._target, self._page):
            if widget is not None:
                widget.removeEventFilter(self)
        self._target = target
        for widget in (target, self._page if target is not None else None):
            if widget is not None:
                widget.installEventFilter(self)
        self._follow()

    def area(self) -> QRect:
        """Where the target is on the page; empty while it cannot be seen."""
        target = self._target
        if target is None or not target.isVisibleTo(self._page):
            return QRect()
        place = QRect(target.mapTo(self._page, QPoint(0, 0)), target.size())
        return place.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND).intersected(self._page.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)
        if event.type() in kinds:
            self._follow()
        return False

    def _follow(self) -> None:
        area = self.area()
        self.setVisible(not area.isEmpty())
        if not area.isEmpty():
            self.setGeometry(area)
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS + 2, RADIUS + 2)
        painter.end()


class Lesson(Card):
    """The card at the foot of the page. ``begin`` starts it; at its end the page is as it was before."""

    ended = Signal()

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.outline = Outline(stage.page)
        self.steps: list[Step] = []
        self.place = 0
        self._moment: Moment | None = None
        self._tokens: tuple[str, ...] = ()
        self._gated = True
        self._before: tuple[str, str, int | None] = ("", GATES, None)
        self.number = Label("", "small", "small", tabular=True)
        self.head = Label("")
        self.head.setFont(font("body", bold=True))
        self.said = Label("", wrap=True)
        self.back = Button(tr("Back"), callback=lambda: self.go(-1))
        self.next = Button(tr("Next"), "arrow_right", lambda: self.go(1))
        self.end = Button(tr("End the lesson"), callback=self.finish)
        describe(self.back, tr("Back"), tr("To the step before."), "Alt+P")
        describe(self.next, tr("Next"), tr("To the next step."), "Alt+N")
        describe(self.end, tr("End the lesson"), tr("Everything is as it was before the lesson."), "Alt+X")
        head = QHBoxLayout()
        head.setSpacing(S1)
        head.addWidget(self.head)
        head.addWidget(self.number)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(head)
        words.addWidget(self.said)
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addLayout(words, 1)
        row.addSpacing(S2)
        for button in (self.back, self.next, self.end):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(row)
        self.setAccessibleName(tr("How this LSTM reads a sentence"))
        self.hide()

    @property
    def running(self) -> bool:
        """Whether somebody is being taught."""
        return bool(self.steps)

    @property
    def step(self) -> Step | None:
        """The present step."""
        return self.steps[self.place] if self.steps else None

    def begin(self, *, sample: bool) -> None:
        """Start at the first step. ``sample``: the network knows the words of ``SENTENCE``."""
        stage = self._stage
        self._before = (stage.text(), stage.view(), stage.unit())
        self.steps, self.place, self._moment = steps_for(stage.views()), 0, None
        self._tokens = ()
        if sample or not self._before[0].strip():
            stage.text(SENTENCE)
        self.show()
        self.follow(*stage.read())
        self.next.setFocus()

    def go(self, by: int) -> None:
        """Another step; beyond the last one the lesson ends."""
        if not self.steps:
            return
        if self.place + by >= len(self.steps):
            self.finish()
            return
        self.place = max(0, self.place + by)
        self._show()

    def follow(self, trace: TextTrace | None, layer: LayerGates | None) -> None:
        """Another text was read, or none yet."""
        if not self.steps:
            return
        if trace is None or layer is None or layer.part:
            self._show()
            return
        if trace.tokens == self._tokens:  # a live network that has learned a little more
            return
        first, self._tokens = self._moment is None, trace.tokens
        self._moment, self._gated = moment_of(trace, layer), {"i", "f", "o"} <= set(layer.values)
        offered = self._stage.views()
        kept = [step for step in self.steps if step.view == GATES or step.view in offered]
        if len(kept) < len(self.steps):
            self.place, self.steps = min(self.place, len(kept) - 1), kept
            first = True
        self._show(move=first)

    def finish(self) -> None:
        """Put everything back and forget the lesson."""
        if not self.steps:
            return
        step, text = self.step, self._stage.text()
        self.steps, self._moment = [], None
        self.outline.around(None)
        self.hide()
        before, view, unit = self._before
        # Who has begun to type a text of his own keeps it.
        typed = step is not None and step.name == "turn" and text != SENTENCE
        if not typed and before.strip() and before != text:
            self._stage.text(before)
        self._stage.view(view)
        self._stage.point(None, unit)
        self.ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
        else:
            super().keyPressEvent(event)

    def _show(self, move: bool = True) -> None:
        """Say the step; ``move``: and set the page up for it."""
        step, moment = self.step, self._moment
        if step is None:
            return
        last = self.place == len(self.steps) - 1
        self.head.setText(step.title())
        self.number.setText(tr("Step {n} of {all}", n=self.place + 1, all=len(self.steps)))
        self.said.setText(step.text(moment, self._gated) if moment is not None else tr("The sentence is being read."))
        self.setAccessibleDescription(f"{self.head.text()}. {self.said.text()}")
        self.next.setText(tr("Done") if last else tr("Next"))
        set_enabled(self.back, self.place > 0, tr("This is the first step."))
        if move:
            self._stage.view(step.view)
        if moment is not None and (move or step.pointed):
            self._stage.point(moment.token if step.pointed else None, moment.unit)
        self.outline.around(self._stage.part(step.part))
