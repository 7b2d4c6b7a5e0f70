"""What a network says at each token of a text, whatever its task: names, probabilities, colours, a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtGui import QColor

from lstm_studio.gui.i18n import tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.token_axis import quoted, visible_token
from lstm_studio.gui.widgets.token_strip import NONE, tag_colors

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace
    from lstm_studio.training.events import LayerGates

Kind = Literal["prefix", "token", "next", "written"]
_STACKED = 6
"""Classes that are told apart in a stack; the others are grey together."""


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Of N tokens.

    Attributes:
        kind: "prefix": the class of the text had it ended there; "token": the tag of the token; "next": which token
            comes next; "written": which token is written.
        names: [N][K], the likeliest first.
        shares: float [N, K], their probabilities.
        places: int [N, K], their places among the classes; of next and written tokens nothing.
        came: Probability of the token itself, float [N]; of networks that write.
        classes: What ``places`` are places in.
    """

    kind: Kind
    names: tuple[tuple[str, ...], ...]
    shares: np.ndarray
    places: np.ndarray | None = None
    came: np.ndarray | None = None
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def title(self, token: str) -> str:
        """What is asked at a token."""
        return {
            "prefix": tr("Had the text ended here"),
            "token": tr("How “{token}” is read", token=quoted(token)),
            "next": tr("What comes next"),
            "written": tr("What is written here"),
        }[self.kind]

    def words(self, place: int) -> str:
        """The answer at a token, in a few words."""
        name = self.names[place][0] if self.names[place] else ""
        said = f"{self._named(name)} {percent(float(self.shares[place][0]))}" if name else ""
        if self.kind == "prefix":
            return tr("so far {said}", said=said)
        if self.kind == "token":
            return tr("read as {said}", said=said)
        came = float(self.came[place]) if self.came is not None else math.nan
        given = tr("expected at {share}", share=percent(came)) if math.isfinite(came) else ""
        told = tr("next {said}", said=said) if self.kind == "next" else ""
        return " · ".join(part for part in (given, told) if part)

    def likeliest(self, place: int) -> dict[str, float]:
        """Names and probabilities at a token; classes in their own order where they are few."""
        rows = [(self._named(n), float(s)) for n, s in zip(self.names[place], self.shares[place], strict=True)]
        if self.places is not None and len(self.classes) <= _STACKED:
            rows = [rows[at] for at in np.argsort(self.places[place])]
        return dict(rows)

    def stack(self, place: int) -> list[tuple[float, QColor]]:
        """Shares and colours of a token's column, from below; what is missing up to 1 stays empty."""
        shares, colors = self.stacks
        rows = zip(shares[place].tolist(), colors[place].tolist(), strict=True)
        return [(share, QColor.fromRgba(color)) for share, color in rows if share > 0]

    @property
    def stacks(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of all tokens: float [N, K], and uint32 0xAARRGGBB [N, K] in the colours of ``theme()``."""
        if self.places is None:
            came = np.zeros(len(self)) if self.came is None else np.nan_to_num(self.came)
            return came[:, None], np.full((len(self), 1), theme().color("accent", 0.75).rgba(), np.uint32)
        order = np.argsort(self.places, 1, kind="stable")
        places, shares = (np.take_along_axis(own, order, 1) for own in (self.places, self.shares))
        colors = np.zeros(int(places.max(initial=0)) + 1, np.uint32)
        for position in np.unique(places).tolist():
            colors[position] = self._color(position).rgba()
        rest = 1 - shares.sum(1, keepdims=True)
        others = np.full((len(self), 1), theme().color("border", 0.6).rgba(), np.uint32)
        return np.hstack([shares, np.where(rest > 1e-3, rest, 0)]), np.hstack([colors[places], others])

    def _color(self, position: int) -> QColor:
        """Of a class or tag."""
        tags = tag_colors(self.classes) if self.kind == "token" else None
        if tags is not None and self.classes[position] == NONE:
            return theme().color("border")
        color = theme().class_color(position) if tags is None else QColor(tags.of(self.classes[position], theme().dark))
        color.setAlphaF(0.75)
        return color

    def _named(self, name: str) -> str:
        if self.places is None:
            return visible_token(name)
        return tr("nothing") if self.kind == "token" and name == NONE else name


NOT_YET = Verdicts("prefix", (), np.zeros((0, 1)))
"""Room for those that are still being worked out."""


def verdicts_of(trace: TextTrace, layer: LayerGates) -> Verdicts | None:
    """What is said at each token that a layer runs over; None where nothing is: by the reader of a network that
    writes."""
    told, after = trace.foretold, trace.prefix_probabilities
    writes = layer.part == "decoder"
    if told is not None and told.ahead != writes:
        return Verdicts("next" if told.ahead else "written", told.words, told.shares, came=told.came)
    if writes or not trace.classes or after.shape != (len(trace.tokens), len(trace.classes)) or not len(after):
        return None
    places = np.argsort(-after, 1, kind="stable")[:, :_STACKED]
    names = tuple(tuple(trace.classes[place] for place in row) for row in places)
    return Verdicts(trace.meaning, names, np.take_along_axis(after, places, 1), places, classes=trace.classes)


def percent(share: float) -> str:
    """0.834 -> "83 %", 0.0042 -> "0.4 %"."""
    if not math.isfinite(share):
        return "–"
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.1f} %"
