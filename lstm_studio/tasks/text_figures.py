"""Figures of texts that were written: BLEU and chrF by sacrebleu, ROUGE by the formulas of its paper.

Everywhere ``hypotheses`` are N texts that a network wrote, and ``references`` N texts, or N lists of texts that would
each have been right. A missing or empty text is never an error; it has nothing in common with anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from lstm_studio.data.split import random_keys

BleuTokenizer = Literal["13a", "zh", "char"]
FigureName = Literal["bleu", "chrf", "rouge1", "rouge2", "rougeL"]
References = Sequence[str | Sequence[str]]

_WORD = re.compile(r"[^\W_]+")
_CHARACTER = re.compile(r"[^\W_]")
_ROUGES = ("rouge1", "rouge2", "rougeL")


@dataclass(frozen=True)
class BleuFigures:
    """BLEU of all texts together.

    Attributes:
        bleu: 0..100.
        precisions: Of 1 to 4 words in a row, 0..100.
        brevity: Penalty for texts that are too short, 0..1; 1 is none.
        signature: How it was computed, to be reported with it.
    """

    bleu: float
    precisions: tuple[float, ...]
    brevity: float
    signature: str


@dataclass(frozen=True)
class ChrfFigures:
    """chrF of all texts together, 0..100, and how it was computed."""

    chrf: float
    signature: str


class Shares(NamedTuple):
    """Means over the texts, each in 0..1: share of what was written that is right, of what is right that was written,
    and their harmonic mean."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class RougeFigures:
    """What texts have in common with references: words, pairs of words in a row, longest common subsequence."""

    rouge1: Shares
    rouge2: Shares
    rougeL: Shares  # noqa: N815 - as everyone writes it


class Interval(NamedTuple):
    """Where a figure lies in 95 of 100 samples; in the figure's own unit."""

    low: float
    high: float


def bleu(
    hypotheses: Sequence[str], references: References, *, lowercase: bool = False, tokenize: BleuTokenizer = "13a"
) -> BleuFigures:
    """BLEU (Papineni et al. 2002) as Post 2018 says how to report it.

    Args:
        hypotheses: Texts with their punctuation where it belongs; tokens with spaces between them give another figure.
        references: See the module.
        lowercase: Whether capitals count for nothing.
        tokenize: "13a" for writing with spaces, "zh" for Chinese, "char" for single characters.

    Raises:
        ValueError: there are not as many references as hypotheses.
    """
    metric = _bleu(lowercase, tokenize)
    columns = _columns(hypotheses, references)
    if not hypotheses:
        return BleuFigures(0.0, (0.0,) * metric.max_ngram_order, 0.0, "")
    score = metric.corpus_score(hypotheses, columns)
    return BleuFigures(float(score.score), tuple(map(float, score.precisions)), float(score.bp), _signature(metric))


def chrf(hypotheses: Sequence[str], references: References, *, lowercase: bool = False) -> ChrfFigures:
    """chrF2 (Popović 2015): characters in a row, up to six; needs no words, so it suits any writing.

    Raises:
        ValueError: there are not as many references as hypotheses.
    """
    metric = _chrf(lowercase)
    columns = _columns(hypotheses, references)
    if not hypotheses:
        return ChrfFigures(0.0, "")
    return ChrfFigures(float(metric.corpus_score(hypotheses, columns).score), _signature(metric))


def sentence_chrf(hypotheses: Sequence[str], references: References, *, lowercase: bool = False) -> list[float]:
    """chrF2 of each text alone, 0..100.

    Raises:
        ValueError: there are not as many references as hypotheses.
    """
    metric = _chrf(lowercase)
    columns = _columns(hypotheses, references)
    if not hypotheses:
        return []
    counted = metric._extract_corpus_statistics(hypotheses, columns)
    return [float(metric._compute_score_from_stats(each).score) for each in counted]


def rouge(hypotheses: Sequence[str], references: References, *, characters: bool = False) -> RougeFigures:
    """ROUGE-1, -2 and -L (Lin 2004), sentence level, means over the texts.

    Words are runs of letters and digits in lower case, without stemming, as in Google's rouge-score, but of any
    alphabet. Of several references the one with the highest F1 counts, for each of the three apart.

    Args:
        hypotheses, references: See the module.
        characters: Whether each letter is a word, for Chinese.

    Raises:
        ValueError: there are not as many references as hypotheses.
    """
    rows = _rouge_rows(hypotheses, references, characters)
    means = rows.mean(0) if len(rows) else np.zeros((3, 3))
    one, two, longest = (Shares(*map(float, mean)) for mean in means)
    return RougeFigures(one, two, longest)


def bootstrap(
    hypotheses: Sequence[str],
    references: References,
    figure: FigureName,
    samples: int = 1000,
    seed: int = 0,
    *,
    lowercase: bool = False,
    tokenize: BleuTokenizer = "13a",
    characters: bool = False,
) -> Interval:
    """How sure a figure is: 95 % of the samples, drawn from the texts with replacement, lie in the interval (Koehn
    2004, "Statistical Significance Tests for Machine Translation Evaluation"). The same seed gives the same one on
    every machine. Of ROUGE it is the F1.

    Args:
        hypotheses, references: See the module.
        figure: Which one.
        samples: How many samples.
        seed: Which samples.
        lowercase, tokenize, characters: As of the figure itself.

    Raises:
        ValueError: there are not as many references as hypotheses.
    """
    columns = _columns(hypotheses, references)
    rows = len(hypotheses)
    if not rows or samples < 1:
        return Interval(0.0, 0.0)
    value: Callable[[np.ndarray], float]
    if figure in _ROUGES:
        each = _rouge_rows(hypotheses, references, characters)[:, _ROUGES.index(figure), 2:]

        def value(sums: np.ndarray) -> float:
            return float(sums[0]) / rows
    else:
        metric = _bleu(lowercase, tokenize) if figure == "bleu" else _chrf(lowercase)
        # What sacrebleu counts in each text is all that a sample needs; its own bootstrap adds the texts up in Python.
        each = np.array(metric._extract_corpus_statistics(hypotheses, columns), np.int64)

        def value(sums: np.ndarray) -> float:
            return float(metric._compute_score_from_stats(sums.tolist()).score)

    found = np.empty(samples)
    for sample in range(samples):
        drawn = random_keys(rows, seed, sample) % np.uint64(rows)
        found[sample] = value(np.bincount(drawn.astype(np.int64), minlength=rows) @ each)
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(float(low), float(high))


# -- sacrebleu -------------------------------------------------------------------------------------------------


def _bleu(lowercase: bool, tokenize: str) -> Any:
    from sacrebleu.metrics import BLEU

    return BLEU(lowercase=lowercase, tokenize=tokenize, force=True)  # force: no advice on texts that end in " ."


def _chrf(lowercase: bool) -> Any:
    from sacrebleu.metrics import CHRF

    return CHRF(lowercase=lowercase)


def _signature(metric: Any) -> str:
    return str(metric.get_signature())


def _listed(hypotheses: Sequence[str], references: References) -> list[list[str]]:
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, {len(references)} references")
    return [[each] if isinstance(each, str) else [*each] or [""] for each in references]


def _columns(hypotheses: Sequence[str], references: References) -> list[list[str | None]]:
    """References as sacrebleu takes them: first all first ones, then all second ones; None where there is none."""
    listed = _listed(hypotheses, references)
    most = max(map(len, listed), default=1)
    return [[each[place] if place < len(each) else None for each in listed] for place in range(most)]


# -- ROUGE -----------------------------------------------------------------------------------------------------


def _rouge_rows(hypotheses: Sequence[str], references: References, characters: bool) -> np.ndarray:
    """Precision, recall and F1 of the three figures of each text: [N, 3, 3]."""
    cut = (_CHARACTER if characters else _WORD).findall
    rows = np.zeros((len(hypotheses), 3, 3))
    for place, (hypothesis, several) in enumerate(zip(hypotheses, _listed(hypotheses, references), strict=True)):
        written = cut(hypothesis.lower())
        figures = [_compared(written, cut(reference.lower())) for reference in several]
        for number in range(3):
            rows[place, number] = max((each[number] for each in figures), key=lambda shares: shares.f1)
    return rows


def _compared(written: list[str], right: list[str]) -> tuple[Shares, Shares, Shares]:
    return (
        _in_common(Counter(written), Counter(right)),
        _in_common(Counter(pairwise(written)), Counter(pairwise(right))),
        _shares(longest_common(written, right), len(written), len(right)),
    )


def _in_common(written: Counter[Any], right: Counter[Any]) -> Shares:
    hits = sum(min(count, right[gram]) for gram, count in written.items() if gram in right)
    return _shares(hits, written.total(), right.total())


def _shares(hits: int, written: int, right: int) -> Shares:
    if not hits:
        return Shares(0.0, 0.0, 0.0)
    return Shares(hits / written, hits / right, 2 * hits / (written + right))


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence.

    A row of the usual table is one integer, a bit for each token of ``one`` (Hyyrö 2004, "Bit-Parallel LCS-length
    Computation Revisited"); zeros are the places where the length grows.
    """
    places: dict[str, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << place
    every = (1 << len(one)) - 1
    row = every
    for token in other:
        hits = row & places.get(token, 0)
        row = ((row + hits) | (row - hits)) & every
    return len(one) - row.bit_count()
