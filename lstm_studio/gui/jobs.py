"""One-shot work off the window's thread: loading, preview, prediction, inspection.

A job's function runs on a pool thread and is handed ``progress(fraction, words)``, which also raises Cancelled once
the job was cancelled. Callbacks come on the window's thread. Jobs on the same channel supersede each other: the
answer of an older one is dropped.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from lstm_studio.errors import Cancelled
from lstm_studio.gui.notify import hub

T = TypeVar("T")
Progress = Callable[[float, str], None]
PROGRESS_SECONDS = 0.05


class Job:
    """A piece of work under way. Made by ``JobPool``."""

    def __init__(self, pool: JobPool, channel: str) -> None:
        self._pool = pool
        self.channel = channel
        self.cancelled = threading.Event()
        self.ended = False
        self.done: Callable[[Any], object] | None = None
        self.failed: Callable[[Exception], object] | None = None
        self.on_progress: Callable[[float, str], object] | None = None
        self._last_progress = 0.0

    def cancel(self) -> None:
        """Ask the function to end; its answer, should there be one, is dropped."""
        self.cancelled.set()

    def progress(self, fraction: float, words: str) -> None:
        """For the function: say how far it is. Raises Cancelled after ``cancel``."""
        if self.cancelled.is_set():
            raise Cancelled
        now = time.monotonic()
        if self.on_progress is not None and (now - self._last_progress >= PROGRESS_SECONDS or fraction >= 1):
            self._last_progress = now
            self._pool._post("progress", self, (fraction, words))


class JobPool(QObject):
    """A few daemon threads and the mail that brings their answers home."""

    _mail = Signal()
    idle = Signal()
    """The last job has ended."""

    def __init__(self, parent: QObject | None = None, threads: int = 3) -> None:
        super().__init__(parent)
        self._answers: queue.SimpleQueue[tuple[str, Job, Any]] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[tuple[Job, Callable[[Progress], Any]] | None] = queue.SimpleQueue()
        self._limit = threads
        self._threads: list[threading.Thread] = []
        self._waiting = 0
        self._lock = threading.Lock()
        self._newest: dict[str, Job] = {}
        self._live: set[Job] = set()
        self._closed = False
        self._mail.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        function: Callable[[Progress], T],
        *,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        progress: Callable[[float, str], object] | None = None,
        channel: str = "",
    ) -> Job:
        """Run ``function(progress)`` on a pool thread.

        Args:
            function: The work; it should call ``progress`` now and then, which is how it is cancelled.
            done: Gets the result. Not called for a cancelled or superseded job.
            failed: Gets an unexpected or StudioError exception; without it the window shows the error.
            progress: Gets (fraction from 0 to 1, or -1 when unknown; words), at most 20 times a second.
            channel: Jobs of one channel supersede each other.
        """
        job = self._register(done, failed, progress, channel)
        with self._lock:
            if len(self._threads) < self._limit and self._waiting >= self._idle_threads():
                thread = threading.Thread(target=self._run, name=f"job-{len(self._threads) + 1}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._waiting += 1
        self._work.put((job, function))
        return job

    def adopt(
        self,
        future: Future[T],
        *,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        channel: str = "",
    ) -> Job:
        """Treat a future that somebody else completes as a job. A cancelled future fails with Cancelled."""
        job = self._register(done, failed, None, channel)

        def finished(of: Future[T]) -> None:
            if of.cancelled():
                self._post("failed", job, Cancelled())
            elif (error := of.exception()) is not None:
                self._post("failed", job, error)
            else:
                self._post("done", job, of.result())

        future.add_done_callback(finished)
        return job

    def cancel(self, channel: str) -> None:
        """Cancel whatever runs on a channel."""
        job = self._newest.get(channel)
        if job is not None:
            job.cancel()

    @property
    def busy(self) -> int:
        """How many jobs have not ended."""
        return len(self._live)

    def close(self, seconds: float = 5.0) -> bool:
        """Cancel everything and wait for the threads; True when all have ended. Nothing is delivered any more."""
        self._closed = True
        for job in list(self._live):
            job.cancel()
        for _ in self._threads:
            self._work.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        self._live.clear()
        self._newest.clear()
        return ended

    # -- inside ---------------------------------------------------------------------------------------------

    def _register(self, done: Any, failed: Any, progress: Any, channel: str) -> Job:
        job = Job(self, channel)
        job.done, job.failed, job.on_progress = done, failed, progress
        if channel:
            older = self._newest.get(channel)
            if older is not None:
                older.cancel()
            self._newest[channel] = job
        self._live.add(job)
        if self._closed:
            job.cancel()
        return job

    def _idle_threads(self) -> int:
        return len(self._threads) - self._active

    _active = 0

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            job, function = item
            with self._lock:
                self._waiting -= 1
                self._active += 1
            try:
                if job.cancelled.is_set():
                    raise Cancelled
                self._post("done", job, function(job.progress))
            except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
                self._post("failed", job, error)
            finally:
                with self._lock:
                    self._active -= 1
                del item, function, job

    def _post(self, kind: str, job: Job, value: Any) -> None:
        if self._closed:
            return
        self._answers.put((kind, job, value))
        try:
            self._mail.emit()
        except RuntimeError:  # the window is gone
            logging.getLogger(__name__).debug("an answer came after the window had closed")

    @Slot()
    def _deliver(self) -> None:
        while True:
            try:
                kind, job, value = self._answers.get_nowait()
            except queue.Empty:
                return
            if self._closed:
                continue
            try:
                self._hand_over(kind, job, value)
            except Exception as error:  # noqa: BLE001 - a bug in a callback must not stop the other answers
                hub().fail(error)

    def _hand_over(self, kind: str, job: Job, value: Any) -> None:
        stale = job.cancelled.is_set() or (job.channel and self._newest.get(job.channel) is not job)
        if kind == "progress":
            if not stale and not job.ended and job.on_progress is not None:
                job.on_progress(*value)
            return
        job.ended = True
        self._live.discard(job)
        if self._newest.get(job.channel) is job:
            del self._newest[job.channel]
        done, failed = job.done, job.failed
        job.done = job.failed = job.on_progress = None
        try:
            if stale:
                return
            if kind == "done":
                if done is not None:
                    done(value)
            elif failed is not None:
                failed(value)
            else:
                hub().fail(value)
        finally:
            if not self._live:
                self.idle.emit()
