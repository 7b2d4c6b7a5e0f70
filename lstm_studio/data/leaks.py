"""Tokens that give a label away: what stands in nearly all texts of one label and in hardly any other.

Such a token is often an artefact of how the data were gathered, and missing where the network is to be used (Kaufman,
Rosset, Perlich and Stitelman 2012, "Leakage in data mining"; Gardner et al. 2021, "Competency problems").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm_studio.data.counted import CountedTokens

SHARE = 0.98
"""Share of the rows with a token that have one label."""
EXPLAINED, ODD_EXPLAINED = 0.5, 0.2
"""Share of what is to be known of a label that a token tells (Theil's U): of a word, which may well mean much; and of
what is no word, such as an address or a mark, or the label's own name."""
FEWEST = 20
"""Rows with a token below which nothing is said of it."""
MOST = 3


@dataclass(frozen=True)
class Leak:
    """``rows`` texts hold ``token``; ``share`` of them have ``label``, of which it tells ``explained`` (0..1)."""

    token: str
    label: str
    rows: int
    share: float
    explained: float
    places: np.ndarray


def leaks(tokens: CountedTokens, labels: Sequence[str]) -> list[Leak]:
    """The tokens that give most away, at most three, the most telling first.

    Args:
        tokens: Of N texts.
        labels: Of each text.
    """
    names = sorted(set(labels))
    count = len(labels)
    if len(names) < 2 or count < 4 * FEWEST:
        return []
    numbers = {name: number for number, name in enumerate(names)}
    label = np.fromiter((numbers[name] for name in labels), np.int64, count)
    row = np.repeat(np.arange(count), tokens.lengths())
    pairs = np.unique(row * np.int64(len(tokens.names)) + tokens.ids)  # a token counts once in a text
    row, token = pairs // len(tokens.names), pairs % len(tokens.names)
    rows = np.bincount(token, minlength=len(tokens.names))
    often = np.flatnonzero(rows >= FEWEST)
    place = np.full(len(tokens.names), -1)
    place[often] = np.arange(len(often))
    frequent = place[token] >= 0
    table = np.bincount(place[token[frequent]] * len(names) + label[row[frequent]], minlength=len(often) * len(names))
    table = table.reshape(len(often), len(names))
    best = table.argmax(1)
    hits, own = table.max(1), rows[often]
    sizes = np.bincount(label, minlength=len(names))[best]
    explained = theils_u(hits, own, sizes, count)
    found: list[Leak] = []
    for number in np.argsort(-explained, kind="stable").tolist():
        share = float(hits[number] / own[number])
        name, said = tokens.names[int(often[number])], names[int(best[number])]
        enough = ODD_EXPLAINED if _odd(name) or name.casefold() == said.casefold() else EXPLAINED
        if explained[number] < ODD_EXPLAINED or len(found) == MOST:
            break
        if share >= SHARE and explained[number] >= enough:
            places = row[token == often[number]]
            found.append(Leak(name, said, int(own[number]), share, float(explained[number]), places))
    return found


def theils_u(hits: np.ndarray, rows: np.ndarray, sizes: np.ndarray, count: int) -> np.ndarray:
    """Mutual information of "holds the token" and "has the label", by the entropy of the latter: 0..1 each.

    Args:
        hits: Texts with both.
        rows: Texts with the token.
        sizes: Texts with the label.
        count: All texts.
    """
    known = np.zeros(len(hits))
    for both, one, other in (
        (hits, rows, sizes),
        (rows - hits, rows, count - sizes),
        (sizes - hits, count - rows, sizes),
        (count - rows - sizes + hits, count - rows, count - sizes),
    ):
        with np.errstate(divide="ignore", invalid="ignore"):
            known += np.where(both > 0, both / count * np.log(both * float(count) / (one * other.astype(float))), 0.0)
    share = sizes / count
    entropy = -(share * np.log(share) + (1 - share) * np.log1p(-share))
    result: np.ndarray = known / entropy
    return result


def _odd(token: str) -> bool:
    """Whether it is no word."""
    return len(token) > 1 and not token.replace("'", "").replace("-", "").isalpha()
