"""Reads all examples of a part with a run's network, as a job with progress, and keeps the last few tables."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.network_choice import Network, ask
from lstm_studio.runs.folder import weights_of

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import Job
    from lstm_studio.gui.session import Session
    from lstm_studio.inspection.examples import Examples
    from lstm_studio.runs.predictor import Predictor

KEPT = 6


@dataclass(frozen=True)
class Reading:
    """A table, and the network that it is of: of a saved one when its weights were written, of one in training the
    epoch."""

    examples: Examples
    stamp: tuple[str, int]


class ExamplesReader(QObject):
    """One for each session: two views that look at the same run share what was read."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._kept: OrderedDict[tuple[Network, str], Reading] = OrderedDict()

    @staticmethod
    def of(session: Session) -> ExamplesReader:
        """The session's."""
        found = session.findChild(ExamplesReader)
        return found if isinstance(found, ExamplesReader) else ExamplesReader(session)

    def stamp(self, network: Network) -> tuple[str, int]:
        """Which numbers answer for a network now."""
        active, run = self._session.active, network.run
        live = active is not None and active.living and active.path == run == self._session.selected_run
        if active is not None and live and network.epoch is None:
            return ("epoch", active.epoch)
        try:
            return ("saved", weights_of(run, network.epoch).stat().st_mtime_ns)
        except OSError:
            return ("saved", 0)

    def known(self, network: Network, part: str) -> Examples | None:
        """What was read before, even if the network has learned since."""
        found = self._kept.get((network, part))
        return None if found is None else found.examples

    def fresh(self, network: Network, part: str) -> bool:
        """Whether it is known what the network would say now."""
        found = self._kept.get((network, part))
        return found is not None and found.stamp == self.stamp(network)

    def read(
        self,
        network: Network,
        part: str,
        done: Callable[[Examples], object],
        failed: Callable[[Exception], object],
        progress: Callable[[float, str], object],
        channel: str,
    ) -> Job | None:
        """Read a part; ``done`` gets the table. Cancel the job to stop."""
        stamp = self.stamp(network)
        made: list[Job] = []

        def report(share: float, words: str) -> None:
            if made:
                made[0].progress(share, words)

        def read(predictor: Predictor) -> Examples:
            return predictor.examples(part, report)

        def finished(examples: Examples) -> None:
            self._kept[network, part] = Reading(examples, stamp)
            self._kept.move_to_end((network, part))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            done(examples)

        job = ask(self._session, network, read, finished, failed, channel, long=True)
        if job is not None:
            job.on_progress = progress
            made.append(job)
        return job


def part_title(part: str) -> str:
    """What a part of the data is called."""
    return {"validation": tr("Validation"), "test": tr("Test")}.get(part, part)
