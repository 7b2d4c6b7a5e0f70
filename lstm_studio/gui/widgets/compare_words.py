"""In words: how the answers of two networks to one text differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.inspect_text import escaped
from lstm_studio.gui.widgets.text_diff import differences
from lstm_studio.gui.widgets.token_axis import quoted, visible_token

if TYPE_CHECKING:
    from lstm_studio.inspection.trace import TextTrace

_NAMED = 8
_LONGEST = 1_000


def difference_words(one: TextTrace, other: TextTrace) -> str:
    """One sentence; empty where there is nothing that can be compared."""
    if one.probabilities is not None and other.probabilities is not None:
        return _of_classes(one, other)
    if one.classes and other.classes and one.meaning == other.meaning == "token":
        return _of_words(one, other)
    if one.output and other.output:
        same = one.verdict.split() == other.verdict.split()
        return tr("Both write the same.") if same else tr("Underlined: what the other one does not write there.")
    return ""


def _of_classes(one: TextTrace, other: TextTrace) -> str:
    assert one.probabilities is not None
    assert other.probabilities is not None
    shares = {name: float(share) for name, share in zip(other.classes, other.probabilities, strict=True)}
    pairs = [
        (name, float(share), shares[name])
        for name, share in zip(one.classes, one.probabilities, strict=True)
        if name in shares
    ]
    if not pairs:
        return tr("The two networks know no common class.")
    name, first, second = max(pairs, key=lambda pair: abs(pair[2] - pair[1]))
    points = f"{100 * (second - first):+.1f}".replace("-", "−")
    words = tr(
        "They differ most about {name}: A gives it {a} %, B {b} %, a difference of {points} points.",
        name=visible_token(name),
        a=f"{100 * first:.1f}",
        b=f"{100 * second:.1f}",
        points=points,
    )
    own, others = one.classes[int(one.probabilities.argmax())], other.classes[int(other.probabilities.argmax())]
    return f"{tr('Same answer.') if own == others else tr('Different answers.')} {words}"


def _of_words(one: TextTrace, other: TextTrace) -> str:
    if one.tokens != other.tokens or not len(one.prefix_probabilities) or not len(other.prefix_probabilities):
        return tr("The two networks cut the text differently.")
    first = [one.classes[place] for place in np.argmax(one.prefix_probabilities, 1)]
    second = [other.classes[place] for place in np.argmax(other.prefix_probabilities, 1)]
    named = [
        f"“{quoted(token)}” {visible_token(own)} | {visible_token(others)}"
        for token, own, others in zip(one.tokens, first, second, strict=True)
        if own != others
    ]
    if not named:
        return tr("Both hold the same type likeliest for every word.")
    words = ntr("{n} word is read differently:", "{n} words are read differently:", len(named))
    return f"{words} {' · '.join(named[:_NAMED])}{' …' if len(named) > _NAMED else ''}"


def marked_difference(own: str, other: str) -> str:
    """A text as rich text, underlined where the other one has something else."""
    own, other = own[:_LONGEST], other[:_LONGEST]
    if not own.strip():
        return escaped(tr("Nothing was written"))
    here, _ = differences(own, other)
    color, parts, at = theme().hex("accent"), [], 0
    for start, end in here:
        parts.append(escaped(own[at:start]))
        parts.append(f'<span style="color:{color};text-decoration:underline">{escaped(own[start:end])}</span>')
        at = end
    parts.append(escaped(own[at:]))
    return "".join(parts)
