"""What a configuration costs on this machine, and networks to ask: the live one or one of a finished run."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Slot

from lstm_studio.config import RunConfig
from lstm_studio.data.kinds import KINDS
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.jobs import Job, Progress
from lstm_studio.gui.notify import hub
from lstm_studio.gui.session_types import Estimate
from lstm_studio.runs.folder import weights_of

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.nn.parameters import Sizes
    from lstm_studio.runs.predictor import Predictor

T = TypeVar("T")
Failed = Callable[[Exception], object]
KEPT_PREDICTORS = 3
_LOOK = 0.1
"""Seconds between two looks whether a job that waits was cancelled."""


class EstimateRoom(QObject):
    """Counts at once, measures a little later, remembers what it measured."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._measured: dict[tuple[Any, ...], float] = {}
        self._vectors: tuple[RunConfig, int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(250)
        self._timer.timeout.connect(self._measure)

    def now(self) -> Estimate:
        """Exact parameters and memory; the time only if it was measured before."""
        from lstm_studio.nn.parameters import count, memory

        config, sizes, rows = self._known()
        seconds = self._measured.get(self._key(config, sizes))
        return Estimate(
            parameters=count(config.task, config.model, sizes),
            memory_bytes=memory(
                config.task, config.model, sizes, config.training.batch_size, config.training.optimizer
            ),
            seconds_per_epoch=None if seconds is None else seconds * rows / _examples(config),
        )

    def soon(self) -> None:
        """Count now, and measure when nothing has changed for a moment."""
        if self._session.dataset is None:
            return
        self._session.estimate_changed.emit(self.now())
        self._timer.start()

    def learn(self, seconds_per_step: float) -> None:
        """What a real run of the present configuration took beats any measurement."""
        config, sizes, _ = self._known()
        self._measured[self._key(config, sizes)] = seconds_per_step

    def start_with(self, config: RunConfig, size: int, more: int) -> None:
        """What was found in the files of vectors of a configuration: the length of a vector, and how many words will
        join the vocabulary."""
        self._vectors = config, size, more
        self.soon()

    def _known(self) -> tuple[RunConfig, Sizes, int]:
        """The configuration as a run will have it, what the network's size depends on, and rows to learn from."""
        config = self._session.config
        sizes, rows = self._sizes()
        if self._vectors is not None:
            of, size, more = self._vectors
            if (of.data, of.model.vector_files) == (config.data, config.model.vector_files):
                model = config.model.model_copy(update={"embedding_size": size})
                return config.model_copy(update={"model": model}), replace(sizes, words=sizes.words + more), rows
        return config, sizes, rows

    def _sizes(self) -> tuple[Sizes, int]:
        """What the network's size depends on, and rows to learn from."""
        from lstm_studio.nn.parameters import Sizes

        session, data = self._session, self._session.config.data
        dataset = session.dataset
        health = dataset.health if dataset is not None else None
        longest = data.max_length or 50
        if KINDS[session.config.task].learned is not None:
            longest = session.config.training.steps
        if health is None:
            rows = dataset.rows if dataset else 0
            return Sizes(min(data.vocabulary_size, 10_000), 2, longest), rows
        whole = data.pad_to_max_length or KINDS[session.config.task].learned is not None
        length = longest if whole else max(1, min(longest, health.quantiles.get(0.5, longest)))
        read, written = health.special
        outputs = max(2, (health.outputs or len(health.classes)) + written)
        sizes = Sizes(health.vocabulary_size + read, outputs, length, health.characters, health.marks)
        return sizes, health.train_rows

    @staticmethod
    def _key(config: RunConfig, sizes: Sizes) -> tuple[Any, ...]:
        training = config.training
        if config.model.encoding == "index":
            sizes = replace(sizes, words=0)
        return (
            config.model,
            training.batch_size,
            training.optimizer,
            training.device,
            training.threads,
            config.task,
            sizes,
        )

    @Slot()
    def _measure(self) -> None:
        session = self._session
        config, sizes, _ = self._known()
        key = self._key(config, sizes)
        living = session.active is not None and session.active.living
        if session.dataset is None or session.dataset.health is None or key in self._measured or living:
            return

        def done(seconds: float) -> None:
            self._measured[key] = seconds
            if session.dataset is not None:
                session.estimate_changed.emit(self.now())

        def measure(progress: Progress) -> float:
            from lstm_studio.training.rehearsal import seconds_a_step

            return seconds_a_step(config, sizes, progress)

        session.jobs.start(
            measure,
            done=done,
            failed=lambda error: None if isinstance(error, (StudioError, MemoryError)) else hub().fail(error),
            channel="estimate",
        )


def _examples(config: RunConfig) -> int:
    """Examples of a training step: rows, or the tokens of a stretch of all rows."""
    each = config.training.steps if KINDS[config.task].learned is not None else 1
    return config.training.batch_size * each


def _awaited(future: Future[T], progress: Progress) -> T:
    """What somebody else completes. Raises Cancelled when the job is cancelled first."""
    come = threading.Event()
    future.add_done_callback(lambda _: come.set())
    try:
        while not come.wait(_LOOK):
            progress(-1, "")
    except Cancelled:
        future.cancel()
        raise
    return future.result()


class PredictorRoom(QObject):
    """Finds the network that a question is for, and asks it off the window's thread."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._kept: OrderedDict[tuple[str, int | None, int], Predictor] = OrderedDict()
        self._lock = threading.Lock()

    def ask(
        self,
        function: Callable[[Predictor], T],
        done: Callable[[T], object],
        failed: Failed | None,
        channel: str,
        long: bool = False,
    ) -> Job | None:
        """See ``Session.with_predictor``."""
        session = self._session
        active, path = session.active, session.selected_run
        if path is None:
            error = StudioError(
                tr("There is no trained network yet"), todo=tr("Train one first, or choose a run on the Runs page")
            )
            (failed or hub().fail)(error)
            return None
        if active is not None and active.living and active.path == path:
            ask = self._ask_copy if long else self._ask_live
            return ask(function, done, failed, channel, path)
        return self._ask_saved(function, done, failed, channel, path)

    def _ask_live(
        self, function: Callable[[Predictor], T], done: Callable[[T], object], failed: Any, channel: str, path: Path
    ) -> Job:
        def on_training_thread(live: Any) -> T:
            from lstm_studio.runs.predictor import Predictor

            return function(Predictor.from_live(live))

        def not_served(error: Exception) -> None:
            # The run ended before it came to the question: then the saved network answers.
            if isinstance(error, Cancelled):
                self._ask_saved(function, done, failed, channel, path)
            else:
                (failed or hub().fail)(error)

        active = self._session.active
        assert active is not None
        future = active.control.submit(on_training_thread)
        return self._session.jobs.adopt(future, done=done, failed=not_served, channel=channel)

    def _ask_copy(
        self, function: Callable[[Predictor], T], done: Callable[[T], object], failed: Any, channel: str, path: Path
    ) -> Job:
        active = self._session.active
        assert active is not None
        future = active.control.submit(lambda live: live.copied())

        def work(progress: Progress) -> T:
            from lstm_studio.runs.predictor import Predictor

            try:
                live = _awaited(future, progress)
            except CancelledError:  # the run ended before it came to the question
                return function(self.open(path))
            return function(Predictor.from_live(live))

        return self._session.jobs.start(work, done=done, failed=failed, channel=channel)

    def _ask_saved(
        self, function: Callable[[Predictor], T], done: Callable[[T], object], failed: Any, channel: str, path: Path
    ) -> Job:
        return self._session.jobs.start(
            lambda progress: function(self.open(path)), done=done, failed=failed, channel=channel
        )

    def open(self, path: Path, epoch: int | None = None) -> Predictor:
        """The predictor of a run folder, with its best weights or those of an epoch; the last few stay open. For pool
        threads.

        Raises:
            StudioError: the run has no trained network or has not kept the epoch, or it cannot be read.
        """
        from lstm_studio.runs.predictor import Predictor

        weights = weights_of(path, epoch)
        try:
            stamp = weights.stat().st_mtime_ns
        except OSError:
            stamp = 0
        key = (str(path), epoch, stamp)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = Predictor(path, epoch=epoch)
                while len(self._kept) > KEPT_PREDICTORS:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(key)
            return found
