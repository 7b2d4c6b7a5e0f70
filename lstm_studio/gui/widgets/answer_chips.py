"""Below and above a tagged sentence: the verbs to choose from, and the types that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QPushButton, QToolButton, QWidget

from lstm_studio.gui.i18n import ntr, number, tr
from lstm_studio.gui.theme import S1, font, theme, theme_notifier
from lstm_studio.gui.widgets.basic import describe
from lstm_studio.gui.widgets.flow_row import FlowRow
from lstm_studio.gui.widgets.span_colors import SpanColors
from lstm_studio.gui.widgets.token_axis import visible_token

MOST_CHIPS = 16
_LONGEST = 24
_SWATCH = 12


class VerbChips(QWidget):
    """One of the verbs of a sentence, or all of them (None). Hidden while there is nothing to choose.

    Args:
        every: Whether all of them can be chosen; if not, a single verb is no choice.
    """

    chosen = Signal(object)

    def __init__(self, *, every: bool = True) -> None:
        super().__init__()
        self._every = every
        self.setAccessibleName(tr("Verbs"))
        self._flow = FlowRow()
        self.setLayout(self._flow)
        self._verbs: list[tuple[int, str]] | None = None
        self._group = QButtonGroup(self)
        self.buttons: dict[int | None, QPushButton] = {}
        self.set_verbs([], None)

    def set_verbs(self, verbs: Sequence[tuple[int, str]], choice: int | None) -> None:
        """Offer verbs, each with its place in the sentence; nothing is emitted."""
        if self._verbs != list(verbs):
            self._verbs = list(verbs)
            self._build()
        self.set_choice(choice)

    def set_choice(self, choice: int | None) -> None:
        """Check one; a verb beyond those that are offered has its chip put before the others."""
        if choice is not None and choice not in self.buttons and self._verbs:
            self._build(first=choice)
        if choice in self.buttons:
            self.buttons[choice].setChecked(True)

    def _build(self, first: int | None = None) -> None:
        self._flow.clear()
        self._group.deleteLater()
        self._group = QButtonGroup(self)
        self.buttons = {}
        verbs = self._verbs or []
        self.setVisible(len(verbs) > (0 if self._every else 1))
        words = [verb for _, verb in verbs]
        if len(verbs) > 1 and self._every:
            self._add(None, tr("All verbs"), tr("Shows the sentence once for each of its verbs"))
        order = sorted(range(len(verbs)), key=lambda row: verbs[row][0] != first)[:MOST_CHIPS]
        for row in sorted(order):
            at, verb = verbs[row]
            shown = visible_token(verb)
            shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
            if words.count(verb) > 1:
                shown += f" ({words[:row].count(verb) + 1})"
            self._add(at, shown, tr("Shows who and what belongs to this word, number {n} of the sentence", n=at + 1))

    def _add(self, value: int | None, words: str, tip: str) -> None:
        button = QPushButton(words.replace("&", "&&"))
        button.setCheckable(True)
        describe(button, words, tip)
        button.clicked.connect(lambda: self.chosen.emit(value))
        self._group.addButton(button)
        self._flow.addWidget(button)
        self.buttons[value] = button


class TypeLegend(QWidget):
    """The types that were found, each with its colour and how often; choosing one goes to its next span."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Types found"))
        self._flow = FlowRow(S1 // 2)
        self.setLayout(self._flow)
        self._colors = SpanColors(())
        self._order: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self.buttons: dict[str, QToolButton] = {}
        self.hide()
        theme_notifier().changed.connect(self._paint)

    def set_colors(self, colors: SpanColors, order: Sequence[str]) -> None:
        """Colours of the run's types, and their order."""
        self._colors = colors
        self._order = {label: place for place, label in enumerate(order)}

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Type -> how many spans of it; types without any are left out."""
        last = len(self._order)
        found = sorted(
            ((label, count) for label, count in counts.items() if count),
            key=lambda pair: (self._order.get(pair[0], last), pair[0]),
        )
        if [label for label, _ in found] != list(self._counts):
            self._flow.clear()
            self.buttons = {}
            for label, _ in found:
                self._add(label)
        self._counts = dict(found)
        for label, count in found:
            button = self.buttons[label]
            shown = visible_token(label)
            shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
            button.setText(f" {shown}  {number(count)}".replace("&", "&&"))
            told = ntr("{label}: {n} span", "{label}: {n} spans", count, label=label)
            describe(button, told, tr("Shows the words that mattered for the next span of this type"))
        self.setVisible(bool(found))
        self._paint()

    def _add(self, label: str) -> None:
        button = QToolButton()
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(_SWATCH, _SWATCH))
        button.setFont(font("small"))
        button.setFixedHeight(26)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.chosen.emit(label))
        self._flow.addWidget(button)
        self.buttons[label] = button

    def _paint(self) -> None:
        for label, button in self.buttons.items():
            button.setIcon(self._swatch(label))

    def _swatch(self, label: str) -> QIcon:
        """The colour of a type as its stretches have it."""
        ratio = max(1.0, self.devicePixelRatioF())
        picture = QPixmap(round(_SWATCH * ratio), round(_SWATCH * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colors.of(label, theme().dark))
        square = QRectF(1, 1, _SWATCH - 2, _SWATCH - 2)
        painter.drawRoundedRect(square, 3, 3)
        if self._colors.hatched(label):
            painter.setBrush(QBrush(theme().color("surface"), Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(square, 3, 3)
        painter.end()
        return QIcon(picture)
