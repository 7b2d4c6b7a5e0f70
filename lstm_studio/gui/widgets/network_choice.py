"""Which network of a run is asked: its best one, the one in training, or the one that it was after an epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.basic import Chip, describe

if TYPE_CHECKING:
    from lstm_studio.gui.jobs import Job
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.predictor import Predictor

T = TypeVar("T")
_LETTERS = 11


@dataclass(frozen=True)
class Network:
    """A run's network after ``epoch``; None: with its best weights, or as it is now if the window watches it train."""

    run: Path
    epoch: int | None = None

    def named(self, run: str) -> str:
        """What to call it, given what the run is called."""
        return run if self.epoch is None else f"{run} · {tr('epoch {n}', n=self.epoch)}"


def ask(
    session: Session,
    network: Network,
    function: Callable[[Predictor], T],
    done: Callable[[T], object],
    failed: Callable[[Exception], object],
    channel: str,
    *,
    long: bool = False,
) -> Job | None:
    """Ask a network off the window's thread; see ``Session.with_predictor``."""
    if network.run == session.selected_run and network.epoch is None:
        return session.with_predictor(function, done, failed, channel, long=long)
    return session.jobs.start(
        lambda progress: function(session.saved_predictor(network.run, network.epoch)),
        done=done,
        failed=failed,
        channel=channel,
    )


class EpochChoice(QWidget):
    """The best weights of run A or B, or any epoch that it has kept; hidden where it has kept none."""

    def __init__(self, letter: str, key: str) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(_LETTERS)
        self.box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.box.setMaxVisibleItems(16)
        about = tr("The run with its best weights, or as it was after an epoch that it has kept; ★ is the best one.")
        describe(self.box, tr("Epoch of {letter}", letter=letter), about, key)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        row.addWidget(Chip(letter, "accent"))
        row.addWidget(self.box)
        self._offered: tuple[object, ...] = ()
        self.hide()

    def offer(self, run: Path | None, epochs: Sequence[int], best: int, *, learning: bool, other: int | None) -> None:
        """Offer what there is; the choice stays while it is there and the run is the same. Nothing is emitted.

        Args:
            run: Whose epochs.
            epochs: Those that it has kept.
            best: The epoch with the best weights; 0 while there is none.
            learning: The window watches it train.
            other: What is chosen for a run that it was not before.
        """
        offered = (run, tuple(epochs), best, learning)
        if offered != self._offered:
            keep = self.epoch if self._offered and self._offered[0] == run else other
            self._offered = offered
            self.box.clear()
            self.box.addItem(tr("As it is now") if learning else tr("Best weights"), None)
            for epoch in epochs:
                words = tr("Epoch {n}", n=epoch)
                self.box.addItem(f"{words} ★" if epoch == best else words, epoch)
            self.choose(keep)
        self.setVisible(bool(epochs))

    def choose(self, epoch: int | None) -> None:
        """Choose an epoch, or the first choice where it is not there."""
        places = [place for place in range(self.box.count()) if self.box.itemData(place) == epoch]
        self.box.setCurrentIndex(places[0] if places else 0)

    @property
    def epoch(self) -> int | None:
        """The chosen epoch; None for the best weights."""
        found = self.box.currentData()
        return None if found is None else int(found)
