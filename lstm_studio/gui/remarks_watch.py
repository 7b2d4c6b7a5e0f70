"""Keeps what a tutor would say of the run that is looked at up to date, off the window's thread."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from lstm_studio.config import RunConfig
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.inspection.diagnosis import Evidence, Finding, diagnose
from lstm_studio.training.events import EpochEnded, RunFailed, RunFinished

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor

PAUSE = 30.0
"""Seconds between two looks inside a run that trains: they compute on the same cores."""


class RemarksWatch(QObject):
    """Looks at the course after each epoch, and inside now and then, as long as somebody watches.

    Attributes:
        findings: Of the run that is looked at; empty where there is nothing to say.
        looked: Whether anything is known of it.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.findings: tuple[Finding, ...] = ()
        self.looked = False
        self._watching = False
        self._run: Path | None = None
        self._inside: Evidence | None = None
        self._last_look = -PAUSE
        self._seen: tuple[Any, ...] = ()
        session.events_arrived.connect(self._arrived)
        session.history_changed.connect(self.refresh)
        session.run_changed.connect(self.refresh)

    def watch(self, on: bool) -> None:
        """Whether somebody is there to read it; else nothing is computed."""
        self._watching = on
        if on:
            self.refresh()
        else:
            self.session.jobs.cancel("remarks")
            self._seen = ()

    @property
    def config(self) -> RunConfig | None:
        """Of the run that is looked at."""
        history = self.session.history
        return history.started.config if history is not None and history.started is not None else None

    @Slot(list)
    def _arrived(self, events: list[object]) -> None:
        if any(isinstance(event, (EpochEnded, RunFinished, RunFailed)) for event in events):
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look again, if there is anything new."""
        session, history, config = self.session, self.session.history, self.config
        run = session.selected_run
        if run != self._run or history is None:
            self._run, self._inside, self._last_look, self._seen = run, None, -PAUSE, ()
            self._say((), looked=False)
        if not self._watching or history is None or config is None or run is None:
            return
        living = session.training and session.showing_active
        state = (run, len(history.epochs), living, len(history.steps) if not living else 0)
        if state == self._seen:
            return
        self._seen = state
        evidence = Evidence.course(
            config, history.losses, history.gradient_norms, history.epochs, history.started, history.ended
        )
        if history.epochs and (not living or time.monotonic() - self._last_look >= PAUSE):
            self._look_inside(evidence, run)
        elif history.epochs or not living:
            self._look_at_course(evidence, run)

    def _look_at_course(self, evidence: Evidence, run: Path) -> None:
        inside = self._inside

        def work(progress: Progress) -> tuple[Finding, ...]:
            from lstm_studio.runs.diagnose import with_results

            whole = with_results(evidence, run)
            if inside is not None:
                whole = replace(whole, looks=inside.looks, unknown=inside.unknown)
            return diagnose(whole)

        self.session.jobs.start(
            work, done=lambda found: self._answered(run, found), failed=self._failed, channel="remarks"
        )

    def _look_inside(self, evidence: Evidence, run: Path) -> None:
        self._last_look = time.monotonic()
        job: list[Job | None] = []

        def progress(share: float, words: str) -> None:
            if job and job[0] is not None and job[0].cancelled.is_set():
                raise Cancelled

        def work(predictor: Predictor) -> tuple[Evidence, tuple[Finding, ...]]:
            from lstm_studio.runs.diagnose import with_inside, with_results

            whole = with_inside(with_results(evidence, run), predictor, progress)
            return whole, diagnose(whole)

        def done(found: tuple[Evidence, tuple[Finding, ...]]) -> None:
            if run == self._run:
                self._inside = found[0]
            self._answered(run, found[1])

        def failed(error: Exception) -> None:
            if isinstance(error, StudioError):  # a run without a network still has a course
                self._look_at_course(evidence, run)
            else:
                self._failed(error)

        job.append(self.session.with_predictor(work, done, failed, "remarks", long=True))

    def _answered(self, run: Path, found: tuple[Finding, ...]) -> None:
        if run == self._run:
            self._say(found, looked=True)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, (Cancelled, StudioError)):
            hub().fail(error)

    def _say(self, findings: tuple[Finding, ...], looked: bool) -> None:
        if (findings, looked) != (self.findings, self.looked):
            self.findings, self.looked = findings, looked
            self.changed.emit()

    def apply(self, finding: Finding) -> None:
        """Take the run's settings with the remedy for a new run, and show the Model page; this can be undone."""
        session, config, run = self.session, self.config, self._run
        if config is None or run is None or not finding.remedy:
            return
        try:
            changed = config.replace(**{"preset": None, **finding.remedy})
        except StudioError as error:
            session.notice.emit(Notice("warning", error_text(error), key="remedy"))
            return
        dataset = session.dataset
        if dataset is None or str(dataset.path) != config.data.path or type(dataset.data) is not type(config.data):
            session.duplicate_run(run, **finding.remedy)
            return
        before = session.config
        session.set_config(changed)
        words = tr("The settings of this run were taken, with one change: {advice}.", advice=advice_words(finding))
        session.notice.emit(Notice("info", words, tr("Undo"), lambda: session.set_config(before), key="remedy"))
        session.page_requested.emit("model")


def _values(finding: Finding) -> dict[str, str]:
    return {name: tr(value) if name in finding.named else value for name, value in finding.values.items()}


def title_words(finding: Finding) -> str:
    """The title in the person's language."""
    return tr(finding.words.title, **_values(finding))


def sentence_words(finding: Finding) -> str:
    """What is the matter, with its numbers."""
    return tr(finding.words.sentence, **_values(finding))


def advice_words(finding: Finding) -> str:
    """What to do about it; nothing where no setting helps."""
    return tr(finding.words.remedy, **_values(finding)) if finding.words.remedy else ""
