"""The whole network at a glance: layers and directions, unrolled over the tokens, up to the decision."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstm_studio.config import ModelConfig
from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme, theme_notifier
from lstm_studio.gui.widgets.network_writer import WriterPicture, arrow
from lstm_studio.gui.widgets.token_axis import visible_token

Says = Literal["label", "tags", "text", "next"]
_LEFT, _RIGHT = 78.0, 92.0
_WORDS = 20.0
_TAGS = 26.0
"""Room for the tags above the layers."""
_MOST_ROWS = 6
_LOW, _HIGH = 112, 140
"""Least heights of the picture: without and with a second network that writes."""


class NetworkStrip(QWidget):
    """Rows are layers and directions, columns are tokens; what the decision looks at is filled."""

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self._config = config or ModelConfig()
        self._tokens: tuple[str, ...] = ("the", "film", "was", "not", "good")
        self._written: tuple[str, ...] = ()
        self._says: Says = "label"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(_LOW)
        self._name()
        theme_notifier().changed.connect(self.update)

    def set_config(self, config: ModelConfig, says: Says = "label") -> None:
        """Show another network; ``says``: it decides once on the whole text, on each token, writes a text, or foretells
        each next token."""
        if config != self._config or says != self._says:
            self._config, self._says = config, says
            self.setMinimumHeight(_HIGH if says == "text" else _LOW)
            self._name()
            self.update()

    def set_tokens(self, tokens: Sequence[str], written: Sequence[str] = ()) -> None:
        """The tokens under the columns, and what is written of them; the first five are shown."""
        self._tokens = tuple(tokens[:5]) or ("…",)
        self._written = tuple(written[:5])
        self.update()

    def _name(self) -> None:
        config = self._config
        words = [ntr("{n} layer", "{n} layers", config.layers)]
        words.append(tr("both directions") if self._both else tr("left to right"))
        self.setAccessibleName(tr("The network, unrolled over the tokens"))
        if self._says == "next":
            words.append(tr("foretells each next token"))
            self.setToolTip(
                tr("Each column is a token, each row a layer; above it stands the token that is to be foretold there.")
            )
        elif self._says != "text":
            self.setToolTip(
                tr("Each column is a token, each row a layer and direction; the filled cells feed the decision.")
            )
        else:
            words.append(tr("a second network that writes"))
            words.append(tr("no attention") if config.attention == "none" else tr("attention"))
            if config.input_feeding:
                words.append(tr("input feeding"))
            self.setToolTip(self._writer_words())
        self.setAccessibleDescription(", ".join(words))

    @property
    def _both(self) -> bool:
        """Whether it reads in both directions: what is yet to come must not be read where it is to be foretold."""
        return self._config.bidirectional and self._says != "next"

    def _writer_words(self) -> str:
        words = [tr("Left: what is read. Right: what is written, word by word, each from the word before.")]
        if self._config.attention == "none":
            words.append(tr("The last state is all that the writer gets of the source (thick)."))
        else:
            words.append(tr("The lines are attention: every written word looks back at all that was read."))
        if self._config.input_feeding:
            words.append(tr("Dashed: where a step has looked is read by the next one."))
        return " ".join(words)

    def sizeHint(self) -> QSize:
        return QSize(420, 160 if self._says == "text" else 132)

    def rows(self) -> list[tuple[int, bool]]:
        """(layer, backward) from the lowest row up; of many layers the first and the last are shown."""
        layers = list(range(self._config.layers))
        each = 2 if self._both else 1
        if len(layers) * each > _MOST_ROWS:
            keep = _MOST_ROWS // each
            layers = [*layers[: keep - 1], layers[-1]]
        return [(layer, backward) for layer in layers for backward in ((False, True) if each == 2 else (False,))]

    # -- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = self.rows()
        if self._says == "text":
            written = self._written or tuple(f"y{number}" for number in "₁₂₃₄₅")
            WriterPicture(self._config, rows, self._tokens, written, self.width(), self.height()).paint(painter)
            painter.end()
            return
        columns = len(self._tokens)
        bottom = self.height() - _WORDS
        above = _TAGS if self._says in {"tags", "next"} else 0.0
        pitch = min(30.0, (bottom - above - 6) / len(rows))
        cell = min(16.0, pitch - 5)
        step = (self.width() - _LEFT - _RIGHT) / max(1, columns)
        xs = [_LEFT + step * (index + 0.5) for index in range(columns)]
        top = (bottom - above - pitch * len(rows)) / 2
        ys = [bottom - top - pitch * (index + 0.5) for index in range(len(rows))]
        half = min(17.0, step * 0.3)
        self._words(painter, xs, step, bottom)
        for index, (layer, backward) in enumerate(rows):
            self._row(painter, xs, ys[index], half, cell, backward, self._feeds(layer))
            self._row_name(painter, rows, index, ys[index])
        self._between(painter, xs, ys, rows, cell, bottom)
        if self._says == "tags":
            self._tags(painter, xs, ys, rows, half, cell)
        elif self._says == "next":
            self._next(painter, xs, ys, half, cell, step)
        else:
            self._decision(painter, xs, ys, rows, half, cell)
        painter.end()

    def _feeds(self, layer: int) -> bool:
        return layer == self._config.layers - 1

    def _words(self, painter: QPainter, xs: list[float], step: float, bottom: float) -> None:
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        metrics = painter.fontMetrics()
        for x, token in zip(xs, self._tokens, strict=True):
            words = metrics.elidedText(visible_token(token), Qt.TextElideMode.ElideRight, int(step - 4))
            rect = QRectF(x - step / 2, bottom, step, _WORDS)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)

    def _row(
        self, painter: QPainter, xs: list[float], y: float, half: float, cell: float, backward: bool, last: bool
    ) -> None:
        colors = theme()
        ink = colors.color("border_strong" if backward else "accent")
        line = QPen(ink, 1.4)
        for place, x in enumerate(xs):
            rect = QRectF(x - half, y - cell / 2, 2 * half, cell)
            used = last and self._used(place, len(xs), backward)
            fill = QColor(ink)
            fill.setAlphaF(0.85 if used else 0.12)
            painter.setBrush(fill)
            painter.setPen(line)
            painter.drawRoundedRect(rect, 4, 4)
        for one, two in pairwise(xs):
            start, end = (two - half - 2, one + half + 2) if backward else (one + half + 2, two - half - 2)
            arrow(painter, QPointF(start, y), QPointF(end, y), ink)

    def _used(self, place: int, count: int, backward: bool) -> bool:
        if self._says in {"tags", "next"} or self._config.pooling != "last":
            return True
        return place == (0 if backward else count - 1)

    def _row_name(self, painter: QPainter, rows: list[tuple[int, bool]], index: int, y: float) -> None:
        layer, backward = rows[index]
        painter.setFont(font("small"))
        painter.setPen(theme().color("text_muted"))
        rect = QRectF(0, y - 9, _LEFT - 6, 18)
        each = 2 if self._both else 1
        if each == 2 and not backward:
            rect.translate(0, -(rect.center().y() - y))
        arrow = "←" if backward else "→"
        words = tr("Layer {n}", n=layer + 1) + f" {arrow}"
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        skipped = index and rows[index][0] - rows[index - 1][0] > 1
        if skipped:
            painter.drawText(rect.translated(0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "⋮")

    def _between(
        self,
        painter: QPainter,
        xs: list[float],
        ys: list[float],
        rows: list[tuple[int, bool]],
        cell: float,
        bottom: float,
    ) -> None:
        """Thin lines from the words to the lowest layer."""
        pen = QPen(theme().color("border_strong"), 1.2)
        painter.setPen(pen)
        for x in xs:
            painter.drawLine(QPointF(x, bottom + 1), QPointF(x, ys[0] + cell / 2 + 1))
        for index in range(1, len(rows)):
            if rows[index][0] == rows[index - 1][0]:
                continue
            dashed = QPen(pen)
            if rows[index][0] - rows[index - 1][0] > 1:
                dashed.setDashPattern([1, 3])
            painter.setPen(dashed)
            for x in xs:
                painter.drawLine(QPointF(x, ys[index - 1] - cell / 2 - 1), QPointF(x, ys[index] + cell / 2 + 1))
            painter.setPen(pen)

    def _tags(
        self,
        painter: QPainter,
        xs: list[float],
        ys: list[float],
        rows: list[tuple[int, bool]],
        half: float,
        cell: float,
    ) -> None:
        """A tag above each token; a CRF ties neighbours together."""
        colors = theme()
        y = max(9.0, ys[-1] - cell / 2 - _TAGS / 2 - 1)
        radius = 7.0
        painter.setPen(QPen(colors.color("border_strong"), 1.2))
        for x in xs:
            painter.drawLine(QPointF(x, ys[-1] - cell / 2 - 1), QPointF(x, y + radius + 1))
        if self._config.crf:
            for one, two in pairwise(xs):
                painter.drawLine(QPointF(one + radius + 1, y), QPointF(two - radius - 1, y))
        painter.setBrush(colors.color("surface_raised"))
        for x in xs:
            painter.drawEllipse(QPointF(x, y), radius, radius)
        painter.setFont(font("small"))
        painter.setPen(colors.color("text"))
        words = tr("tags, CRF") if self._config.crf else tr("tags")
        rect = QRectF(xs[-1] + half + 8, y - 9, self.width() - xs[-1] - half - 8, 18)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _next(self, painter: QPainter, xs: list[float], ys: list[float], half: float, cell: float, step: float) -> None:
        """Above each token the one that follows it, in the colour of what is foretold."""
        colors = theme()
        top = ys[-1] - cell / 2
        painter.setFont(font("small"))
        metrics = painter.fontMetrics()
        for x, token in zip(xs, (*self._tokens[1:], "?"), strict=True):
            painter.setPen(QPen(colors.color("border_strong"), 1.2))
            painter.drawLine(QPointF(x, top - 1), QPointF(x, top - 7))
            painter.setPen(colors.color("accent"))
            words = metrics.elidedText(visible_token(token), Qt.TextElideMode.ElideRight, int(step - 4))
            rect = QRectF(x - step / 2, top - _TAGS, step, _TAGS - 7)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(colors.color("text"))
        rect = QRectF(xs[-1] + half + 8, top - _TAGS, self.width() - xs[-1] - half - 8, _TAGS - 7)
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, side, tr("next token"))

    def _decision(
        self,
        painter: QPainter,
        xs: list[float],
        ys: list[float],
        rows: list[tuple[int, bool]],
        half: float,
        cell: float,
    ) -> None:
        """The summary and the classes on the right."""
        colors = theme()
        upper = [y for y, (layer, _) in zip(ys, rows, strict=True) if self._feeds(layer)]
        middle = sum(upper) / len(upper)
        start = xs[-1] + half + 5
        words = {
            "last": tr("last"),
            "mean": tr("mean"),
            "max": tr("maximum"),
            "attention": tr("attention"),
        }[self._config.pooling]
        painter.setFont(font("small"))
        width = painter.fontMetrics().horizontalAdvance(words) + 16
        box = QRectF(self.width() - max(64.0, width) - 2, middle - 12, max(64.0, width), 24)
        painter.setPen(QPen(colors.color("border_strong"), 1.2))
        for y in upper:
            path = QPainterPath(QPointF(start, y))
            path.cubicTo(QPointF(start + 14, y), QPointF(box.left() - 14, middle), QPointF(box.left() - 1, middle))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        painter.setBrush(colors.color("surface_raised"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 12, 12)
        painter.setPen(colors.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
