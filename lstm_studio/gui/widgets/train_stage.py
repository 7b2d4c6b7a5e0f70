"""The head of the Train page: what will be trained and one large button; then what happens, and how to steer it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.config import ModelConfig
from lstm_studio.gui.i18n import duration, ntr, tr
from lstm_studio.gui.session import ActiveRun, Estimate, Session
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import (
    Banner,
    Button,
    Callback,
    Card,
    Label,
    PrimaryButton,
    Title,
    describe,
    set_enabled,
)
from lstm_studio.gui.widgets.gates import variant_words
from lstm_studio.gui.widgets.metrics import main_metric, metric_title, shown_metric
from lstm_studio.training.events import RunFailed, RunFinished

_TALL = 40


class TrainStage(Card):
    """Title and sentence on the left, the buttons that make sense now on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._estimate: Estimate | None = None
        row = QHBoxLayout()
        row.setSpacing(S1)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.headline = Title("")
        self.headline.setWordWrap(True)
        self.sentence = Label(tone="muted", wrap=True)
        words.addWidget(self.headline)
        words.addWidget(self.sentence)
        row.addLayout(words, 1)
        self.start = PrimaryButton(tr("Start training"), "play", callback=session.start_training)
        describe(
            self.start, tr("Start training"), tr("Trains a network with these settings on the opened texts."), "F5"
        )
        self.try_it = PrimaryButton(tr("Try it on your own text"), "predict", callback=lambda: self._go("predict"))
        describe(self.try_it, self.try_it.text(), tr("Opens the Predict page with this network."))
        self.inspect = Button(tr("Inspect the gates"), "inspect", lambda: self._go("inspect"))
        describe(self.inspect, self.inspect.text(), tr("Looks inside this network while it reads a text."))
        self.again = Button(tr("Train again"), "refresh", session.start_training)
        describe(self.again, self.again.text(), tr("Starts a new run with the present settings."), "F5")
        self.pause = Button(tr("Pause"), "pause", self._toggle)
        self.stop = Button(tr("Stop"), "stop", session.stop)
        describe(self.stop, tr("Stop"), tr("Ends the run and keeps its best weights (Shift+F9)"))
        self.cancel = Button(tr("Cancel"), "cancel", self.ask_cancel)
        describe(self.cancel, tr("Cancel"), tr("Ends the run and throws away what it has learned; asks first."))
        self.open_data = PrimaryButton(tr("Choose texts"), "data", callback=lambda: self._go("data"))
        describe(self.open_data, self.open_data.text(), tr("Opens the Data page, where files and samples are."))
        self._all = (
            self.start, self.inspect, self.again, self.try_it, self.pause, self.stop, self.cancel, self.open_data,
        )  # fmt: skip
        if (frame := self.layout()) is not None:
            frame.setContentsMargins(S2, S1, S2, S1)
        for button in self._all:
            button.setMinimumHeight(_TALL)
            button.hide()
            row.addWidget(button)
        self.start.setStyleSheet("min-height: 42px; min-width: 168px; font-size: 16px;")
        self.body.addLayout(row)
        self.question = _Question(self._discard, self._keep)
        self.question.hide()
        self.body.addWidget(self.question)
        self.problem = Banner("error")
        self.problem.hide()
        self.body.addWidget(self.problem)
        session.run_changed.connect(self.refresh)
        session.dataset_changed.connect(self.refresh)
        session.config_changed.connect(self.refresh)
        session.health_changed.connect(self.refresh)
        session.loading_changed.connect(self.refresh)
        session.selected_run_changed.connect(self.refresh)
        session.estimate_changed.connect(self._estimated)
        self.refresh()

    # -- what is said ---------------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Follow the session."""
        active = self.session.active
        if active is None or (not active.living and not self.session.showing_active):
            self._show_before()
        elif active.living:
            self._show_living(active)
        else:
            self._show_ended(active)

    def _show_before(self) -> None:
        self.question.hide()
        self.problem.hide()
        why = self.session.why_not_start()
        if self.session.dataset is None:
            loading = self.session.loading
            self.headline.setText(
                tr("Reading {file}", file=loading.title) if loading else tr("Nothing to train on yet")
            )
            self.sentence.setText(
                tr("Open a file of texts to learn from, or take one of the samples; training starts here.")
            )
            self._buttons(self.open_data)
            return
        self.headline.setText(self.session.dataset.title)
        self.sentence.setText(plan(self.session, self._estimate))
        self._buttons(self.start)
        set_enabled(self.start, not why, why)

    def _show_living(self, active: ActiveRun) -> None:
        state = active.state
        self.problem.hide()
        self.headline.setText(
            {
                "preparing": tr("Preparing the texts"),
                "running": tr("Training"),
                "pausing": tr("Pausing"),
                "paused": tr("Paused"),
                "stopping": tr("Stopping"),
            }.get(state, "")
        )
        self.sentence.setText(
            {
                "preparing": tr("Cutting the texts into words and counting them; this is done once for each file."),
                "paused": tr("The network stays in memory: inspect it, ask it, and go on when you like."),
                "stopping": tr("Saving the best weights."),
            }.get(state)
            or plan(self.session, None, active)
        )
        halted = state in ("paused", "pausing")
        words = tr("Resume") if halted else tr("Pause")
        self.pause.setText(words)
        self.pause.set_icon("play" if halted else "pause")
        tooltip = (
            tr("Goes on with the next batch (F9)")
            if halted
            else tr("Halts before the next batch; the network stays in memory and can be asked (F9)")
        )
        describe(self.pause, words, tooltip)
        stopping = tr("The run is ending already.")
        ending = state == "stopping"
        set_enabled(
            self.pause, not ending and state != "preparing", stopping if ending else tr("It has not begun yet.")
        )
        set_enabled(self.stop, not ending, stopping)
        set_enabled(self.cancel, not ending, stopping)
        if ending:
            self.question.hide()
        self._buttons(self.pause, self.stop, self.cancel)

    def _show_ended(self, active: ActiveRun) -> None:
        self.question.hide()
        finished = active.finished
        why = self.session.why_not_start()
        set_enabled(self.again, not why, why)
        if isinstance(finished, RunFailed):
            self.headline.setText(tr("The run could not go on"))
            self.sentence.setText(tr("What it had learned before is kept where it got that far."))
            self.problem.show_message("error", tr(finished.message))
            self.problem.show()
            self._buttons(self.again)
            return
        self.problem.hide()
        if finished is not None and finished.reason == "cancelled":
            self.headline.setText(tr("The run was discarded"))
            self.sentence.setText(plan(self.session, self._estimate))
            self._buttons(self.start)
            set_enabled(self.start, not why, why)
            return
        self.headline.setText(_end_title(finished))
        self.sentence.setText(_end_words(active))
        self._buttons(self.again, self.inspect, self.try_it)

    def _buttons(self, *shown: QWidget) -> None:
        for button in self._all:
            button.setVisible(button in shown)

    @Slot(object)
    def _estimated(self, estimate: Estimate) -> None:
        self._estimate = estimate
        self.refresh()

    # -- what is done ---------------------------------------------------------------------------------------

    def _go(self, page: str) -> None:
        self.session.page_requested.emit(page)

    def _toggle(self) -> None:
        active = self.session.active
        if active is not None:
            (self.session.resume if active.state in ("paused", "pausing") else self.session.pause)()

    def ask_cancel(self) -> None:
        """Ask in the page whether the run is to be discarded."""
        self.question.show()
        self.question.no.setFocus()

    def _discard(self) -> None:
        self.question.hide()
        self.session.cancel()

    def _keep(self) -> None:
        self.question.hide()


class _Question(QFrame):
    """Discard the run? A line in the page, with the harmless answer first."""

    def __init__(self, yes: Callback, no: Callback) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setProperty("severity", "warning")
        row = QHBoxLayout(self)
        row.setContentsMargins(S2, S1, S1, S1)
        row.setSpacing(S1)
        words = tr("Discard this run? What it has learned so far is deleted. Stop would keep it.")
        self.label = Label(words, wrap=True)
        row.addWidget(self.label, 1)
        self.no = Button(tr("Keep training"))
        self.yes = Button(tr("Discard the run"), "trash")
        self.yes.setObjectName("danger")
        describe(self.no, self.no.text(), tr("The run goes on as if nothing had been asked."))
        describe(self.yes, self.yes.text(), tr("Ends the run and deletes what it has learned."))
        self.no.clicked.connect(lambda: no())
        self.yes.clicked.connect(lambda: yes())
        row.addWidget(self.no)
        row.addWidget(self.yes)
        self.setAccessibleName(words)


def network(model: ModelConfig) -> str:
    """The network in a few words: "LSTM with diagonal peepholes, 128 units, both directions"."""
    cell = {"lstm": "LSTM", "gru": "GRU", "rnn": tr("plain RNN")}[model.cell]
    if model.cell == "lstm" and model.peephole == "diagonal":
        cell = tr("LSTM with diagonal peepholes")
    elif model.cell == "lstm" and model.peephole == "full":
        cell = tr("LSTM with full peepholes")
    if model.cell == "lstm" and model.variant != "none":
        cell = f"{cell} {variant_words(model.variant)}"
    parts = [cell, ntr("{n} unit", "{n} units", model.hidden_size)]
    if model.layers > 1:
        parts.append(ntr("{n} layer", "{n} layers", model.layers))
    if model.bidirectional:
        parts.append(tr("both directions"))
    return tr(", ").join(parts)


def plan(session: Session, estimate: Estimate | None, active: ActiveRun | None = None) -> str:
    """One sentence: which network reads how many texts how often, and how long that takes here."""
    from lstm_studio.data.kinds import KINDS

    config = active.config if active is not None else session.config
    epochs = config.training.epochs
    texts = 0
    if active is not None and active.started is not None:
        texts = active.started.train_examples
    elif session.dataset is not None:
        health, data = session.dataset.health, session.config.data
        texts = health.used_rows if health is not None else session.dataset.rows
        if health is not None and KINDS[config.task].learned is not None:
            texts = health.train_rows
        elif not data.validation:
            texts = round(texts * (1 - data.validation_fraction))
    words = tr(
        "{network}: reads {texts} {times}",
        network=network(config.model),
        texts=ntr(*KINDS[config.task].counted_examples, texts),
        times=ntr("{n} time", "{n} times", epochs),
    )
    if estimate is not None and estimate.seconds_per_epoch is not None and active is None:
        time = duration(estimate.seconds_per_epoch * epochs)
        return tr("{plan}; about {time} on this machine.", plan=words, time=time)
    return f"{words}."


def _end_title(finished: RunFinished | None) -> str:
    if finished is None:
        return ""
    return {
        "completed": tr("Trained"),
        "early_stopped": tr("Trained; stopped early, since it no longer got better"),
        "stopped": tr("Stopped"),
    }.get(finished.reason, "")


def _end_words(active: ActiveRun) -> str:
    history, finished = active.history, active.finished
    best = history.best
    if best is None or not isinstance(finished, RunFinished):
        return tr("It ended before the first epoch was complete; its last state is kept.")
    name = main_metric(best)
    parts = [
        tr(
            "The weights of epoch {n} are kept: {metric} {value} on the validation texts.",
            n=best.epoch,
            metric=metric_title(name),
            value=shown_metric(name, best.metrics.get(name, float("nan"))),
        )
    ]
    test = finished.metrics.get(f"test_{name}")
    if test is not None:
        parts.append(tr("On the test file: {value}.", value=shown_metric(name, test)))
    if finished.seconds:
        parts.append(tr("It took {time}.", time=duration(finished.seconds)))
    return " ".join(parts)
