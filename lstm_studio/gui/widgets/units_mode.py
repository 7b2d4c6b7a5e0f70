"""What do units react to? An index of many tokens, asked unit by unit or by a pattern of units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import EmptyState
from lstm_studio.gui.widgets.pattern_panel import PatternPanel
from lstm_studio.gui.widgets.results_body import Given
from lstm_studio.gui.widgets.unit_panel import UnitPanel
from lstm_studio.gui.widgets.units_bar import UnitsBar, UnitsControls
from lstm_studio.training.events import LayerGates, RunFinished, StepEnded

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.index import UnitIndex, Wanted
    from lstm_studio.inspection.units import Context, Reaction, Telling
    from lstm_studio.runs.predictor import Predictor

_MOST = "100,000"


@dataclass(frozen=True, eq=False)
class _Found:
    """What a look for an index brought."""

    run: Path
    layers: tuple[LayerGates, ...]
    wanted: Wanted
    index: UnitIndex | None


class UnitsMode(QWidget):
    """A mode of the Inspect page; see ``inspect_modes.MODES``."""

    name = "units"
    sentence_asked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.index: UnitIndex | None = None
        """What is asked; of the selected run, perhaps as it was a moment ago."""
        self.stale = False
        """Whether the network has learned since."""
        self._run: Path | None = None
        self._layers: tuple[LayerGates, ...] = ()
        self._job: Job | None = None
        self._asked_unit: tuple[LayerGates, int] | None = None
        self.bar = UnitsBar()
        self.bar.build.clicked.connect(self.build)
        self.bar.cancel.clicked.connect(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        self.controls = UnitsControls(session.settings.noted("inspect", "units", "one"))
        self.way, self.part, self.layers = self.controls.way, self.controls.part, self.controls.layers
        self.state, self.unit = self.controls.state, self.controls.unit
        self.way.changed.connect(self._way_chosen)
        self.part.changed.connect(lambda _: self.look())
        self.layers.changed.connect(self.look)
        self.state.changed.connect(lambda _: self._state_changed())
        self.unit.valueChanged.connect(lambda _: self._ask())
        column.addWidget(self.controls)
        self.empty = EmptyState("search", "", "", [(tr("Build the index"), self.build, True)])
        self.empty.buttons[0].setAccessibleDescription(
            tr("Reads the data once and keeps what each unit does; other parts of this page need it.")
        )
        self.one = UnitPanel()
        self.one.changed.connect(self._ask)
        self.one.activated.connect(self._open)
        self.one.unit_asked.connect(self.unit.setValue)
        self.search = PatternPanel(session)
        self.search.activated.connect(self._open)
        self.search.unit_asked.connect(self._unit_of_pattern)
        self.pages = QStackedWidget()
        for page in (self.empty, self.one, self.search):
            self.pages.addWidget(page)
        column.addWidget(self.pages, 1)
        session.selected_run_changed.connect(self._run_changed)
        session.run_changed.connect(self.look)
        session.events_arrived.connect(self._learned)
        self._show()

    @staticmethod
    def title() -> str:
        """One or two words."""
        return tr("Units")

    @staticmethod
    def help() -> str:
        """One sentence."""
        return tr("What a unit reacts to: where in the data it is highest, and where the same units are on.")

    # -- finding an index -----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()
        if self.pages.currentWidget() is self.search:
            self.search.enter()

    @Slot()
    def _run_changed(self) -> None:
        self._cancel()
        self.index, self.stale, self._layers = None, False, ()
        self.search.forget()
        self._show()
        self.look()

    @Slot(list)
    def _learned(self, events: list[object]) -> None:
        if not self.session.showing_active or self.index is None:
            return
        if any(isinstance(event, RunFinished) for event in events):
            self.look()
        elif not self.stale and any(isinstance(event, StepEnded) for event in events):
            self.stale = True
            self._show_bar()

    @Slot()
    def look(self) -> None:
        """Find the index of the chosen layer, if the network has one as it is now."""
        run = self.session.selected_run
        if run is None or not self.isVisible() or self._job is not None:
            return
        part, chosen, known = self.part.value(), self.layers.of(self._layers), self._layers

        def work(predictor: Predictor) -> _Found:
            layers = predictor.reading_layers()
            wanted = _wanted(part, chosen, layers)
            return _Found(run, known or layers, wanted, predictor.unit_index(wanted))

        self.session.with_predictor(work, done=self._found, failed=self._failed, channel="units", long=True)

    def _found(self, found: _Found) -> None:
        if found.run != self.session.selected_run:
            return
        self._take_layers(found.layers, found.wanted)
        same = self.index is not None and self._run == found.run and self.index.wanted == found.wanted
        if found.index is not None:
            self.stale = False
            if not same or self.index is None or self.index.key != found.index.key:
                self.index = found.index
        elif same:
            self.stale = True  # what was read is still worth asking
        else:
            self.index = None
        self._run = found.run
        self._show()

    def _take_layers(self, layers: tuple[LayerGates, ...], wanted: Wanted) -> None:
        self._layers = layers
        self.layers.set_layers(layers)
        self.layers.setVisible(len(layers) > 1)
        self.layers.layer.set_value(wanted.layer)
        self.layers.direction.set_value(wanted.direction)

    def _failed(self, error: Exception) -> None:
        self._job = None
        self.index = None
        self._show()
        if isinstance(error, StudioError):
            self.empty.title.setText(tr("This cannot be indexed"))
            self.empty.text.setText(error_text(error))
        else:
            hub().fail(error)

    # -- building -------------------------------------------------------------------------------------------

    @Slot()
    def build(self) -> None:
        """Read the data through the network, in the background."""
        run = self.session.selected_run
        if run is None or self._job is not None:
            return
        part, chosen = self.part.value(), self.layers.of(self._layers)
        mail: SimpleQueue[Job] = SimpleQueue()

        def work(predictor: Predictor) -> _Found:
            job = mail.get()
            layers = predictor.reading_layers()
            wanted = _wanted(part, chosen, layers)
            return _Found(run, layers, wanted, predictor.unit_index(wanted, build=True, progress=job.progress))

        def done(found: _Found) -> None:
            self._job = None
            self._found(found)

        self._job = self.session.with_predictor(work, done=done, failed=self._failed, channel="units-build", long=True)
        if self._job is not None:
            self._job.on_progress = self._tell
            mail.put(self._job)
            self._tell(0.0, "")
        self._show()

    def _tell(self, share: float, words: str) -> None:
        self.bar.progress.setValue(round(1000 * max(0.0, share)))
        if words:
            self.bar.words.setText(tr(words))

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._show()
            self.look()

    # -- asking ---------------------------------------------------------------------------------------------

    def show_unit(self, layer: LayerGates, unit: int) -> None:
        """Ask what a unit of a layer reacts to, as soon as that is known."""
        self._asked_unit = (layer, unit)
        self.way.set_value("one")
        self._layers = self._layers or (layer,)
        self._take_layers(self._layers, _wanted(self.part.value(), layer, (layer,)))
        self.look()

    def _unit_of_pattern(self, unit: int) -> None:
        self.way.set_value("one")
        self.unit.setValue(unit)
        self._show()

    def _way_chosen(self, way: str) -> None:
        self.session.settings.note("inspect", units=way)
        self.session.save_soon()
        self._show()

    def _state_changed(self) -> None:
        self._ask()
        self._ask_telling()
        if self.index is not None:
            self.search.follow(self.index, self.state.value())

    @Slot()
    def _ask(self) -> None:
        index, state, unit, once = self.index, self.state.value(), self.unit.value(), self.one.once.isChecked()
        if index is None:
            return

        def work(progress: Progress) -> Reaction:
            from lstm_studio.inspection.units import react

            return react(index, state, unit, once=once)

        def done(found: Reaction) -> None:
            if index is self.index:
                self.one.show_reaction(found, index)

        self.session.jobs.start(work, done=done, channel="units-react")

    def _ask_telling(self) -> None:
        index, state = self.index, self.state.value()
        if index is None:
            return

        def work(progress: Progress) -> tuple[Telling, ...]:
            from lstm_studio.inspection.units import telling

            return telling(index, state)

        def done(found: tuple[Telling, ...]) -> None:
            if index is self.index:
                self.one.show_telling(found, index.meaning)

        self.session.jobs.start(work, done=done, channel="units-telling")

    def _open(self, context: Context) -> None:
        if self.index is not None:
            self.sentence_asked.emit(Given(**self.index.question(context.start)))

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """The page that fits, with the controls that belong to it."""
        index, one = self.index, self.way.value() == "one"
        self.controls.show_index(index)
        if index is None:
            self._show_empty()
            self.one.show_reaction(None, None)
            self.one.show_telling(())
        else:
            self._take_index(index)
        self.pages.setCurrentWidget(self.empty if index is None else self.one if one else self.search)
        if index is not None and not one:
            self.search.enter()
        self._show_bar()

    def _take_index(self, index: UnitIndex) -> None:
        asked = self._asked_unit
        if asked is not None and (asked[0].layer, asked[0].direction) == (index.wanted.layer, index.wanted.direction):
            self.controls.set_unit(asked[1], index.units)
            self._asked_unit = None
        self.search.follow(index, self.state.value())
        if self.way.value() == "one":
            self._ask()
            self._ask_telling()

    def _show_empty(self) -> None:
        building = self._job is not None
        self.empty.buttons[0].setVisible(not building)
        self.empty.title.setText(tr("The texts are being read") if building else tr("Nothing is indexed yet"))
        self.empty.text.setText(
            tr(
                "Up to {n} tokens of the data are read through the network once, and what each unit does is "
                "kept. Then each unit can be asked what it reacts to, and where the same units are on.",
                n=_MOST,
            )
        )

    def _show_bar(self) -> None:
        self.bar.show_index(self.index, self.stale, building=self._job is not None)


def _wanted(part: str, chosen: LayerGates | None, layers: tuple[LayerGates, ...]) -> Wanted:
    """The chosen layer, or the first one where the network has no such layer."""
    from lstm_studio.inspection.index import Wanted

    there = {(layer.layer, layer.direction) for layer in layers}
    if chosen is not None and (chosen.layer, chosen.direction) in there:
        return Wanted(part, chosen.layer, chosen.direction)
    return Wanted(part, layers[0].layer, layers[0].direction)
