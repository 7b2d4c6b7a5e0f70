"""The line above every page: what is open, where it is computed, which run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.session import Session
from lstm_studio.gui.theme import S1, S2, S3, font
from lstm_studio.gui.widgets.basic import Dot, ElidedLabel, Label, LinkButton, describe
from lstm_studio.gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from lstm_studio.gui.session_types import Dataset

HEIGHT = 48
SHARE, LEAST = 0.28, 140
"""What a run's name may take of the line, and pixels that it always may."""
STATES = {
    "preparing": ("accent", "Preparing"),
    "running": ("success", "Training"),
    "pausing": ("warning", "Pausing"),
    "paused": ("warning", "Paused"),
    "stopping": ("warning", "Stopping"),
    "ended": ("text_muted", "Finished"),
}


class Header(QFrame):
    """File, task and rows on the left; device, threads and run on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setFixedHeight(HEIGHT)
        self.session = session
        self._name = self._state = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(S3, 0, S2, 0)
        row.setSpacing(S1)
        self.file = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.file.setFont(font("body", bold=True))
        self.file.setMaximumWidth(420)
        self.what = ElidedLabel(tone="muted")
        self.device = Label(tone="muted", tabular=True)
        self.device.setFont(font("small", tabular=True))
        self.dot = Dot()
        self.run = LinkButton("", callback=lambda: session.page_requested.emit("train"))
        self.run.setIconSize(QSize(0, 0))
        describe(self.run, tr("Run"), tr("Show this run's curves"))
        row.addWidget(self.file)
        row.addWidget(self.what, 1)
        row.addWidget(self.device)
        row.addSpacing(S1)
        row.addWidget(self.dot)
        row.addWidget(self.run)
        for signal in (session.dataset_changed, session.health_changed, session.loading_changed):
            signal.connect(self._show_data)
        for signal in (session.run_changed, session.selected_run_changed, session.config_changed, session.runs_changed):
            signal.connect(self._show_run)
        self._show_data()
        self._show_run()

    @Slot()
    def _show_data(self) -> None:
        session = self.session
        dataset = session.dataset
        if session.loading is not None:
            self.file.setText(session.loading.title)
            self.what.setText(tr("Reading the file"))
        elif dataset is None:
            self.file.setText("LSTM Studio")
            self.what.setText(tr("No file is open"))
        else:
            self.file.setText(dataset.title)
            self.what.setText("·  " + tr(dataset.guess.task_title) + "  ·  " + _amount(dataset))

    @Slot()
    def _show_run(self) -> None:
        session = self.session
        active, path = session.active, session.selected_run
        training = session.config.training
        threads = training.threads or session.settings.threads
        device = str(training.device if training.device != "auto" else session.settings.device)
        if active is not None and active.living and active.started is not None:
            threads, device = active.started.threads, active.started.device
        words = {"cpu": "CPU", "auto": tr("Automatic"), "mps": "Apple GPU"}.get(device, device.upper())
        if threads is None:
            words += "  ·  " + ntr("{n} core", "{n} cores", os.cpu_count() or 1)
        else:
            words += "  ·  " + ntr("{n} thread", "{n} threads", threads)
        self.device.setText(words)
        role, state, name = "text_muted", "", ""
        if active is not None and active.living:
            role, state = STATES[active.state]
            name = session.run_name(active.path) if active.path is not None else tr("New run")
            state = f"  ·  {tr(state)}"
        elif path is not None:
            role, name = "text_muted", session.run_name(path)
        self.dot.set_role(role)
        self.dot.setVisible(bool(name))
        self._name, self._state = name, state
        self.run.setAccessibleName(tr("Run: {name}", name=f"{name}{state}"))
        self.run.setVisible(bool(name))
        self._fit_run()

    def _fit_run(self) -> None:
        """A long name leaves the file and the device their room; its state is always seen, and the tooltip has it
        all."""
        metrics = self.run.fontMetrics()
        room = max(LEAST, round(SHARE * self.width())) - metrics.horizontalAdvance(self._state)
        shown = metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        self.run.setText(f"{shown}{self._state}".replace("&", "&&"))
        self.run.setToolTip(tr("Show this run's curves") if shown == self._name else plain_tip(self._name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_run()


def _amount(dataset: Dataset) -> str:
    """How much there is, in rows, or in what is learned from where that is known and something else."""
    kind, health = dataset.kind, dataset.health
    if kind.learned is None:
        return ntr(*kind.counted, health.used_rows if health is not None else dataset.rows)
    if health is None or not health.tokens:
        return ntr("{n} row", "{n} rows", dataset.rows)
    return ntr(*kind.counted_examples, health.tokens)
