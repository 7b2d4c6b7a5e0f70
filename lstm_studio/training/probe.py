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
        wait: Seconds between two looks as of now, where they are cheap enough; 0 for none.
        text: What is looked at.
        clock: Seconds that have gone by.
    """

    def __init__(
        self, live: LiveModel, wait: Callable[[], float], text: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.text = text
        self._live, self._wait, self._clock = live, wait, clock
        self._looked = self._rested = self._next_flow = -math.inf
        self._latest: GateSnapshot | None = None

    @property
    def due(self) -> bool:
        """Whether it is time for a look."""
        wait = self._wait()
        return wait > 0 and self._clock() >= max(self._looked + wait, self._rested)

    def look(self, *, whole: bool = True) -> GateSnapshot | None:
        """What the network makes of the probe now; None where nobody wants to know, or there is no probe.

        Args:
            whole: Follow the gradient back too, even if that is not due. Else the snapshot has the latest one that is
                known of this text, as of its ``flow_step``.
        """
        if self._wait() <= 0 or not self.text.strip():
            return None
        began = self._clock()
        shot, latest = self._live.snapshot(self.text), self._latest
        looked = now = self._clock()
        if whole or looked >= self._next_flow or latest is None or latest.text != shot.text:
            shot = replace(shot, flow=self._live.flow(shot), flow_step=shot.step)
            now = self._clock()
            self._next_flow = now + (now - looked) / FLOW_SHARE
        else:
            shot = replace(shot, flow=latest.flow, flow_step=latest.flow_step)
        self._latest, self._looked, self._rested = shot, now, now + (looked - began) / LOOK_SHARE
        return shot
