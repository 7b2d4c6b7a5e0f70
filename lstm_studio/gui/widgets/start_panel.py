"""Where texts come from: a place to drop a file, the samples, and what was opened lately."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.config.describe import OptionInfo
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.places import is_corpus, is_there, name_of
from lstm_studio.data.samples import SAMPLES, Sample
from lstm_studio.gui.forms import FieldRow
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import S1, S2, S3, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import (
    Button,
    Card,
    IconLabel,
    Label,
    LinkButton,
    Muted,
    PrimaryButton,
    Title,
    describe,
    empty,
)

Callback = Callable[[], object]
_RECENT = 5
_COLUMNS = 3
"""Of samples."""


class DropZone(QFrame):
    """A dashed field that says what may be dropped; the dropping itself is the page's."""

    def __init__(self, open_file: Callback, open_folder: Callback, write_own: Callback) -> None:
        super().__init__()
        theme_notifier().changed.connect(self.update)
        column = QVBoxLayout(self)
        column.setContentsMargins(S3, S3 + 4, S3, S3 + 4)
        column.setSpacing(S1)
        column.addWidget(IconLabel("open", 36, "accent"), 0, Qt.AlignmentFlag.AlignHCenter)
        title = Title(tr("Open a file, drop one here, or try a sample"))
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        title.setWordWrap(True)
        column.addWidget(title)
        words = Label(
            tr(
                "Texts with labels: CSV, TSV, JSON lines, Parquet, a folder of .txt files by label.\n"
                "Words with tags: CoNLL columns, CoNLL-U, JSON lines, parallel files.\n"
                "Running text: a .txt file, or a folder of them."
            ),
            tone="muted",
            wrap=True,
        )
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(words)
        column.addSpacing(S1)
        row = QHBoxLayout()
        row.setSpacing(S1)
        row.addStretch(1)
        self.file = PrimaryButton(tr("Open a file"), "open", callback=open_file)
        describe(self.file, tr("Open a file"), tr("Choose a file with texts and labels (Ctrl+O)"))
        self.folder = Button(tr("Open a folder"), "folder", open_folder)
        words_of_folder = tr(
            "Choose a folder of .txt files, or with a sub-folder of them for each label, or with parallel files."
        )
        describe(self.folder, tr("Open a folder"), words_of_folder)
        self.own = Button(tr("Write your own"), "type", write_own)
        describe(
            self.own,
            tr("Write your own"),
            tr("Write or paste a small data set here, and come back to those you wrote."),
        )
        for button in (self.file, self.folder, self.own):
            button.setMinimumHeight(36)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().color("border_strong"), 1.2)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(theme().color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)
        painter.end()


class SampleCard(Card):
    """A sample that comes with the program, its options, and a button that opens it."""

    asked = Signal(str, dict)

    def __init__(self, sample: Sample) -> None:
        super().__init__(tr(sample.title))
        self.sample = sample
        self.title.setToolTip(tr(sample.title))
        self.body.setSpacing(S1)
        self.body.addWidget(Muted(tr(sample.help)))
        self.body.addStretch(1)
        self.options = QWidget()
        row = QHBoxLayout(self.options)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        self.fields: dict[str, FieldRow] = {}
        self._wrong: set[str] = set()
        for option in sample.options:
            info = OptionInfo(
                option.name,
                option.title,
                option.help,
                "integer",
                option.default,
                minimum=option.minimum,
                maximum=option.maximum,
                step=float(max(1, option.default // 4)) if option.name != "seed" else 1.0,
            )
            field = FieldRow("sample", info, stacked=True, explain=False)
            field.editor.setFixedWidth(80 if len(sample.options) > 2 else 96)
            field.edited.connect(self._edited)
            self.fields[option.name] = field
            row.addWidget(field)
        row.addStretch(1)
        self.options.hide()
        self.body.addWidget(self.options)
        foot = QHBoxLayout()
        self.open = Button(tr("Open this sample"), "sample", self._open)
        self._describe_open()
        self.open.setMinimumHeight(34)
        self.more = LinkButton(tr("Options"), "chevron_right", self._toggle)
        words = tr("How large the sample is, and other choices it has.")
        describe(self.more, tr("Options of {name}", name=tr(sample.title)), words)
        foot.addWidget(self.open)
        foot.addStretch(1)
        foot.addWidget(self.more)
        self.body.addLayout(foot)

    def _toggle(self) -> None:
        shown = not self.options.isVisibleTo(self)
        self.options.setVisible(shown)
        self.more.set_icon("chevron_down" if shown else "chevron_right")

    def values(self) -> dict[str, Any]:
        """The chosen options."""
        return {name: field.value() for name, field in self.fields.items()}

    def _edited(self, dotted: str, value: object) -> None:
        name = dotted.partition(".")[2]
        option = self.fields[name].option
        low, high = int(option.minimum or 0), int(option.maximum or 0)
        good = isinstance(value, int) and low <= value <= high
        words = tr("A whole number from {low} to {high}.", low=f"{low:,}", high=f"{high:,}")
        self.fields[name].set_error("" if good else words)
        (self._wrong.discard if good else self._wrong.add)(name)
        self.open.setEnabled(not self._wrong)
        self._describe_open()

    def _describe_open(self) -> None:
        words = tr("Writes the sample, if it is new, and opens it.")
        if self._wrong:
            words = tr("Correct the marked number first.")
        describe(self.open, tr("Open {name}", name=tr(self.sample.title)), words)

    def _open(self) -> None:
        self.asked.emit(self.sample.name, self.values())


class StartPanel(QScrollArea):
    """Drop zone, samples, recent files."""

    sample_asked = Signal(str, dict)
    recent_asked = Signal(str)
    corpora_asked = Signal()

    def __init__(self, open_file: Callback, open_folder: Callback, write_own: Callback) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._place = place = QWidget()
        place.setObjectName("content")
        middle = QHBoxLayout(place)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(1)
        inner = QWidget()
        inner.setMaximumWidth(920)
        middle.addWidget(inner, 20)
        middle.addStretch(1)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, S1, 0, 0)
        column.setSpacing(S2)
        self.zone = DropZone(open_file, open_folder, write_own)
        column.addWidget(self.zone)
        column.addWidget(self._corpora())
        column.addSpacing(S1)
        column.addWidget(self._head(tr("Samples that come with the program")))
        self.samples: dict[str, SampleCard] = {}
        grid = QGridLayout()
        grid.setSpacing(S2)
        for number in range(_COLUMNS):
            grid.setColumnStretch(number, 1)
        for task, kind in KINDS.items():
            own = [sample for sample in SAMPLES if sample.task == task]
            if own:
                grid.addWidget(Muted(tr(kind.title), wrap=False), grid.rowCount(), 0, 1, _COLUMNS)
            first = grid.rowCount()
            for number, sample in enumerate(own):
                card = SampleCard(sample)
                card.asked.connect(self.sample_asked)
                self.samples[sample.name] = card
                grid.addWidget(card, first + number // _COLUMNS, number % _COLUMNS)
        column.addLayout(grid)
        self.recent_head = self._head(tr("Opened lately"))
        column.addWidget(self.recent_head)
        self.recent = QVBoxLayout()
        self.recent.setSpacing(0)
        column.addLayout(self.recent)
        column.addStretch(1)
        self.setWidget(place)

    def minimumSizeHint(self) -> QSize:
        inside, bar = self._place.minimumSizeHint(), self.verticalScrollBar().sizeHint()
        return QSize(inside.width() + bar.width(), super().minimumSizeHint().height())

    def _corpora(self) -> Card:
        """A way to the corpora that can be downloaded."""
        card = Card()
        row = QHBoxLayout()
        row.setSpacing(S2)
        what = tr(
            "Or download a corpus of NLTK: film reviews, question types, entities, parts of speech, semantic roles, "
            "translations, books."
        )
        row.addWidget(Label(what, wrap=True), 1)
        self.corpora = Button(tr("Browse corpora"), "table", self.corpora_asked.emit)
        describe(self.corpora, tr("Browse corpora"), tr("Data sets of NLTK, each downloaded when you ask for it."))
        row.addWidget(self.corpora)
        card.body.addLayout(row)
        return card

    @staticmethod
    def _head(words: str) -> Label:
        label = Label(words)
        label.setFont(font("body", bold=True))
        return label

    def set_recent(self, paths: list[str]) -> None:
        """Show the files that were opened lately and are still there."""
        empty(self.recent)
        there = [path for path in paths if is_there(path)][:_RECENT]
        self.recent_head.setVisible(bool(there))
        for path in there:
            name, folder = name_of(path), tr("Corpus of NLTK") if is_corpus(path) else str(Path(path).parent)
            shown = folder if len(folder) <= 70 else "…" + folder[-69:]
            button = LinkButton(f"{name[:60]}   {shown}", "clock", partial(self.recent_asked.emit, path))
            describe(button, tr("Open {name}", name=name), path)
            self.recent.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
