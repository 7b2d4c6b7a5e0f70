"""How a person steers a run from another thread: pause, resume, stop, cancel, look inside."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum
from typing import Any


class RunState(Enum):
    """What the loop is doing, as it last said itself."""

    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Order(Enum):
    """What was asked for. A later stop or cancel wins over a pause."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"


class RunControl:
    """Thread-safe. The loop calls ``checkpoint()`` between batches; everybody else calls the verbs.

    Pausing keeps the model in memory; ``submit`` runs a function on the training thread between two batches (or
    while paused), so that predictions see a model that is not being changed.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._order = Order.RUN
        self._state = RunState.PREPARING
        self._requests: queue.SimpleQueue[tuple[Future[Any], Callable[..., Any]]] = queue.SimpleQueue()
        self._probe: str | None = None
        self._probe_changed = False
        self._watched: float | None = None

    # -- for whoever steers ---------------------------------------------------------------------------------

    def pause(self) -> None:
        """Halt before the next batch; the model stays in memory."""
        with self._condition:
            if self._order is Order.RUN:
                self._order = Order.PAUSE
                self._condition.notify_all()

    def resume(self) -> None:
        """Go on after a pause."""
        with self._condition:
            if self._order is Order.PAUSE:
                self._order = Order.RUN
                self._condition.notify_all()

    def stop(self) -> None:
        """End before the next batch and keep the best weights."""
        with self._condition:
            if self._order is not Order.CANCEL:
                self._order = Order.STOP
            self._condition.notify_all()

    def cancel(self) -> None:
        """End before the next batch and discard the run."""
        with self._condition:
            self._order = Order.CANCEL
            self._condition.notify_all()

    def set_probe(self, text: str) -> None:
        """Watch the gates on another sentence from now on; a snapshot follows at once, also while paused."""
        with self._condition:
            self._probe = text
            self._probe_changed = True
            self._condition.notify_all()

    def watch(self, seconds: float | None) -> None:
        """Somebody looks at the gates: have the probe looked at this often, if the run's own ``probe_seconds`` are
        more and not 0; None when nobody does any more."""
        with self._condition:
            self._watched = seconds

    def submit(self, function: Callable[..., Any]) -> Future[Any]:
        """Have ``function(live)`` run on the training thread; ``live`` is the loop's LiveModel.

        The future is cancelled when the run ends first.
        """
        future: Future[Any] = Future()
        with self._condition:
            if self._state is RunState.ENDED:
                future.cancel()
                return future
            self._requests.put((future, function))
            self._condition.notify_all()
        return future

    @property
    def state(self) -> RunState:
        """What the loop is doing."""
        with self._condition:
            return self._state

    @property
    def order(self) -> Order:
        """What was last asked for."""
        with self._condition:
            return self._order

    # -- for the loop ---------------------------------------------------------------------------------------

    def set_state(self, state: RunState) -> None:
        """The loop says what it does. ENDED cancels all waiting requests."""
        with self._condition:
            self._state = state
            if state is RunState.ENDED:
                while not self._requests.empty():
                    self._requests.get()[0].cancel()
            self._condition.notify_all()

    def take_probe(self) -> str | None:
        """The new probe text, once; None when it did not change."""
        with self._condition:
            if not self._probe_changed:
                return None
            self._probe_changed = False
            return self._probe

    def probe_seconds(self, own: float) -> float:
        """Seconds between two looks at the probe, where the run's own are ``own``; 0 for none."""
        with self._condition:
            return own if self._watched is None else min(own, self._watched)

    @property
    def waiting(self) -> bool:
        """Whether somebody asked something."""
        return not self._requests.empty()

    def serve(self, live: Any) -> None:
        """Run all waiting requests. An exception goes to the one who asked, never into the loop."""
        while True:
            try:
                future, function = self._requests.get_nowait()
            except queue.Empty:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function(live))
            except BaseException as error:  # noqa: BLE001 - belongs to whoever asked
                future.set_exception(error)

    def wait(self, seconds: float) -> None:
        """Sleep until something is asked for, at most ``seconds``; used by the loop while paused."""
        with self._condition:
            if self._requests.empty() and not self._probe_changed and self._order is Order.PAUSE:
                self._condition.wait(seconds)
