"""What is to be said of a text that a language model wrote, in one part or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.widgets.probability_bars import percent
from lstm_studio.gui.widgets.token_axis import quoted
from lstm_studio.tasks.continued import Continuation

_NAMED = 8
"""Unknown tokens that are named."""
_LEAST = 1e-300


def joined(parts: Sequence[Continuation]) -> Continuation:
    """Parts that were written one behind the other as one; what was copied is a matter of each."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return first
    return replace(
        first,
        output=tuple(token for part in parts for token in part.output),
        probabilities=tuple(value for part in parts for value in part.probabilities),
        drawn=tuple(value for part in parts for value in part.drawn),
        written=last.whole[len(first.text) :],
        ended=last.ended,
        copied=None,
    )


def sureness(probabilities: Sequence[float]) -> float:
    """The geometric mean; 1 of none."""
    if not probabilities:
        return 1.0
    return math.exp(sum(math.log(max(value, _LEAST)) for value in probabilities) / len(probabilities))


def perplexity(probabilities: Sequence[float]) -> float:
    """Among how many equally likely tokens the network might as well have chosen."""
    return 1 / max(sureness(probabilities), _LEAST)


def copied_words(parts: Sequence[Continuation]) -> str:
    """A warning where more was copied than is usual, else nothing."""
    found = [part.copied for part in parts if part.copied is not None and part.copied.long]
    if not found:
        return ""
    most = max(found, key=lambda copied: copied.length)
    return ntr(
        "{n} token in a row stands in the training text word for word (dashed). Of text that nobody copied, {usual} "
        "would be much: the network may be reciting.",
        "{n} tokens in a row stand in the training text word for word (dashed). Of text that nobody copied, {usual} "
        "would be much: the network may be reciting.",
        most.length,
        usual=f"{most.usual:,}",
    )


def notes(found: Continuation, parts: Sequence[Continuation]) -> list[str]:
    """How it ended, how sure it was, what it did not know, what it copied."""
    return [words for words in (_ended(found), _sure(found), _unknown(found), _copied(parts)) if words]


def _ended(found: Continuation) -> str:
    count = len(found.output)
    if found.ended == "stop" and not count:
        return ""
    if found.ended == "stop":
        return ntr("Came to its end after {n} token.", "Came to its end after {n} tokens.", count)
    if found.ended == "halted":
        return ntr("Stopped after {n} token.", "Stopped after {n} tokens.", count)
    return ntr("Ended at its longest, after {n} token.", "Ended at its longest, after {n} tokens.", count)


def _sure(found: Continuation) -> str:
    if not found.probabilities:
        return ""
    value = perplexity(found.probabilities)
    return tr(
        "{percent} sure of a token on average (perplexity {perplexity}); the stronger the tint, the surer.",
        percent=percent(sureness(found.probabilities)),
        perplexity=f"{value:,.1f}" if value < 100 else f"{value:,.0f}" if value < 1e6 else f"{value:.0e}",
    )


def _unknown(found: Continuation) -> str:
    strange = dict.fromkeys(token for token, unknown in zip(found.tokens, found.unknown, strict=True) if unknown)
    if not strange:
        return ""
    named = [quoted(token) for token in strange][:_NAMED]
    return ntr(
        "{n} token of the beginning is unknown to this network: {tokens}.",
        "{n} tokens of the beginning are unknown to this network: {tokens}.",
        sum(found.unknown),
        tokens=", ".join(named) + (", …" if len(strange) > len(named) else ""),
    )


def _copied(parts: Sequence[Continuation]) -> str:
    if not any(part.output for part in parts):
        return ""
    known = [part.copied for part in parts if part.copied is not None]
    if len(known) < len(parts):
        return tr("The training text is not there to compare with; whether anything was copied cannot be told.")
    most = max(known, key=lambda copied: copied.length)
    if most.long or not most.length:
        return ""
    return ntr(
        "{n} token in a row also stands in the training text, which is usual.",
        "At most {n} tokens in a row also stand in the training text, which is usual.",
        most.length,
    )
