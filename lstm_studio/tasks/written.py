"""What a network says that writes a text about another one. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Version:
    """One text that was written.

    Attributes:
        text: Readable.
        tokens: What it was put together from, U of them; ▁ stands for a space.
        probabilities: Of each token where it stands, given those before it; the last is the end mark's: U + 1.
        log_probability: Sum of the logarithms of all of them.
        score: What versions are ranked by: ``log_probability`` made up for the length.
        attention: Where each step looked, rows sum to 1, the last at the end mark: float32 [U + 1, S]; None without.
        copied: Which tokens were unknown and are copied from the source instead.
    """

    text: str
    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]
    log_probability: float
    score: float
    attention: np.ndarray | None = None
    copied: tuple[bool, ...] = ()


@dataclass(frozen=True, eq=False)
class WrittenText:
    """What the network writes about one text.

    Attributes:
        text: As it was given.
        tokens: What was read, S of them; ▁ stands for a space.
        unknown: For each token whether the network has no vector for it.
        versions: The best first; at least one.
        cut: Tokens left out because the text is too long.
    """

    text: str
    tokens: tuple[str, ...]
    unknown: tuple[bool, ...]
    versions: tuple[Version, ...]
    cut: int = 0

    @property
    def best(self) -> Version:
        """The first version."""
        return self.versions[0]

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "text": self.text,
            "prediction": self.best.text,
            "log_probability": self.best.log_probability,
            "tokens": list(self.tokens),
            "unknown": list(self.unknown),
            "output": list(self.best.tokens),
            "probabilities": list(self.best.probabilities),
            "attention": None if self.best.attention is None else np.round(self.best.attention, 4).tolist(),
            "versions": [
                {"text": version.text, "log_probability": version.log_probability, "score": version.score}
                for version in self.versions
            ],
        }

    def lines(self) -> list[str]:
        """The text, what was written, what was unknown."""
        found = [self.text, f"  {self.best.text}"]
        found += [f"  or: {version.text}" for version in self.versions[1:]]
        strange = [token for token, unknown in zip(self.tokens, self.unknown, strict=True) if unknown]
        if strange:
            found.append(f"  unknown to the network: {' '.join(dict.fromkeys(strange))}")
        if self.cut:
            found.append(f"  {self.cut:,} tokens beyond the longest source were not read")
        return found

    def cells(self, lines: bool) -> list[Any]:
        """The best version and the logarithm of its probability."""
        return [self.best.text, self.best.log_probability if lines else f"{self.best.log_probability:.4f}"]
