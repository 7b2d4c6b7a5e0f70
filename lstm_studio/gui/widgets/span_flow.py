"""Words that flow like text with stretches behind some of them: where everything stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import font
from lstm_studio.gui.widgets.bidi import is_right_to_left, turned_mark
from lstm_studio.gui.widgets.token_axis import visible_token

BOX, LABEL = 26.0, 17.0
_LEADING, _PAD = 6.0, 6.0
_GAP, _BESIDE, _MARKED = 5.0, 4.0, 12.0
_LONGEST = 320.0
_MORE = 18.0

_CLOSING = frozenset(".,;:!?%)]}，。、；：！？）】》」』”’…")
"""No line starts with these."""

Tone = Literal["plain", "right", "wrong", "missed"]


@dataclass(frozen=True)
class SpanMark:
    """A label over words ``start`` .. ``end`` - 1 of a sentence.

    Attributes:
        color: Its ink; None takes that of the label.
        strength: From 0 to 1, e.g. the probability: how deep the stretch is tinted; below 1 the tooltip tells it.
        tone: "plain"; "right"; "wrong", predicted but not so in the data; "missed", in the data but not predicted.
        note: A further remark for the tooltip.
    """

    start: int
    end: int
    label: str
    color: QColor | None = None
    strength: float = 1.0
    tone: Tone = "plain"
    note: str = ""


@dataclass(frozen=True)
class WordPlace:
    """A word where it is painted; ``text`` is shortened if it is too long."""

    index: int
    rect: QRectF
    text: str


@dataclass(frozen=True)
class Piece:
    """The part of a span that stands on one line. Only the first has the label."""

    mark: SpanMark
    rect: QRectF
    label: str
    first: bool
    last: bool


@dataclass(frozen=True)
class Flow:
    """A sentence laid out. ``more``: where the dots stand if lines were left out."""

    words: list[WordPlace]
    pieces: list[Piece]
    height: float
    more: QRectF | None
    right_to_left: bool


def pitch(labels: bool) -> float:
    """Height of a line, with or without labels below the words."""
    return BOX + _LEADING + (LABEL if labels else 0.0)


def lay_out(
    words: Sequence[str],
    marks: Sequence[SpanMark],
    width: float,
    *,
    spaced: bool = True,
    bold: int | None = None,
    most_lines: int | None = None,
) -> Flow:
    """Break a sentence into lines of ``width`` pixels. A span is at least as wide as its label."""
    return _Layout(words, marks, max(40.0, width), spaced, bold, most_lines).run()


class _Layout:
    def __init__(
        self,
        words: Sequence[str],
        marks: Sequence[SpanMark],
        width: float,
        spaced: bool,
        bold: int | None,
        most_lines: int | None,
    ) -> None:
        self._words, self._width, self._bold, self._most = words, width, bold, most_lines
        self._gap, self._beside = (_GAP, _GAP + 2) if spaced else (0.0, _BESIDE)
        self._plain, self._heavy = QFontMetricsF(font("body")), QFontMetricsF(font("body", bold=True))
        self._small = QFontMetricsF(font("small"))
        self._marks = sorted(marks, key=lambda mark: (mark.start, mark.end))
        self._owner = _owners(len(words), self._marks)
        self._turned = is_right_to_left(words)
        self._pitch = pitch(any(mark.label for mark in self._marks))
        self._x, self._line = 0.0, 0
        self._after_span = False
        self._places: list[WordPlace] = []
        self._pieces: list[Piece] = []
        self._known: dict[tuple[str, bool], tuple[str, float]] = {}

    def run(self) -> Flow:
        index, count = 0, len(self._words)
        more: QRectF | None = None
        while index < count:
            before = index
            index = self._plain_word(index) if self._owner[index] < 0 else self._span(index)
            if index == before or (self._most is not None and self._line >= self._most):
                more = self._dots()
                break
        lines = min(self._line + 1, self._most or self._line + 1)
        height = lines * self._pitch
        last = (lines - 1) * self._pitch
        if self._pitch > pitch(False) and not any(p.label and p.rect.top() > last for p in self._pieces):
            height -= LABEL
        if self._turned:
            self._turn()
            if more is not None:
                more.moveLeft(self._width - more.right())
        return Flow(self._places, self._pieces, height, more, self._turned)

    def _room(self) -> float:
        """Width of the line in hand; the last one that may be used keeps some for the dots."""
        return self._width - (_MORE if self._most is not None and self._line >= self._most - 1 else 0.0)

    def _next_line(self) -> bool:
        self._x, self._line, self._after_span = 0.0, self._line + 1, False
        return self._most is None or self._line < self._most

    def _plain_word(self, index: int) -> int:
        text, wide = self._measure(index)
        x, follower = self._x, index + 1
        needed = wide
        if follower < len(self._words) and self._owner[follower] < 0 and self._words[follower] in _CLOSING:
            needed += self._gap + self._measure(follower)[1]
        if x > 0 and x + needed > self._room():
            if not self._next_line():
                return index
            x = 0.0
        self._put(index, text, x, wide)
        self._x, self._after_span = x + wide + self._gap, False
        return index + 1

    def _span(self, index: int) -> int:
        mark = self._marks[self._owner[index]]
        stop = index
        while stop < len(self._words) and self._owner[stop] == self._owner[index]:
            stop += 1
        start = index
        label, label_wide = self._label(mark)
        sizes = [self._measure(at) for at in range(start, stop)]
        whole = max(sum(wide for _, wide in sizes) + self._gap * (stop - start - 1) + 2 * _PAD, label_wide)
        # a short span rather stays whole on the next line
        if self._x > 0 and self._x + whole > self._room() and whole <= 0.6 * self._width and not self._next_line():
            return index
        while index < stop:
            if self._x > 0 and not self._after_span:
                self._x += self._beside - self._gap
            used, end = 2 * _PAD, index
            while end < stop:
                step = sizes[end - start][1] + (self._gap if end > index else 0.0)
                if end > index and self._x + used + step > self._room():
                    break
                used, end = used + step, end + 1
            wide = max(used, label_wide) if index == start else used
            if self._x > 0 and self._x + wide > self._room():
                if not self._next_line():
                    return index
                continue
            wide = min(wide, self._room())
            x = self._x + max(_PAD, (wide - used) / 2 + _PAD)
            for at in range(index, end):
                self._put(at, sizes[at - start][0], x, sizes[at - start][1])
                x += sizes[at - start][1] + self._gap
            rect = QRectF(self._x, self._line * self._pitch + _LEADING / 2, wide, BOX)
            self._pieces.append(Piece(mark, rect, label if index == start else "", index == start, end == stop))
            self._x, self._after_span = self._x + wide + self._beside, True
            index = end
            if index < stop and not self._next_line():
                return index
        return index

    def _put(self, index: int, text: str, x: float, wide: float) -> None:
        self._places.append(WordPlace(index, QRectF(x, self._line * self._pitch + _LEADING / 2, wide, BOX), text))

    def _measure(self, index: int) -> tuple[str, float]:
        word, heavy = self._words[index], index == self._bold
        found = self._known.get((word, heavy))
        if found is None:
            metrics = self._heavy if heavy else self._plain
            # what is far too long anyway need not be measured whole
            most = min(_LONGEST, self._width - 2 * _PAD - _MORE)
            shown = visible_token(word[:400])
            text = metrics.elidedText(turned_mark(shown) if self._turned else shown, Qt.TextElideMode.ElideRight, most)
            found = text, metrics.horizontalAdvance(text) + (_MARKED if heavy else 0.0)
            self._known[(word, heavy)] = found
        return found

    def _label(self, mark: SpanMark) -> tuple[str, float]:
        if not mark.label:
            return "", 0.0
        words = label_words(mark)
        text = self._small.elidedText(words, Qt.TextElideMode.ElideRight, min(220.0, self._width - 8))
        return text, self._small.horizontalAdvance(text) + 6

    def _dots(self) -> QRectF:
        line = (self._most or 1) - 1
        y = line * self._pitch + _LEADING / 2
        here = [place.rect.right() for place in self._places if abs(place.rect.top() - y) < 1]
        here += [piece.rect.right() for piece in self._pieces if abs(piece.rect.top() - y) < 1]
        return QRectF(max(here, default=0.0), y, _MORE, BOX)

    def _turn(self) -> None:
        for rect in (*(place.rect for place in self._places), *(piece.rect for piece in self._pieces)):
            rect.moveLeft(self._width - rect.right())


def _owners(count: int, marks: Sequence[SpanMark]) -> list[int]:
    """The mark each word belongs to, -1 for none; of two that overlap the earlier one has the words."""
    owner = [-1] * count
    for number, mark in enumerate(marks):
        free = [at for at in range(max(0, mark.start), min(mark.end, count)) if owner[at] < 0]
        for at in free:
            if at == free[0] or owner[at - 1] == number:  # a stretch is never torn in two
                owner[at] = number
    return owner


def label_words(mark: SpanMark) -> str:
    """The label as it is written below its words."""
    return tr("missed {label}", label=visible_token(mark.label)) if mark.tone == "missed" else visible_token(mark.label)


def span_words(words: Sequence[str], mark: SpanMark, spaced: bool = True) -> str:
    """A span in words: "Paris: location, 93 %"."""
    text = (" " if spaced else "").join(words[max(0, mark.start) : mark.end])[:300]
    parts = [tr("{words}: {label}", words=text, label=mark.label or tr("no label"))]
    if mark.strength < 1:
        share = 100 * max(0.0, mark.strength)
        parts.append(f"{min(share, 99.9):.1f} %" if share > 99.45 else f"{share:.0f} %")
    tones = {"right": tr("right"), "wrong": tr("not so in the data"), "missed": tr("in the data, but missed")}
    parts += [part for part in (tones.get(mark.tone, ""), mark.note) if part]
    return ", ".join(parts)


def compare_marks(
    words: Sequence[str], truth: Sequence[SpanMark], predicted: Sequence[SpanMark], spaced: bool = True
) -> tuple[SpanMark, ...]:
    """What was predicted, wrong ones marked so, and true spans that were missed where nothing was predicted.

    A prediction counts as right when both ends and the label are those of a true span. Marks that have a tone keep it.
    """
    right = {(mark.start, mark.end, mark.label) for mark in truth}
    found = []
    for mark in predicted:
        if mark.tone == "plain" and (mark.start, mark.end, mark.label) not in right:
            there = [span_words(words, true, spaced) for true in truth if _overlap(true, mark)]
            note = tr("in the data: {spans}", spans="; ".join(there)) if there else ""
            mark = replace(mark, tone="wrong", note=mark.note or note)
        found.append(mark)
    for true in truth:
        if not any(_overlap(true, mark) for mark in predicted):
            found.append(replace(true, tone="missed"))
    return tuple(sorted(found, key=lambda mark: (mark.start, mark.end)))


def _overlap(one: SpanMark, other: SpanMark) -> bool:
    return one.start < other.end and other.start < one.end
