"""The text of the Inspect page: the line to type it in, and what the network reads of it and says about it."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, ntr, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.theme import S1, S2, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Banner, Button, Label, Muted, describe, set_enabled
from lstm_studio.gui.widgets.bidi import isolated
from lstm_studio.gui.widgets.class_marks import glyph
from lstm_studio.gui.widgets.results_view import Given
from lstm_studio.gui.widgets.tips import plain_tip
from lstm_studio.gui.widgets.token_strip import TokenScroll, TokenStrip, tag_colors

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates

_KEPT_TEXTS = 400
_FOUND, _WIDE = 4, 60
"""Spans that are named beside the tokens, and their letters in all."""


class TextLine(QWidget):
    """A text is typed, taken from the validation part, or given with its words."""

    typed = Signal()
    failed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.texts: tuple[Path | None, list[Given]] = (None, [])
        self._given: tuple[Path | None, Given, str] | None = None
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(tr("Type or paste a text to look inside the network while it reads it"))
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(38)
        # One line is in sight: a second one would be cut in the middle.
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.textChanged.connect(self._typed)
        describe(self.text, tr("Text"), tr("The network reads this text; everything below follows."), "Ctrl+L")
        row.addWidget(self.text, 1)
        self.take = Button(tr("A validation text"), "sample", self.take_text)
        describe(
            self.take,
            self.take.text(),
            tr("Takes one at random of the texts that this network was checked with."),
            "Ctrl+R",
        )
        row.addWidget(self.take)

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing is seen of a second line, not even its tops."""
        super().showEvent(event)
        line = math.ceil(self.text.document().documentMargin()) + self.text.fontMetrics().lineSpacing()
        over = self.text.viewportMargins().bottom() + self.text.viewport().height() - line
        self.text.setViewportMargins(0, 0, 0, max(0, over))

    def add(self, widget: QWidget) -> None:
        """Put another control behind the line."""
        self._row.addWidget(widget)

    def give(self, given: Given) -> None:
        """Show a sentence that is read just as it was given, until somebody edits it or looks at another run."""
        self._given = None
        self.text.setPlainText(given.text)
        # compared as the field gives it back: it turns some blanks into others
        self._given = (self.session.selected_run, given, self.text.toPlainText())

    @property
    def given(self) -> Given | None:
        """What the text was given as; None if it was typed, or given for another run."""
        if self._given is None or self._given[0] != self.session.selected_run:
            return None
        return self._given[1]

    def _typed(self) -> None:
        if self._given is not None and self.text.toPlainText() != self._given[2]:
            self._given = None
        self.typed.emit()

    def take_text(self) -> None:
        """One of the texts that the run validates with."""
        run = self.session.selected_run
        if run is None:
            return
        if self.texts[0] == run and self.texts[1]:
            self.give(random.choice(self.texts[1]))
            return
        set_enabled(self.take, False, tr("The texts are being looked up."))
        before = self.text.toPlainText()

        def done(texts: list[Given]) -> None:
            self.texts = (run, texts)
            set_enabled(self.take, True, "")
            # What was typed meanwhile stays.
            if texts and self.session.selected_run == run and self.text.toPlainText() == before:
                self.give(random.choice(texts))

        def failed(error: Exception) -> None:
            set_enabled(self.take, True, "")
            self.failed.emit(error)

        self.session.jobs.start(
            lambda progress: some_texts(run, progress), done=done, failed=failed, channel="inspect-texts"
        )


def some_texts(run: Path, progress: Progress, most: int = _KEPT_TEXTS) -> list[Given]:
    """At random some of the run's validation part, with their words where the data have them. For pool threads."""
    from lstm_studio.data.places import cache_folder
    from lstm_studio.runs.folder import RunFolder
    from lstm_studio.tasks import registry

    config = RunFolder(run).config
    prepared = registry.get(config.task).prepare(config, progress, cache_folder() / "prepared")
    # Of running text the length is that in tokens; what is asked for are documents.
    count = getattr(prepared.validation, "documents", len(prepared.validation))
    rows = random.sample(range(count), min(count, most))
    return [Given(**prepared.question("validation", row)) for row in rows]


class TextRead(QWidget):
    """Tokens, the answer in colours, and what went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self._trace: TextTrace | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.strip = TokenStrip()
        self.tokens_area = TokenScroll(self.strip)
        self.verdict = Label("", "small", tabular=True)
        self.verdict.setTextFormat(Qt.TextFormat.RichText)
        self.note = Muted("", wrap=False)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignRight)
        said.addWidget(self.note, 0, Qt.AlignmentFlag.AlignRight)
        said.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(S2)
        row.addWidget(self.tokens_area, 1)
        row.addLayout(said)
        column.addLayout(row)
        self.problem = Banner("warning")
        self.problem.hide()
        column.addWidget(self.problem)
        theme_notifier().changed.connect(self.show_verdict)

    def warn(self, error: StudioError, severity: str = "warning") -> None:
        """Say what went wrong."""
        self.problem.show_message(severity, error_text(error))
        self.problem.show()

    def show_trace(self, trace: TextTrace | None, layer: LayerGates | None = None) -> None:
        """Show what was read, or written if ``layer`` is one that writes; None for nothing."""
        self._trace = trace
        if trace is None:
            self.problem.hide()
            self.strip.set_tokens([])
            self.note.setText("")
        elif layer is not None and layer.part == "decoder":
            self.strip.set_tokens(trace.tokens_of(layer))
            self.note.setText(tr("What was written, one token a step"))
        else:
            self.strip.set_tokens(
                trace.tokens,
                trace.known,
                trace.prefix_probabilities,
                trace.classes,
                tags=trace.meaning == "token",
                marked=trace.marked,
            )
            self.note.setText(" · ".join(_notes(trace)))
        self.tokens_area.fit()
        self.show_verdict()

    @Slot()
    def show_verdict(self) -> None:
        """The most probable classes, each with the colour that the tokens are tinted in."""
        trace = self._trace
        if trace is None:
            self.verdict.setText("")
            return
        shares = trace.probabilities
        if not trace.classes:
            self._show_text(trace)
            return
        if shares is None:
            self._show_tags(trace)
            return
        said = []
        for k in np.argsort(-shares)[:3]:
            share = f"{100 * float(shares[k]):.0f}"
            words = f"{isolated(trace.classes[k][:24])} {share} %"
            said.append(_mark(theme().class_color(int(k)).name(), words, int(k)))
        # The mark says that the line runs to the right, whatever the names of the classes do.
        self.verdict.setText("\u200e" + "&nbsp;&nbsp;&nbsp;".join(said))
        self.verdict.setToolTip(tr("What the network says of the whole text; the tokens are tinted in these colours."))

    def _show_text(self, trace: TextTrace) -> None:
        """What the network wrote, as far as there is room."""
        words = " ".join(trace.verdict.split())
        short = words if len(words) <= _WIDE else f"{words[: _WIDE - 1].rstrip()}…"
        self.verdict.setText(escaped(short or tr("Nothing was written")))
        said = tr("What the network writes about the text.")
        self.verdict.setToolTip(plain_tip(said if short == words else f"{said}\n{trace.verdict[:1000]}"))

    def _show_tags(self, trace: TextTrace) -> None:
        """What was found on which words; the colours are those of the words."""
        colors = tag_colors(trace.classes)
        parts = [part for part in trace.verdict.split(" · ") if part]
        said: list[str] = []
        room = _WIDE
        for part in parts[:_FOUND]:
            short = part if len(part) <= 28 else f"{part[:27].rstrip()}…"
            if said and len(short) > room:
                break
            room -= len(short)
            kind = part.partition(": ")[0]
            known = kind in trace.classes
            ink = colors.of(kind, theme().dark).name()
            said.append(_mark(ink, short, colors.place(kind)) if known else escaped(short))
        if len(said) < len(parts):
            said.append(escaped(tr("{n} more", n=len(parts) - len(said))))
        self.verdict.setText("&nbsp;&nbsp;&nbsp;".join(said) or escaped(tr("Nothing was found.")))
        self.verdict.setToolTip(tr("What the network found; each word is tinted in the colour of its likeliest tag."))


def _notes(trace: TextTrace) -> list[str]:
    plain = not trace.cut and all(trace.known) and trace.prefix_probabilities.size > 0
    words = [tr("Tint: the verdict had the text ended there")] if plain and trace.meaning == "prefix" else []
    if plain and trace.meaning == "token":
        words = [tr("Tint: the likeliest type of each word")]
    unknown = trace.known.count(False)
    if unknown:
        words.append(ntr("{n} unknown word, dotted", "{n} unknown words, dotted", unknown))
    if trace.cut:
        words.append(ntr("{n} token too many left out", "{n} tokens too many left out", trace.cut))
    return words


def _mark(color: str, words: str, place: int) -> str:
    return f'<span style="color:{color}">{glyph(place)}</span> {escaped(words)}'


def escaped(text: str) -> str:
    """For rich text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
