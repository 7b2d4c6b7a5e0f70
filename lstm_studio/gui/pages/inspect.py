"""Inspect: what happens inside while the network reads a text, and what it gets right and wrong of many."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1, S2, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    EmptyState,
    Label,
    LinkButton,
    Muted,
    SegmentedControl,
    describe,
    set_enabled,
)
from lstm_studio.gui.widgets.gate_panel import GateGrid, GateStatus
from lstm_studio.gui.widgets.inside_view import Seen
from lstm_studio.gui.widgets.inspect_modes import MODES, TEXT
from lstm_studio.gui.widgets.inspect_text import TextLine, TextRead, escaped
from lstm_studio.gui.widgets.inspect_views import InsideViews
from lstm_studio.gui.widgets.layer_choice import LayerChoice
from lstm_studio.gui.widgets.lesson import Lesson
from lstm_studio.gui.widgets.lesson_stage import Stage
from lstm_studio.gui.widgets.results_view import Given, ResultsView
from lstm_studio.gui.widgets.save_menu import SaveButton, save
from lstm_studio.gui.widgets.saveable import Saved
from lstm_studio.gui.widgets.saved_plots import saved_in
from lstm_studio.gui.widgets.saved_trace import saved_trace
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.gui.widgets.unit_trace import UnitTrace, arithmetic
from lstm_studio.gui.widgets.verdicts import NOT_YET, verdicts_of

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.trace import TextTrace

_TYPING = 250
_LONGEST = 20_000
_LIVE_SECONDS = 2.0
_LIVE_SHARE = 20
"""While the run trains, looking inside may take one part in so many of its time."""


class InspectPage(Page):
    """One text through the selected run's network: tokens, gates, one unit. Or its results on many."""

    name = "inspect"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.trace: TextTrace | None = None
        self._order: np.ndarray | None = None
        self._order_of: tuple[object, ...] = ()
        self._asked = 0.0
        self._asked_for: dict[str, Any] = {}
        self._took = 0.0
        self._modes: dict[str, Any] = {}
        self._stale = True
        self.pages = QStackedWidget()
        self.layout_.addWidget(self.pages)
        self.empty = EmptyState(
            "inspect",
            tr("Nothing to look into yet"),
            tr("Train a network or choose a finished run; then every gate at every word of any text can be seen here."),
            [
                (tr("Go to training"), lambda: session.page_requested.emit("train"), True),
                (tr("Choose a run"), lambda: session.page_requested.emit("runs"), False),
            ],
        )
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addWidget(self._top_card())
        self.inside = QWidget()
        below = QVBoxLayout(self.inside)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(S2)
        below.addWidget(self._gate_card(), 7)
        self.unit_card = self._unit_card()
        below.addWidget(self.unit_card, 2)
        column.addWidget(self.inside, 1)
        self._column = column
        self.lesson = Lesson(Stage(self))
        below.addWidget(self.lesson)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(content)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self._ask)
        session.selected_run_changed.connect(self.lesson.finish)
        session.selected_run_changed.connect(self._run_changed)
        session.run_changed.connect(self._run_changed)
        session.events_arrived.connect(self._learned)
        theme_notifier().changed.connect(self._show_arithmetic)
        self.text.setPlainText(str(session.settings.noted("inspect", "text", "") or ""))
        self._show_mode()
        self._run_changed()

    # -- building -------------------------------------------------------------------------------------------

    def _top_card(self) -> Card:
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(S2)
        about = tr("Every gate at every word of a text that you type.")
        self.mode = SegmentedControl(
            [(TEXT, tr("One text"), about), *((mode.name, mode.title(), mode.help()) for mode in MODES)],
            self.session.settings.noted("inspect", "mode", TEXT),
            tr("What to look at"),
        )
        for number, button in enumerate(self.mode.buttons, 1):
            helps = [about, *(mode.help() for mode in MODES)]
            describe(button, button.text(), helps[number - 1], f"Alt+{number}")
        self.mode.changed.connect(self._mode_chosen)
        still = QVBoxLayout()  # it stands at the same place whatever is beside it
        still.setContentsMargins(0, 2, 0, 0)
        still.addWidget(self.mode)
        still.addStretch(1)
        row.addLayout(still)
        self.line, self.read = TextLine(self.session), TextRead()
        self.line.typed.connect(self._typed)
        self.line.failed.connect(self._complain)
        self.text, self.take = self.line.text, self.line.take
        self.strip, self.tokens_area = self.read.strip, self.read.tokens_area
        self.verdict, self.note, self.problem = self.read.verdict, self.read.note, self.read.problem
        self.strip.cursor_moved.connect(self._strip_moved)
        self.teach = Button(tr("Lesson"), "help", self._teach)
        describe(self.teach, self.teach.text(), tr("Shows in a few steps how this network reads a sentence."))
        self.teach.hide()
        self.line.add(self.teach)
        row.addWidget(self.line, 1)
        self._top_row = row
        card.body.addLayout(row)
        card.body.addWidget(self.read)
        return card

    def _gate_card(self) -> Card:
        card = Card(tr("Gates"))
        self.layers = LayerChoice()
        self.layers.changed.connect(self._layer_changed)
        self.sort = SegmentedControl(
            [
                ("number", tr("By number"), tr("Units stand in the order in which the network numbers them.")),
                ("activity", tr("By activity"), tr("Units that move most over this text stand on top.")),
                ("similarity", tr("By similarity"), tr("Units that rise and fall together stand together.")),
                ("memory", tr("By time"), tr("Units that forget most slowly stand on top, by their forget gate.")),
            ],
            self.session.settings.noted("inspect", "sort", "similarity"),
            tr("Order of the units"),
        )
        self.sort.changed.connect(self._sorted)
        self.save = SaveButton(self.session, self.to_save, tr("As a picture to show, or as numbers to compute with."))
        for widget in (self.layers, self.save):
            card.header.addWidget(widget)
        self.grid = GateGrid()
        self.grid.view.cursor_changed.connect(self._cursor_moved)
        self.grid.view.chosen_changed.connect(self._chosen)
        self.status = GateStatus(self.grid)
        gates = QWidget()
        column = QVBoxLayout(gates)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        column.addWidget(self.grid, 1)
        below = QHBoxLayout()
        below.setSpacing(S1)
        below.addWidget(self.status, 1)
        below.addWidget(self.sort)
        column.addLayout(below)
        self.views = InsideViews(self.session, gates)
        self.views.changed.connect(self._view_changed)
        self.views.unit_asked.connect(self.grid.view.choose)
        self.views.token_asked.connect(self._strip_moved)
        self.views.text_asked.connect(self.text.setPlainText)
        card.header.insertWidget(1, self.views.switch)
        card.body.addWidget(self.views, 1)
        self.gate_title = card.title
        return card

    def _unit_card(self) -> Card:
        card = Card(tr("One unit"))
        self.unit_title = card.title
        self.formula = Label("", tabular=True)
        self.formula.setTextFormat(Qt.TextFormat.RichText)
        self.formula.setFont(font("body", tabular=True))
        card.header.addWidget(self.formula)
        self.reacts = LinkButton(tr("What does it react to?"), callback=self._ask_unit)
        describe(self.reacts, self.reacts.text(), tr("Looks for what makes this unit high or low in the data."))
        card.header.addWidget(self.reacts)
        self.unit = UnitTrace(self.grid.view)
        self.units = QStackedWidget()
        self.hint = Muted(
            tr("Click a unit in a heatmap, or press Enter on it: its gates and its memory over the text stand here.")
        )
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.units.addWidget(self.hint)
        self.units.addWidget(self.unit)
        card.body.addWidget(self.units, 1)
        return card

    # -- one text or many -----------------------------------------------------------------------------------

    def _teach(self) -> None:
        """Begin the lesson, or end it."""
        if self.lesson.running:
            self.lesson.finish()
        else:
            self.lesson.begin(sample=Stage(self).sample())

    def _mode_chosen(self, mode: str) -> None:
        self.lesson.finish()
        self.session.settings.note("inspect", mode=mode)
        self.session.save_soon()
        self._show_mode()
        if mode == TEXT:
            self._run_changed()
        else:
            self.views.leave()

    def many(self, name: str) -> Any:
        """What looks at many texts, by its name; made when it is first asked for."""
        if name not in self._modes:
            kind = next(mode for mode in MODES if mode.name == name)
            found: Any = kind(self.session)
            mark(found, f"inspect.{name}")
            found.sentence_asked.connect(self.show_sentence)
            if hasattr(kind, "rows_asked"):
                found.rows_asked.connect(self._ask_rows)
            self._top_row.addWidget(found.bar, 1)
            self._column.addWidget(found, 1)
            self._modes[name] = found
        return self._modes[name]

    @property
    def results(self) -> ResultsView:
        """The results of the run."""
        found: ResultsView = self.many("results")
        return found

    def _show_mode(self) -> None:
        chosen = self.mode.value()
        for widget in (self.line, self.read, self.inside):
            widget.setVisible(chosen == TEXT)
        if chosen != TEXT:
            self.many(chosen)
        for name, mode in self._modes.items():
            for widget in (mode.bar, mode):
                widget.setVisible(name == chosen)

    @Slot(object)
    def show_sentence(self, given: Given) -> None:
        """Look inside the network while it reads just this."""
        self.mode.set_value(TEXT)
        self.session.settings.note("inspect", mode=TEXT)
        self._show_mode()
        self.line.give(given)
        self._ask()
        self.text.setFocus()

    def _ask_unit(self) -> None:
        """Ask the data about the chosen unit, in the mode that can."""
        layer, unit = self.grid.layer, self.grid.view.chosen
        if layer is not None and unit is not None and (found := self._mode_with("show_unit")) is not None:
            found.show_unit(layer, unit)

    @Slot(str, str, str)
    def _ask_rows(self, part: str, truth: str, said: str) -> None:
        """List the examples of a cell of confusions, in the mode that can."""
        if (found := self._mode_with("show_cell")) is not None:
            found.show_cell(part, truth, said)

    def _mode_with(self, method: str) -> Any:
        """Go to the mode that has a method; None if there is none."""
        kind = next((mode for mode in MODES if hasattr(mode, method)), None)
        if kind is None:
            return None
        self.mode.set_value(kind.name)
        self._mode_chosen(kind.name)
        return self.many(kind.name)

    # -- following the session ------------------------------------------------------------------------------

    def on_hidden(self) -> None:
        """Views stop what they do."""
        self.lesson.finish()
        self.views.leave()

    def on_shown(self) -> None:
        """Look again: the network may have learned meanwhile."""
        self._run_changed()

    @Slot()
    def _run_changed(self) -> None:
        run = self.session.selected_run
        self.pages.setCurrentIndex(0 if run is None else 1)
        if run is None:
            self._clear()
            return
        self._stale = True
        self.views.leave()
        if self.inside.isVisible():
            if not self.text.toPlainText().strip():
                self._propose()
            self._ask()

    @Slot(list)
    def _learned(self, _events: list[object]) -> None:
        """The live network has moved on: look again now and then, without holding it up."""
        if not self.inside.isVisible() or not self.session.showing_active or self._typing.isActive() or self._asked:
            return
        if time.monotonic() - self._last_look > max(_LIVE_SECONDS, _LIVE_SHARE * self._took):
            self._ask()

    _last_look = 0.0

    def _propose(self) -> None:
        """A first text, so that the page is never empty: the probe sentence, else one to validate with."""
        history = self.session.history
        if history is not None and history.snapshots:
            self.text.setPlainText(history.snapshots[-1].text)
        elif self.session.config.training.probe_text:
            self.text.setPlainText(self.session.config.training.probe_text)
        elif not self.session.training:
            self.line.take_text()

    # -- asking ---------------------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._typing.start()

    @Slot()
    def _ask(self) -> None:
        self._typing.stop()
        text = self.text.toPlainText()[:_LONGEST]
        if self.session.selected_run is None or not self.inside.isVisible():
            return
        given = self.line.given
        asked: dict[str, Any] = {}
        if given is not None and given.words is not None:
            text, asked = given.text[:_LONGEST], {"words": given.words, "predicate": given.predicate}
        if not text.strip():
            self._clear()
            return
        self.session.settings.note("inspect", text=text[:2000])
        self._asked_for = asked
        self._asked = time.monotonic()
        self._last_look = self._asked
        self._look(text, asked, quick=self.views.view is None and not self.session.training)

    def _look(self, text: str, asked: dict[str, Any], quick: bool) -> None:
        """Where verdicts take long, gates are shown before them."""

        def done(trace: TextTrace) -> None:
            self._traced(trace)
            if quick and trace.unfinished:
                self._look(text, asked, quick=False)

        self.session.with_predictor(
            lambda predictor: predictor.trace(text, quick=quick, **asked),
            done=done,
            failed=self._failed,
            channel="inspect",
        )

    def _traced(self, trace: TextTrace) -> None:
        self._took, self._asked, self._stale = time.monotonic() - self._asked, 0.0, False
        self.problem.hide()
        same = self.trace is not None and trace.tokens == self.trace.tokens
        self.trace = trace
        if not same:
            self._order_of = ()
        self.layers.set_layers(trace.layers)
        self.views.offer(trace)
        self.gate_title.setVisible(self.views.switch.isHidden())
        self.read.show_trace(trace, self.layers.of(trace.layers))
        set_enabled(self.save, True, "")
        self.teach.setVisible(Stage(self).suits())
        self._refresh()

    def _failed(self, error: Exception) -> None:
        self._asked = 0.0
        if isinstance(error, StudioError):
            self._clear()
        self._complain(error)

    @Slot(object)
    def _complain(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self.read.warn(error)
        else:
            hub().fail(error)

    def _clear(self) -> None:
        self.trace = None
        self.views.offer(None)
        self.views.show_seen(None)
        self.gate_title.show()
        self.read.show_trace(None)
        self.grid.set_gates([], None)
        self.grid.set_verdicts(None)
        self._show_unit()
        set_enabled(self.save, False, tr("There is nothing to save yet; type a text first."))

    # -- showing --------------------------------------------------------------------------------------------

    @Slot()
    def _layer_changed(self) -> None:
        if self.trace is not None:
            self.read.show_trace(self.trace, self.layers.of(self.trace.layers))
        self._refresh()

    @Slot()
    def _view_changed(self) -> None:
        """What belongs to the gates is there with them."""
        view = self.views.view
        self.layers.setVisible(view is None or view.uses_layers)
        self.sort.setVisible(view is None)
        self.unit_card.setVisible(view is None or view.uses_unit)

    @Slot()
    def _refresh(self) -> None:
        """Bring units in order, then show the chosen layer."""
        trace = self.trace
        if trace is None:
            return
        layer = self.layers.of(trace.layers)
        how = self.sort.value()
        if layer is None or how == "number":
            self._order, self._order_of = None, ()
            self._show_gates()
            return
        values = layer.values
        key = (how, layer.name, values["h"].shape, trace.tokens_of(layer))
        if key == self._order_of:  # a live network: units keep their places while they learn
            self._show_gates()
            return

        def work(progress: Progress) -> np.ndarray:
            from lstm_studio.inspection.order import layer_order

            return layer_order(values, how)

        def done(order: np.ndarray) -> None:
            self._order, self._order_of = order, key
            self._show_gates()

        self.session.jobs.start(work, done=done, channel="inspect-order")

    def _show_gates(self) -> None:
        trace = self.trace
        layer = self.layers.of(trace.layers) if trace is not None else None
        if trace is None or layer is None:
            return
        units = next(iter(layer.values.values())).shape[1]
        order = self._order if self._order is not None and len(self._order) == units else None
        self.grid.set_gates(trace.tokens_of(layer), layer, order)
        self.grid.set_verdicts(NOT_YET if trace.unfinished else verdicts_of(trace, layer))
        if self.grid.view.chosen is None and units:
            self.grid.view.choose(int(order[0]) if order is not None else 0)
        self._show_unit()
        self.lesson.follow(trace, layer)

    @Slot()
    def _chosen(self) -> None:
        self._show_unit()

    def _show_unit(self) -> None:
        layer, unit = self.grid.layer, self.grid.view.chosen
        there = layer is not None and unit is not None
        self.units.setCurrentIndex(1 if there else 0)
        self.unit_title.setText(tr("Unit {n}", n=unit) if there else tr("One unit"))
        self.reacts.setVisible(layer is not None and unit is not None and not layer.part)
        self.unit.set_unit(self.grid.tokens, layer.values if layer is not None else {}, unit if there else None)
        self._show_arithmetic()
        self._show_seen()

    def _show_seen(self) -> None:
        """Tell the view beside the gates what is looked at."""
        trace, layer, cursor = self.trace, self.grid.layer, self.grid.view.cursor
        if trace is None or layer is None:
            self.views.show_seen(None)
            return
        self.views.show_seen(
            Seen(trace, layer, self.grid.view.chosen, None if cursor is None else cursor[0], self._asked_for)
        )

    @Slot()
    def _show_arithmetic(self) -> None:
        layer, unit = self.grid.layer, self.grid.view.chosen
        if layer is None or unit is None or not self.grid.tokens:
            self.formula.setText("")
            return
        cursor = self.grid.view.cursor
        token = cursor[0] if cursor is not None else len(self.grid.tokens) - 1
        words = arithmetic(layer.values, unit, token, layer.direction == "backward", carried=layer.part == "decoder")
        where = escaped(tr("at “{token}”", token=quoted(self.grid.tokens[token][:20])))
        place = f'<span style="color:{theme().hex("text_muted")}">{where}</span>'
        self.formula.setText(f"{place}&nbsp;&nbsp;&nbsp;{words}" if words else "")
        self.formula.setToolTip(
            tr("How the memory and the output of this unit come about at the token under the cursor.")
        )

    @Slot()
    def _cursor_moved(self) -> None:
        cursor = self.grid.view.cursor
        self.strip.set_cursor(cursor[0] if cursor else None)
        if cursor and not self.strip.underMouse():
            self.tokens_area.show_token(cursor[0])
        self._show_arithmetic()
        self._show_seen()

    @Slot(object)
    def _strip_moved(self, token: int | None) -> None:
        view = self.grid.view
        if token is None or token < 0 or not view.units:
            view.set_cursor(None)
            return
        chosen = view.chosen
        row = 0
        if chosen is not None:
            found = np.nonzero(self._order == chosen)[0] if self._order is not None else [chosen]
            row = int(found[0]) if len(found) else 0
        view.set_cursor((token, min(row, view.units - 1)))

    def _sorted(self, how: str) -> None:
        self.session.settings.note("inspect", sort=how)
        self.session.save_soon()
        self._refresh()

    # -- saving ---------------------------------------------------------------------------------------------

    def to_save(self) -> Saved | None:
        """What the button saves: the gates of the chosen layer on one sheet, or the view that is shown."""
        trace = self.trace
        layer = self.layers.of(trace.layers) if trace is not None else None
        if trace is None or layer is None:
            return None
        view = self.views.view
        return saved_trace(trace, layer, self.sort.value()) if view is None else saved_in(view)

    def save_to(self, path: Path) -> None:
        """Save it, as the ending says: .png, .svg, .csv or .npz."""
        try:
            saved = self.to_save()
            if saved is not None:
                save(self.session, saved, path)
        except StudioError as error:
            self.read.warn(error, "error")
