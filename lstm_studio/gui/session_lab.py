"""The session's lab: trains the runs of an ablation one after the other, each an ordinary run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.notify import Notice
from lstm_studio.training.control import Order

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.ablation import Lab
    from lstm_studio.runs.store import RunStore


class LabRoom(QObject):
    """At most one lab works. Stopping or discarding its run halts it; it can be gone on with.

    Attributes:
        lab: The lab that is shown; None before one was chosen.
        working: Whether its trials are being trained.
        place: Of the trial that trains; None between two.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.lab: Lab | None = None
        self.working = False
        self.place: int | None = None
        self._closed = False
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._train_next)
        session.run_changed.connect(self._run_changed)

    def show(self, lab: Lab | None) -> None:
        """Look at another lab, with what has become of its runs; not while one works."""
        if not self.working:
            self.lab = lab
            if lab is not None:
                for place in range(len(lab.trials)):
                    self.lab = (self.lab or lab).told(place, self.session.store)
            self.changed.emit()

    def why_not(self) -> str:
        """Empty if a lab can begin or go on; else a sentence."""
        if self.working:
            return tr("The lab is working already.")
        if any(room.working for room in (self.session.lab, self.session.seeds, self.session.sweeps)):
            return tr("Another series of runs is being trained already.")
        if self.session.training:
            return tr("A run is already training. Pause or stop it before you start another one.")
        return ""

    def begin(self, lab: Lab) -> bool:
        """Train all that waits. False, and a sentence, if it cannot."""
        why = self.why_not()
        if why:
            self.session.notice.emit(Notice("warning", why, key="run"))
            return False
        self.lab, self.working, self.place = lab, True, None
        self._save()
        self._train_next()
        return self.working

    def halt(self) -> None:
        """Train no further: the run that trains is stopped and kept, to be gone on with."""
        if self.working:
            self.working = False
            self._next.stop()
            if self.place is not None:
                self.session.stop()
            self.changed.emit()

    def close(self) -> None:
        """Start nothing any more; the window closes."""
        self._closed, self.working = True, False
        self._next.stop()

    @Slot()
    def _train_next(self) -> None:
        lab = self.lab
        if lab is None or not self.working or self._closed:
            return
        place = lab.next()
        if place is None:
            self.working, self.place = False, None
            self.session.notice.emit(Notice("success", tr("{lab}: all runs are done.", lab=lab.title), key="lab"))
            self.changed.emit()
            return
        trial = lab.trials[place]
        try:
            config = lab.config_of(trial)
        except StudioError as error:  # a setting that goes with the whole LSTM alone
            self.session.notice.emit(Notice("warning", error_text(error), key="lab"))
            self.lab = lab.with_trial(place, state="failed")
            self._save()
            self._next.start(0)
            return
        config = self.session.settings.applied(config)
        store = self.session.store
        summary = store.summary(store.folder / trial.run) if trial.run else None
        resume = summary.path if summary is not None and summary.can_resume else None
        self.place = place
        if not self.session._runs.start(config, resume=resume, name=lab.name_of(trial)):
            self.working, self.place = False, None
        self.changed.emit()

    @Slot()
    def _run_changed(self) -> None:
        active, place = self.session.active, self.place
        if active is None or place is None or self.lab is None or self._closed:
            return
        path = active.path
        if path is not None and self.lab.trials[place].run != path.name:
            self.lab = self.lab.with_trial(place, run=path.name)
            self._save()
            self.changed.emit()
        if active.state == "ended":
            self._trial_ended(place, path, active.control.order)

    def _trial_ended(self, place: int, path: Path | None, order: Order) -> None:
        lab = self.lab
        assert lab is not None
        self.place = None
        lab = lab.told(place, self.session.store) if path is not None else lab.with_trial(place, run="")
        if order in (Order.STOP, Order.CANCEL):
            self.working = False
        elif lab.trials[place].state == "waiting":  # it failed before it began, as the next would
            lab = lab.with_trial(place, state="failed")
            self.working = False
        self.lab = lab
        self._save()
        self.changed.emit()
        if self.working:
            self._next.start(0)

    def _save(self) -> None:
        if self.lab is None:
            return
        try:
            self._keep(self.lab, self.session.store)
        except OSError as error:
            words = tr("The lab could not be saved: {why}", why=error_text(error))
            self.session.notice.emit(Notice("warning", words, key="lab-save"))

    def _keep(self, lab: Lab, store: RunStore) -> None:
        from lstm_studio.runs import ablation

        ablation.save(lab, store)

    def retry(self) -> None:
        """Let what has failed wait again."""
        if self.lab is not None and not self.working:
            trials = tuple(
                replace(trial, state="waiting", run="") if trial.state == "failed" else trial
                for trial in self.lab.trials
            )
            self.lab = replace(self.lab, trials=trials)
            self.changed.emit()
