"""The settings of a run with a range in the place of a value: a button beside each opens its ends or its choices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstm_studio.config import RunConfig
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.config.together import idle
from lstm_studio.gui.help_pages import SETTING, mark
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import ElidedLabel, IconButton, Label, LinkButton, Muted, describe, empty
from lstm_studio.gui.widgets.number_edit import NumberEdit
from lstm_studio.runs.sweep_config import NOT_SWEPT, FieldRange, suggested, wrong_range

_SECTIONS = (("model", "Network"), ("training", "How it learns"))
_OF_THE_MACHINE = frozenset(
    {"device", "threads", "mixed_precision", "checkpoint_seconds", "keep_epochs", "epochs", "early_stopping", "monitor"}
)
"""How long and where it trains is not what a sweep compares."""
_NUMBER = 88


def value_words(option: OptionInfo, value: Any) -> str:
    """A value of a setting, in a few words."""
    if value is None:
        return tr("Automatic") if len(option.automatic) > 12 or not option.automatic else tr(option.automatic)
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if option.kind == "choice":
        return tr(option.label(value))
    if isinstance(value, float) and 0 < abs(value) < 1e-3:
        return f"{value:.2e}".replace("e-0", "e-").replace(".00e", "e")
    return f"{value:.3g}" if isinstance(value, float) else str(value)


class RangeRow(QWidget):
    """One setting: its value, or when its button was pressed the range that is tried."""

    changed = Signal()

    def __init__(self, section: str, option: OptionInfo) -> None:
        super().__init__()
        self.option, self.dotted = option, f"{section}.{option.name}"
        self._base: RunConfig | None = None
        self._editors: QWidget | None = None
        self.low: NumberEdit | None = None
        self.high: NumberEdit | None = None
        self.log: QCheckBox | None = None
        self.boxes: list[tuple[Any, QCheckBox]] = []
        self.error_words = ""
        mark(self, f"{SETTING}{self.dotted}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        self.title = ElidedLabel(tr(option.title))
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.value = ElidedLabel(tone="muted")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value.setMaximumWidth(120)
        self.button = IconButton("plus", "", "", callback=self._toggle)
        self.button.setFixedSize(24, 24)
        self.button.setIconSize(QSize(14, 14))
        self.button.setStyleSheet("padding: 2px;")
        head.addWidget(self.title, 1)
        head.addWidget(self.value)
        head.addWidget(self.button)
        column.addLayout(head)
        self._place = column
        self.error = Label("", "small", "danger", wrap=True)
        self.error.hide()
        column.addWidget(self.error)
        self._name_button()

    @property
    def varied(self) -> bool:
        """Whether a range is tried."""
        return self._editors is not None and not self._editors.isHidden()

    def set_base(self, config: RunConfig) -> None:
        """Show the value that a run has."""
        self._base = config
        section, _, name = self.dotted.partition(".")
        self.value.setText(value_words(self.option, getattr(getattr(config, section), name)))
        self._check()

    def range(self) -> FieldRange | None:
        """What is tried; None where a number cannot be read."""
        if self.boxes:
            return FieldRange(choices=tuple(value for value, box in self.boxes if box.isChecked()))
        assert self.low is not None
        assert self.high is not None
        assert self.log is not None
        try:
            return FieldRange.model_validate(
                {"low": self.low.number(), "high": self.high.number(), "log": self.log.isChecked()}
            )
        except ValidationError:
            return None

    def set_range(self, tried: FieldRange | None) -> None:
        """Try this, or with None the value alone."""
        if tried is not None and self._editors is None:
            self._build(tried)
        if self._editors is not None:
            self._editors.setVisible(tried is not None)
        if tried is not None:
            for value, box in self.boxes:
                box.setChecked(value in (tried.choices or ()))
            if self.low is not None and self.high is not None and self.log is not None:
                self.low.set_number(tried.low)
                self.high.set_number(tried.high)
                self.log.setChecked(tried.log)
        self._name_button()
        self._check()
        self.changed.emit()

    def _toggle(self) -> None:
        if self._base is not None:
            self.set_range(None if self.varied else suggested(self._base, self.dotted))

    def _name_button(self) -> None:
        name = tr(self.option.title)
        if self.varied:
            describe(self.button, tr("Do not vary {name}", name=name), tr("Back to one value for all trials."))
        else:
            describe(self.button, tr("Vary {name}", name=name), tr("Try a range of values instead of this one."))
        self.button.set_icon("minus" if self.varied else "plus")
        self.value.setVisible(not self.varied)
        self.title.setFont(font("body", bold=self.varied))

    def _build(self, tried: FieldRange) -> None:
        self._editors = QWidget()
        if tried.choices is not None:
            grid = QGridLayout(self._editors)
            grid.setContentsMargins(S1, 0, 0, 4)
            grid.setHorizontalSpacing(S1)
            grid.setVerticalSpacing(2)
            known = [False, True] if self.option.kind == "boolean" else list(self.option.choices)
            words = [value_words(self.option, value) for value in known]
            columns = 2 if max(map(len, words)) <= 12 else 1
            for place, (value, said) in enumerate(zip(known, words, strict=True)):
                box = QCheckBox(said)
                describe(box, said, tr("Try {value}.", value=said))
                box.toggled.connect(self._edited)
                self.boxes.append((value, box))
                grid.addWidget(box, place // columns, place % columns)
        else:
            row = QHBoxLayout(self._editors)
            row.setContentsMargins(S1, 0, 0, 4)
            row.setSpacing(6)
            plain = replace(self.option, automatic="", unit="")
            name = tr(self.option.title)
            self.low, self.high, self.log = NumberEdit(plain), NumberEdit(plain), QCheckBox(tr("log"))
            for edit, said in ((self.low, tr("{name}, from", name=name)), (self.high, tr("{name}, to", name=name))):
                edit.setFixedWidth(_NUMBER)
                describe(edit, said, tr(self.option.help))
                edit.edited.connect(self._edited)
            describe(self.log, tr("log"), tr("Spread what is tried evenly over powers of ten instead of over numbers."))
            self.log.toggled.connect(self._edited)
            row.addWidget(self.low)
            row.addWidget(Muted("–", wrap=False))
            row.addWidget(self.high)
            row.addStretch(1)
            row.addWidget(self.log)
        self._place.insertWidget(1, self._editors)

    def _edited(self, *_: object) -> None:
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        words = ""
        if self.varied and self._base is not None:
            tried = self.range()
            words = "must be a number" if tried is None else wrong_range(self._base, self.dotted, tried)
        self.error_words = tr(words) if words else ""
        end = "。" if "一" <= self.error_words[-1:] <= "鿿" else "."
        self.error.setText(f"{self.error_words[:1].upper()}{self.error_words[1:]}{end}" if words else "")
        self.error.setVisible(bool(words))


class SweepFields(QWidget):
    """All settings of network and training that a sweep may vary; the rarer ones are folded."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("content")
        self.rows: dict[str, RangeRow] = {}
        self._task = ""
        self._folds: list[tuple[LinkButton, QWidget, list[RangeRow]]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, S1, 0)
        self._column.setSpacing(4)

    def set_base(self, config: RunConfig) -> None:
        """Show the settings of a run; ranges that were set stay where the task has them."""
        if config.task != self._task:
            self._build(config)
        void = idle(config.task, config.data)
        for dotted, row in self.rows.items():
            section, _, name = dotted.partition(".")
            part = getattr(config, section)
            row.set_base(config)
            when = row.option.when
            reachable = all(
                getattr(part, other) in values or self.rows[f"{section}.{other}"].varied
                for other, values in when.items()
                if f"{section}.{other}" in self.rows
            )
            row.setVisible((reachable and not (section == "model" and name in void)) or row.varied)
        self._name_folds()

    def ranges(self) -> dict[str, FieldRange]:
        """What is varied and can be read."""
        found = {dotted: row.range() for dotted, row in self.rows.items() if row.varied}
        return {dotted: tried for dotted, tried in found.items() if tried is not None}

    def wrong(self) -> str:
        """What is wrong with the first range that does not fit; empty if all do."""
        wrong = next((row for row in self.rows.values() if row.error_words), None)
        return tr("{title} {error}", title=tr(wrong.option.title), error=wrong.error_words) if wrong else ""

    def _build(self, config: RunConfig) -> None:
        self._task = config.task
        self.rows, self._folds = {}, []
        empty(self._column)
        for section, title in _SECTIONS:
            head = Label(tr(title))
            head.setFont(font("body", bold=True))
            self._column.addWidget(head)
            shown = [
                option
                for option in options(type(getattr(config, section)), config.task)
                if option.level != "hidden" and option.kind != "text" and option.name not in _OF_THE_MACHINE
                and f"{section}.{option.name}" not in NOT_SWEPT
            ]  # fmt: skip
            for option in (option for option in shown if option.level == "essential"):
                self._column.addWidget(self._row(section, option))
            place = QWidget()
            inner = QVBoxLayout(place)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(4)
            rest = [self._row(section, option) for option in shown if option.level != "essential"]
            for row in rest:
                inner.addWidget(row)
            button = LinkButton("", "chevron_right")
            button.clicked.connect(lambda _=False, place=place: self._fold(place))
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._column.addWidget(place)
            place.hide()
            self._folds.append((button, place, rest))
        self._column.addStretch(1)

    def _row(self, section: str, option: OptionInfo) -> RangeRow:
        row = RangeRow(section, option)
        row.changed.connect(self.changed)
        self.rows[row.dotted] = row
        return row

    def _fold(self, place: QWidget) -> None:
        place.setVisible(place.isHidden())
        self._name_folds()

    def _name_folds(self) -> None:
        for button, place, rows in self._folds:
            there = sum(not row.isHidden() for row in rows)
            words = tr("Fewer settings")
            if place.isHidden():
                words = ntr("{n} more setting", "{n} more settings", there)
            button.setText(words)
            button.set_icon("chevron_right" if place.isHidden() else "chevron_down")
            describe(button, words, tr("Settings that are seldom needed; the defaults do well."))
