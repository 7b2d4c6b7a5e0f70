"""The sweep: what is varied and for how long on the left, all trials and what they tell on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.config import RunConfig
from lstm_studio.gui.i18n import duration, error_text, ntr, tr
from lstm_studio.gui.notify import Notice
from lstm_studio.gui.session_types import ActiveRun
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.basic import Button, describe, set_enabled
from lstm_studio.gui.widgets.metrics import metric_title, shown_metric
from lstm_studio.gui.widgets.panel_head import PanelHead
from lstm_studio.gui.widgets.sweep_results import SweepResults
from lstm_studio.gui.widgets.sweep_setup import SweepSetup
from lstm_studio.runs import sweep_shelf
from lstm_studio.runs.sweep import INSTALL, available
from lstm_studio.runs.sweep_config import SweepConfig, option_of

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.sweep_shelf import Shelved


class SweepPanel(QWidget):
    """``session.sweeps`` does the work."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.room = session, session.sweeps
        self._base: RunConfig | None = None
        self._shelf: list[Shelved] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S2)
        column.addLayout(self._head())
        row = QHBoxLayout()
        row.setSpacing(S2)
        self.setup = SweepSetup(self._start)
        self.setup.changed.connect(self._count)
        row.addWidget(self.setup)
        self.results = SweepResults()
        self._add_buttons()
        row.addWidget(self.results, 1)
        column.addLayout(row, 1)
        self.room.changed.connect(self.refresh)
        self.room.rows_changed.connect(self._show_rows)
        session.run_changed.connect(self.refresh)
        session.config_changed.connect(self._base_changed)
        self.refresh()

    # -- building --------------------------------------------------------------------------------------------

    def _head(self) -> PanelHead:
        about = tr("Back to the list of runs; the sweep goes on working.")
        which = tr("Sweep"), tr("Sweeps that were begun before, the newest first.")
        head = PanelHead(tr("Sweep"), about, self.closed.emit, which, self._choose)
        self.which = head.which
        self.forget = head.add_forget(
            tr("Removes the sweep from this list; its runs stay among all runs."), self._forget
        )
        return head

    def _add_buttons(self) -> None:
        header = self.results.header
        self.open_run = Button(tr("Look inside"), "inspect", self._open_run)
        describe(self.open_run, tr("Look inside"), tr("Show the run of the selected trial on the Inspect page."))
        self.pause = Button(tr("Pause"), "pause", self._pause)
        describe(self.pause, tr("Pause"), tr("Halts the trial that trains where it is, or lets it go on."))
        self.halt = Button(tr("Stop the sweep"), "stop", self.room.halt)
        describe(
            self.halt,
            self.halt.text(),
            tr("Stops the trial that trains, keeps it to be gone on with, begins no other."),
        )
        self.more = Button(tr("Go on with the sweep"), "play", self._go_on)
        describe(
            self.more,
            self.more.text(),
            tr("Trains on with the number of trials that is set on the left; a trial that was stopped comes first."),
        )
        for button in (self.open_run, self.pause, self.halt, self.more):
            header.addWidget(button)
        self.results.opened.connect(lambda number: self._open_run())
        self.results.selected.connect(self._can_open)

    # -- what it is about ------------------------------------------------------------------------------------

    def open(self) -> None:
        """The panel has come to the front: look which sweeps there are."""
        self._base_changed()
        store = self.session.store

        def done(found: list[Shelved]) -> None:
            self._shelf = found
            if self.room.sweep is None and found and available():
                self.room.show(found[0].path)
            self._list()

        self.session.jobs.start(lambda progress: sweep_shelf.shelf(store), done=done, channel="sweeps")
        self.room.watch(True)

    @Slot()
    def _base_changed(self) -> None:
        """The present settings are what is varied; without an opened file those of the selected run."""
        session = self.session
        if session.dataset is not None:
            self._take(session.config)
            return
        run = session.selected_run
        if run is None:
            self._take(None)
            return

        def work(progress: object) -> RunConfig:
            from lstm_studio.runs.folder import RunFolder

            return RunFolder(run).config

        session.jobs.start(work, done=self._take, failed=lambda error: self._take(None), channel="sweep-base")

    def _take(self, config: RunConfig | None) -> None:
        self._base = config
        self.setup.set_base(config)
        self._count()

    @Slot()
    def _count(self) -> None:
        why = self.room.why_not()
        if not available():
            why = tr("Sweeps need Optuna: {command}", command=INSTALL)
        elif self._base is None:
            why = tr("Select a run first, or open a file.")
        elif self.setup.fields.wrong():
            why = self.setup.fields.wrong()
        elif not self.setup.fields.ranges():
            why = tr("Vary at least one setting: press the plus beside it.")
        set_enabled(self.setup.start, not why, why)
        self.setup.say(tr("Sweeps need Optuna: {command}", command=INSTALL) if not available() else "")

    # -- what is done ----------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._base is None:
            return
        self.room.begin(
            SweepConfig(
                title="sweep",
                base=self._base.model_copy(update={"preset": None}),
                fields=self.setup.fields.ranges(),
                runs=self.setup.runs.value(),
                minutes=self.setup.minutes.value() or None,
                sampler=self.setup.sampler.currentData(),
                pruner="median" if self.setup.pruner.isChecked() else "none",
            )
        )

    def _go_on(self) -> None:
        self.room.go_on(self.setup.runs.value(), self.setup.minutes.value() or None)

    def _pause(self) -> None:
        active = self._active()
        if active is not None and active.state in ("paused", "pausing"):
            self.session.resume()
        else:
            self.session.pause()

    def _active(self) -> ActiveRun | None:
        active = self.session.active
        return active if active is not None and active.living and self.room.working else None

    def _open_run(self) -> None:
        row = self.results.row()
        if row is not None and row.run and (self.session.store.folder / row.run).is_dir():
            self.session.select_run(self.session.store.folder / row.run)
            self.session.page_requested.emit("inspect")

    @Slot()
    def _can_open(self) -> None:
        row = self.results.row()
        here = row is not None and bool(row.run) and (self.session.store.folder / row.run).is_dir()
        why = tr("Select a trial first.") if row is None else tr("The run of this trial is not on this computer.")
        set_enabled(self.open_run, here, why)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._shelf):
            self.room.show(self._shelf[place].path)

    def _forget(self) -> None:
        sweep = self.room.sweep
        if sweep is None or self.room.working:
            return
        try:
            sweep_shelf.forget(sweep.path)
        except OSError as error:
            self.session.notice.emit(Notice("warning", error_text(error), key="sweep"))
            return
        self._shelf = [one for one in self._shelf if one.path != sweep.path]
        self.room.show(self._shelf[0].path if self._shelf else None)
        self._list()

    # -- what is shown ---------------------------------------------------------------------------------------

    def _list(self) -> None:
        sweep = self.room.sweep
        if sweep is not None and all(one.path != sweep.path for one in self._shelf):
            self._shelf.insert(0, sweep_shelf.Shelved(sweep.config.title, sweep.config.created, sweep.path))
        titles = [one.title for one in self._shelf]
        if titles != [self.which.itemText(place) for place in range(self.which.count())]:
            self.which.clear()
            self.which.addItems(titles)
        if sweep is not None:
            self.which.setCurrentIndex(next(n for n, one in enumerate(self._shelf) if one.path == sweep.path))
        self.which.setVisible(bool(self._shelf))
        self.forget.setVisible(bool(self._shelf))
        busy = self.room.working or self.room.opening
        for widget in (self.which, self.forget):
            set_enabled(widget, not busy, tr("The sweep is working already."))

    @Slot()
    def refresh(self) -> None:
        """Follow the sweep."""
        room = self.room
        active = self._active()
        self.pause.setVisible(active is not None)
        self.open_run.setVisible(room.sweep is not None)
        paused = active is not None and active.state in ("paused", "pausing")
        words = tr("Go on") if paused else tr("Pause")
        if words != self.pause.text():
            self.pause.setText(words)
            self.pause.setAccessibleName(words)
            self.pause.set_icon("play" if paused else "pause")
        self.halt.setVisible(room.working)
        self.more.setVisible(room.sweep is not None and not room.working)
        why = room.why_not()
        set_enabled(self.more, not why, why)
        self._list()
        self._count()
        self.results.set_title(room.sweep.config.title if room.sweep is not None else tr("Results"))
        self._show_rows()

    @Slot()
    def _show_rows(self) -> None:
        room = self.room
        sweep = room.sweep
        if sweep is None:
            self.results.clear()
            self._can_open()
            return
        fields = {name: option_of(sweep.config.base, name) for name in sweep.config.fields}
        known = {name: option for name, option in fields.items() if option is not None}
        self.results.show_trials(room.rows, known, sweep, room.importance, room.why)
        self.results.say(self._words())
        self._can_open()

    def _words(self) -> str:
        """How far it is, in a line."""
        room, sweep = self.room, self.room.sweep
        assert sweep is not None
        over = [row for row in room.rows if row.state in ("done", "pruned", "failed")]
        runs = sweep.config.runs
        parts = [tr("{n} of {all} trials are over", n=len(over), all=runs) if runs else ""]
        if not runs:
            parts = [ntr("{n} trial is over", "{n} trials are over", len(over))]
        pruned = sum(row.state == "pruned" for row in over)
        if pruned:
            parts.append(ntr("{n} pruned", "{n} pruned", pruned))
        done = [row for row in over if row.state == "done" and row.value is not None]
        if done:
            sign = 1 if sweep.higher_is_better else -1
            best = max(done, key=lambda row: sign * (row.value or 0.0))
            value = shown_metric(sweep.metric, best.value or 0.0)
            parts.append(
                tr(
                    "best: trial {n}, {metric} {value}",
                    n=best.number + 1,
                    metric=metric_title(sweep.metric),
                    value=value,
                )
            )
        if room.working and over and runs:
            left = max(0, runs - len(over)) * sum(row.seconds for row in over) / len(over)
            parts.append(tr("about {time} left", time=duration(left)))
        return " · ".join(parts)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.room.watch(True)
        self._base_changed()
        self.refresh()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self.room.watch(False)
