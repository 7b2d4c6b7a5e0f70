"""What the selected run gets right and wrong: figures, and below them a body that fits the kind of results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.widgets.basic import EmptyState, describe
from lstm_studio.gui.widgets.results_body import Given, ResultsBody
from lstm_studio.gui.widgets.results_classes import ClassesBody
from lstm_studio.gui.widgets.results_figures import FiguresBar
from lstm_studio.gui.widgets.results_texts import TextsBody
from lstm_studio.gui.widgets.results_written import WrittenBody
from lstm_studio.runs.results import (
    PartResults,
    Results,
    TextsResults,
    WrittenResults,
    evaluated,
    read_facts,
    read_results,
)
from lstm_studio.training.events import EpochEnded, RunFinished

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor

__all__ = ["BODIES", "Given", "ResultsView"]

BODIES: Mapping[type[Results], Callable[[], ResultsBody]] = {
    PartResults: ClassesBody,
    WrittenResults: WrittenBody,
    TextsResults: TextsBody,
}
"""How results of each kind are shown."""


@dataclass(frozen=True)
class _Found:
    """What a look into a run's folder brought."""

    run: Path
    stamp: tuple[int, int]
    parts: dict[str, Results]
    answers: str = ""
    """A file with answers to check the run with."""


class ResultsView(QWidget):
    """The bar of figures is ``bar``, for the place above; the rest is this widget."""

    sentence_asked = Signal(object)
    """A Given: somebody wants to see the network read this sentence."""
    rows_asked = Signal(str, str, str)
    """Somebody wants all examples of a part of which the first class is true and the second was read."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.parts: dict[str, Results] = {}
        self.body: ResultsBody | None = None
        """What shows the part; None before there was one."""
        self._bodies: dict[type[Results], ResultsBody] = {}
        self._found: _Found | None = None
        self._evaluating = False
        self.bar = FiguresBar()
        self.bar.part.changed.connect(self._part_chosen)
        self._build()
        session.selected_run_changed.connect(self._run_changed)
        session.history_changed.connect(self._show_empty)
        session.run_changed.connect(self.look)
        session.events_arrived.connect(self._learned)
        self._show_parts({})

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.pages = QStackedWidget()
        column.addWidget(self.pages)
        self.empty = EmptyState("table", "", "", [(tr("Evaluate now"), self._evaluate, False)])
        self.evaluate = self.empty.buttons[0]
        describe(
            self.evaluate,
            self.evaluate.text(),
            tr("Reads the run's validation file with its best weights; nothing is trained."),
            "Alt+E",
        )
        self.pages.addWidget(self.empty)

    # -- looking --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    @property
    def part(self) -> Results | None:
        """What is shown."""
        return self.parts.get(self.bar.part.value())

    @Slot()
    def look(self) -> None:
        """Read the run's results, if they are other ones than those that are shown."""
        run, known = self.session.selected_run, self._found
        if run is None or not self.isVisible() or self._evaluating:
            return

        def work(progress: Progress) -> _Found | None:
            from lstm_studio.runs.folder import RESULTS, RunFolder

            try:
                stat = (run / RESULTS).stat()
                stamp = (stat.st_mtime_ns, stat.st_size)
            except OSError:
                stamp = (0, 0)
            if known is not None and (known.run, known.stamp) == (run, stamp):
                return None
            parts = read_results(run)
            try:
                answers = "" if parts else str(getattr(RunFolder(run).config.data, "validation", None) or "")
            except StudioError:
                answers = ""
            return _Found(run, stamp, parts, answers)

        def done(found: _Found | None) -> None:
            if found is not None and found.run == self.session.selected_run:
                self._found = found
                self._show_parts(found.parts)

        self.session.jobs.start(work, done=done, failed=self._failed, channel="results")

    def _failed(self, error: Exception) -> None:
        self._evaluating = False
        self._show_parts({})
        self.evaluate.setVisible(False)
        if isinstance(error, StudioError):
            self.empty.text.setText(error_text(error))
        else:
            hub().fail(error)

    @Slot()
    def _run_changed(self) -> None:
        self._found, self._evaluating = None, False
        self._show_parts({})
        self.look()

    @Slot(list)
    def _learned(self, events: list[object]) -> None:
        """A better epoch has written other results, the end those of the test part."""
        news = any((isinstance(event, EpochEnded) and event.best) or isinstance(event, RunFinished) for event in events)
        if news and self.session.showing_active:
            self.look()

    def _evaluate(self) -> None:
        run, answers = self.session.selected_run, self._found.answers if self._found is not None else ""
        if run is None or not answers:
            return
        self._evaluating = True
        self._show_empty()

        def work(predictor: Predictor) -> Results | None:
            return evaluated(predictor.evaluate(answers), read_facts(run))

        def done(part: Results | None) -> None:
            self._evaluating = False
            if self.session.selected_run == run:
                self._show_parts({"validation": part} if part is not None else {})

        self.session.with_predictor(work, done=done, failed=self._failed, channel="results-evaluate")

    # -- showing --------------------------------------------------------------------------------------------

    def _show_parts(self, parts: dict[str, Results]) -> None:
        before = self.part
        self.parts = parts
        self.bar.setEnabled(bool(parts))
        self.bar.set_parts(tuple(parts) or ("validation",))
        wanted = self.session.settings.noted("inspect", "part", "validation")
        self.bar.part.set_value(wanted if wanted in parts else "validation")
        self._show(fresh=before is None)

    def _part_chosen(self, name: str) -> None:
        self.session.settings.note("inspect", part=name)
        self.session.save_soon()
        self._show(fresh=True)

    def _show(self, fresh: bool) -> None:
        part = self.part
        if part is None:
            self.pages.setCurrentWidget(self.empty)
            self.bar.show_part(None, "", "")
            self._show_empty()
            return
        body = self.body = self._body(type(part))
        history = self.session.history
        monitor = history.epochs[-1].monitor if history is not None and history.epochs else ""
        self.bar.show_part(part, monitor, body.counted(part))
        self.pages.setCurrentWidget(body)
        body.show_part(part, fresh)

    def _body(self, kind: type[Results]) -> ResultsBody:
        """The one for a kind; it is made when it is needed first."""
        if kind not in self._bodies:
            made = self._bodies[kind] = BODIES[kind]()
            made.sentence_asked.connect(self.sentence_asked)
            made.cell_asked.connect(lambda truth, said: self.rows_asked.emit(self.bar.part.value(), truth, said))
            self.pages.addWidget(made)
        return self._bodies[kind]

    @Slot()
    def _show_empty(self) -> None:
        if self.part is not None:
            return
        history = self.session.history
        living = self.session.training and self.session.showing_active
        answers = self._found is not None and bool(self._found.answers)
        early = living or (history is not None and not history.epochs)
        if self._found is None and not early:
            title = text = ""
        elif self._evaluating:
            title, text = tr("Reading the validation file"), tr("The figures stand here as soon as it is read.")
        elif early:
            title = tr("No epoch has ended yet.")
            text = tr("After the first one this shows how well it does, and what it gets most wrong.")
        else:
            title = tr("This run kept no results")
            text = tr("Runs trained from this version on write down what they get right and wrong.")
        self.evaluate.setVisible(answers and not early and not self._evaluating)
        self.empty.title.setText(title)
        self.empty.text.setText(text)
