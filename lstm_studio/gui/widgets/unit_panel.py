"""What one unit reacts to: the places where it is highest or lowest, its values by label, the tokens it likes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.basic import Card, LinkButton, Muted, SegmentedControl, describe, empty
from lstm_studio.gui.widgets.context_list import ContextList, Tint, label_words, signed
from lstm_studio.gui.widgets.density_chart import DensityChart
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.token_bars import TokenBars

if TYPE_CHECKING:
    from lstm_studio.inspection.index import UnitIndex
    from lstm_studio.inspection.units import Histogram, Reaction, Telling


class UnitPanel(QWidget):
    """Shows a ``Reaction``."""

    changed = Signal()
    """Other contexts are wanted: see ``once``."""
    activated = Signal(object)
    """A Context that is to be read."""
    unit_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.reaction: Reaction | None = None
        self._index: UnitIndex | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(S2)
        both.addWidget(self._places_card())
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(S2)
        beside.addWidget(self._labels_card(), 5)
        beside.addWidget(self._tokens_card(), 4)
        both.addWidget(right)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        both.setSizes([700, 420])
        column.addWidget(both)

    def _places_card(self) -> Card:
        self.places_card = card = Card(tr("Places"))
        self.end = SegmentedControl(
            [
                ("highest", tr("Highest"), tr("The places in the data where the unit's value is highest.")),
                ("lowest", tr("Lowest"), tr("The places in the data where the unit's value is lowest.")),
            ],
            "highest",
            tr("Which places"),
        )
        self.end.changed.connect(lambda _: self._show())
        self.once = QCheckBox(tr("One per text"))
        self.once.setChecked(True)
        describe(
            self.once, tr("One per text"), tr("Shows only the best place of each text, so that no text fills the list.")
        )
        self.once.toggled.connect(lambda _: self.changed.emit())
        card.header.addWidget(self.once)
        card.header.addWidget(self.end)
        self.about = Muted("")
        card.body.addWidget(self.about)
        self.places = ContextList(tr("The places in the data where the unit is highest stand here."))
        self.places.activated.connect(self.activated)
        card.body.addWidget(self.places, 1)
        return card

    def _labels_card(self) -> Card:
        self.labels_card = card = Card(tr("By label"))
        self.best = QHBoxLayout()
        self.best.setSpacing(0)
        card.header.addLayout(self.best)
        self.separates = Muted("")
        card.body.addWidget(self.separates)
        self.chart = DensityChart()
        card.body.addWidget(self.chart, 1)
        return card

    def _tokens_card(self) -> Card:
        card = Card(tr("Tokens it likes"))
        self.tokens_title = card
        self.explains = Muted("")
        card.body.addWidget(self.explains)
        self.bars = TokenBars()
        card.body.addWidget(self.bars, 1)
        return card

    def show_reaction(self, reaction: Reaction | None, index: UnitIndex | None) -> None:
        """Show what a unit of an index reacts to; None for nothing."""
        self.reaction, self._index = reaction, index
        self._show()

    def show_telling(self, found: Sequence[Telling], meaning: str = "label") -> None:
        """Offer the units that separate labels best."""
        empty(self.best)
        if found:
            self.best.addWidget(Muted(tr("Most telling:"), wrap=False))
        for one in found:
            chip = LinkButton(str(one.unit), callback=partial(self.unit_asked.emit, one.unit))
            words = tr(
                "Its mean at “{label}” lies {apart:.1f} standard deviations from that at all other tokens.",
                label=quoted(label_words(one.label, meaning)),
                apart=abs(one.apart),
            )
            describe(chip, tr("Unit {n}", n=one.unit), words)
            self.best.addWidget(chip)

    @Slot()
    def _show(self) -> None:
        found, index = self.reaction, self._index
        if found is None or index is None:
            self.places.set_rows((), Tint(), None)
            self.chart.set_histogram(None)
            self.bars.set_tokens((), Tint())
            for line in (self.about, self.separates, self.explains):
                line.setText("")
            return
        highest = self.end.value() == "highest"
        tint = Tint(index.limit(found.state))
        title = tr("Where unit {n} is highest") if highest else tr("Where unit {n} is lowest")
        self.places_card.set_title(title.format(n=found.unit))
        self.about.setText(
            tr("Each line is a place in the data: the framed token, tinted by the unit's value; double-click reads it.")
        )
        self.places.set_rows(found.highest if highest else found.lowest, tint, index)
        titles = {
            "label": tr("By label of the text"),
            "tag": tr("By tag"),
            "next": tr("By the token that follows"),
            "place": tr("By place in the text"),
        }
        self.labels_card.set_title(titles[index.meaning])
        self.separates.setText(separation_words(found.histogram, index.meaning))
        self.chart.set_histogram(found.histogram, index.meaning)
        liking = found.liking
        self.tokens_title.set_title(tr("Tokens it likes") if highest else tr("Tokens it dislikes"))
        self.explains.setText(
            tr(
                "Which token is read explains {share:.0f} % of its variance; below its mean by token.",
                share=100 * liking.share,
            )
        )
        self.bars.set_tokens(liking.highest if highest else liking.lowest, tint)


def separation_words(seen: Histogram, meaning: str) -> str:
    """Which label a unit tells from all others, in a sentence."""
    if not seen.labels:
        return ""
    best = seen.labels[0]
    if len(seen.labels) == 1 and seen.rest is None:
        return tr("All tokens have the same label.")
    if abs(best.apart) < 0.1:
        return tr("It separates no label from the others.")
    words = (
        tr("Separates “{label}” best: its mean there is {mean}, {apart:.1f} standard deviations above the rest.")
        if best.apart > 0
        else tr("Separates “{label}” best: its mean there is {mean}, {apart:.1f} standard deviations below the rest.")
    )
    return words.format(label=quoted(label_words(best.name, meaning)), mean=signed(best.mean), apart=abs(best.apart))
