"""The bar and the controls of the mode "Units": what is indexed, how far that is, and what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSpinBox, QWidget

from lstm_studio.gui.i18n import number, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Button, ElidedLabel, Label, SegmentedControl, describe
from lstm_studio.gui.widgets.layer_choice import LayerChoice

if TYPE_CHECKING:
    from lstm_studio.inspection.index import UnitIndex


class UnitsBar(QWidget):
    """What is indexed, how far the indexing is, and the button that begins it."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.words = ElidedLabel(tone="muted", size="small")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.progress.setFixedWidth(140)
        self.progress.setAccessibleName(tr("Progress of indexing"))
        self.build = Button(tr("Build the index"), "refresh")
        describe(
            self.build,
            tr("Build the index"),
            tr("Reads the data through the network once, in the background, and keeps what the units do on the disk."),
            "Alt+B",
        )
        self.cancel = Button(tr("Cancel"), "cancel")
        describe(self.cancel, tr("Cancel"), tr("Stops indexing; nothing of it is kept."))
        row.addWidget(self.words, 1)
        for widget in (self.progress, self.cancel, self.build):
            row.addWidget(widget)

    def show_index(self, index: UnitIndex | None, stale: bool, *, building: bool) -> None:
        """Say what is indexed; ``stale``: the network has learned since. While one is built its progress is told."""
        self.progress.setVisible(building)
        self.cancel.setVisible(building)
        self.build.setVisible(not building and index is not None and stale)
        self.build.setText(tr("Read again") if index is not None else tr("Build the index"))
        if building:
            return
        if index is None:
            self.words.setText("")
            return
        kinds = {
            "label": tr("{n} tokens of {e} texts", n=number(len(index)), e=number(index.examples)),
            "tag": tr("{n} words of {e} sentences", n=number(len(index)), e=number(index.examples)),
            "next": tr("{n} tokens of running text", n=number(len(index))),
            "place": tr("{n} tokens of {e} texts that are read", n=number(len(index)), e=number(index.examples)),
        }
        words = [kinds[index.meaning]]
        if not index.whole:
            words.append(tr("a part of the data"))
        if stale:
            words.append(tr("the network has learned since"))
        self.words.setText(" · ".join(words))


class UnitsControls(QWidget):
    """What is asked of which layer.

    Attributes:
        way: "one" unit or a "pattern".
        part, layers, state, unit: Of what.
    """

    def __init__(self, way: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S2)
        self.way = SegmentedControl(
            [
                ("one", tr("One unit"), tr("Where it is highest, which labels it separates, which tokens it likes.")),
                ("pattern", tr("A pattern"), tr("Mark a range of a text and find where the same units are on.")),
            ],
            way,
            tr("What to ask"),
        )
        self.part = SegmentedControl(
            [
                ("validation", tr("Validation"), tr("The texts that the network was checked with.")),
                ("train", tr("Training data"), tr("The texts that the network learned from.")),
            ],
            "validation",
            tr("Part of the data"),
        )
        self.layers = LayerChoice()
        self.state = SegmentedControl([("h", "h")], "h", tr("State"))
        self.unit = QSpinBox()
        self.unit.setKeyboardTracking(False)
        self.unit.setFixedWidth(84)
        self.unit.lineEdit().setTextMargins(6, 0, 0, 0)
        describe(self.unit, tr("Unit"), tr("The unit that is asked about; the arrow keys go to the next one."), "Alt+U")
        self.unit_words = Label(tr("Unit"))
        for widget in (self.way, self.part, self.layers, self.state):
            row.addWidget(widget)
        pair = QHBoxLayout()
        pair.setSpacing(S1)
        pair.addWidget(self.unit_words)
        pair.addWidget(self.unit)
        row.addLayout(pair)
        row.addStretch(1)

    def show_index(self, index: UnitIndex | None) -> None:
        """Offer what there is to ask an index; the choice stays where it can. Nothing is emitted."""
        there, one = index is not None, self.way.value() == "one"
        for widget in (self.unit, self.unit_words):
            widget.setVisible(there and one)
        self.state.setVisible(index is not None and len(index.states) > 1)
        if index is None:
            return
        if len(index.states) != len(self.state.buttons):
            helps = {
                "h": tr("What the unit hands on: its hidden state."),
                "c": tr("What the unit keeps: its memory cell."),
            }
            self.state.set_options([(state, state, helps[state]) for state in index.states], self.state.value())
        self.set_unit(min(self.unit.value(), index.units - 1), index.units)

    def set_unit(self, unit: int, units: int) -> None:
        """Choose one of so many; nothing is emitted."""
        self.unit.blockSignals(True)
        self.unit.setRange(0, units - 1)
        self.unit.setValue(unit)
        self.unit.blockSignals(False)
