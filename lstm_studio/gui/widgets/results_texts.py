"""Results of language models: hard and typical passages with what each token cost, and which tokens cost most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.band_chart import BandChart
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    ElidedLabel,
    Label,
    Muted,
    SegmentedControl,
    describe,
    set_enabled,
)
from lstm_studio.gui.widgets.costly_table import CostlyTable
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.passage_list import PassageList, where
from lstm_studio.gui.widgets.passage_text import PassageText, SurpriseLegend
from lstm_studio.gui.widgets.results_body import Given, ResultsBody
from lstm_studio.runs.results_texts import Passage, TextsResults

if TYPE_CHECKING:
    from lstm_studio.runs.results import Results


class TextsBody(ResultsBody):
    """Passages on the left; on the right the chosen one, and below it which tokens cost how much."""

    def __init__(self) -> None:
        super().__init__()
        self.part: TextsResults | None = None
        """What is shown."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(S2)
        both.addWidget(self._list_card())
        right = QWidget()
        right.setMinimumWidth(480)
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(S2)
        beside.addWidget(self._passage_card(), 5)
        below = QHBoxLayout()
        below.setSpacing(S2)
        self.band_card = Card(tr("Loss by frequency"))
        self.bands = BandChart()
        self.band_card.body.addWidget(self.bands)
        self.band_card.title.setToolTip(
            tr("The mean loss of the 10 most frequent tokens of the vocabulary, of the next ones, and so on.")
        )
        self.costly_card = Card(tr("Costliest tokens"))
        self.costly = CostlyTable()
        self.costly_card.body.addWidget(self.costly)
        below.addWidget(self.band_card, 1)
        below.addWidget(self.costly_card, 1)
        beside.addLayout(below, 4)
        both.addWidget(right)
        both.setStretchFactor(0, 2)
        both.setStretchFactor(1, 3)
        both.setSizes([4000, 6000])
        column.addWidget(both)

    def _list_card(self) -> Card:
        card = Card(tr("Passages"))
        card.setMinimumWidth(320)
        self.which = SegmentedControl([(True, ""), (False, "")], True, tr("Which passages"))
        said = (
            (True, tr("Hardest"), tr("The passages with the highest perplexity, the hardest first.")),
            (False, tr("Typical"), tr("Passages that are spread evenly over this part, in their order.")),
        )
        self.which.set_options(said, True)
        for button, (_, name, words), key in zip(self.which.buttons, said, ("Alt+H", "Alt+Y"), strict=True):
            describe(button, name, words, key)
        self.which.changed.connect(lambda _: self._list(fresh=True))
        card.header.addWidget(self.which)
        self.list = PassageList()
        self.list.chosen.connect(self._chosen)
        self.list.opened.connect(self._open)
        card.body.addWidget(self.list, 1)
        return card

    def _passage_card(self) -> Card:
        card = Card(tr("Passage"))
        self.place = Muted("", wrap=False)
        self.score = Label("", "small", "muted", tabular=True)
        self.inspect = Button(tr("Inspect"), "inspect", self._open)
        describe(self.inspect, self.inspect.text(), tr("Shows the network while it reads this passage."), "Alt+I")
        for widget in (self.place, self.score, self.inspect):
            card.header.addWidget(widget)
        self.passage = PassageText()
        self.passage.pointed.connect(self._pointed)
        card.body.addWidget(self.passage, 1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.legend = SurpriseLegend()
        self.said = ElidedLabel("", size="small", tone="small")
        self.said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.legend)
        row.addWidget(self.said, 1)
        card.body.addLayout(row)
        return card

    # -- showing --------------------------------------------------------------------------------------------

    def counted(self, part: Results) -> str:
        """How many tokens were predicted, and how many of them are unknown."""
        words = ntr("{n} token", "{n} tokens", part.examples)
        if not isinstance(part, TextsResults) or not part.unknown:
            return words
        share = f"{100 * part.unknown:.1f}" if part.unknown >= 0.0005 else "<0.1"
        return tr("{tokens}, {share} % unknown", tokens=words, share=share)

    def show_part(self, part: Results, fresh: bool) -> None:
        """Keeps the chosen passage and which ones are listed."""
        assert isinstance(part, TextsResults)
        self.part = part
        self.bands.set_bands(part.bands, part.examples)
        self.band_card.setVisible(any(band.tokens for band in part.bands))
        self.costly.show_part(part)
        self.costly_card.setVisible(bool(part.costly))
        self._list(fresh)

    def _list(self, fresh: bool) -> None:
        if self.part is not None:
            wanted = self.which.value()
            rows = [one for one in self.part.passages if one.hard == wanted]
            self.list.set_rows(rows, self.part.units, fresh)

    # -- choosing -------------------------------------------------------------------------------------------

    @Slot(object)
    def _chosen(self, one: Passage | None) -> None:
        self.passage.show_passage(one, self.part.units if self.part is not None else "word")
        self.place.setText(where(one) if one is not None else "")
        title = metric_title("perplexity")
        self.score.setText(f"{title} {shown_metric('perplexity', one.perplexity)}" if one is not None else "")
        set_enabled(self.inspect, bool(self.list.text().strip()), tr("Choose a passage first."))

    @Slot(object)
    def _pointed(self, token: int | None) -> None:
        self.said.setText(self.passage.token_words(token) if token is not None else "")

    @Slot()
    def _open(self) -> None:
        if (text := self.list.text()).strip():
            self.sentence_asked.emit(Given(text))
