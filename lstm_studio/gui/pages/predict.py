"""Predict: type a text, see what the network says and why. What an answer looks like is the task's own affair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QProgressBar,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import error_text, ntr, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1, S2, font
from lstm_studio.gui.widgets.answer_view import AnswerView
from lstm_studio.gui.widgets.answers import VIEWS, Found, ask
from lstm_studio.gui.widgets.basic import Banner, Button, Card, EmptyState, IconButton, Muted, describe
from lstm_studio.gui.widgets.history_list import HistoryList
from lstm_studio.gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

KEYS_DELAY = 30
"""Milliseconds after the last key; with the prediction itself an answer stands well within 100 ms."""
REMEMBER_DELAY = 1500
LIMIT = 200_000


class PredictPage(Page):
    """One text: the task's own view of the answer. Several lines: a table. A file: a file with predictions.

    Which task the run has is found out where the network lives, together with the first answer.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job: Any = None
        self._view: AnswerView | None = None
        self._views: dict[str, AnswerView] = {}
        self._known: Path | None = None
        self._last: tuple[str, str] | None = None
        self._banner: Banner | None = None
        self._empty = EmptyState(
            "predict",
            tr("Nothing to ask yet"),
            tr("Train a network or choose a finished run; then type any text here and see what it says."),
            [
                (tr("Go to training"), lambda: session.page_requested.emit("train"), True),
                (tr("Choose a run"), lambda: session.page_requested.emit("runs"), False),
            ],
        )
        self._content = QWidget()
        self.layout_.addWidget(self._empty)
        self.layout_.addWidget(self._content)
        self._build()
        self._keys = QTimer(self, singleShot=True, interval=KEYS_DELAY)
        self._keys.timeout.connect(self._ask)
        self._remember = QTimer(self, singleShot=True, interval=REMEMBER_DELAY)
        self._remember.timeout.connect(self._keep)
        session.selected_run_changed.connect(self._run_changed)
        session.run_changed.connect(self._run_changed)
        self._run_changed()

    # -- building --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        columns = QHBoxLayout(self._content)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(S2)
        left = QVBoxLayout()
        left.setSpacing(S2)
        columns.addLayout(left, 3)
        columns.addLayout(self._side(), 1)

        self._which = Muted("")
        left.addWidget(self._which)
        self._notices = QVBoxLayout()
        left.addLayout(self._notices)

        self._text = QPlainTextEdit()
        self._text.setFont(font("title"))
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(96)
        self._text.setMaximumHeight(136)
        self._text.textChanged.connect(self._typed)
        self._text.setPlaceholderText(tr("Type or paste a text."))
        describe(self._text, tr("Text"), tr("What the network is asked about; the answer follows as you type."))
        left.addWidget(self._text)

        self._one = QVBoxLayout()
        self._waiting = Card(tr("Answer"))
        self._waiting_words = Muted(tr("The network is being read; its answer will stand here."))
        self._waiting.body.addWidget(self._waiting_words)
        self._waiting.body.addStretch(1)
        self._one.addWidget(self._waiting)
        left.addLayout(self._one, 1)

        self._several = Card(tr("Answers"))
        self._table = QTableWidget(0, 1)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.horizontalHeader().setHighlightSections(False)
        describe(
            self._table, tr("Answers"), tr("One row a line of the text above; double-click one to look at it alone.")
        )
        self._table.cellDoubleClicked.connect(self._open_row)
        self._table.cellActivated.connect(self._open_row)
        self._several.body.addWidget(self._table)
        left.addWidget(self._several, 1)
        self._show_one()

    def _side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(S2)
        history = Card(tr("What you typed"))
        self._history = HistoryList()
        self._history.chosen.connect(lambda text: self._text.setPlainText(text))
        self._history_hint = Muted(tr("Each text you type is kept here with its answer, to compare."))
        self._history_hint.setWordWrap(True)
        history.body.addWidget(self._history_hint)
        history.body.addWidget(self._history, 1)
        side.addWidget(history, 1)

        files = Card(tr("A whole file"))
        self._about_files = Muted(tr("Every row of a file gets an answer in a new file."))
        files.body.addWidget(self._about_files)
        self._file = Button(tr("File in, file out"), "open")
        describe(self._file, tr("File in, file out"), tr("Choose a file with texts, then where to save the answers."))
        self._file.clicked.connect(self._choose_files)
        files.body.addWidget(self._file)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(tr("Progress of the file"))
        self._cancel = IconButton("close", tr("Cancel the file"), tr("Stops; nothing is written."))
        self._cancel.clicked.connect(self._cancel_file)
        row.addWidget(self._progress, 1)
        row.addWidget(self._cancel)
        files.body.addLayout(row)
        self._status = Muted("")
        self._status.setWordWrap(True)
        self._status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        files.body.addWidget(self._status)
        for widget in (self._progress, self._cancel, self._status):
            widget.hide()
        mark(files, "predict.file")
        side.addWidget(files)
        return side

    # -- the run ---------------------------------------------------------------------------------------------

    def on_shown(self) -> None:
        """Type at once."""
        self._run_changed()
        if self._content.isVisible():
            self._text.setFocus()

    def _run_changed(self) -> None:
        run = self.session.selected_run
        self._empty.setVisible(run is None)
        self._content.setVisible(run is not None)
        if run != self._known and self._view is not None:
            self._view.leave()
        if run is None:
            return
        active = self.session.active
        name = self.session.run_name(run)
        if active is not None and active.path == run and active.state != "ended":
            state = tr("paused") if active.state == "paused" else tr("in training")
            self._which.setText(
                tr("Answers come from {run}, {state}, with the weights of this moment.", run=name, state=state)
            )
        else:
            self._which.setText(tr("Answers come from {run}, with its best weights.", run=name))
        self._keys.start()

    # -- typing ----------------------------------------------------------------------------------------------

    def _whole(self) -> str:
        return self._text.toPlainText()[:LIMIT]

    def _lines(self) -> list[str]:
        return [line for line in self._whole().splitlines() if line.strip()]

    def _typed(self) -> None:
        self._fresh = True
        if self._view is not None:
            self._view.set_text(self._whole())
        self._keys.start()

    _fresh = False
    """Whether the text was changed since an answer to it was remembered: what another run says is no typing."""

    def _ask(self) -> None:
        texts, run = self._lines(), self.session.selected_run
        if run is None or (self._known == run and self._view is not None and self._view.asks_itself):
            return
        if not texts:
            self._clear()
            if self._known == run or not self.isVisible():
                return
        view = self._view if self._known == run else None
        chosen, shown = (view.asked(), view.task) if view is not None else ({}, None)
        self.session.with_predictor(
            lambda predictor: ask(predictor, texts, chosen, shown),
            done=lambda found: self._answered(run, found),
            failed=self._not_answered,
            channel="predict",
        )

    def _answered(self, run: Path, found: Found) -> None:
        if not self._about_file:  # an answer does not mend a file
            self._forget_banner()
        view = self._use_view(run, found)
        if view.asks_itself:
            self._show_one()
        elif not self._lines():
            self._clear()
        elif len(found.answers) == 1:
            self._show_one()
            answer = found.answers[0]
            view.show_answer(answer)
            self._last = (answer.text, view.in_short(answer))
            if self._fresh:
                self._remember.start()
        elif found.answers:
            self._answer_many(view, found.answers)

    def _not_answered(self, error: Exception) -> None:
        self._waiting_words.setText("")
        if self._lines():
            self._clear()
            self._failed(error)
        elif not isinstance(error, (StudioError, Cancelled)):
            hub().fail(error)

    def _use_view(self, run: Path, found: Found) -> AnswerView:
        """The view of the run's task, in place of any other."""
        view = self._views.get(found.task)
        if view is None:
            view = self._views[found.task] = VIEWS[found.task](self.session)
            view.failed.connect(self._failed)
            view.again.connect(self._keys.start)
            view.answered.connect(self._keep_answer)
            self._one.addWidget(view)
            self._waiting.hide()
        if view is not self._view:
            if self._view is not None:
                self._view.clear()
                self._view.hide()
            self._view = view
            self._about_files.setText(view.about_files())
            placeholder, help_ = view.about_text()
            self._text.setPlaceholderText(placeholder)
            describe(self._text, tr("Text"), help_)
            view.setVisible(self._several.isHidden())
        if run != self._known:
            self._known = run
            view.new_run()
        view.set_facts(found.facts)
        view.set_text(self._whole())
        return view

    def _answer_many(self, view: AnswerView, answers: list[Any]) -> None:
        self._show_one(False)
        columns = view.columns()
        self._table.setColumnCount(1 + len(columns))
        self._table.setHorizontalHeaderLabels([tr("Text"), *(column.title for column in columns)])
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for number, column in enumerate(columns, 1):
            mode = QHeaderView.ResizeMode.Stretch if column.wide else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(number, mode)
        self._table.setRowCount(len(answers))
        for row, answer in enumerate(answers):
            first = QTableWidgetItem(answer.text[:500])
            first.setData(Qt.ItemDataRole.UserRole, answer.text)
            first.setToolTip(plain_tip(answer.text[:1000]))
            self._table.setItem(row, 0, first)
            for number, (column, words) in enumerate(zip(columns, view.row(answer), strict=True), 1):
                item = QTableWidgetItem(words[:500])
                if column.wide:
                    item.setToolTip(plain_tip(words[:1000]))
                if column.figures:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._table.setItem(row, number, item)

    def _open_row(self, row: int, _column: int) -> None:
        item = self._table.item(row, 0)
        if item is not None:
            self._text.setPlainText(item.data(Qt.ItemDataRole.UserRole))

    def _show_one(self, one: bool = True) -> None:
        if self._view is not None:
            self._view.setVisible(one)
        self._several.setVisible(not one)

    def _clear(self) -> None:
        self._show_one()
        if self._view is not None:
            self._view.clear()
        self._last = None

    def _keep(self) -> None:
        if self._last is None:
            return
        self._fresh = False
        self._history.keep(*self._last)
        self._history_hint.hide()

    def _keep_answer(self, answer: Any) -> None:
        """Of a view that asks itself: what is asked for on purpose is remembered at once."""
        if not self._about_file:
            self._forget_banner()
        if self._view is not None and answer.text.strip():
            self._last = (answer.text, self._view.in_short(answer))
            self._keep()

    # -- files -----------------------------------------------------------------------------------------------

    def _choose_files(self) -> None:
        source, _ = QFileDialog.getOpenFileName(self, tr("File with texts"))
        if not source:
            return
        proposal = str(Path(source).with_name(Path(source).stem + ".predictions.csv"))
        target, _ = QFileDialog.getSaveFileName(
            self, tr("Save the answers as"), proposal, f"CSV (*.csv);;{tr('JSON lines')} (*.jsonl)"
        )
        if target:
            self.predict_file(Path(source), Path(target))

    def predict_file(self, source: Path, target: Path) -> None:
        """Predict every row of ``source`` into ``target`` as a cancellable job."""
        self._forget_banner()
        for widget in (self._progress, self._cancel, self._status):
            widget.show()
        self._file.setEnabled(False)
        self._file.setToolTip(tr("A file is being worked on."))
        self._progress.setRange(0, 1000)
        self._progress.setValue(0)
        self._status.setText(tr("Reading {file}", file=source.name))
        self._job = self.session.predict_file(
            source,
            target,
            done=lambda rows: self._file_done(target, rows),
            failed=self._file_failed,
            progress=self._file_progress,
        )

    def _file_progress(self, fraction: float, words: str) -> None:
        self._progress.setRange(0, 1000 if fraction >= 0 else 0)
        if fraction >= 0:
            self._progress.setValue(int(1000 * fraction))
        self._status.setText(words)

    def _file_done(self, target: Path, rows: int) -> None:
        self._file_idle()
        self._status.setText(ntr("{n} row written to {file}", "{n} rows written to {file}", rows, file=target.name))
        self._status.setToolTip(str(target))
        self._status.show()

    def _cancel_file(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._file_idle()

    def _file_idle(self) -> None:
        self._job = None
        self._file.setEnabled(True)
        describe(self._file, tr("File in, file out"), tr("Choose a file with texts, then where to save the answers."))
        for widget in (self._progress, self._cancel, self._status):
            widget.hide()

    # -- problems --------------------------------------------------------------------------------------------

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            return
        if not isinstance(error, StudioError):
            hub().fail(error)
            return
        self._forget_banner()
        self._banner = Banner("warning", error_text(error))
        self._notices.addWidget(self._banner)

    def _file_failed(self, error: Exception) -> None:
        self._file_idle()
        self._failed(error)
        self._about_file = True

    _about_file = False
    """Whether the banner speaks of a file."""

    def _forget_banner(self) -> None:
        self._about_file = False
        if self._banner is not None:
            self._notices.removeWidget(self._banner)
            self._banner.deleteLater()
            self._banner = None
