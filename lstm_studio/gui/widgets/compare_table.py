"""Examples that two networks answered, in a table; and how often only one of them is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import Label, describe
from lstm_studio.gui.widgets.example_rows import Index, RowsModel, RowsView
from lstm_studio.gui.widgets.examples_table import title_of
from lstm_studio.gui.widgets.metrics import shown_metric
from lstm_studio.inspection.paired import Outcome, Paired

TEXT, TRUTH, FIRST, SECOND = range(4)


class FourCounts(QWidget):
    """A table of four counts, A down and B across; a click lists the examples behind one. Two counts for texts that are
    only foretold."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(S1)
        self._heads: dict[tuple[int, int], Label] = {}
        for place, words in {
            (0, 1): tr("B right"),
            (0, 2): tr("B wrong"),
            (1, 0): tr("A right"),
            (2, 0): tr("A wrong"),
        }.items():
            self._heads[place] = Label(words, "small", "small")
            grid.addWidget(self._heads[place], *place, Qt.AlignmentFlag.AlignCenter)
        self.buttons: dict[Outcome, QPushButton] = {}
        self._group = QButtonGroup(self)
        places: dict[Outcome, tuple[int, int]] = {
            "both": (1, 1),
            "first": (1, 2),
            "second": (2, 1),
            "neither": (2, 2),
        }
        for outcome, (row, column) in places.items():
            button = QPushButton()
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setFont(font("title", tabular=True))
            button.setMinimumHeight(52)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, outcome=outcome: self.picked.emit(outcome))
            self._group.addButton(button)
            self.buttons[outcome] = button
            grid.addWidget(button, row, column)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)

    def show_counts(self, paired: Paired, chosen: Outcome) -> None:
        """Show the counts, and which examples are listed."""
        told = paired.told
        for head in self._heads.values():
            head.setVisible(told)
        for outcome, button in self.buttons.items():
            words = self.words(outcome, told)
            count = number(paired.count(outcome))
            button.setText(count if told else f"{words}: {count}")
            button.setFont(font("title" if told else "body", tabular=True))
            button.setVisible(told or outcome in ("first", "second"))
            describe(button, f"{words}: {count}", tr("{words}; click to list them.", words=words))
        self.buttons[chosen].setChecked(True)

    @staticmethod
    def words(outcome: Outcome, told: bool) -> str:
        """What became of such examples."""
        if not told:
            return {
                "both": tr("Both are surprised alike"),
                "first": tr("A is surprised less"),
                "second": tr("B is surprised less"),
                "neither": "",
            }[outcome]
        return {
            "both": tr("Both are right"),
            "first": tr("Only A is right"),
            "second": tr("Only B is right"),
            "neither": tr("Both are wrong"),
        }[outcome]


class PairedModel(RowsModel):
    """Some of the examples of two tables."""

    def __init__(self) -> None:
        super().__init__()
        self.paired: Paired | None = None
        self.places: np.ndarray = np.empty(0, np.int64)

    def fill(self, paired: Paired | None, places: np.ndarray) -> None:
        """Other examples."""
        self.beginResetModel()
        self.paired, self.places = paired, places
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.places)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4 if self.paired is not None else 0

    def title(self, place: int) -> str:
        paired = self.paired
        assert paired is not None
        answer = title_of(paired.one, "said" if paired.told else "score")
        titles = title_of(paired.one, "text"), title_of(paired.one, "truth"), f"A · {answer}", f"B · {answer}"
        return titles[place]

    def text(self, row: int, place: int) -> str:
        paired = self.paired
        assert paired is not None
        example = self.places[row]
        own, other = int(paired.rows[example]), int(paired.others[example])
        if place == TEXT:
            return paired.one.texts[own]
        if place == TRUTH:
            return paired.one.truths[own] or "–"
        of, at = (paired.one, own) if place == FIRST else (paired.other, other)
        return (of.said[at] or "–") if paired.told else shown_metric(of.figure, float(of.score[at]))

    def is_figure(self, place: int) -> bool:
        return self.paired is not None and not self.paired.told and place >= FIRST

    def is_right(self, row: int, place: int) -> bool | None:
        paired = self.paired
        if paired is None or not paired.told or place < FIRST:
            return None
        example = self.places[row]
        right = paired.one.right[paired.rows[example]] if place == FIRST else paired.other.right[paired.others[example]]
        return bool(right)

    def names(self, place: int) -> Sequence[str] | None:
        named = self.paired is not None and self.paired.one.figure == "accuracy" and place != TEXT
        return self.paired.one.classes if named and self.paired is not None else None


class PairedTable(RowsView):
    """Both answers to each example."""

    opened = Signal(int)
    """A place in the first network's table."""

    def __init__(self) -> None:
        self.pairs = PairedModel()
        super().__init__(self.pairs)
        self.row_opened.connect(self._row_opened)

    def show_places(self, paired: Paired | None, places: np.ndarray) -> None:
        """List these examples."""
        self.pairs.fill(paired, places)
        if paired is not None:
            self.setColumnHidden(TRUTH, not paired.told)
        self.fit()
        if len(places):
            self.setCurrentIndex(self.pairs.index(0, 0))

    def _row_opened(self, row: int) -> None:
        if self.pairs.paired is not None:
            self.opened.emit(int(self.pairs.paired.rows[self.pairs.places[row]]))
