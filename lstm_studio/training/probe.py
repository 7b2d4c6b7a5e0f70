"""The probe sentence, looked at again and again while the network learns, for a small share of the time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from lstm_studio.training.events import GateSnapshot
from lstm_studio.training.live import LiveModel

LOOK_SHARE = 0.02
"""Running the probe through the network takes at most about this share of the time, however long the sentence and
large the network."""
FLOW_SHARE = 0.005
"""And following its gradient back, which takes several times as long as the run, and changes more slowly than what the
gates say."""


class Probe:
    """When the probe is looked at next, and how closely.

    Args:
        live: The network in training.
        wait: Seconds between two looks, where they are cheap enough; 0 for none at all. It may change, but for 0.
        text: What is looked at.
        clock: Seconds that have gone by.
    """

    def __init__(self, live: LiveModel, wait: float, text: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.text, self.wait = text, wait
        self._live, self._clock = live, clock
        self._next_look = self._next_flow = 0.0 if wait > 0 else math.inf
        self._latest: GateSnapshot | None = None

    @property
    def due(self) -> bool:
        """Whether it is time for a look."""
        return self._clock() >= self._next_look

    def look(self, *, whole: bool = True) -> GateSnapshot | None:
        """What the network makes of the probe now; None where nobody wants to know.

        Args:
            whole: Follow the gradient back too, even if that is not due. Else the snapshot has the latest one that is
                known of this text, as of its ``flow_step``.
        """
        if self.wait <= 0:
            return None
        shot: GateSnapshot | None = None
        began = looked = self._clock()
        if self.text.strip():
            shot, latest = self._live.snapshot(self.text), self._latest
            looked = self._clock()
            if whole or looked >= self._next_flow or latest is None or latest.text != shot.text:
                shot = replace(shot, flow=self._live.flow(shot), flow_step=shot.step)
                now = self._clock()
                self._next_flow = now + max(self.wait, (now - looked) / FLOW_SHARE)
            else:
                shot = replace(shot, flow=latest.flow, flow_step=latest.flow_step)
            self._latest = shot
        self._next_look = self._clock() + max(self.wait, (looked - began) / LOOK_SHARE)
        return shot
