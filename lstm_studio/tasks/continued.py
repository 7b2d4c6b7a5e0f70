"""What a language model writes behind a beginning. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class WrittenToken:
    """A token as soon as it is there.

    Attributes:
        token: As it is shown: ▁ stands for a space, ↵ for a line's end.
        probability: That the network gave it, before temperature, top-k and top-p.
        text: All that was written up to it, readable, without the beginning.
    """

    token: str
    probability: float
    text: str


@dataclass(frozen=True)
class Copied:
    """The longest stretch of what was written that stands in the training text word for word.

    Attributes:
        start, length: Which tokens of what was written; ``length`` 0 when none stands there.
        usual: Tokens of the longest such stretch that is to be expected of text that nobody copied: found in samples
            of the validation text, as long as this one.
        long: Whether it is so much longer that a person should be told.
    """

    start: int
    length: int
    usual: int
    long: bool


@dataclass(frozen=True)
class Continuation:
    """What was written behind a beginning.

    Attributes:
        text: The beginning, as it was given; empty where the network began by itself.
        tokens: Of the beginning, S of them; ▁ stands for a space, ↵ for a line's end.
        unknown: For each of these whether the network has no vector for it.
        given: Probability of each of these, given those before it.
        output: What was written, U tokens.
        probabilities: Of each of these, before temperature, top-k and top-p.
        drawn: Of each of these among the words that it was drawn from.
        written: What was written, readable, to be put right behind ``text``.
        ended: By the end of the text, a line or a mark that was asked for ("stop"), at its longest, or halted.
        seed: That it was drawn with.
        copied: None where the training text is not there to compare with.
    """

    text: str
    tokens: tuple[str, ...]
    unknown: tuple[bool, ...]
    given: tuple[float, ...]
    output: tuple[str, ...]
    probabilities: tuple[float, ...]
    drawn: tuple[float, ...]
    written: str
    ended: Literal["stop", "longest", "halted"]
    seed: int
    copied: Copied | None = None

    @property
    def whole(self) -> str:
        """Beginning and continuation."""
        return self.text + self.written

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        copied = self.copied
        return {
            "text": self.text,
            "prediction": self.written,
            "whole": self.whole,
            "seed": self.seed,
            "ended": self.ended,
            "tokens": list(self.tokens),
            "unknown": list(self.unknown),
            "given": list(self.given),
            "output": list(self.output),
            "probabilities": list(self.probabilities),
            "copied": None
            if copied is None
            else {"start": copied.start, "length": copied.length, "usual": copied.usual, "long": copied.long},
        }

    def lines(self) -> list[str]:
        """The beginning, the whole, what was unknown, what was copied."""
        return [self.text, *(f"  {line}" for line in self.whole.split("\n")), *(f"  {note}" for note in self.notes())]

    def notes(self) -> list[str]:
        """What was unknown, and what was copied."""
        found = []
        strange = [token for token, unknown in zip(self.tokens, self.unknown, strict=True) if unknown]
        if strange:
            found.append(f"unknown to the network: {' '.join(dict.fromkeys(strange))}")
        copied = self.copied
        if copied is not None and copied.long:
            stretch = " ".join(self.output[copied.start : copied.start + min(12, copied.length)])
            found.append(f"{copied.length:,} tokens in a row stand in the training text word for word, from: {stretch}")
        return found

    def cells(self, lines: bool) -> list[Any]:
        """What was written."""
        return [self.written]
