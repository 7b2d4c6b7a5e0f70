"""The figures by which networks are judged: how each is called, which way is better, how it is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "points", "plain"]
OF_TEST = "test_"
"""Stands before the names of figures that were taken on the test file."""


@dataclass(frozen=True)
class Figure:
    """One figure, under its standard name.

    Attributes:
        name: As metrics.jsonl and --json have it.
        title: As people write it.
        kind: "share" lies in 0..1 and is written in percent, "points" in 0..100, "plain" is any number.
        higher_is_better: Which way is up.
        decimals: Of what is written.
        full: A title that needs no explanation beside it; the title where it needs none.
    """

    name: str
    title: str
    kind: Kind = "share"
    higher_is_better: bool = True
    decimals: int = 1
    full: str = ""

    def shown(self, value: float) -> str:
        """The figure as it is written: "81.3 %", "31.2", "0.4312"; a dash for what is not a number."""
        if not math.isfinite(value):
            return "–"
        if self.kind == "share":
            return f"{100 * value:.{self.decimals}f} %"
        size = abs(value)
        odd = 0 < size < 0.5 * 10.0**-self.decimals or size >= 1e5
        return f"{value:.2g}" if odd else f"{value:.{self.decimals}f}"


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("accuracy", "Accuracy"),
        Figure("macro_f1", "Macro F1"),
        Figure("f1", "F1", full="F1 of whole spans"),
        Figure("precision", "Precision"),
        Figure("recall", "Recall"),
        Figure("bleu", "BLEU", "points"),
        Figure("chrf", "chrF", "points"),
        Figure("rouge1", "ROUGE-1"),
        Figure("rouge2", "ROUGE-2"),
        Figure("rougeL", "ROUGE-L"),
        Figure("perplexity", "Perplexity", "plain", higher_is_better=False),
        Figure("bits_per_character", "Bits per character", "plain", higher_is_better=False, decimals=3),
        Figure("loss", "Loss", "plain", higher_is_better=False, decimals=4),
    )
}


def figure(name: str) -> Figure:
    """What is known of a figure, also of the test file's; one that nobody has heard of is taken for a share."""
    base = name.removeprefix(OF_TEST)
    return FIGURES.get(base) or Figure(base, base.replace("_", " ").capitalize())


def shown(name: str, value: float) -> str:
    """A figure as it is written."""
    return figure(name).shown(value)
