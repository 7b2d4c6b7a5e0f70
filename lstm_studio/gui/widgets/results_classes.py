"""Results of networks that choose among classes: confusions, classes, and the sentences that were read worst."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from lstm_studio.gui import icons
from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Button, Card, Muted, describe
from lstm_studio.gui.widgets.confusion_model import cell_words
from lstm_studio.gui.widgets.confusion_table import ConfusionTable
from lstm_studio.gui.widgets.results_body import Given, ResultsBody
from lstm_studio.gui.widgets.results_figures import ClassTable
from lstm_studio.gui.widgets.sentence_list import SentenceList, SentenceRow
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.span_flow import SpanMark
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.runs.results import Mistake, PartResults

if TYPE_CHECKING:
    from lstm_studio.runs.results import Results

_CHIP = 300
_CHROME, _SHARE = 64, 0.66
"""Pixels of a card around its content; the confusion's share where not all fits."""
_PIECES = re.compile(r"[\u0021-\u024f]+ ?|\S ?")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class ClassesBody(ResultsBody):
    """Confusions and classes on the left, what was read wrongly on the right. A cell leads to all of its examples;
    marked, it filters what stands on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.part: PartResults | None = None
        """What is shown."""
        self.cell: tuple[int, int] | None = None
        """The cell of the confusion whose sentences are listed."""
        self.listed: list[Mistake] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(S2)
        left = self.left = _Column()
        left.resized.connect(self._share_room)
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.setSpacing(S2)
        self.confusion_card, self.class_card = Card(tr("What was read as what")), Card(tr("Classes"))
        self.confusion = ConfusionTable()
        self.confusion.setMinimumHeight(140)
        describe(
            self.confusion.table,
            tr("Table of confusions"),
            tr(
                "Rows are the truth, columns what the network read. A click or Enter lists all examples of a cell; "
                "with Ctrl, or Space, only those among the worst beside it."
            ),
            "Alt+C",
        )
        self.confusion.cell_clicked.connect(self._cell_clicked)
        self.confusion.cell_marked.connect(self._cell_marked)
        self.confusion_card.body.addWidget(self.confusion)
        self.classes = ClassTable()
        self.class_card.body.addWidget(self.classes)
        self._left.addWidget(self.confusion_card, 1000)  # all that it may have, see _share_room
        self._left.addWidget(self.class_card, 1)
        both.addWidget(left)
        both.addWidget(self._list_card())
        both.setStretchFactor(0, 1)
        both.setStretchFactor(1, 1)
        left.setMinimumWidth(390)
        column.addWidget(both)
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.show_all)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _list_card(self) -> Card:
        card = Card(tr("The worst first"))
        card.setMinimumWidth(400)
        self.count = Muted("", wrap=False)
        self.chip = Button("", callback=self.show_all)
        self.chip.setIcon(icons.icon("close", "text_muted"))
        self.chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.chip.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.chip.hide()
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addWidget(self.chip)
        row.addStretch(1)
        self.chip_row = QWidget()
        self.chip_row.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self.chip_row.hide()
        card.header.addWidget(self.count)
        card.body.addWidget(self.chip_row)
        self.list = SentenceList()
        describe(
            self.list.view,
            tr("The worst first"),
            tr("What was read worst; Enter or a double click shows the network while it reads it."),
            "Alt+W",
        )
        self.list.view.setToolTip("")  # it has one for every sentence
        self.list.activated.connect(self._activated)
        card.body.addWidget(self.list, 1)
        return card

    # -- showing --------------------------------------------------------------------------------------------

    def counted(self, part: Results) -> str:
        """Sentences where words have tags, texts where texts have classes."""
        if isinstance(part, PartResults) and part.nothing is not None:
            return ntr("{n} sentence", "{n} sentences", part.examples)
        return ntr("{n} text", "{n} texts", part.examples)

    def show_part(self, part: Results, fresh: bool) -> None:
        """Keeps the chosen cell while the classes are the same ones."""
        assert isinstance(part, PartResults)
        if fresh or self.part is None or part.classes != self.part.classes:
            self.cell = None
        self.part = part
        tagging = part.nothing is not None
        now = self.confusion.table.currentIndex()
        place = (now.row(), now.column()) if self.cell is not None and now.isValid() else None
        self.confusion.set_matrix(
            [name or tr("(nothing)") for name in part.classes] if len(part.classes) > tagging else [],
            part.confusion if len(part.classes) > tagging else part.confusion[:0, :0],
            title_rows=tr("In the data"),
            title_columns=tr("Read as"),
            nothing=part.nothing,
            unit="span" if tagging else "sentence",
        )
        if place is not None:
            self.confusion.table.setCurrentIndex(self.confusion.table.counts.index(*place))
        self.classes.set_figures(part.per_class)
        self._share_room()
        self.list.set_colors(SpanColors(part.labels))
        self._show_list()

    @Slot()
    def _share_room(self) -> None:
        """The confusion takes no more room than it needs, and leaves some to the classes."""
        room = self.left.height() - S2
        wanted = self.confusion.table.wanted()
        own = wanted.height() + 24 + _CHROME
        if wanted.width() > self.confusion.table.width():
            own += self.confusion.table.horizontalScrollBar().sizeHint().height()
        others = self.classes.wanted() + _CHROME
        self.confusion_card.setMaximumHeight(max(200, min(own, max(room - others, round(_SHARE * room)))))

    def _show_list(self) -> None:
        part = self.part
        if part is None:
            return
        chosen = self.list.current()
        before = self.listed[chosen].index if 0 <= chosen < len(self.listed) else None
        every = part.worst or ()
        cell = self.cell
        self.listed = [one for one in every if cell is None or cell in one.cells]
        spaced = part.spaced if part.nothing is not None else not _unspaced(every)
        self.list.set_rows([_row(one, spaced) for one in self.listed], spaced)
        self.list.set_empty(self._why_none(part))
        for row, one in enumerate(self.listed):
            if one.index == before:
                self.list.select(row)
        shown, all_of_them = number(len(self.listed)), number(len(every))
        if cell is None:
            words = ntr("{n} wrong one", "{n} wrong ones", len(every)) if every else ""
        else:
            words = tr("{n} of {all}", n=shown, all=all_of_them) if every else ""
        self.count.setText(words)
        self.chip_row.setVisible(cell is not None)
        self.chip.setVisible(cell is not None)
        if cell is not None:
            full = cell_words(part.classes, *cell)
            short = self.chip.fontMetrics().elidedText(full, Qt.TextElideMode.ElideRight, _CHIP)
            self.chip.setText(short.replace("&", "&&"))
            describe(self.chip, full, tr("Lists only these; click, or press Escape, to list all again."))

    def _why_none(self, part: PartResults) -> str:
        if part.worst is None:
            return tr("This run did not keep what it read wrongly; runs trained from this version on do.")
        if not part.worst:
            return tr("Nothing here was read wrongly.")
        if self.cell is not None and part.confusion[self.cell]:
            return tr("None of the {n} worst, which are all that is kept, has this.", n=number(len(part.worst)))
        return tr("Nothing was read like this.")

    # -- choosing -------------------------------------------------------------------------------------------

    def _cell_clicked(self, truth: int, predicted: int) -> None:
        if self.part is not None:
            self.cell_asked.emit(self.part.classes[truth], self.part.classes[predicted])

    def _cell_marked(self, truth: int, predicted: int) -> None:
        cell = (truth, predicted)
        self.cell = None if cell == self.cell else cell
        self._show_list()

    @Slot()
    def show_all(self) -> None:
        """List all of the worst again."""
        if self.cell is not None:
            self.cell = None
            self._show_list()
            self.list.view.setFocus()

    def _activated(self, row: int) -> None:
        part = self.part
        if part is None or not 0 <= row < len(self.listed):
            return
        one = self.listed[row]
        if part.nothing is None:
            self.sentence_asked.emit(Given(" ".join(one.words)))
        else:
            text = (" " if part.spaced else "").join(one.words)
            self.sentence_asked.emit(Given(text, one.words, one.predicate))


class _Column(QWidget):
    """Tells when it has another size."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


def _row(one: Mistake, spaced: bool) -> SentenceRow:
    if one.probability is not None:
        words = one.words if spaced else tuple(_PIECES.findall(" ".join(one.words)))
        note = tr(
            "is {truth}, read as {predicted} with {share} %",
            truth=quoted(one.label[:60]),
            predicted=quoted(one.read[:60]),
            share=f"{100 * one.probability:.0f}",
        )
        return SentenceRow(words, (), (), note)
    truth, predicted = [tuple(SpanMark(*mark) for mark in marks) for marks in (one.truth, one.predicted)]
    return SentenceRow(one.words, truth, predicted, _note(one))


def _note(one: Mistake) -> str:
    """What is wrong: "1 of another type · 2 missed · 1 invented"."""
    there = {mark[:2]: mark[2] for mark in one.truth}
    guessed = {mark[:2]: mark[2] for mark in one.predicted}
    common = there.keys() & guessed.keys()
    other = sum(there[ends] != guessed[ends] for ends in common)
    parts = []
    if one.predicate is not None:
        parts.append(tr("of “{word}”", word=quoted(one.words[one.predicate][:40])))
    if other:
        parts.append(ntr("{n} of another type", "{n} of another type", other))
    if len(there) > len(common):
        parts.append(ntr("{n} missed", "{n} missed", len(there) - len(common)))
    if len(guessed) > len(common):
        parts.append(ntr("{n} invented", "{n} invented", len(guessed) - len(common)))
    return " · ".join(parts)


def _unspaced(worst: Sequence[Mistake]) -> bool:
    """Whether the texts are written without spaces between words."""
    text = "".join(word[:100] for one in worst[:50] for word in one.words[:50])
    return 2 * len(_CJK.findall(text)) > len(text)
