"""Search by what units do: mark a range of a text, see which units are on, and where in the data the same ones are."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, number, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Banner, Card, Label, LinkButton, Muted, SegmentedControl, describe, empty
from lstm_studio.gui.widgets.context_list import ContextList, Tint, label_words
from lstm_studio.gui.widgets.inspect_text import TextLine
from lstm_studio.gui.widgets.range_strip import RangeStrip
from lstm_studio.gui.widgets.token_axis import quoted, visible_token
from lstm_studio.gui.widgets.token_strip import TokenScroll

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.index import UnitIndex
    from lstm_studio.inspection.pattern import Matches, Pattern
    from lstm_studio.inspection.trace import TextTrace

_TYPING, _LONGEST, _CHIPS = 250, 20_000, 16
_STEPS, _LOOKED_AT = 100, 500


class PatternPanel(QWidget):
    """The query of LSTMVis. Follows an index, and asks the selected run's network about the text."""

    activated = Signal(object)
    """A Context that is to be read."""
    unit_asked = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.trace: TextTrace | None = None
        self.pattern: Pattern | None = None
        self.matches: Matches | None = None
        self._index: UnitIndex | None = None
        self._state = "h"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addWidget(self._query_card())
        column.addWidget(self._places_card(), 1)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self.read)

    def _query_card(self) -> Card:
        card = Card(tr("Mark a range: which units are on there?"))
        self.ends = SegmentedControl(
            [
                (
                    "exact",
                    tr("Just there"),
                    tr("Units that are on over the whole range and off just before and behind it."),
                ),
                ("open", tr("At least there"), tr("Units that are on over the whole range, whatever they do outside.")),
            ],
            "exact",
            tr("Which units belong to the pattern"),
        )
        self.ends.changed.connect(lambda _: self._search())
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setRange(1, _STEPS)
        self.threshold.setFixedWidth(120)
        describe(
            self.threshold,
            tr("Threshold"),
            tr("From which value on, above 0 or below it, a unit counts as on; lower it if too few are."),
        )
        self.threshold.valueChanged.connect(lambda _: self._search())
        self.figure = Label("", "small", tabular=True)
        self.figure.setMinimumWidth(96)
        for widget in (self.figure, self.threshold, self.ends):
            card.header.addWidget(widget)
        self.line = TextLine(self.session)
        self.line.typed.connect(self._typed)
        self.line.failed.connect(self._failed)
        card.body.addWidget(self.line)
        self.strip = RangeStrip()
        self.strip.range_changed.connect(self._search)
        self.area = TokenScroll(self.strip)
        card.body.addWidget(self.area)
        self.problem = Banner("warning")
        self.problem.hide()
        card.body.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.said = Muted("", wrap=False)
        row.addWidget(self.said)
        self.chips = QHBoxLayout()
        self.chips.setSpacing(0)
        row.addLayout(self.chips)
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    def _places_card(self) -> Card:
        card = Card(tr("Where the same units are on"))
        self.once = QCheckBox(tr("One per text"))
        self.once.setChecked(True)
        describe(
            self.once, tr("One per text"), tr("Shows only the best place of each text, so that no text fills the list.")
        )
        self.once.toggled.connect(lambda _: self._search())
        card.header.addWidget(self.once)
        self.about = Muted("")
        card.body.addWidget(self.about)
        self.places = ContextList("")
        self.places.activated.connect(self.activated)
        card.body.addWidget(self.places, 1)
        return card

    # -- following ------------------------------------------------------------------------------------------

    def follow(self, index: UnitIndex | None, state: str) -> None:
        """Search in another index, or by another state."""
        if index is self._index and state == self._state:
            return
        self._index, self._state = index, state
        if index is not None:
            self.threshold.blockSignals(True)
            self.threshold.setValue(max(1, round(_STEPS * index.usual(state) / index.limit(state))))
            self.threshold.blockSignals(False)
        if self.isVisible():
            self.read()

    def forget(self) -> None:
        """Another run is looked at: its own texts are of interest."""
        self._typing.stop()
        self.line.text.clear()
        self._typing.stop()
        self.trace = self.strip.chosen = None

    def enter(self) -> None:
        """It is shown: read the text again, the network may have learned; there is always one."""
        if not self.line.text.toPlainText().strip():
            self.line.take_text()
        self.read()

    def _typed(self) -> None:
        self._typing.start()

    @Slot()
    def read(self) -> None:
        """Ask the network about the text."""
        self._typing.stop()
        text, given = self.line.text.toPlainText()[:_LONGEST], self.line.given
        if self.session.selected_run is None or self._index is None:
            return
        if not text.strip():
            self._show_text(None)
            return
        asked: dict[str, Any] = {}
        if given is not None and given.words is not None:
            text, asked = given.text[:_LONGEST], {"words": given.words, "predicate": given.predicate}
        self.session.with_predictor(
            lambda predictor: predictor.trace(text, **asked),
            done=self._show_text,
            failed=self._failed,
            channel="units-text",
        )

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self._show_text(None)
            self.problem.show_message("warning", error_text(error))
            self.problem.show()
        else:
            hub().fail(error)

    def _show_text(self, trace: TextTrace | None) -> None:
        self.problem.hide()
        before = self.trace.tokens if self.trace is not None else ()
        self.trace = trace
        tokens = trace.tokens if trace is not None else ()
        self.strip.set_tokens(tokens, trace.known if trace is not None else ())
        self.area.fit()
        chosen = self.strip.chosen
        if tokens != before or chosen is None or chosen[1] > len(tokens):
            self.strip.chosen = self._first_range()
        self._search()

    # -- searching ------------------------------------------------------------------------------------------

    def values(self) -> np.ndarray | None:
        """The state over the text, [T, H]; None where there is none."""
        index, trace = self._index, self.trace
        if index is None or trace is None:
            return None
        wanted = index.wanted
        for layer in trace.layers:
            if (layer.part, layer.layer, layer.direction) == ("", wanted.layer, wanted.direction):
                return layer.values.get(self._state)
        return None

    def _threshold(self) -> float:
        limit = self._index.limit(self._state) if self._index is not None else 1.0
        return limit * self.threshold.value() / _STEPS

    def _first_range(self) -> tuple[int, int] | None:
        """Something to begin with: the two tokens over which most units are on."""
        from lstm_studio.inspection.pattern import pattern

        values = self.values()
        if values is None or not len(values):
            return None
        wide, exact, threshold = min(2, len(values)), self.ends.value() == "exact", self._threshold()
        starts = range(min(_LOOKED_AT, len(values) - wide + 1))
        sizes = [len(pattern(values, start, start + wide, threshold, exact=exact).units) for start in starts]
        best = int(np.argmax(sizes))
        return best, best + wide

    @Slot()
    def _search(self) -> None:
        from lstm_studio.inspection.pattern import matches, on_counts, pattern

        index, values, chosen, state = self._index, self.values(), self.strip.chosen, self._state
        threshold = self._threshold()
        self.figure.setText(tr("on from ±{value:.2f}", value=threshold))
        if index is None or values is None or chosen is None or not len(values):
            self.pattern = None
            self.strip.set_shares([])
            self._show_units()
            self._show_matches(None)
            return
        found = self.pattern = pattern(values, *chosen, threshold, exact=self.ends.value() == "exact")
        size = len(found.units)
        self.strip.set_shares((on_counts(found, values) / size).tolist() if size else [])
        self._show_units()
        if not size:
            self.session.jobs.cancel("units-search")
            self._show_matches(None)
            return
        once = self.once.isChecked()

        def work(progress: Progress) -> Matches:
            return matches(index, state, found, once=once)

        self.session.jobs.start(work, done=self._show_matches, channel="units-search")

    def _show_units(self) -> None:
        empty(self.chips)
        found, trace, chosen = self.pattern, self.trace, self.strip.chosen
        if found is None or trace is None or chosen is None:
            self.said.setText("")
            return
        meant = quoted(" ".join(map(visible_token, trace.tokens[slice(*chosen)]))[:60])
        size = len(found.units)
        if not size:
            self.said.setText(
                tr("No unit is on over “{range}”. Lower the threshold or mark another range.", range=meant)
            )
            return
        self.said.setText(
            tr(
                "On over “{range}”: {n} of {all} units",
                range=meant,
                n=size,
                all=self._index.units if self._index else 0,
            )
        )
        for unit, sign in zip(found.units[:_CHIPS].tolist(), found.signs[:_CHIPS].tolist(), strict=True):
            chip = LinkButton(f"{'+' if sign > 0 else '−'}{unit}", callback=partial(self.unit_asked.emit, unit))
            describe(chip, tr("Unit {n}", n=unit), tr("Shows what this unit reacts to."))
            self.chips.addWidget(chip)
        if size > _CHIPS:
            self.chips.addWidget(Muted(tr("{n} more", n=size - _CHIPS), wrap=False))

    def _show_matches(self, found: Matches | None) -> None:
        self.matches = found
        index = self._index
        if found is None or index is None or self.pattern is None:
            self.about.setText("")
            nothing = tr(
                "Drag over some tokens of a text: the places in the data where the same units are on stand here."
            )
            self.places.set_rows((), Tint(shares=True), None, nothing)
            return
        size = len(self.pattern.units)
        words = tr(
            "All of these units are on at {n} places. A line shows the best: how many are on throughout, and in its "
            "tints how many of them at each token.",
            n=number(found.whole),
        )
        labels = Counter(match.context.label for match in found.found)
        if len(labels) > 1 and len(index.names) <= 50:
            label, most = labels.most_common(1)[0]
            words += " " + tr(
                "{n} of the {all} shown: “{label}”.",
                n=most,
                all=len(found.found),
                label=quoted(label_words(label, index.meaning)),
            )
        self.about.setText(words)
        rows = [_noted(match.context, f"{match.shared}/{size}") for match in found.found]
        nothing = tr("Nowhere in the data is any of these units on for as long.")
        self.places.set_rows(rows, Tint(shares=True), index, nothing)


def _noted(context: Any, note: str) -> Any:
    from dataclasses import replace

    return replace(context, note=note)
