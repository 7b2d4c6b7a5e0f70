"""Results of networks that write texts: what was written worst, how it differs from what is right, and how well long
and short sources went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QSplitter, QTextEdit, QVBoxLayout, QWidget

from lstm_studio.gui import icons
from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import S1, S2, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import Button, Card, IconButton, Label, Muted, describe, set_enabled
from lstm_studio.gui.widgets.length_chart import LengthChart
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.results_body import Given, ResultsBody
from lstm_studio.gui.widgets.text_diff import Stretch, differences, nearest
from lstm_studio.gui.widgets.written_table import WrittenTable
from lstm_studio.runs.results_written import WrittenMistake, WrittenResults

if TYPE_CHECKING:
    from lstm_studio.runs.results import Results


class WrittenBody(ResultsBody):
    """The worst on the left; on the right the chosen one with its differences, and a chart by length."""

    def __init__(self) -> None:
        super().__init__()
        self.part: WrittenResults | None = None
        """What is shown."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(S2)
        both.addWidget(self._table_card())
        right = QWidget()
        right.setMinimumWidth(320)
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(S2)
        beside.addWidget(self._detail_card(), 5)
        self.chart_card = Card(tr("chrF by length of the source"))
        self.chart = LengthChart()
        self.chart_card.body.addWidget(self.chart)
        beside.addWidget(self.chart_card, 2)
        both.addWidget(right)
        both.setStretchFactor(0, 5)
        both.setStretchFactor(1, 4)
        both.setSizes([5000, 4000])
        column.addWidget(both, 1)
        column.addWidget(self._signature_row())

    def _table_card(self) -> Card:
        card = Card(tr("The worst first"))
        card.setMinimumWidth(400)
        self.count = Muted("", wrap=False)
        self.table = WrittenTable()
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(self._opened)
        self.search = _Search()
        self.search.textChanged.connect(self._searched)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        self.search.addAction(icons.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        describe(
            self.search,
            tr("Search"),
            tr("Lists only texts that hold these words, in the source, in what was written or in the right answer."),
            "Ctrl+F",
        )
        self.search.left.connect(self.table.view.setFocus)
        card.header.addWidget(self.count)
        card.header.addWidget(self.search, 1)
        card.body.addWidget(self.table, 1)
        return card

    def _detail_card(self) -> Card:
        card = Card(tr("Side by side"))
        self.score = Label("", "small", "muted", tabular=True)
        self.inspect = Button(tr("Inspect"), "inspect", lambda: self._opened(self.table.current()))
        describe(self.inspect, self.inspect.text(), tr("Shows the network while it reads this source."), "Alt+I")
        card.header.addWidget(self.score)
        card.header.addWidget(self.inspect)
        self.detail = Comparison()
        card.body.addWidget(self.detail, 1)
        return card

    def _signature_row(self) -> QWidget:
        self.signature = Label("", "small", "small", tabular=True)
        self.signature.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.signature.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.signature.setAccessibleName(tr("How the figures were computed"))
        self.signature.setAccessibleDescription(tr("Can be selected and copied."))
        self.copy = IconButton(
            "copy",
            tr("Copy the figures"),
            tr("Copies the figures with how they were computed, to be reported together."),
            callback=lambda: QGuiApplication.clipboard().setText(self.signature.text()),
        )
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.signature, 1)
        self.signature_row = made
        return made

    # -- showing --------------------------------------------------------------------------------------------

    def counted(self, part: Results) -> str:
        """How many were written, and of how many."""
        if isinstance(part, WrittenResults) and 0 < part.written < part.examples:
            return tr("{n} of {all} texts", n=number(part.written), all=number(part.examples))
        return ntr("{n} text", "{n} texts", part.examples)

    def show_part(self, part: Results, fresh: bool) -> None:
        """Keeps the chosen text and what is searched for."""
        assert isinstance(part, WrittenResults)
        self.part = part
        if fresh:
            self.search.clear()
        self.table.set_rows(part.worst, fresh)
        self._count()
        self.chart.set_lengths(part.lengths)
        self.signature.setText("\n".join(_signed(part)))
        self.signature_row.setVisible(bool(self.signature.text()))

    def _count(self) -> None:
        every, shown = len(self.table.texts.rows), len(self.table.listed)
        if self.search.text().strip():
            self.count.setText(tr("{n} of {all}", n=number(shown), all=number(every)))
        else:
            self.count.setText(ntr("{n} text", "{n} texts", every) if every else "")

    # -- choosing -------------------------------------------------------------------------------------------

    @Slot(str)
    def _searched(self, words: str) -> None:
        self.table.search(words)
        self._count()

    @Slot(object)
    def _chosen(self, one: WrittenMistake | None) -> None:
        self.detail.show_text(one, fold=self.part is not None and self.part.folded)
        self.score.setText(f"{metric_title('chrf')} {shown_metric('chrf', one.score)}" if one is not None else "")
        set_enabled(self.inspect, one is not None, tr("Choose a text first."))

    @Slot(object)
    def _opened(self, one: WrittenMistake | None) -> None:
        if one is not None:
            self.sentence_asked.emit(Given(one.source))


class _Search(QLineEdit):
    """Escape empties it; Escape, Enter and the arrow down lead on to what was found."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        self.left.emit()


class Comparison(QTextEdit):
    """What was written and what is right, where they differ marked, and the source, which may be long."""

    def __init__(self) -> None:
        super().__init__()
        self._one: WrittenMistake | None = None
        self._fold = False
        self._write()
        self.document().setDocumentMargin(0)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setObjectName("comparison")
        self.setStyleSheet("QTextEdit#comparison { border: none; padding: 0; background: transparent; }")
        self.setAccessibleName(tr("Side by side"))
        self.setAccessibleDescription(tr("What was written and the right answer; what differs is marked."))
        theme_notifier().changed.connect(self._write)

    def show_text(self, one: WrittenMistake | None, *, fold: bool) -> None:
        """Show a text; ``fold``: whether capitals count for nothing."""
        if (one, fold) != (self._one, self._fold):
            self._one, self._fold = one, fold
            self._write()

    @Slot()
    def _write(self) -> None:
        one = self._one
        self.clear()
        if one is None:
            plain = QTextCharFormat()
            plain.setFont(font("body"))
            plain.setForeground(theme().color("text_muted"))
            words = tr("What was written and the right answer stand here, with what differs marked.")
            QTextCursor(self.document()).insertText(words, plain)
            return
        near = nearest(one.written, one.references, fold=self._fold) if one.references else -1
        right = one.references[near] if near >= 0 else ""
        extra, missing = differences(one.written, right, fold=self._fold) if near >= 0 else ([], [])
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        note = tr("marked: not in the right answer") if extra else ""
        self._part(cursor, tr("Written"), one.written, extra, "danger", note)
        if near >= 0:
            note = tr("marked: missing from what was written") if missing else ""
            self._part(cursor, tr("Right answer"), right, missing, "success", note)
        for place, other in enumerate(one.references):
            if place != near:
                self._part(cursor, tr("Right as well"), other, [], "")
        self._part(cursor, tr("Source"), one.source, [], "")
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _part(
        self, cursor: QTextCursor, title: str, text: str, marks: list[Stretch], role: str, note: str = ""
    ) -> None:
        colors = theme()
        block, head, plain = QTextBlockFormat(), QTextCharFormat(), QTextCharFormat()
        head.setFont(font("small", bold=True))
        head.setForeground(colors.color("text_muted"))
        first = self.document().isEmpty()
        block.setTopMargin(0 if first else S2 - 4)
        if first:
            cursor.setBlockFormat(block)
        else:
            cursor.insertBlock(block)
        cursor.insertText(title, head)
        if note:
            head.setFont(font("small"))
            cursor.insertText(f" · {note}", head)
        block.setTopMargin(2)
        cursor.insertBlock(block)
        plain.setFont(font("body"))
        plain.setForeground(colors.color("text"))
        if not text.strip():
            plain.setForeground(colors.color("text_muted"))
            cursor.insertText(tr("(nothing)"), plain)
            return
        marked = QTextCharFormat(plain)
        if role:
            marked.setForeground(colors.color(role))
            marked.setBackground(colors.color(f"{role}_soft"))
            marked.setFontUnderline(True)
        place = 0
        for start, end in marks:
            cursor.insertText(text[place:start], plain)
            cursor.insertText(text[start:end], marked)
            place = end
        cursor.insertText(text[place:], plain)


def _signed(part: WrittenResults) -> list[str]:
    """A line for each figure as sacrebleu writes it: "BLEU|nrefs:1|case:mixed|... = 31.2 (30.1 – 32.2)"; then what the
    figures are to be seen beside."""
    lines = []
    for name, signature in (part.signature or {}).items():
        if name not in part.metrics or not signature:
            continue
        words = f"{metric_title(name)}|{signature} = {shown_metric(name, part.metrics[name])}"
        if name in part.ranges:
            low, high = (shown_metric(name, end) for end in part.ranges[name])
            words += f" ({tr('95 %: {low} to {high}', low=low, high=high)})"
        lines.append(words)
    if part.baseline is not None:
        title, figures = part.baseline
        told = ", ".join(f"{metric_title(name)} {shown_metric(name, value)}" for name, value in figures.items())
        lines.append(tr("{title} alone: {figures}", title=tr(title), figures=told))
    return lines
