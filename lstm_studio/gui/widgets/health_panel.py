"""What the data is and what is wrong with it: findings with a way to mend them, classes, lengths, vocabulary."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from lstm_studio.config import DataConfig, TrainingConfig
from lstm_studio.config.data import SECTIONS
from lstm_studio.config.describe import options
from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import S1, font
from lstm_studio.gui.widgets.basic import Chip, IconLabel, Label, LinkButton, Muted, describe, empty, line, reachable
from lstm_studio.gui.widgets.class_balance import ClassBalance
from lstm_studio.gui.widgets.flow_row import FlowRow
from lstm_studio.gui.widgets.label_colors import LabelColors
from lstm_studio.gui.widgets.length_histogram import LengthHistogram
from lstm_studio.gui.widgets.remedy_chips import RemedyChips, remedy_words

if TYPE_CHECKING:
    from lstm_studio.data.health_types import Example, Health, HealthWarning

_FEW = 3
_LINK = "padding-left: 0px; font-size: 12px; min-height: 22px; max-height: 22px;"
_SIGNS = {"error": ("error", "danger"), "warning": ("warning", "warning"), "info": ("info", "text_muted")}


class HealthPanel(QWidget):
    """Put it into a card; ``chip`` belongs into the card's header."""

    fix_asked = Signal(dict)
    """Settings that mend a finding: dotted names to values."""

    def __init__(self) -> None:
        super().__init__()
        self.chip = Chip()
        self.chip.hide()
        self._all_open = False
        self._sound = ""
        self._warnings: list[HealthWarning] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(S1)
        self.waiting = QWidget()
        column = QVBoxLayout(self.waiting)
        column.setContentsMargins(0, 0, 0, 0)
        self.words = Muted(tr("Reading all rows; you can go on meanwhile."))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the examination"))
        column.addWidget(self.words)
        column.addWidget(self.bar)
        outer.addWidget(self.waiting)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reachable(self.area, tr("Health of the data"))
        place = QWidget()
        place.setObjectName("content")
        self._column = QVBoxLayout(place)
        self._column.setContentsMargins(0, 0, S1, 0)
        self._column.setSpacing(6)
        self.findings = QWidget()
        self._findings = QVBoxLayout(self.findings)
        self._findings.setContentsMargins(0, 0, 0, 0)
        self._findings.setSpacing(S1 + 4)
        self.remedies = RemedyChips()
        self.remedies.changed.connect(self.fix_asked)
        self._column.addWidget(self.remedies)
        self._column.addWidget(self.findings)
        self.more = LinkButton("", "chevron_down", self._toggle)
        self._column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.balance = ClassBalance()
        self.lengths = LengthHistogram()
        self.cut = Muted("")
        self.written = LengthHistogram()
        self.written_cut = Muted("")
        self.vocabulary = Label("", wrap=True)
        self.vocabulary.setFont(font("small"))
        self.classes = self._section(tr("Classes"), self.balance)
        self.read = self._section(tr("Tokens in a text"), self.lengths, self.cut)
        self.targets = self._section(tr("Tokens in a target"), self.written, self.written_cut)
        self._section(tr("Vocabulary"), self.vocabulary)
        self._column.addStretch(1)
        self.area.setWidget(place)
        outer.addWidget(self.area, 1)
        self.set_health(None, None, LabelColors())
        self.set_progress(None)

    def _section(self, title: str, *widgets: QWidget) -> Section:
        section = Section(title, *widgets)
        self._column.addWidget(section)
        return section

    # -- what it shows --------------------------------------------------------------------------------------

    def set_progress(self, fraction: float | None) -> None:
        """How far the examination is; None when none is under way, -1 while unknown."""
        self.waiting.setVisible(fraction is not None)
        if fraction is not None:
            self.bar.setRange(0, 0 if fraction < 0 else 1000)
            self.bar.setValue(int(1000 * max(0.0, fraction)))

    def set_health(self, health: Health | None, data: DataConfig | None, colors: LabelColors) -> None:
        """Show figures; None clears them."""
        self.area.setVisible(health is not None)
        self.chip.setVisible(health is not None)
        if health is None or data is None:
            return
        from lstm_studio.data.kinds import kind_of

        kind = kind_of(data)
        self._warnings = list(health.warnings)
        self._sound = (
            tr("No empty, double or contradictory rows.") if kind.learned is None else tr("Nothing odd was found.")
        )
        self.remedies.set_data(data, health.mended)
        self._show_findings()
        self.read.title.setText(tr(kind.lengths))
        self.classes.setVisible(kind.classes is not None)
        if kind.classes is not None:
            self.classes.title.setText(ntr(*kind.classes, len(health.classes)))
        self.balance.set_classes(health.classes, colors)
        self.lengths.set_lengths(
            health.edges, health.counts, data.max_length, health.cut_fraction, kind.counted_lengths
        )
        written, measured = health.target_counts is not None, int(health.counts.sum())
        self.lengths.setVisible(measured > 1)
        self.read.setVisible(measured > 0)
        many = tr("sources") if written else tr(kind.lengths_of[1])
        typical = (
            _typical(health.quantiles, many) if measured > 1 else _single(health.quantiles, tr(kind.lengths_of[0]))
        )
        self.cut.setText(f"{self.lengths.words()} {typical}".strip())
        self.targets.setVisible(written)
        if health.target_edges is not None and health.target_counts is not None:
            most = getattr(data, "max_target_length", None)
            self.written.set_lengths(
                health.target_edges, health.target_counts, most, health.target_cut, kind.counted, dropped=True
            )
            self.written_cut.setText(f"{self.written.words()} {_typical(health.target_quantiles, tr('targets'))}")
        known = 100 * health.coverage
        shown = f"{known:.1f}" if known < 99.95 else "100"
        words = ntr("{n} token has a vector of its own.", "{n} tokens have vectors of their own.",
                    health.vocabulary_size)  # fmt: skip
        if written:
            words = tr("{read} tokens can be read, {written} can be written.",
                       read=number(health.vocabulary_size), written=number(health.outputs))  # fmt: skip
        if health.validation_rows:
            words += " " + tr("They cover {share} % of the validation {rows}.", share=shown, rows=tr(kind.example[1]))
        self.vocabulary.setText(words)

    def _show_findings(self) -> None:
        empty(self._findings)
        grave = [warning for warning in self._warnings if warning.severity != "info"]
        errors = any(warning.severity == "error" for warning in self._warnings)
        if grave:
            words = ntr("{n} thing to look at", "{n} things to look at", len(grave))
            self.chip.set_chip(words, "danger" if errors else "warning")
        else:
            self.chip.set_chip(tr("Good"), "success")
        shown = self._warnings if self._all_open else self._warnings[:_FEW]
        offered: list[Any] = []
        for warning in shown:
            again = warning.fix in offered  # one click mends both
            offered.append(warning.fix)
            fix = None if again else self.fix_asked.emit
            self._findings.addWidget(Finding(warning, fix, [one for one in warning.offers if one not in offered],
                                             self.remedies.add))  # fmt: skip
            offered.extend(warning.offers)
        if not self._warnings:
            row = QWidget()
            inside = QHBoxLayout(row)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.addWidget(IconLabel("check", 16, "success"), 0, Qt.AlignmentFlag.AlignTop)
            inside.addWidget(Muted(self._sound), 1)
            self._findings.addWidget(row)
        hidden = len(self._warnings) - _FEW
        self.more.setVisible(hidden > 0)
        words = tr("Show fewer") if self._all_open else ntr("{n} more", "{n} more", hidden)
        self.more.setText(words)
        self.more.set_icon("chevron_up" if self._all_open else "chevron_down")
        describe(self.more, words, tr("Shows or hides the less grave findings."))

    def _toggle(self) -> None:
        self._all_open = not self._all_open
        self._show_findings()


class Section(QWidget):
    """A part of the panel: a line, a title, what it is about."""

    def __init__(self, title: str, *widgets: QWidget) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addWidget(line())
        self.title = Label(title)
        self.title.setFont(font("small", bold=True))
        column.addWidget(self.title)
        for widget in widgets:
            column.addWidget(widget)


class Finding(QWidget):
    """One warning: what is the matter, what to do, rows that show it, and a click that mends it where one can.

    Args:
        warning: What is told.
        fix: Called with the settings that mend it; None for no such button.
        offers: Remedies to choose from.
        mend: Called with the chosen one.
    """

    def __init__(
        self, warning: HealthWarning, fix: Any, offers: Sequence[str] = (), mend: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(S1)
        icon, role = _SIGNS.get(warning.severity, _SIGNS["warning"])
        row.addWidget(IconLabel(icon, 16, role), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        said = tr(warning.text)
        text = Label(breakable(shortened(said)), wrap=True)
        text.setToolTip(said if shortened(said) != said else "")
        text.setFont(font("small"))
        words.addWidget(text)
        if warning.todo:
            words.addWidget(Muted(tr(warning.todo)))
        links = FlowRow(S1 + 4)
        self.button: LinkButton | None = None
        if warning.fix and fix is not None:
            dotted = {name if "." in name else f"data.{name}": value for name, value in warning.fix.items()}
            self.button = LinkButton(fix_words(dotted), callback=lambda: fix(dotted))
            self.button.setStyleSheet(_LINK)
            describe(self.button, self.button.text(), _fix_tip(dotted))
            links.addWidget(self.button)
        self.offers: dict[str, LinkButton] = {}
        for remedy in offers:
            title, tip = remedy_words(remedy)
            button = LinkButton(title, callback=partial(mend, remedy))
            button.setStyleSheet(_LINK)
            describe(button, title, tip)
            links.addWidget(button)
            self.offers[remedy] = button
        self.show_rows: LinkButton | None = None
        if warning.examples:
            self.rows = Label("\n".join(map(_example, warning.examples)), "small", "muted", wrap=True)
            self.rows.setFont(font("small"))
            self.rows.hide()
            self.show_rows = LinkButton("", callback=self._toggle_rows)
            self.show_rows.setStyleSheet(_LINK)
            self._name_rows(False)
            links.addWidget(self.show_rows)
        if links.count():
            place = QWidget()
            place.setLayout(links)
            words.addWidget(place)
        if warning.examples:
            words.addWidget(self.rows)
        row.addLayout(words, 1)
        self.setAccessibleName(f"{tr(warning.text)} {tr(warning.todo)}")

    def _toggle_rows(self) -> None:
        opened = not self.rows.isVisibleTo(self)
        self.rows.setVisible(opened)
        self._name_rows(opened)

    def _name_rows(self, opened: bool) -> None:
        assert self.show_rows is not None
        words = tr("Hide examples") if opened else tr("Show examples")
        self.show_rows.setText(words)
        describe(self.show_rows, words, tr("Shows or hides a few rows that show what is meant."))


def _example(example: Example) -> str:
    text = breakable(example.text)
    return text if example.line is None else tr("Line {n}: {row}", n=number(example.line), row=text)


def _typical(quantiles: dict[float, int], rows: str) -> str:
    half, most = quantiles.get(0.5, 0), quantiles.get(1.0, 0)
    return tr("Half of the {rows} have at most {half} tokens, the longest has {most}.",
              rows=rows, half=number(half), most=number(most))  # fmt: skip


def _single(quantiles: dict[float, int], row: str) -> str:
    return tr("One {row} of {n} tokens.", row=row, n=number(quantiles.get(1.0, 0)))


def shortened(text: str) -> str:
    """The text with very long words, such as odd labels, cut short."""
    return re.sub(r"(\S{32})\S{8,}", r"\1…", text)


def breakable(text: str) -> str:
    """The text with places to break in words that are longer than a line: paths, labels without spaces."""
    return re.sub(r"\S{24}(?=\S)", lambda match: match.group() + "\u200b", text)


def fix_words(dotted: dict[str, Any]) -> str:
    """What the button that mends a finding says."""
    (name, value), *_ = dotted.items()
    match name:
        case "data.max_length":
            return tr("Read up to {n} tokens", n=number(value))
        case "training.class_weights":
            return tr("Let every class count the same")
        case "data.lowercase":
            return tr("Treat upper and lower case alike")
    option = _option(name)
    if option is None:
        return tr("Mend it")
    if option.kind == "boolean":
        title = tr(option.title)
        return tr("Turn on: {title}", title=title) if value else tr("Turn off: {title}", title=title)
    shown = tr(option.label(value)) if option.kind == "choice" else str(value)
    return tr("Set {title} to {value}", title=tr(option.title), value=shown)


def _fix_tip(dotted: dict[str, Any]) -> str:
    option = _option(next(iter(dotted)))
    return tr(option.help) if option is not None else ""


def _option(dotted: str) -> Any:
    section, _, name = dotted.partition(".")
    kinds: Any = {"data": tuple(SECTIONS.values()), "training": (TrainingConfig,)}.get(section, ())
    return next((option for kind in kinds for option in options(kind) if option.name == name), None)
