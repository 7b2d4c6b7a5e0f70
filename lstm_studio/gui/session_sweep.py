"""The session's sweep: asks for trials on the job pool, trains them one after another through the ordinary worker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.training.control import Order, RunControl
from lstm_studio.training.events import RunFailed, RunFinished

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.sweep import Sweep
    from lstm_studio.runs.sweep_config import SweepConfig
    from lstm_studio.runs.sweep_rows import TrialRow
    from lstm_studio.runs.sweep_trial import SweepTrial

LOOK = 1000
"""Milliseconds between two looks at the storage, in which other processes may work too."""
_AT_ONCE = 3


class SweepRoom(QObject):
    """At most one sweep works. Stopping or discarding its run halts it; it can be gone on with.

    Attributes:
        sweep: The one that is shown; None before one was opened.
        rows: Its trials as of the last look.
        importance: Share of each setting; empty while it cannot be told, ``why`` then says why.
        working: Whether this window trains its trials.
    """

    changed = Signal()
    rows_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.sweep: Sweep | None = None
        self.rows: tuple[TrialRow, ...] = ()
        self.importance: dict[str, float] = {}
        self.why = ""
        self.working = self.opening = False
        self._trial: SweepTrial | None = None
        self._control: RunControl | None = None
        self._ending = self._looking = self._closed = False
        self._hopeless = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self.look)
        session.run_changed.connect(self._run_changed)

    # -- opening ---------------------------------------------------------------------------------------------

    def show(self, path: Path | None) -> None:
        """Open a sweep to look at it; not while one works."""
        if self.working or self.opening:
            return
        if path is None:
            self._take(None)
            return
        store = self.session.store

        def work(progress: object) -> Sweep:
            from lstm_studio.runs.sweep import Sweep

            return Sweep(path, store)

        self._open(work, lambda sweep: None)

    def begin(self, config: SweepConfig) -> None:
        """Write a new sweep and train its trials."""
        store = self.session.store

        def work(progress: object) -> Sweep:
            from lstm_studio.runs import sweep_shelf
            from lstm_studio.runs.sweep import Sweep, load_optuna, watched

            load_optuna()
            # The figure is kept with it: whoever looks at it later need not load torch to know.
            metric = config.metric or config.base.training.monitor or watched(config.base)
            title = sweep_shelf.title_for(config.base, store)
            titled = config.model_copy(update={"title": title, "metric": metric})
            sweep = Sweep(sweep_shelf.put(titled, store), store)
            sweep.begin()
            return sweep

        self._start(work)

    def go_on(self, runs: int, minutes: float | None) -> None:
        """Train on, with a budget that may be another one."""
        if self.sweep is None:
            return
        path, store = self.sweep.path, self.session.store
        storage = self.sweep.config.storage
        config = self.sweep.config.model_copy(update={"runs": runs, "minutes": minutes})

        def work(progress: object) -> Sweep:
            from lstm_studio.runs.sweep import Sweep
            from lstm_studio.runs.sweep_config import save_sweep

            save_sweep(config, path)
            sweep = Sweep(path, store, storage)
            sweep.begin()
            return sweep

        self._start(work)

    def why_not(self) -> str:
        """Empty if a sweep can begin or go on; else a sentence."""
        if self.working or self.opening:
            return tr("The sweep is working already.")
        if self.session.lab.working or self.session.seeds.working:
            return tr("Another series of runs is being trained already.")
        if self.session.training:
            return tr("A run is already training. Pause or stop it before you start another one.")
        return ""

    def _start(self, work: Callable[[Any], Sweep]) -> None:
        why = self.why_not()
        if why:
            self.session.notice.emit(Notice("warning", why, key="run"))
            return
        self._hopeless = 0

        def ready(sweep: Sweep) -> None:
            self.working = True
            self._next()

        self._open(work, ready)

    def _open(self, work: Callable[[Any], Sweep], then: Callable[[Sweep], None]) -> None:
        self.opening = True
        self.changed.emit()

        def done(sweep: Sweep) -> None:
            self.opening = False
            self._take(sweep)
            then(sweep)
            self.changed.emit()

        self._job(work, done)

    def _take(self, sweep: Sweep | None) -> None:
        self.sweep, self.rows, self.importance, self.why = sweep, (), {}, ""
        self.changed.emit()
        self.rows_changed.emit()
        self.look()

    # -- working ---------------------------------------------------------------------------------------------

    def halt(self) -> None:
        """Begin no trial any more; the one that trains is stopped and kept, and gone on with later."""
        if self.working:
            self.working = False
            if self._trial is not None:
                self.session.stop()
            self._let_go()
            self.changed.emit()

    def _next(self) -> None:
        sweep = self.sweep
        if sweep is None or not self.working or self._closed:
            return
        control = RunControl()

        def done(trial: SweepTrial | None) -> None:
            if trial is None:
                self.working = False
                self._let_go()
                words = tr("{sweep}: all trials are done.", sweep=sweep.config.title)
                self.session.notice.emit(Notice("success", words, key="sweep"))
                self.look()
                self.changed.emit()
                return
            self._begin_trial(trial, control)

        self._job(lambda progress: sweep.ask(control), done)

    def _begin_trial(self, trial: SweepTrial, control: RunControl) -> None:
        config, session = trial.config, self.session
        config = session.settings.applied(config)
        self._trial, self._control, self._ending = trial, control, False
        started = self.working and session._runs.start(
            config, resume=trial.resume, name=trial.name, control=control, listener=trial.hear
        )
        if not started:
            control.stop()
            self.working = False
            self._finish(RunFinished(None, "stopped"))
        self.look()
        self.changed.emit()

    @Slot()
    def _run_changed(self) -> None:
        active = self.session.active
        if self._trial is None or self._ending or self._closed or active is None:
            return
        if active.control is self._control and active.state == "ended":
            told = active.finished
            hopeless = isinstance(told, RunFailed) and active.path is None
            self._hopeless = self._hopeless + 1 if hopeless else 0
            if not self._trial.pruned and active.control.order in (Order.STOP, Order.CANCEL):
                self.working = False
            if self._hopeless >= _AT_ONCE:  # the next ones would not begin either
                self.working = False
            self._finish(told)

    def _finish(self, event: RunFinished | RunFailed | None) -> None:
        """Tell the storage how a trial ended, then go on."""
        trial = self._trial
        assert trial is not None
        self._ending = True

        def done(_: object) -> None:
            self._trial = self._control = None
            if not self.working:
                self._let_go()
            self.look()
            self.changed.emit()
            self._next()

        self._job(lambda progress: trial.end(event), done)

    def _let_go(self) -> None:
        if self.sweep is not None and self._trial is None:
            self.sweep.close()

    def close(self) -> None:
        """The window closes, its run has ended: tell the storage, so that the trial is gone on with later."""
        self._closed, self.working = True, False
        self._timer.stop()
        trial, active = self._trial, self.session.active
        if trial is not None and not self._ending:
            try:
                trial.end(active.finished if active is not None else None)
            except Exception as error:  # noqa: BLE001 - whoever comes next finds it dead, and tells so
                logging.getLogger(__name__).warning("%s", error)
        self._trial = None
        self._let_go()

    # -- looking ---------------------------------------------------------------------------------------------

    def watch(self, on: bool) -> None:
        """Look at the storage now and then, while somebody looks at the sweep."""
        if on and not self._closed:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Read the trials; ``rows_changed`` follows if they are other ones."""
        sweep = self.sweep
        if sweep is None or self._looking or self._closed:
            return
        self._looking = True
        before, told = self.rows, bool(self.importance or self.why)

        def work(progress: object) -> tuple[Any, ...]:
            rows = sweep.rows()
            over = [(row.number, row.value) for row in rows if row.state == "done"]
            if told and over == [(row.number, row.value) for row in before if row.state == "done"]:
                return rows, None, ""
            try:
                return rows, sweep.importance(), ""
            except StudioError as error:
                return rows, {}, error_text(error)

        def done(found: tuple[Any, ...]) -> None:
            self._looking = False
            if self.sweep is not sweep:
                self.look()
                return
            rows, importance, why = found
            fresh = rows != self.rows or importance is not None
            self.rows = rows
            if importance is not None:
                self.importance, self.why = importance, why
            if fresh:
                self.rows_changed.emit()

        def failed(error: Exception) -> None:
            self._looking = False
            self._timer.stop()
            self._failed(error)

        self.session.jobs.start(work, done=done, failed=failed)

    # -- jobs ------------------------------------------------------------------------------------------------

    def _job(self, work: Callable[[Any], Any], done: Callable[[Any], object]) -> None:
        def failed(error: Exception) -> None:
            self.opening = self.working = False
            self._trial = self._control = None
            self._let_go()
            self.changed.emit()
            self._failed(error)

        self.session.jobs.start(work, done=done, failed=failed)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, (StudioError, OSError)):
            self.session.notice.emit(Notice("warning", error_text(error), key="sweep"))
        elif not isinstance(error, Cancelled):
            hub().fail(error)
