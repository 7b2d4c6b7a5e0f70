"""What stands below the figures of a run: one body for each kind of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from lstm_studio.runs.results import Results


@dataclass(frozen=True)
class Given:
    """A sentence that is to be read with just these words.

    Attributes:
        text: The words as one text.
        words: None where the network cuts the text itself.
        predicate: The word whose roles are asked for.
    """

    text: str
    words: tuple[str, ...] | None = None
    predicate: int | None = None


class ResultsBody(QWidget):
    """Shows one part of one kind of results; a kind has its own in ``results_view.BODIES``."""

    sentence_asked = Signal(object)
    """A Given: somebody wants to see the network read this sentence."""

    cell_asked = Signal(str, str)
    """Somebody wants all examples of which the first class is true and the second was read."""

    def show_part(self, part: Results, fresh: bool) -> None:
        """Show a part. What the person has chosen is kept as far as it is still there, unless it is ``fresh``: of
        another run or of other data."""
        raise NotImplementedError

    def counted(self, part: Results) -> str:
        """How many examples the figures are of, in words."""
        raise NotImplementedError
