"""Batch sizes, measured: how much memory each takes, and how many texts a second it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.config import RunConfig
from lstm_studio.gui.i18n import number, size, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.theme import S1, S2, font
from lstm_studio.gui.widgets.basic import Label, empty
from lstm_studio.gui.widgets.find_dialog import FindDialog

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.training.batch_test import BatchTest, Size

_ROWS = 10


class FindBatch(FindDialog):
    """Tries batches of 8, 16, 32 and so on, on a copy of the network."""

    field = "training.batch_size"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            tr("Find a batch size"),
            tr(
                "Batches become twice as large each time, on a copy of the network that is thrown away afterwards: "
                "the longest texts tell the memory, usual ones the speed."
            ),
            parent,
        )

    def _picture(self) -> QWidget:
        place = QWidget()
        place.setObjectName("content")
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(S2)
        self.grid.setVerticalSpacing(S1 // 2)
        self.grid.setColumnStretch(1, 1)
        column.addLayout(self.grid)
        column.addStretch(1)
        self._sizes: list[Size] = []
        self._fill()
        place.setMinimumHeight((_ROWS + 1) * (self.fontMetrics().lineSpacing() + S1))
        return place

    def _measure(self, config: RunConfig, progress: Progress) -> BatchTest:
        from lstm_studio.data.places import cache_folder
        from lstm_studio.training.batch_test import find_batch_size

        return find_batch_size(config, progress, cache=cache_folder() / "prepared", told=self._came.append)

    def _clear(self) -> None:
        self._sizes = []
        self._fill()

    def _show_some(self, came: list[Any]) -> None:
        self._sizes += came
        self._fill()

    def _show(self, found: BatchTest) -> str:
        from lstm_studio.training.batch_test import ENDS

        self.suggestion = found.suggestion
        self._sizes = list(found.sizes)
        self._fill()
        words = [tr(ENDS[found.ended])]
        if found.free is not None:
            words.append(tr("{size} of memory were free.", size=size(found.free)))
        words.append(
            tr(
                "{n} is the smallest that is nearly as fast as the fastest and leaves an epoch enough steps; "
                "the setting is now {now}.",
                n=found.suggestion,
                now=self.session.config.training.batch_size,
            )
        )
        words.append(tr("With another batch size, look for the learning rate again."))
        return " ".join(words)

    def _fill(self) -> None:
        """One line a size; the bars compare the speed."""
        empty(self.grid)
        heads = (tr("Batch size"), tr("Speed"), "", tr("RAM"), tr("Steps an epoch"))
        for column, head in enumerate(heads):
            self.grid.addWidget(Label(head, "small", "small"), 0, column, _side(column))
        fastest = max((one.per_second for one in self._sizes), default=1.0)
        for row, one in enumerate(self._sizes, 1):
            chosen = one.batch_size == self.suggestion
            bar = QProgressBar()
            bar.setTextVisible(False)
            bar.setRange(0, 1000)
            bar.setValue(int(1000 * one.per_second / fastest))
            bar.setFixedHeight(S1)
            bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            speed = tr("{n} texts/s", n=number(one.per_second))
            bar.setAccessibleName(f"{one.batch_size}: {speed}")
            mark = " ★" if chosen else ""
            said = (f"{one.batch_size}{mark}", "", speed, size(one.bytes), number(one.steps_per_epoch))
            for column, text in enumerate(said):
                if column == 1:
                    self.grid.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
                    continue
                label = Label(text, tabular=True)
                if chosen:
                    label.setFont(font("body", bold=True, tabular=True))
                self.grid.addWidget(label, row, column, _side(column))

    def _named(self, value: float) -> str:
        return str(int(value))


def _side(column: int) -> Qt.AlignmentFlag:
    beside = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
    return beside | Qt.AlignmentFlag.AlignVCenter
