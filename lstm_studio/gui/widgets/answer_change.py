"""Two answers of one network beside each other, and what changed. One class for each task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Label, Muted
from lstm_studio.gui.widgets.change_bars import ChangeBars
from lstm_studio.gui.widgets.inspect_text import escaped
from lstm_studio.gui.widgets.span_text import SpanMark, SpanText
from lstm_studio.gui.widgets.text_diff import differences
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.token_strip import NONE, tag_colors

if TYPE_CHECKING:
    from lstm_studio.inspection.interventions import Spoken

_SHOWN = 6
_LEAST = 0.005
"""Changes of a probability that are too small to be told."""
_LONGEST = 1200


class ChangeView(QWidget):
    """Shows what was said before and is said now."""

    task: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(S1)

    def show_change(self, before: Spoken, after: Spoken | None, names: tuple[str, str]) -> None:
        """``after`` is None where nothing was changed; ``names`` says what the two are."""
        raise NotImplementedError


class TextChange(ChangeView):
    """Probabilities of the classes."""

    task = "classification"

    def __init__(self) -> None:
        super().__init__()
        self.said = Label("", wrap=True)
        self.bars = ChangeBars()
        self.column.addWidget(self.said)
        self.column.addWidget(self.bars)

    def show_change(self, before: Spoken, after: Spoken | None, names: tuple[str, str]) -> None:
        now = None if after is None else after.answer.probabilities
        self.bars.set_shares(before.answer.probabilities, now, names)
        one = before.answer.label
        if after is None:
            words = tr("The answer is {answer}.", answer=one)
        elif after.answer.label == one:
            words = tr("The answer stays {answer}.", answer=one)
        else:
            words = tr("The answer turns from {one} to {other}.", one=one, other=after.answer.label)
        self.said.setText(words)


class TagChange(ChangeView):
    """Spans before and now, and where the types of words moved most."""

    task = "tagging"

    def __init__(self) -> None:
        super().__init__()
        self.names = [Muted(""), Muted("")]
        self.spans = [SpanText(), SpanText()]
        self.moved = Label("", "small", tabular=True, wrap=True)
        self.column.addWidget(self.moved)
        for name, spans in zip(self.names, self.spans, strict=True):
            self.column.addWidget(name)
            self.column.addWidget(spans)

    def show_change(self, before: Spoken, after: Spoken | None, names: tuple[str, str]) -> None:
        for place, spoken in enumerate((before, after)):
            self.names[place].setVisible(spoken is not None)
            self.spans[place].setVisible(spoken is not None)
            if spoken is None:
                continue
            answer = spoken.answer
            frames = answer.frames[:1]
            marks = [SpanMark(s.start, s.end, s.type, strength=s.probability) for own in frames for s in own.spans]
            self.names[place].setText(names[place])
            self.spans[place].set_colors(tag_colors(spoken.trace.classes))
            self.spans[place].set_sentence(answer.words, marks, marked=spoken.trace.marked, spaced=answer.spaced)
        same = after is not None and after.trace.tokens == before.trace.tokens
        self.moved.setVisible(same)
        if same and after is not None:
            self.moved.setText(self._moved(before, after))

    @staticmethod
    def _moved(before: Spoken, after: Spoken) -> str:
        """The words whose likeliest type lost most."""
        one, other = before.trace.prefix_probabilities, after.trace.prefix_probabilities
        if one.shape != other.shape or not one.size:
            return ""
        best = one.argmax(1)
        rows = np.arange(len(one))
        lost = one[rows, best] - other[rows, best]
        found = []
        for row in np.argsort(-np.abs(lost))[:_SHOWN]:
            if abs(lost[row]) < _LEAST:
                break
            kind = before.trace.classes[best[row]]
            said = f"{100 * one[row, best[row]]:.0f} → {100 * other[row, best[row]]:.0f} %"
            name = tr("nothing") if kind == NONE else kind
            found.append(f"{quoted(before.trace.tokens[row])}: {name} {said}")
        return "\n".join(found) or tr("No word is read differently.")


class WrittenChange(ChangeView):
    """Texts that were written; where they differ is marked."""

    task = "translation"

    def __init__(self) -> None:
        super().__init__()
        self.names = [Muted(""), Muted("")]
        self.texts = [Label("", wrap=True), Label("", wrap=True)]
        self.note = Label("", "small", tabular=True, wrap=True)
        for name, text in zip(self.names, self.texts, strict=True):
            text.setTextFormat(Qt.TextFormat.RichText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.column.addWidget(name)
            self.column.addWidget(text)
        self.column.addWidget(self.note)
        self._said: tuple[str, ...] = ()
        theme_notifier().changed.connect(self._mark)

    def show_change(self, before: Spoken, after: Spoken | None, names: tuple[str, str]) -> None:
        both = [before] if after is None else [before, after]
        self._said = tuple(self.text_of(spoken)[:_LONGEST] for spoken in both)
        for name, words in zip(self.names, names, strict=True):
            name.setText(words)
        self._mark()
        self.note.setText(self.note_of(before, after))
        self.note.setVisible(bool(self.note.text()))

    def text_of(self, spoken: Spoken) -> str:
        """What was written."""
        found: str = spoken.answer.best.text
        return found

    def note_of(self, before: Spoken, after: Spoken | None) -> str:
        """What else there is to say."""
        if after is None:
            return ""
        one, other = before.answer.best.log_probability, after.answer.best.log_probability
        words = tr("Logarithm of its probability: {one} → {other}", one=f"{one:.2f}", other=f"{other:.2f}")
        return words.replace("-", "−")

    def _mark(self) -> None:
        for name, text in zip(self.names[1:], self.texts[1:], strict=True):
            name.setVisible(len(self._said) > 1)
            text.setVisible(len(self._said) > 1)
        if not self._said:
            return
        stretches: Any = [[], []]
        if len(self._said) > 1:
            stretches = differences(*self._said)
        for label, said, marks in zip(self.texts, self._said, stretches, strict=False):
            label.setText(_marked(said, marks) if said.strip() else f"<i>{escaped(tr('Nothing was written'))}</i>")


class ContinuedChange(WrittenChange):
    """How a text goes on, and which tokens come next."""

    task = "generation"

    def text_of(self, spoken: Spoken) -> str:
        """The likeliest continuation."""
        found: str = spoken.answer.written
        return found

    def note_of(self, before: Spoken, after: Spoken | None) -> str:
        """The likeliest next tokens."""
        lines = [tr("Next: {tokens}", tokens=before.trace.verdict)]
        if after is not None:
            lines.append(tr("Next, changed: {tokens}", tokens=after.trace.verdict))
        return "\n".join(lines)


def verbs_of(answer: Any) -> list[tuple[int, str]]:
    """The words of an answer to which roles belong, each with its place."""
    places = sorted(frame.predicate for frame in getattr(answer, "frames", ()) if frame.predicate is not None)
    return [(place, answer.words[place]) for place in places]


CHANGES: dict[str, type[ChangeView]] = {
    view.task: view for view in (TextChange, TagChange, WrittenChange, ContinuedChange)
}
"""A new task adds its view here."""


class AnswerChange(QWidget):
    """The view of whatever task the run has."""

    def __init__(self) -> None:
        super().__init__()
        self.view: ChangeView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_change(self, task: str, before: Spoken, after: Spoken | None, names: tuple[str, str]) -> None:
        """See ``ChangeView.show_change``."""
        if self.view is None or self.view.task != task:
            self.clear()
            self.view = CHANGES[task]()
            self._column.addWidget(self.view)
        self.view.show_change(before, after, names)

    def clear(self) -> None:
        """Nothing is said."""
        if self.view is not None:
            self.view.hide()
            self.view.deleteLater()
            self.view = None


def _marked(text: str, marks: list[tuple[int, int]]) -> str:
    """Rich text with some stretches on a ground of their own."""
    ground, parts, end = theme().hex("selection"), [], 0
    for first, last in marks:
        parts.append(escaped(text[end:first]))
        parts.append(f'<span style="background-color:{ground}"><b>{escaped(text[first:last])}</b></span>')
        end = last
    return "".join([*parts, escaped(text[end:])]).replace("\n", "<br>")
