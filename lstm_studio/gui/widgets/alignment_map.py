"""Where a network looked while it wrote: the attention matrix, with a line that tells the cell under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1
from lstm_studio.gui.widgets.alignment_grid import AlignmentGrid
from lstm_studio.gui.widgets.basic import ElidedLabel, Label
from lstm_studio.gui.widgets.color_bar import ColorBar
from lstm_studio.gui.widgets.raster import nice_limit
from lstm_studio.gui.widgets.token_axis import shown_piece

__all__ = ["AlignmentMap", "shown_piece"]


class AlignmentMap(QWidget):
    """A row for each token that was written, a column for each that was read; without a matrix, a sentence."""

    row_chosen = Signal(int)
    """A person has chosen a written token."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = AlignmentGrid()
        self.grid.row_chosen.connect(self.row_chosen)
        self.grid.cursor_moved.connect(self._say)
        self.setFocusProxy(self.grid)
        self.status = ElidedLabel(size="small", tone="small")
        self.bar = ColorBar(False)
        foot = QHBoxLayout()
        foot.setSpacing(S1)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.bar)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.grid, 1)
        column.addLayout(foot)
        self.empty = Label("", tone="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self.set_empty(tr("Each written token will have a row here that shows where in the text it looked."))
        self._say()

    def set_alignment(
        self,
        source: Sequence[str],
        written: Sequence[str],
        weights: np.ndarray | None,
        probabilities: Sequence[float] | None = None,
    ) -> None:
        """Show where each step looked.

        Args:
            source: The S tokens that were read.
            written: The U tokens that were written, the end mark last.
            weights: float [U, S], rows sum to 1; None where there is nothing to show.
            probabilities: Of each written token, where it stands.

        Raises:
            ValueError: tokens and weights do not fit each other.
        """
        if weights is not None and weights.shape != (len(written), len(source)):
            raise ValueError(f"weights {weights.shape} of {len(written)} written and {len(source)} read tokens")
        there = weights is not None and weights.size > 0
        self.stack.setCurrentIndex(1 if there else 0)
        if weights is None or not there:
            self.grid.set_cursor(None)
            self.grid.set_alignment((), (), np.empty((0, 0), np.float32), None, 1.0)
            return
        # Far below 1 everywhere, as over long texts, the colours would all be the darkest.
        limit = min(1.0, nice_limit(float(np.nan_to_num(weights).max())))
        self.grid.set_alignment(source, written, weights, probabilities, limit)
        self.bar.set_limits(0.0, limit)
        self._say()

    def set_empty(self, words: str) -> None:
        """What stands here while there is no matrix."""
        self.empty.setText(words)
        self.setAccessibleName(tr("Where each written token looked"))
        self.setAccessibleDescription(words)

    @property
    def row(self) -> int | None:
        """The chosen written token."""
        return self.grid.chosen

    def set_row(self, row: int | None) -> None:
        """Mark a written token; nothing is emitted."""
        if row != self.grid.chosen:
            self.grid.choose(row)

    def _say(self) -> None:
        cursor = self.grid.cursor_at
        if cursor is None:
            self.status.setText(tr("Rows: written. Columns: read. Brighter: looked at more."))
            return
        parts = [self.grid.words(*cursor)]
        probability = self.grid.probability(cursor[0])
        if probability is not None:
            parts.append(tr("its own probability: {percent} %", percent=f"{100 * probability:.0f}"))
        self.status.setText(" · ".join(parts))
