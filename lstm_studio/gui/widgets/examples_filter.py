"""What stands above a table of examples: which part, its figures, and what is listed of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.gui import icons
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S3
from lstm_studio.gui.widgets.basic import Button, SegmentedControl, Stat, describe
from lstm_studio.gui.widgets.confusion_model import cell_words
from lstm_studio.gui.widgets.examples_reader import part_title
from lstm_studio.gui.widgets.metrics import metric_help, metric_title
from lstm_studio.gui.widgets.slice_table import slice_words
from lstm_studio.gui.widgets.token_axis import visible_token
from lstm_studio.inspection.examples import Examples, Query

_CHIP = 220
_NARROW, _LEAST, _WIDEST, _ANY = 540, 300, 190, 10_000


class ExamplesBar(QWidget):
    """The part of the data, and the figures of what is listed."""

    part_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: Examples | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S3)
        self.part = SegmentedControl([("validation", part_title("validation"))], name=tr("Part of the data"))
        self.part.changed.connect(self.part_chosen)
        self.part.hide()
        still = QVBoxLayout()
        still.setContentsMargins(0, 2, 0, 0)
        still.addWidget(self.part)
        still.addStretch(1)
        row.addLayout(still)
        self.value = Stat("", size="headline")
        self.count = Stat(tr("Listed"), tooltip=tr("The figures here are of these examples alone."), size="body")
        for stat in (self.value, self.count):
            row.addWidget(stat, 0, Qt.AlignmentFlag.AlignBottom)
            stat.hide()
        row.addStretch(1)
        self.again = Button(tr("Read again"), "refresh")
        describe(self.again, self.again.text(), tr("The network has learned since the examples were read."), "Alt+R")
        self.again.hide()
        row.addWidget(self.again, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_examples(self, examples: Examples | None) -> None:
        """Figures of such examples come; None for no figures."""
        self._shown = examples
        for stat in (self.value, self.count):
            stat.setVisible(examples is not None)
        self.part.setVisible(examples is not None and len(examples.parts) > 1)
        if examples is None:
            return
        self.part.set_options([(name, part_title(name)) for name in examples.parts], examples.part)
        self.value.title.setText(metric_title(examples.figure))
        self.value.setAccessibleName(metric_title(examples.figure))
        said = metric_help(examples.figure, spans=examples.figure == "f1")
        if examples.figure == "chrf":
            said = f"{said} {tr('Here the mean over single texts, each written with the likeliest token each time.')}"
        self.value.setToolTip(said)

    def show_value(self, value: str, count: int) -> None:
        """Figures of what is listed."""
        shown = self._shown
        if shown is None:
            return
        self.value.set_value(value)
        counted = {
            "accuracy": ("{n} text", "{n} texts"),
            "f1": ("{n} sentence", "{n} sentences"),
            "chrf": ("{n} text", "{n} texts"),
        }.get(shown.figure, ("{n} passage", "{n} passages"))
        self.count.set_value(ntr(*counted, count))


class ExamplesFilter(QWidget):
    """Words to search for, right or wrong, what is true, what was read; chips for a chosen group and for a pair of what
    is true and what was read."""

    typed = Signal(str)
    changed = Signal(dict)
    """Fields of a Query that are to be others."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(80)
        describe(
            self.search,
            tr("Search"),
            tr("Lists only examples that hold these words in text, truth or answer."),
            "Ctrl+F",
        )
        self.search.textChanged.connect(self.typed)
        self.answers = SegmentedControl(
            [
                ("all", tr("All"), tr("Right and wrong answers are listed.")),
                ("wrong", tr("Wrong"), tr("Only wrong answers are listed.")),
                ("right", tr("Right"), tr("Only right answers are listed.")),
            ],
            name=tr("Right or wrong"),
        )
        self.answers.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)  # its words cannot be cut
        self.answers.changed.connect(lambda value: self.changed.emit({"answers": value}))
        self.truth, self.said = QComboBox(), QComboBox()
        for box, name, key, about in (
            (self.truth, "truth", "Alt+D", tr("Lists only examples of which this is true.")),
            (self.said, "said", "Alt+A", tr("Lists only examples of which the network says this.")),
        ):
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            box.setMinimumContentsLength(9)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMaximumWidth(_WIDEST)
            describe(box, tr("In the data") if name == "truth" else tr("Read as"), about, key)
            box.activated.connect(lambda place, name=name: self.changed.emit({name: None if place == 0 else place - 1}))
        self.chip = Chip(tr("Lists only these; click, or press Escape, to list all again."), self._end_part)
        self.cell_chip = Chip(tr("Lists only these; click, or press Escape, to list all again."), self._end_cell)
        row.addWidget(self.search, 1)
        row.addWidget(self.answers)
        self._first, self._second = row, QHBoxLayout()
        self._second.setSpacing(S1)
        column.addLayout(row)
        column.addLayout(self._second)
        for box in (self.truth, self.said):
            row.addWidget(box)
        self.chips = QWidget()
        below = QHBoxLayout(self.chips)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(S1)
        for chip in (self.cell_chip, self.chip):
            below.addWidget(chip)
        below.addStretch(1)
        column.addWidget(self.chips)
        self.chips.hide()

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, what is true and what was read have a line of their own."""
        super().resizeEvent(event)
        here, there = self._first, self._second
        if event.size().width() >= _NARROW:
            here, there = there, here
        if here.indexOf(self.truth) >= 0:
            for box in (self.truth, self.said):
                here.removeWidget(box)
                there.addWidget(box)
                box.setMaximumWidth(_WIDEST if there is self._first else _ANY)

    def show_query(self, query: Query, examples: Examples) -> None:
        """Follow what is listed; nothing is emitted."""
        if self.search.text() != query.words:
            self.search.blockSignals(True)
            self.search.setText(query.words)
            self.search.blockSignals(False)
        self.answers.setVisible(examples.told)
        self.answers.set_value(query.answers)
        for box, chosen, title in (
            (self.truth, query.truth, tr("True: any")),
            (self.said, query.said, tr("Read as: any")),
        ):
            box.setVisible(any(examples.classes))
            _fill(box, title, [visible_token(name[:100]) if name else tr("(nothing)") for name in examples.classes])
            box.setCurrentIndex(0 if chosen is None else chosen + 1)
        self.chip.show_words(slice_words(query.part, examples.classes) if query.part is not None else "")
        both = query.truth is not None and query.said is not None
        self.cell_chip.show_words(cell_words(examples.classes, query.truth or 0, query.said or 0) if both else "")
        self.chips.setVisible(both or query.part is not None)

    def _end_part(self) -> None:
        self.changed.emit({"part": None})

    def _end_cell(self) -> None:
        self.changed.emit({"truth": None, "said": None})


class Chip(Button):
    """What is listed alone, in a few words; a click ends that."""

    def __init__(self, about: str, end: Callable[[], object]) -> None:
        super().__init__("", callback=end)
        self._about = about
        self.setIcon(icons.icon("close", "text_muted"))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_words(self, words: str) -> None:
        """Hidden where there are none."""
        self.setVisible(bool(words))
        if words:
            short = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, _CHIP)
            self.setText(short.replace("&", "&&"))
            describe(self, words, self._about)


def _fill(box: QComboBox, title: str, names: Sequence[str]) -> None:
    wanted = [title, *names]
    if [box.itemText(place) for place in range(box.count())] != wanted:
        box.clear()
        box.addItems(wanted)
