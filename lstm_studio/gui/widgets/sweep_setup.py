"""What a sweep varies, how many trials it has, how they are chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QFrame, QHBoxLayout, QScrollArea, QSpinBox

from lstm_studio.config import RunConfig
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Card, Label, Muted, PrimaryButton, describe, line, reachable, tidy
from lstm_studio.gui.widgets.sweep_fields import SweepFields

_WIDTH = 332
_RUNS, _MOST_RUNS, _MOST_MINUTES = 20, 100_000, 100_000


class SweepSetup(Card):
    """The form of a sweep; ``start`` calls back."""

    changed = Signal()

    def __init__(self, start: Callable[[], object]) -> None:
        super().__init__(tr("What to try"))
        self.setFixedWidth(_WIDTH)
        self.words = Label("", "small", "small", wrap=True)
        self.body.addWidget(self.words)
        self.fields = SweepFields()
        self.fields.changed.connect(self._edited)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        area.setWidget(self.fields)
        reachable(area, tr("What to try"))
        self.body.addWidget(area, 1)
        self.body.addWidget(line())
        self.body.addLayout(self._budget())
        self.missing = Label("", "small", "warning", wrap=True)
        self.missing.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.missing.hide()
        self.body.addWidget(self.missing)
        self.cost = Muted("")
        self.body.addWidget(self.cost)
        self.start = PrimaryButton(tr("Start the sweep"), "play", callback=start)
        describe(
            self.start,
            self.start.text(),
            tr("Trains one trial after the other; each is an ordinary run, named by what it is."),
        )
        self.body.addWidget(self.start)
        tidy(self)
        self.set_base(None)

    def _budget(self) -> QFormLayout:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(S2)
        form.setVerticalSpacing(S1)
        self.runs, self.minutes = QSpinBox(), QSpinBox()
        self.runs.setRange(1, _MOST_RUNS)
        self.runs.setValue(_RUNS)
        self.minutes.setRange(0, _MOST_MINUTES)
        self.minutes.setSpecialValueText(tr("off"))
        self.sampler = QComboBox()
        self.sampler.addItem(tr("Learns from trials (TPE)"), "tpe")
        self.sampler.addItem(tr("At random"), "random")
        self.pruner = QCheckBox(tr("End hopeless trials early"))
        self.pruner.setChecked(True)
        for widget, title, help_ in (
            (self.runs, tr("Trials"), tr("How many trials there are in all, of all programs that work on the sweep.")),
            (self.minutes, tr("Minutes"), tr("After so long no trial is begun any more. Off: there is no such limit.")),
            (self.sampler, tr("Choice"), tr("How the values of the next trial are chosen.")),
        ):
            describe(widget, title, help_)
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addWidget(self.runs, 2)
        row.addWidget(Label(tr("Minutes")))
        row.addWidget(self.minutes, 3)
        form.addRow(tr("Trials"), row)
        form.addRow(tr("Choice"), self.sampler)
        describe(
            self.pruner,
            self.pruner.text(),
            tr(
                "A trial that after an epoch is worse than half of those before was at that epoch is ended; it is kept."
            ),
        )
        form.addRow(self.pruner)
        self.runs.valueChanged.connect(self._edited)
        return form

    def set_base(self, config: RunConfig | None) -> None:
        """Vary the settings of this run."""
        if config is None:
            self.words.setText(tr("Select a run, or open a file: its settings are what all of them have in common."))
        else:
            self.words.setText(tr("Press the plus beside a setting to try a range instead of its value."))
            self.fields.set_base(config)
        self.fields.setVisible(config is not None)
        self._count()

    def say(self, words: str) -> None:
        """What is missing to begin; empty for nothing."""
        self.missing.setText(words)
        self.missing.setVisible(bool(words))

    def _edited(self, *_: object) -> None:
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        varied = len(self.fields.ranges())
        trials = ntr("{n} trial", "{n} trials", self.runs.value())
        self.cost.setText(f"{trials} · {ntr('{n} setting is varied', '{n} settings are varied', varied)}")
