"""Every unit of a layer held still in turn: which ones the network cannot do without."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui.i18n import error_text, ntr, number, tr
from lstm_studio.gui.jobs import Job
from lstm_studio.gui.notify import hub
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.axes import percent
from lstm_studio.gui.widgets.basic import Button, EmptyState, Label, Muted, SegmentedControl, describe
from lstm_studio.gui.widgets.inside_view import Seen
from lstm_studio.gui.widgets.metrics import metric_help, metric_title
from lstm_studio.gui.widgets.ranked_units import RankedHead, RankedList, RankedUnits
from lstm_studio.inspection.clamps import By

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.ablation import Ablation
    from lstm_studio.runs.predictor import Predictor

_Layer = tuple[Any, ...]


class AblatePane(QWidget):
    """A button that begins, how far it is, and the units in the order in which they are missed."""

    unit_asked = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._job: Job | None = None
        self._seen: Seen | None = None
        self._found: dict[_Layer, Ablation] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.still = SegmentedControl(
            [
                ("zero", tr("At 0"), tr("The unit lets nothing out, at any step.")),
                ("mean", tr("At its mean"), tr("The unit lets out its usual level all the time, and tells nothing.")),
            ],
            name=tr("What a unit is held at"),
        )
        self.still.changed.connect(lambda _: self._show())
        self.begin = Button(tr("Try every unit"), "play", self.start)
        help_ = tr("Reads validation texts once for each unit; it takes seconds to minutes.")
        describe(self.begin, self.begin.text(), help_)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(160)
        self.bar.setMaximumWidth(320)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(tr("Progress"))
        self.cancel = Button(tr("Cancel"), "cancel", self.leave)
        describe(self.cancel, tr("Cancel"), tr("Ends the attempt; nothing is kept of it."))
        for widget in (Muted(tr("Hold h of each unit"), wrap=False), self.still, self.begin, self.bar, self.cancel):
            row.addWidget(widget)
        row.addStretch(1)
        self.ranking = QWidget()
        right = QHBoxLayout(self.ranking)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(S1)
        self.by = SegmentedControl([], name=tr("Rank by"))
        self.by.changed.connect(lambda _: self._show())
        right.addWidget(Muted(tr("Rank by"), wrap=False))
        right.addWidget(self.by)
        row.addWidget(self.ranking)
        column.addLayout(row)
        self.said = Label("", "small", tabular=True, wrap=True)
        column.addWidget(self.said)
        self.pages = QStackedWidget()
        self.empty = EmptyState(
            "sort",
            tr("Which units matter?"),
            tr(
                "Each unit of the layer is held still in turn while the network reads validation texts. "
                "The unit that is missed most will stand on top."
            ),
        )
        self.units = RankedUnits()
        self.units.chosen.connect(self.unit_asked)
        ranked = QWidget()
        own = QVBoxLayout(ranked)
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, S2 - 2, 0)
        self.head = RankedHead()
        head.addWidget(self.head)
        own.addLayout(head)
        own.addWidget(RankedList(self.units), 1)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(ranked)
        column.addWidget(self.pages, 1)
        self._show()

    def show_seen(self, seen: Seen | None) -> None:
        """Follow the layer and the chosen unit."""
        before, self._seen = self._key(), seen
        if self._key() != before:
            if self._job is not None:
                self.leave()
            self._show()
        self.units.choose(seen.unit if seen is not None else None)

    def forget(self) -> None:
        """Another run, or the network has been replaced: what was found is of no account."""
        self.leave()
        self._found.clear()
        self._show()

    def _key(self) -> _Layer:
        if self._seen is None:
            return ()
        layer = self._seen.layer
        return (self.session.selected_run, layer.part, layer.layer, layer.direction, self.still.value())

    # -- working --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Try all units of the chosen layer."""
        if self._seen is None or self._job is not None:
            return
        layer, still, key = self._seen.layer, self.still.value(), self._key()
        number_, direction, part = layer.layer, layer.direction, layer.part
        mine: SimpleQueue[Job] = SimpleQueue()

        def work(predictor: Predictor) -> Ablation:
            job = mine.get()
            return predictor.ablate(number_, direction, part, still=still, progress=job.progress)

        def done(found: Ablation) -> None:
            self._job = None
            self._found[key] = found
            self._show()

        job = self.session.with_predictor(work, done=done, failed=self._failed, channel="ablate", long=True)
        if job is None:
            return
        job.on_progress = self._progress
        self._job = job
        mine.put(job)
        self.bar.setValue(0)
        self._show()

    def leave(self) -> None:
        """What is under way is not wanted any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._show()

    def _progress(self, share: float, _words: str) -> None:
        self.bar.setValue(int(1000 * max(0.0, share)))

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._show()
        if isinstance(error, StudioError):
            self.said.setText(error_text(error))
            self.said.set_tone("danger")
            self.said.show()
        else:
            hub().fail(error)

    # -- showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        works = self._job is not None
        self.begin.setVisible(not works)
        self.bar.setVisible(works)
        self.cancel.setVisible(works)
        self.still.setEnabled(not works)
        found = self._found.get(self._key())
        self.pages.setCurrentIndex(0 if found is None else 1)
        self.said.setVisible(found is not None)
        self.ranking.setVisible(found is not None)
        self.said.set_tone("")
        if found is None:
            return
        name, help_ = _figure(found)
        by: By = self.by.value() or "loss"
        self.by.set_options([("loss", tr("Loss"), metric_help("loss")), ("figure", name, help_)], by)
        self.head.set_titles(name, by)
        self.units.set_units(found.ranked(by), found.lost, 100 * found.fallen, name, by=by)
        self.said.setText(_summary(found, by))


def _figure(found: Ablation) -> tuple[str, str]:
    """What the second measure is called, and what it says."""
    if found.figure != "accuracy":
        return metric_title(found.figure), metric_help(found.figure, spans=True)
    if found.what == "tokens":
        return tr("Right tokens"), tr(
            "The share of tokens that the network holds likeliest, given the true ones before them. The figures of "
            "written texts would take writing them once for each unit."
        )
    return metric_title("accuracy"), metric_help("accuracy", spans=found.what == "words")


def _summary(found: Ablation, by: By) -> str:
    """What was read, and how many units matter."""
    counts = {
        "texts": ntr("{n} text", "{n} texts", found.counted),
        "words": ntr("{n} word", "{n} words", found.counted),
        "tokens": ntr("{n} token", "{n} tokens", found.counted),
    }
    lost = found.lost if by == "loss" else found.fallen
    better = int((lost < 0).sum())
    if by == "loss":
        told = ntr("Without {n} unit the loss is lower.", "Without any one of {n} units the loss is lower.", better)
        told = told if better else tr("Every unit lowers the loss.")
    else:
        idle = int((lost == 0).sum())
        told = ntr("Without {n} unit it is the same.", "Without any one of {n} units it is the same.", idle)
        higher = ntr("Without {n} unit it is higher.", "Without any one of {n} units it is higher.", better)
        told = " ".join(words for words, some in ((told, idle), (higher, better)) if some)
    parts = [
        tr(
            "The whole network: loss {loss}, {figure} {value} over {count}.",
            loss=f"{found.loss:.4f}",
            figure=_figure(found)[0],
            value=percent(found.value),
            count=counts.get(found.what, number(found.counted)),
        ),
        tr("Unit {n} is missed most.", n=int(found.ranked(by)[0])),
        told,
    ]
    return " ".join(part for part in parts if part)
