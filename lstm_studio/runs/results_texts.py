"""Results of language models: by frequency, the tokens that cost most, and passages with what each token cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lstm_studio.data.figures import shown
from lstm_studio.data.likelihood import perplexity
from lstm_studio.data.units import END_ID, KINDS, MARK, SPECIAL, UnitKind
from lstm_studio.runs.results_base import Results, figures_of, number_of, text_of

LINE_ENDS = ("\u21b5", SPECIAL[END_ID])
"""How a line's end is shown as a token: ↵, or the end mark where lines are texts of their own."""
TAB = "\u21e5"
_SAID = 10
"""Costly tokens that the command line names."""


@dataclass(frozen=True)
class Band:
    """Tokens of the vocabulary from the ``first`` to the ``last`` most frequent one.

    ``tokens`` of the part are among these; ``loss`` is their mean in nats, not a number where there are none.
    """

    first: int
    last: int
    tokens: int
    loss: float


@dataclass(frozen=True)
class CostlyToken:
    """A token, how often it stands in the part, and its mean loss in nats."""

    token: str
    count: int
    loss: float

    @property
    def cost(self) -> float:
        """Nats in all."""
        return self.count * self.loss


@dataclass(frozen=True)
class Passage:
    """A stretch of the part.

    Attributes:
        place: Of its first token.
        hard: Whether it is one of the hardest; else it was chosen for its place alone.
        tokens: As they are shown: ▁ stands for a space, ↵ for a line's end.
        losses: Of each in nats; not a number where it was not predicted.
    """

    place: int
    hard: bool
    tokens: tuple[str, ...]
    losses: tuple[float, ...]

    @property
    def perplexity(self) -> float:
        """Of this passage alone; not a number where nothing was predicted."""
        known = [loss for loss in self.losses if math.isfinite(loss)]
        return perplexity(sum(known) / len(known)) if known else math.nan


@dataclass(frozen=True, eq=False)
class TextsResults(Results):
    """Figures over running text that was predicted token by token; ``examples`` are tokens.

    Attributes:
        units: What tokens are.
        unknown: Share of the tokens that the network does not know.
        bands: The most frequent first; none for pieces of words.
        costly: Those that cost most in all first.
        passages: The hardest first, then some spread over the part.
    """

    units: UnitKind = "word"
    unknown: float = 0.0
    bands: tuple[Band, ...] = ()
    costly: tuple[CostlyToken, ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def usual(self) -> tuple[str, ...]:
        """What a character costs says most where tokens are characters."""
        both = ("perplexity", "bits_per_character")
        return both[::-1] if self.units == "character" else both

    def share(self, token: CostlyToken) -> float:
        """Of all that the part cost, what one token did: 0..1; not a number where that is not known."""
        every = self.metrics.get("loss", math.nan) * self.examples
        return min(1.0, token.cost / every) if every > 0 else math.nan

    def lines(self) -> list[str]:
        """Unknown tokens, the loss by frequency, the costliest tokens."""
        found = [f"unknown tokens: {100 * self.unknown:.1f} %"]
        names = [f"{band.first:,} to {band.last:,}" for band in self.bands]
        wide = max((len(name) for name in names), default=0)
        if self.bands:
            found.append("loss by how frequent tokens are, the most frequent first:")
        for name, band in zip(names, self.bands, strict=True):
            share = band.tokens / max(1, self.examples)
            found.append(f"  {name:>{wide}}  {shown('loss', band.loss):>7}  {100 * share:5.1f} % of the tokens")
        if self.costly:
            named = (f"{one.token} {100 * self.share(one):.1f} %" for one in self.costly[:_SAID])
            found.append(f"tokens that cost most, of the whole loss: {', '.join(named)}")
        return found


def pieces(tokens: Sequence[str], units: UnitKind) -> list[tuple[str, str]]:
    """Tokens as running text: what stands before each, and the token itself. A line's end is "\\n", a tab is one."""
    found = []
    begins = True
    for token in tokens:
        if token in LINE_ENDS:
            found.append(("", "\n"))
            begins = True
            continue
        gap = "" if begins or units == "character" else " "
        if units == "bpe":
            gap, token = (gap, token[1:]) if token.startswith(MARK) else ("", token)
            if not token:
                gap, token = "", " "
        found.append((gap, {MARK: " ", TAB: "\t"}.get(token, token)))
        begins = False
    return found


def running(tokens: Sequence[str], units: UnitKind) -> str:
    """Tokens as a text to be read."""
    return "".join(gap + piece for gap, piece in pieces(tokens, units))


def is_texts(content: Any) -> bool:
    """Whether a part of ``results.json`` is about running text that was predicted."""
    return isinstance(content, Mapping) and content.get("kind") == "texts"


def texts_part(content: Mapping[str, Any]) -> TextsResults:
    """What one part says. Raises KeyError, ValueError, TypeError and their like if it is damaged."""
    units = text_of(content.get("units", "word"))
    if units not in KINDS:
        raise ValueError("there are no such units")
    return TextsResults(
        metrics=figures_of(content["metrics"]),
        examples=_count(content["examples"]),
        units=units,
        unknown=number_of(content["unknown"]),
        bands=tuple(_band(entry) for entry in content["bands"]),
        costly=tuple(
            CostlyToken(text_of(entry["token"]), _count(entry["count"]), number_of(entry["loss"]))
            for entry in content["costly"]
        ),
        passages=tuple(_passage(entry) for entry in content["passages"]),
    )


def _band(entry: Mapping[str, Any]) -> Band:
    first, last, tokens = (_count(entry[name]) for name in ("first", "last", "tokens"))
    if not 1 <= first <= last:
        raise ValueError("a band is damaged")
    return Band(first, last, tokens, number_of(entry["loss"]) if tokens else math.nan)


def _passage(entry: Mapping[str, Any]) -> Passage:
    tokens = tuple(text_of(token) for token in entry["tokens"])
    losses = tuple(math.nan if loss is None else number_of(loss) for loss in entry["losses"])
    if len(tokens) != len(losses):
        raise ValueError("a passage is damaged")
    return Passage(_count(entry["place"]), bool(entry["hard"]), tokens, losses)


def _count(value: Any) -> int:
    found = int(value)
    if found < 0:
        raise ValueError("a count is below 0")
    return found
