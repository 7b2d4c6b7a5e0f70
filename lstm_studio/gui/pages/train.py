"""Train: start, watch the curves and the gates, pause, stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.remarks_watch import RemarksWatch
from lstm_studio.gui.session_watch import WatchRoom
from lstm_studio.gui.theme import S2
from lstm_studio.gui.widgets.basic import Button, Card, IconButton, describe
from lstm_studio.gui.widgets.curve_board import CurveBoard
from lstm_studio.gui.widgets.live_gates import LiveGates
from lstm_studio.gui.widgets.live_views import LiveViews
from lstm_studio.gui.widgets.log_view import LogView
from lstm_studio.gui.widgets.now_panel import NowPanel
from lstm_studio.gui.widgets.remarks import NotesCard
from lstm_studio.gui.widgets.samples_panel import SamplesPanel
from lstm_studio.gui.widgets.train_stage import TrainStage
from lstm_studio.gui.widgets.watch_strip import WatchStrip

if TYPE_CHECKING:
    from lstm_studio.gui.session import ActiveRun, Session

_SOONEST = 100
_SHARE = 60
"""Drawing may take one part in so many of the window's time, so that training is not slowed down."""
_LIVE = 0.1
"""Seconds between two looks at the gates while they are on the screen."""
_GATES_SHARE = 20
"""And drawing those may take one part in so many."""
_SIDE = 288


class TrainPage(Page):
    """Draws at a pace of its own while it is on the screen; hidden, it does nothing."""

    name = "train"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.stage = TrainStage(session)
        self.layout_.addWidget(self.stage)
        self.elsewhere = WatchRoom(session, self)
        self.layout_.addWidget(WatchStrip(self.elsewhere))
        columns = QHBoxLayout()
        columns.setSpacing(S2)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(S2)
        right.setSpacing(S2)
        self.board = CurveBoard(session.settings.pages.get("train"))
        self.board.settings_changed.connect(self._remember)
        self.now = NowPanel()
        self.gates = LiveGates()
        self.gates.probe_changed.connect(session.set_probe)
        self.gates.on_screen.connect(self._watch_gates)
        self.texts = SamplesPanel()
        self.views = LiveViews(self.gates, self.texts, str(session.settings.noted("train", "watch", "texts")))
        self.views.chosen.connect(lambda watch: self._remember({"watch": watch}))
        self.log = LogView()
        now_card = Card(tr("Now"))
        now_card.body.addWidget(self.now)
        now_card.setFixedWidth(_SIDE)
        left.addWidget(self.board, 9)
        left.addWidget(self.views, 13)
        right.addWidget(now_card)
        self.watch = RemarksWatch(session, self)
        self.notes = self._log_card()
        right.addWidget(self.notes, 1)
        columns.addLayout(left, 1)
        columns.addLayout(right)
        self.layout_.addLayout(columns, 1)
        for part, place in ((self.board, "curves"), (self.views, "gates"), (self.notes, "remarks")):
            mark(part, f"train.{place}")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._rested)
        self._late = False
        session.events_arrived.connect(self._arrived)
        session.snapshot_arrived.connect(self._snapshot)
        session.run_ticked.connect(self._ticked)
        session.run_changed.connect(self._run_changed)
        session.history_changed.connect(self._run_changed)
        session.selected_run_changed.connect(self._run_changed)
        session.dataset_changed.connect(self._show_texts)
        self._run_changed()

    def _log_card(self) -> NotesCard:
        copy = IconButton("copy", tr("Copy the log"), tr("Puts the whole log on the clipboard."))
        copy.clicked.connect(self.log.copy_all)
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.log, 1)
        self.command = Button(tr("Copy the command line"), "copy", self._copy_command)
        describe(
            self.command,
            self.command.text(),
            tr("Puts the command on the clipboard that trains the same network without the window."),
        )
        column.addWidget(self.command)
        card = NotesCard(self.watch, place, [copy])
        card.setFixedWidth(_SIDE)
        return card

    # -- following the session ------------------------------------------------------------------------------

    def on_shown(self) -> None:
        """Catch up with what happened meanwhile."""
        self.watch.watch(True)
        self.elsewhere.watch(True)
        if not self.session.training:
            self.session.estimate()
        self._draw()
        self._show_gates()

    def showEvent(self, event: QShowEvent) -> None:
        """In a window that comes up with this page in front, ``on_shown`` was too early to draw."""
        super().showEvent(event)
        self._draw()

    def on_hidden(self) -> None:
        """Nothing is drawn for nobody."""
        self.watch.watch(False)
        self.elsewhere.watch(False)
        self._timer.stop()
        self._rest.stop()

    @property
    def _active(self) -> ActiveRun | None:
        """The run of this window, if it is the one that is shown."""
        active = self.session.active
        return active if active is not None and self.session.showing_active else None

    @Slot(list)
    def _arrived(self, _events: list[object]) -> None:
        self._soon()

    @Slot()
    def _ticked(self) -> None:
        self._soon()

    def _soon(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start(self._pace)

    _pace = _SOONEST

    @Slot()
    def _draw(self) -> None:
        if not self.isVisible():
            return
        began = time.perf_counter()
        history = self.session.history
        spread = self._active is not None and self._active.living
        self.board.set_history(history, spread)
        self.now.refresh(history, self._active)
        self.log.set_lines(history.log if history is not None else [])
        self._show_texts()
        # Painting follows in the event loop and costs about as much again as preparing it, charts most of all.
        cost = 1000 * (time.perf_counter() - began) * (2 if spread else 1)
        self._pace = int(min(1000, max(_SOONEST, 0.8 * self._pace + 0.2 * _SHARE * (cost + 6))))

    @Slot(object)
    def _snapshot(self, _snapshot: object) -> None:
        if self._rest.isActive():
            self._late = True
        elif self.isVisible():
            self._draw_gates()

    @Slot()
    def _rested(self) -> None:
        if self._late and self.isVisible():
            self._draw_gates()

    def _draw_gates(self) -> None:
        began = time.perf_counter()
        self._late = False
        self._show_gates()
        # Painting follows in the event loop and costs about as much again as preparing it.
        cost = 2000 * (time.perf_counter() - began)
        self._rest.start(int(min(1000, _GATES_SHARE * cost)))

    @Slot(bool)
    def _watch_gates(self, shown: bool) -> None:
        """While the gates of the run that trains are seen, they are looked at often."""
        active = self.session.active
        if active is not None:
            active.control.watch(_LIVE if shown and self.session.showing_active else None)

    def _show_gates(self) -> None:
        history, active = self.session.history, self._active
        started = history.started if history is not None else None
        self.gates.set_snapshots(
            history.snapshots if history is not None else [],
            started.classes if started is not None else (),
            started.total_steps if started is not None else 0,
            active is not None and active.living,
        )
        if history is None or not history.snapshots:
            text = self.session.config.training.probe_text
            self.gates.set_probe(text or "")
            self._say_empty()

    @Slot()
    def _show_texts(self) -> None:
        history = self.session.history
        epochs = history.epochs if history is not None else []
        self.texts.set_epochs(epochs)
        self.views.offer(bool(epochs[-1].samples) if epochs else self._will_write())

    def _will_write(self) -> bool:
        """Whether the run that begins, or would, belongs to a task that writes texts."""
        from lstm_studio.data.kinds import kind_of

        history = self.session.history
        started = history.started if history is not None else None
        return kind_of((started.config if started is not None else self.session.config).data).says in {"text", "next"}

    def _say_empty(self) -> None:
        history = self.session.history
        if history is not None and self._active is None and len(history.steps):
            self.gates.set_empty_words(
                tr("The film of this run was not kept"),
                tr("Gates are recorded while a run trains in this window. The Inspect page shows them for any text."),
            )
        else:
            self.gates.set_empty_words(
                tr("The gates will open and close here"),
                tr("Every unit of the network at every word of the probe sentence, drawn anew while it learns."),
            )

    @Slot()
    def _run_changed(self) -> None:
        self._watch_gates(self.gates.isVisible())
        history = self.session.history
        spread = self._active is not None and self._active.living
        self.board.set_history(history, spread)
        self.now.refresh(history, self._active)
        self.log.set_lines(history.log if history is not None else [])
        self._show_texts()
        self._show_gates()

    # -- small things ---------------------------------------------------------------------------------------

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.session.training_command())
        self.command.setText(tr("Copied"))
        QTimer.singleShot(1500, self.command, lambda: self.command.setText(tr("Copy the command line")))

    @Slot(dict)
    def _remember(self, values: dict[str, object]) -> None:
        self.session.settings.note("train", **values)
        self.session.save_soon()
