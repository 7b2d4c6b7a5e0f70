"""How a file was read, in one line; opened, each part can be changed and says why it is so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from lstm_studio.config import DataConfig
from lstm_studio.config.describe import options
from lstm_studio.gui.forms import Choice
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, S2
from lstm_studio.gui.widgets.basic import Chip, ElidedLabel, LinkButton, Muted, describe, set_enabled
from lstm_studio.gui.widgets.split_fields import FileField

if TYPE_CHECKING:
    from lstm_studio.data.source import SourceFormat
    from lstm_studio.gui.session_types import Dataset

ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "latin-1", "cp1252", "cp1251", "shift_jis", "euc_jp", "euc_kr",
    "cp949", "iso8859_15", "koi8_r",
)  # fmt: skip
SEPARATORS = (",", "\t", ";", "|")
_TABLES = ("csv", "tsv")
_MOST = 6


class SourceOptions(QWidget):
    """Emits what was changed; the session reads the file again."""

    changed = Signal(dict)
    """Fields of [data] and their new values."""
    opened = Signal(bool)
    """The choices are shown or hidden."""

    def __init__(self) -> None:
        super().__init__()
        self._titles: dict[str, Muted] = {}
        self._folder = ""
        self._options = {option.name: option for option in options(DataConfig)}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S1)
        head = QHBoxLayout()
        head.setSpacing(S1)
        self.summary = ElidedLabel(tone="small", size="small")
        self.notes = Chip("", "warning")
        self.change = LinkButton(tr("Change"), callback=self._toggle)
        describe(self.change, tr("Change"), tr("Shows how the file was read, why, and lets you read it otherwise."))
        self.change.setCheckable(True)
        head.addWidget(self.summary, 1)
        head.addWidget(self.notes)
        head.addWidget(self.change)
        column.addLayout(head)
        self.panel = QWidget()
        self._build_panel()
        self.panel.hide()
        column.addWidget(self.panel)

    def _build_panel(self) -> None:
        grid = QGridLayout(self.panel)
        grid.setContentsMargins(0, 0, 0, S1)
        grid.setHorizontalSpacing(S2)
        grid.setVerticalSpacing(4)
        self.format = self._combo(0, grid, "format")
        self.encoding = self._combo(1, grid, "encoding")
        self.delimiter = self._combo(2, grid, "delimiter")
        self.second = FileField(
            tr("Second file"),
            tr("It is found by its name."),
            tr("The file whose lines belong to the lines of this one: translations, tags."),
            lambda: self._folder,
        )
        self.second.chosen.connect(lambda path: self._chosen("parallel", path))
        grid.addWidget(self.second, 0, 2, 2, 1, Qt.AlignmentFlag.AlignBottom)
        self.quoting = self._box(0, grid, "quoting")
        self.header = self._box(1, grid, "header")
        self.again = LinkButton(tr("Find out again"), "refresh", self._again)
        describe(self.again, self.again.text(), tr("Forgets these choices and looks at the file anew."))
        grid.addWidget(self.again, 1, 4)
        for place, stretch in ((0, 5), (1, 4), (2, 4)):
            grid.setColumnStretch(place, stretch)
        self.reasons = Muted("")
        self.reasons.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(self.reasons, 2, 0, 1, 5)

    def _combo(self, place: int, grid: QGridLayout, name: str) -> Choice:
        option = self._options[name]
        combo = Choice()
        describe(combo, tr(option.title), tr(option.help))
        if name == "format":
            for value in option.choices:
                combo.addItem(tr(option.label(value)), value)
        elif name == "encoding":
            for value in ENCODINGS:
                combo.addItem(encoding_words(value), value)
        else:
            for value in SEPARATORS:
                combo.addItem(separator_words(value), value)
        combo.setMinimumWidth(80)
        combo.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.activated.connect(lambda _index: self._chosen(name, combo.currentData()))
        title = Muted(tr(option.title), wrap=False)
        title.setBuddy(combo)
        self._titles[name] = title
        grid.addWidget(title, 0, place)
        grid.addWidget(combo, 1, place)
        return combo

    def _box(self, row: int, grid: QGridLayout, name: str) -> QCheckBox:
        option = self._options[name]
        box = QCheckBox(tr(option.title))
        describe(box, tr(option.title), tr(option.help))
        box.toggled.connect(lambda value: self._chosen(name, value))
        grid.addWidget(box, row, 3)
        return box

    # -- what it shows --------------------------------------------------------------------------------------

    def set_dataset(self, dataset: Dataset) -> None:
        """Show how a file was read."""
        found = dataset.table.format
        self.summary.setText(" · ".join(summary(found)))
        count = len(dataset.table.notes)
        self.notes.setVisible(bool(count))
        self.notes.setText(ntr("{n} remark", "{n} remarks", count))
        notes = [tr(note.text) for note in dataset.table.notes]
        self.notes.setToolTip("\n".join(_few(notes)))
        self.reasons.setText("\n".join([*(tr(sentence) for sentence in found.why), *_few(notes)]))
        table = found.kind in _TABLES
        self._folder = str(dataset.path.parent)
        self.second.set_path(found.second or None, clear=dataset.data.parallel is not None)
        self.second.setVisible(bool(found.second))
        self.delimiter.setVisible(not found.second)
        self._titles["delimiter"].setVisible(not found.second)
        with QSignalBlocker(self.format), QSignalBlocker(self.encoding), QSignalBlocker(self.delimiter):
            self.format.setCurrentIndex(self.format.findData(found.kind))
            _select(self.encoding, found.encoding, encoding_words(found.encoding))
            _select(self.delimiter, found.delimiter, separator_words(found.delimiter or ""))
        with QSignalBlocker(self.quoting), QSignalBlocker(self.header):
            self.quoting.setChecked(bool(found.quoting) and table)
            self.header.setChecked(found.header)
        folder = found.kind == "folder"
        bytes_ = found.kind == "parquet"
        why = tr("Only separated values have this.")
        for widget in (self.delimiter, self.quoting, self.header):
            set_enabled(widget, table, why)
        set_enabled(self.encoding, not bytes_, tr("A Parquet file says this itself."))
        set_enabled(self.format, not folder and not bytes_, tr("The format is plain from the name of the file."))

    def _toggle(self) -> None:
        self.set_open(not self.panel.isVisibleTo(self))

    def set_open(self, opened: bool) -> None:
        """Show or hide the choices."""
        self.panel.setVisible(opened)
        self.change.setChecked(opened)
        self.change.setText(tr("Done") if opened else tr("Change"))
        self.opened.emit(opened)

    # -- what it says ---------------------------------------------------------------------------------------

    def _chosen(self, name: str, value: Any) -> None:
        fields: dict[str, Any] = {name: value}
        if name == "format":
            # Another layout has other separators and quotes.
            fields |= {"delimiter": None, "quoting": None, "header": None, "parallel": None}
        elif name == "parallel":
            fields |= {"format": "parallel", "encoding": None}
        elif name == "delimiter":
            fields |= {"format": "tsv" if value == "\t" else "csv", "quoting": None, "header": None}
        elif name == "encoding":
            fields |= {"format": None, "delimiter": None, "quoting": None, "header": None}
        self.changed.emit(fields)

    def _again(self) -> None:
        self.changed.emit(dict.fromkeys(("format", "encoding", "delimiter", "quoting", "header", "parallel")))


def summary(found: SourceFormat) -> list[str]:
    """The parts of the line: format, encoding, separator, quotes, header."""
    option = next(option for option in options(DataConfig) if option.name == "format")
    parts = [tr(option.label(found.kind))]
    if found.kind in _TABLES:
        parts = [tr("Separated by {what}", what=separator_words(found.delimiter or ","))]
    if found.second:
        parts.append(tr("with {file}", file=Path(found.second).name))
    if found.encoding and found.encoding != "binary":
        parts.append(encoding_words(found.encoding))
    if found.kind in _TABLES:
        parts.append(tr("quotes enclose cells") if found.quoting else tr("quotes are plain characters"))
        parts.append(tr("first row holds names") if found.header else tr("no row of names"))
    return parts


def encoding_words(name: str) -> str:
    """An encoding as people write it."""
    known = {
        "utf-8": "UTF-8",
        "utf-8-sig": tr("UTF-8 with mark"),
        "utf-16": "UTF-16",
        "gb18030": "GB18030",
        "big5": "Big5",
        "latin-1": "Latin-1",
        "cp1252": "Windows-1252",
        "cp1251": "Windows-1251",
        "shift_jis": "Shift JIS",
        "euc_jp": "EUC-JP",
        "euc_kr": "EUC-KR",
        "iso8859_15": "Latin-9",
        "koi8_r": "KOI8-R",
    }
    return known.get(name, name.upper())


def separator_words(separator: str) -> str:
    """A separator by name."""
    names = {",": tr("comma"), "\t": tr("tab"), ";": tr("semicolon"), "|": tr("vertical bar"), " ": tr("space")}
    return names.get(separator, f"“{separator}”" if separator else "–")


def _select(combo: Choice, value: str | None, words: str) -> None:
    place = combo.findData(value)
    if place < 0 and value:
        combo.addItem(words, value)
        place = combo.count() - 1
    combo.setCurrentIndex(place)


def _few(sentences: list[str]) -> list[str]:
    if len(sentences) <= _MOST:
        return sentences
    return [*sentences[:_MOST], ntr("And {n} more.", "And {n} more.", len(sentences) - _MOST)]
