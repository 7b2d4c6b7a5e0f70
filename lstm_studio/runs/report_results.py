"""What a run got right and wrong, as parts of a report: figures, confusions, classes, the worst examples."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lstm_studio.data.figures import figure, shown
from lstm_studio.runs.report_curves import bars
from lstm_studio.runs.report_html import cards, escaped, figure_box, given, paragraph, shaded, table, tinted
from lstm_studio.runs.report_words import Words
from lstm_studio.runs.results import Mistake, PartResults, Results, TextsResults, WrittenResults
from lstm_studio.runs.results_texts import running

_WORST = 12
_CLASSES = 24
"""Larger tables of confusions show their most frequent classes."""
_WIDE = 7
"""With more classes the names above the columns stand upright."""
_PER_CLASS = 100
_FEW = 5


def results_part(part: Results, words: Words) -> str:
    """Everything that is known of one part of the data, as HTML."""
    inside = [_figures(part, words)]
    if isinstance(part, PartResults):
        inside += [_confusion(part, words), _classes(part, words), _mistakes(part, words)]
    elif isinstance(part, WrittenResults):
        inside += [_lengths(part, words), _written(part, words)]
    elif isinstance(part, TextsResults):
        inside += [_bands(part, words), _costly(part, words), _passages(part, words)]
    return "".join(inside)


def title_of(name: str, words: Words) -> str:
    """A figure's title that needs no explanation beside it."""
    known = figure(name)
    return words.say(known.full or known.title)


def _figures(part: Results, words: Words) -> str:
    rows = []
    order = [*part.usual, *part.metrics]
    for name in dict.fromkeys(name for name in order if name in part.metrics):
        ends = part.ranges.get(name)
        sure = " – ".join(shown(name, end) for end in ends) if ends else ""
        rows.append((title_of(name, words), shown(name, part.metrics[name]), sure))
    ranges = any(row[2] for row in rows)
    head = (words.say("Figure"), words.say("Value"), words.say("95 of 100 samples"))
    return table(head if ranges else head[:2], [row if ranges else row[:2] for row in rows], figures=2 if ranges else 1)


# -- classes ----------------------------------------------------------------------------------------------------------


def _confusion(part: PartResults, words: Words) -> str:
    count = len(part.classes)
    if count < 2 or not part.confusion.any():
        return ""
    kept = np.arange(count)
    if count > _CLASSES:
        kept = np.sort(np.argsort(-(part.confusion.sum(0) + part.confusion.sum(1)), kind="stable")[:_CLASSES])
    counts = part.confusion[np.ix_(kept, kept)]
    nothing = words.say("(nothing)")
    names = [given(part.classes[place] or nothing, 40) for place in kept.tolist()]
    sums = part.confusion[kept].sum(1)
    rows = []
    for row, name in enumerate(names):
        cells = [
            shaded(counts[row, column] / max(1, sums[row]), f"{counts[row, column]:,}" if counts[row, column] else "·",
                   row == column)
            for column in range(len(names))
        ]  # fmt: skip
        rows.append([name, *cells])
    said = words.say("Rows: in the data. Columns: as the network read it. Deeper: a larger share of the row.")
    if count > _CLASSES:
        said += " " + words.say("The {n} most frequent of {all} classes.", n=_CLASSES, all=count)
    look = "confusion many" if len(names) > _WIDE else "confusion"
    return _heading(words.say("What was read as what")) + table(["", *names], rows, kind=look) + _note(said)


def _classes(part: PartResults, words: Words) -> str:
    if not part.per_class:
        return ""
    ranked = sorted(part.per_class.items(), key=lambda pair: -pair[1].support)
    rows = [
        (given(name, 60), *(shown("f1", share) for share in (own.precision, own.recall, own.f1)), f"{own.support:,}")
        for name, own in ranked[:_PER_CLASS]
    ]
    head = [words.say(title) for title in ("Class", "Precision", "Recall", "F1", "In the data")]
    more = _note(words.count("{n} more", "{n} more", len(ranked) - _PER_CLASS)) if len(ranked) > _PER_CLASS else ""
    return _heading(words.say("Classes")) + table(head, rows, figures=4) + more


def _mistakes(part: PartResults, words: Words) -> str:
    if part.worst is None:
        return ""
    if not part.worst:
        return _heading(words.say("The worst first")) + _note(words.say("Nothing here was read wrongly."))
    glue = " " if part.spaced or part.nothing is None else ""
    return _heading(words.say("The worst first")) + cards([_mistake(one, glue, words) for one in part.worst[:_WORST]])


def _mistake(one: Mistake, glue: str, words: Words) -> str:
    truth, said = words.say("In the data"), words.say("Read as")
    if one.probability is not None:
        sure = f"{given(one.read, 60)} · {100 * one.probability:.0f} %"
        return text_line(glue.join(one.words)) + labelled(truth, given(one.label, 60)) + labelled(said, sure)
    shown_words = [f"[{word}]" if place == one.predicate else word for place, word in enumerate(one.words)]

    def named(marks: Sequence[tuple[int, int, str]]) -> str:
        found = [f"{given(kind, 40)}: {given(glue.join(one.words[start:end]), 120)}" for start, end, kind in marks[:20]]
        return " · ".join(found) or "–"

    return text_line(glue.join(shown_words)) + labelled(truth, named(one.truth)) + labelled(said, named(one.predicted))


# -- texts that were written ------------------------------------------------------------------------------------------


def _written(part: WrittenResults, words: Words) -> str:
    notes = []
    if part.baseline is not None:
        title, figures = part.baseline
        reached = ", ".join(f"{title_of(name, words)} {shown(name, figures[name])}" for name in figures)
        notes.append(f"{words.say(title)}: {reached}")
    notes += [f"{title_of(name, words)}: {how}" for name, how in (part.signature or {}).items()]
    found = "".join(_note(line) for line in notes)
    if not part.worst:
        return found
    shown_ones = []
    for one in part.worst[:_WORST]:
        right = " / ".join(given(text) for text in one.references[:4]) or "–"
        wrote = given(one.written) if one.written else words.say("Nothing was written")
        shown_ones.append(
            text_line(one.source)
            + labelled(words.say("In the data"), right)
            + labelled(words.say("Written"), f"{wrote} · chrF {shown('chrf', one.score)}")
        )
    return found + _heading(words.say("The worst first")) + cards(shown_ones)


def _lengths(part: WrittenResults, words: Words) -> str:
    own = part.lengths
    if own is None:
        return ""
    names = [
        f"{low:,.0f}" if high - 1 <= low else f"{low:,.0f}–{high - 1:,.0f}"
        for low, high in zip(own.edges[:-1], own.edges[1:], strict=True)
    ]
    title = words.say("chrF by length of the source")
    picture = bars(title, own.scores, names, [n < _FEW for n in own.counts], lambda value: f"{value:.0f}")
    said = words.say("chrF of texts by the tokens of their source; pale where there are few.")
    return _heading(title) + f'<div class="grid">{figure_box(picture, said)}</div>' if picture else ""


# -- running text -----------------------------------------------------------------------------------------------------


def _bands(part: TextsResults, words: Words) -> str:
    if not part.bands:
        return ""
    title = words.say("Loss by how frequent a token is")
    names = [f"≤ {band.last:,}" for band in part.bands]
    losses = [band.loss for band in part.bands]
    picture = bars(title, losses, names, [band.tokens < 30 for band in part.bands], lambda value: f"{value:.2f}")
    said = words.say("Mean loss of tokens by their rank of frequency, the most frequent on the left.")
    return _heading(title) + f'<div class="grid">{figure_box(picture, said)}</div>' if picture else ""


def _costly(part: TextsResults, words: Words) -> str:
    if not part.costly:
        return ""
    rows = []
    for one in part.costly[:_WORST]:
        share = part.share(one)
        whole = f"{100 * share:.1f} %" if math.isfinite(share) else "–"
        rows.append((given(one.token, 40), f"{one.count:,}", shown("loss", one.loss), whole))
    head = [words.say(title) for title in ("Token", "Count", "Loss", "Of the whole loss")]
    return _heading(words.say("Tokens that cost most")) + table(head, rows, figures=3)


def _passages(part: TextsResults, words: Words) -> str:
    hard = [one for one in part.passages if one.hard][:4]
    if not hard:
        return ""
    found = [
        tinted([running([token], part.units) or token for token in one.tokens], [-loss for loss in one.losses],
               joined=part.units == "character")
        + _note(f"{words.say('Perplexity')} {shown('perplexity', one.perplexity)}")
        for one in hard
    ]  # fmt: skip
    said = words.say("The hardest passages; deeper: the token was less expected.")
    return _heading(words.say("The hardest passages")) + _note(said) + cards(found)


# -- small parts ------------------------------------------------------------------------------------------------------


def labelled(name: str, inside: str) -> str:
    """A line of HTML with its name before it."""
    return f'<p><span class="label">{name}</span> {inside}</p>'


def text_line(text: str) -> str:
    """A text as somebody wrote it."""
    return f"<p>{given(text)}</p>"


def _heading(title: str) -> str:
    return f"<h3>{escaped(title)}</h3>"


def _note(text: str) -> str:
    return paragraph(text, "note")
