"""Trainings that a test steers."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from lstm_studio.training.control import RunControl
from lstm_studio.training.events import StepEnded
from lstm_studio.training.loop import train


def weights(folder: Path) -> bytes:
    """The best weights, to the last bit."""
    return (folder / "model.safetensors").read_bytes()


def quiet(event):
    """A sink that does not listen."""


def of(events, kind):
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind)]


class InThread:
    """A training on a thread of its own; ``on_event`` is called on that thread for each event."""

    def __init__(self, config, folder=None, on_event=None, resume=False):
        self.control, self.events, self.error = RunControl(), [], None

        def sink(event):
            self.events.append(event)
            if on_event is not None:
                on_event(self.control, event)

        def work():
            try:
                train(config, sink, self.control, folder=folder, resume=resume)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.error = error

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def of(self, kind):
        return of(self.events, kind)

    def wait_for(self, test, seconds=30.0):
        limit = time.monotonic() + seconds
        while not test():
            assert time.monotonic() < limit, "waited too long"
            time.sleep(0.002)

    def end(self):
        self.thread.join(60)
        assert not self.thread.is_alive()
        assert self.error is None, self.error
        return self.events[-1]


def at_step(number, order):
    """Give an order, such as "pause", when a step has ended."""

    def on_event(control, event):
        if isinstance(event, StepEnded) and event.step == number:
            getattr(control, order)()

    return on_event
