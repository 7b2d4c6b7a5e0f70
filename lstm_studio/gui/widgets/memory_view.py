"""Memory over time: how long units remember, how often their gates are saturated, and some of them side by side."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, ntr, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2, font
from lstm_studio.gui.widgets.basic import Label, Muted, SegmentedControl, vertical_line
from lstm_studio.gui.widgets.inside_view import InsideView, Seen
from lstm_studio.gui.widgets.inspect_text import some_texts
from lstm_studio.gui.widgets.linked_view import LinkedView
from lstm_studio.gui.widgets.mean_strips import MeanStrips
from lstm_studio.gui.widgets.pinned_units import PinnedUnits
from lstm_studio.gui.widgets.saturation_chart import SaturationChart
from lstm_studio.gui.widgets.time_chart import TimeChart, constant_words
from lstm_studio.inspection.memory import Saturation, Tally, gates_in, keeping_gate

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import Job
    from lstm_studio.gui.session import Session

_TEXTS, _TOKENS = 200, 5_000
"""Of the validation part that are read; at most so many."""


class MemoryView(InsideView):
    """Figures of all units on the left, traces of some on the right, mean gates above."""

    name = "memory"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._seen: Seen | None = None
        self._tally: tuple[tuple[Path | None, str], Tally] | None = None
        self._problem = ""
        self._job: Job | None = None
        self._stopped = threading.Event()
        self.pins: dict[tuple[Path | None, str], list[int]] = {}
        self.linked = LinkedView(self)
        self.linked.cursor_changed.connect(self._pointed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.about = Muted(
            tr(
                "Above the text the mean of each gate. Below, how often each unit's gates are saturated and how long "
                "it remembers, and the traces of the units that you pin."
            )
        )
        column.addWidget(self.about)
        self.strips = MeanStrips()
        self.strips.token_asked.connect(self.token_asked)
        column.addWidget(self.strips)
        self.pinned = PinnedUnits(self.linked)
        self.pinned.pin_asked.connect(self.toggle_pin)
        row = QHBoxLayout()
        row.setSpacing(S2)
        row.addWidget(self._figures(), 1)
        row.addWidget(vertical_line())
        row.addWidget(self.pinned, 1)
        column.addLayout(row, 1)

    @staticmethod
    def title() -> str:
        return tr("Memory")

    @staticmethod
    def help() -> str:
        return tr("How long each unit remembers and how often its gates stand wide open or shut.")

    def _figures(self) -> QWidget:
        whole = QWidget()
        whole.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        head = QHBoxLayout()
        head.setSpacing(S1)
        self.over = SegmentedControl(
            [
                ("text", tr("This text"), tr("Figures over the tokens of the text above.")),
                ("many", tr("Validation texts"), tr("Figures over many texts that the network was checked with.")),
            ],
            "text",
            tr("What the figures are taken over"),
        )
        self.over.changed.connect(lambda _: self._follow())
        self.said = Muted("")
        head.addWidget(self.over)
        head.addWidget(self.said, 1)
        column.addLayout(head)
        self._charts = QHBoxLayout()
        self._charts.setSpacing(S1)
        self.charts: list[SaturationChart] = []
        column.addLayout(self._charts, 3)
        self.times_title = Label("", "small", wrap=True)
        self.times_title.setFont(font("small", bold=True))
        self.times = TimeChart()
        column.addWidget(self.times_title)
        column.addWidget(self.times, 2)
        return whole

    # -- following ------------------------------------------------------------------------------------------

    def show_seen(self, seen: Seen | None) -> None:
        self._seen = seen
        self._follow()

    def leave(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._stopped.set()
        self.session.jobs.cancel("inspect-memory")
        self.session.jobs.cancel("inspect-memory-texts")

    @property
    def _key(self) -> tuple[Path | None, str]:
        """Which network and layer is looked at."""
        return self.session.selected_run, "" if self._seen is None else self._seen.layer.name

    def _follow(self) -> None:
        seen = self._seen
        if seen is None:
            self.strips.set_gates((), {})
            self.pinned.set_units((), {}, None, (), None)
            self._show_figures({}, None, None)
            self.said.setText("")
            return
        values = seen.layer.values
        units = next(iter(values.values())).shape[1]
        self.linked.set_extent(len(seen.tokens), units)
        self.strips.set_gates(seen.tokens, values)
        self.strips.set_cursor(seen.token)
        self._set_cursor(seen.token)
        tally = self._found_tally()
        if self.over.value() == "many" and tally is None and gates_in(values):
            self._ask()
        if tally is not None:
            gates = {key: tally.saturation(key) for key in tally.total}
            constants = tally.time_constants()
        else:
            own = Tally.empty()
            own.add(values)
            gates = {key: own.saturation(key) for key in gates_in(values)}
            constants = own.time_constants()
        waits = self.over.value() == "many" and tally is None
        self._show_figures({} if waits else gates, None if waits else constants, seen.unit, keeping_gate(values))
        self.over.setVisible(bool(gates_in(values)))
        self.said.setText(self._words(tally, len(seen.tokens)) if gates_in(values) else "")
        pins = [unit for unit in self.pins.get(self._key, []) if unit < units]
        self.pinned.set_units(seen.tokens, values, seen.unit, pins, constants)

    def _words(self, tally: Tally | None, tokens: int) -> str:
        if self.over.value() == "many" and tally is None:
            return self._problem or tr("The validation texts are being read…")
        count = tokens if tally is None else tally.tokens
        return ntr("Each point is a unit; shares of {n} token.", "Each point is a unit; shares of {n} tokens.", count)

    def _show_figures(
        self,
        gates: dict[str, Saturation],
        constants: np.ndarray | None,
        unit: int | None,
        keeping: str | None = None,
    ) -> None:
        names = [chart.gate for chart in self.charts]
        wanted = list(gates)
        if wanted and names != wanted:
            for chart in self.charts:
                self._charts.removeWidget(chart)
                chart.hide()
                chart.deleteLater()
            self.charts = [SaturationChart(gate) for gate in wanted]
            for chart in self.charts:
                chart.unit_asked.connect(self.unit_asked)
                self._charts.addWidget(chart)
        without = self._seen is not None and not gates_in(self._seen.layer.values)
        for chart in self.charts:
            chart.setVisible(not without)
            chart.set_saturation(gates.get(chart.gate), unit)
        self.times.set_constants(constants)
        if constants is None or keeping is None:
            self.times_title.setText("")
            return
        middle = constant_words(float(np.median(constants[~np.isnan(constants)]))) if len(constants) else "–"
        self.times_title.setText(
            tr("Time constants, −1 / ln of the mean {gate} · median {middle}",
               gate={"f": tr("forget gate"), "z": tr("update gate")}[keeping], middle=middle)
        )  # fmt: skip

    # -- many texts -----------------------------------------------------------------------------------------

    def _found_tally(self) -> Tally | None:
        if self.over.value() == "many" and self._tally is not None and self._tally[0] == self._key:
            return self._tally[1]
        return None

    def _ask(self) -> None:
        """Read some of the validation part; once a network and layer."""
        if self._job is not None and self._asked == self._key:
            return
        self.leave()
        run, name = self._asked = self._key
        self._problem = ""
        stopped = self._stopped = threading.Event()
        if run is None:
            return

        def failed(error: Exception) -> None:
            self._job, self._asked = None, (None, "")
            if isinstance(error, StudioError):
                self._problem = error_text(error)
                self.said.setText(self._problem)
            elif not isinstance(error, Cancelled):
                hub().fail(error)

        def loaded(texts: list[tuple[str, dict[str, Any]]]) -> None:
            self._job = self.session.with_predictor(
                lambda predictor: predictor.tally(texts, name, lambda: not stopped.is_set()),
                done, failed, "inspect-memory", long=True,
            )  # fmt: skip

        def done(found: Tally) -> None:
            self._job = None
            self._tally = ((run, name), found)
            self._follow()

        self._job = self.session.jobs.start(
            lambda progress: _some(run, progress), done=loaded, failed=failed, channel="inspect-memory-texts"
        )

    _asked: tuple[Path | None, str] = (None, "")

    # -- units and tokens -----------------------------------------------------------------------------------

    def toggle_pin(self, unit: int) -> None:
        """Keep a unit's trace in sight, or no longer."""
        pins = self.pins.setdefault(self._key, [])
        if unit in pins:
            pins.remove(unit)
        else:
            pins.append(unit)
        self._follow()

    def _pointed(self) -> None:
        cursor = self.linked.cursor
        if not self._quiet and cursor is not None:
            self.token_asked.emit(cursor[0])

    _quiet = False

    def _set_cursor(self, token: int | None) -> None:
        self._quiet = True
        self.linked.set_cursor(None if token is None or not self.linked.units else (token, 0))
        self._quiet = False


def _some(run: Path, progress: Progress) -> list[tuple[str, dict[str, Any]]]:
    """Some validation texts of a run, and what is asked besides; not too many tokens, as far as blanks tell."""
    found: list[tuple[str, dict[str, Any]]] = []
    tokens = 0
    for given in some_texts(run, progress, _TEXTS):
        if not given.text.strip():
            continue
        asked = {} if given.words is None else {"words": given.words, "predicate": given.predicate}
        found.append((given.text, asked))
        tokens += len(given.text.split()) if given.words is None else len(given.words)
        if tokens > _TOKENS:
            break
    return found
