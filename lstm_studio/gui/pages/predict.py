"""Predict: type a text, see what the network says and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import error_text, ntr, tr
from lstm_studio.gui.notify import hub
from lstm_studio.gui.pages.base import Page
from lstm_studio.gui.theme import S1, S2, font
from lstm_studio.gui.widgets.basic import Banner, Button, Card, EmptyState, IconButton, Muted, describe
from lstm_studio.gui.widgets.probability_bars import ProbabilityBars, percent
from lstm_studio.gui.widgets.word_weights import WordWeights

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

KEYS_DELAY = 30
"""Milliseconds after the last key; with the prediction itself an answer stands well within 100 ms."""
REMEMBER_DELAY = 1500
LIMIT = 200_000
HISTORY = 50


class PredictPage(Page):
    """One text: bars and the words that mattered. Several lines: a table. A file: a file with predictions."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._job: Any = None
        self._last: tuple[str, str, float] | None = None
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
        self._text.setPlaceholderText(tr("Type or paste a text. Several lines are several texts."))
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(96)
        self._text.setMaximumHeight(170)
        self._text.textChanged.connect(self._typed)
        describe(self._text, tr("Text"), tr("What you type is answered as you type; each line is a text of its own."))
        left.addWidget(self._text)

        self._answer = Card(tr("Answer"))
        self._bars = ProbabilityBars()
        self._answer.body.addWidget(self._bars)
        left.addWidget(self._answer)

        self._why = Card(tr("Words that mattered"))
        self._legend = Muted(tr("Bar above a word: it spoke for the answer. Below: against it. Dotted: unknown word."))
        self._legend.setWordWrap(True)
        self._words = WordWeights()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self._words)
        self._words.setObjectName("content")  # see-through, so that the card shows
        area.setMinimumHeight(64)
        self._why.body.addWidget(area, 1)
        self._why.body.addWidget(self._legend)
        left.addWidget(self._why, 1)

        self._several = Card(tr("Answers"))
        self._table = QTableWidget(0, 3)
        self._table.setHorizontalHeaderLabels([tr("Text"), tr("Answer"), tr("Probability")])
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.horizontalHeader().setHighlightSections(False)
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        describe(
            self._table, tr("Answers"), tr("One row a line of the text above; double-click one to look at it alone.")
        )
        self._table.cellDoubleClicked.connect(self._open_row)
        self._several.body.addWidget(self._table)
        left.addWidget(self._several, 1)
        self._show_one()

    def _side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(S2)
        history = Card(tr("What you typed"))
        self._history = QListWidget()
        self._history.setWordWrap(False)
        self._history.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._history.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._history.itemActivated.connect(lambda item: self._text.setPlainText(item.data(Qt.ItemDataRole.UserRole)))
        self._history.itemClicked.connect(lambda item: self._text.setPlainText(item.data(Qt.ItemDataRole.UserRole)))
        describe(self._history, tr("What you typed"), tr("Texts you asked about; click one to ask again."))
        self._history_hint = Muted(tr("Each text you type is kept here with its answer, to compare."))
        self._history_hint.setWordWrap(True)
        history.body.addWidget(self._history_hint)
        history.body.addWidget(self._history, 1)
        side.addWidget(history, 1)

        files = Card(tr("A whole file"))
        words = Muted(tr("Every row of a file gets a prediction and its probability in a new file."))
        words.setWordWrap(True)
        files.body.addWidget(words)
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

    def _lines(self) -> list[str]:
        return [line for line in self._text.toPlainText()[:LIMIT].splitlines() if line.strip()]

    def _typed(self) -> None:
        self._keys.start()

    def _ask(self) -> None:
        texts = self._lines()
        if self.session.selected_run is None:
            return
        if not texts:
            self._clear()
            return
        self.session.with_predictor(
            lambda predictor: predictor.predict(texts), done=self._answered, failed=self._failed, channel="predict"
        )

    def _answered(self, predictions: list[Any]) -> None:
        self._forget_banner()
        if len(predictions) == 1:
            self._answer_one(predictions[0])
        else:
            self._answer_many(predictions)

    def _answer_one(self, prediction: Any) -> None:
        self._show_one()
        self._bars.set_probabilities(prediction.probabilities)
        self._words.set_words(prediction.tokens, prediction.unknown, None)
        unknown = sum(prediction.unknown)
        words = tr("Bar above a word: it spoke for the answer. Below: against it. Dotted: unknown word.")
        if unknown:
            words += " " + ntr(
                "{n} word is unknown to this network.", "{n} words are unknown to this network.", unknown
            )
        if prediction.cut:
            words += " " + ntr("{n} word too many was cut away.", "{n} words too many were cut away.", prediction.cut)
        self._legend.setText(words)
        self._last = (prediction.text, prediction.label, prediction.probabilities[prediction.label])
        self._remember.start()
        text = prediction.text
        self.session.with_predictor(
            lambda predictor: predictor.explain(text),
            done=lambda weights: self._words.set_words(prediction.tokens, prediction.unknown, weights),
            failed=self._failed,
            channel="explain",
        )

    def _answer_many(self, predictions: list[Any]) -> None:
        self._show_one(False)
        self._table.setRowCount(len(predictions))
        for row, prediction in enumerate(predictions):
            likely = prediction.probabilities[prediction.label]
            cells = (prediction.text[:500], prediction.label, percent(likely))
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                if column == 0:
                    item.setData(Qt.ItemDataRole.UserRole, prediction.text)
                    item.setToolTip(prediction.text[:1000])
                if column == 2:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._table.setItem(row, column, item)

    def _open_row(self, row: int, _column: int) -> None:
        item = self._table.item(row, 0)
        if item is not None:
            self._text.setPlainText(item.data(Qt.ItemDataRole.UserRole))

    def _show_one(self, one: bool = True) -> None:
        self._answer.setVisible(one)
        self._why.setVisible(one)
        self._several.setVisible(not one)

    def _clear(self) -> None:
        self._show_one()
        self._bars.set_probabilities({})
        self._words.set_words([], [], None)
        self._last = None

    def _keep(self) -> None:
        if self._last is None:
            return
        text, label, likely = self._last
        for row in range(self._history.count()):
            if self._history.item(row).data(Qt.ItemDataRole.UserRole) == text:
                self._history.takeItem(row)
                break
        item = QListWidgetItem(f"{label} {percent(likely)}  {text[:200]}")
        item.setData(Qt.ItemDataRole.UserRole, text)
        item.setToolTip(text[:1000])
        self._history.insertItem(0, item)
        while self._history.count() > HISTORY:
            self._history.takeItem(self._history.count() - 1)
        self._history_hint.hide()

    # -- files -----------------------------------------------------------------------------------------------

    def _choose_files(self) -> None:
        source, _ = QFileDialog.getOpenFileName(self, tr("File with texts"))
        if not source:
            return
        proposal = str(Path(source).with_name(Path(source).stem + ".predictions.csv"))
        target, _ = QFileDialog.getSaveFileName(
            self, tr("Save the answers as"), proposal, "CSV (*.csv);;JSON lines (*.jsonl)"
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

    def _forget_banner(self) -> None:
        if self._banner is not None:
            self._notices.removeWidget(self._banner)
            self._banner.deleteLater()
            self._banner = None
