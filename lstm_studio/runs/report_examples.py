"""A few texts as a run reads them, for a report: the best and the worst of its validation part, with what mattered."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs.examples import open_part
from lstm_studio.runs.report_html import cards, escaped, given, paragraph, tinted
from lstm_studio.runs.report_results import labelled, text_line
from lstm_studio.runs.report_words import Words

if TYPE_CHECKING:
    from lstm_studio.inspection.attribution import Attribution
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.tasks.checked import CheckedRow, Checking

Kind = Literal["probe", "best", "worst"]
EACH = 3
"""Examples of a kind."""
_READ, _SECONDS = 2_000, 20.0
"""At most so many examples are read, for so long, to find the best and the worst among them."""
_TELLING = 5
"""A shorter text shows little of what a network does."""


@dataclass(frozen=True, eq=False)
class Example:
    """One text, and what the network says about it.

    Attributes:
        kind: Why it is shown.
        text: What was read.
        truth: What is right; empty where that is not known.
        said: The answer, line by line.
        sure: How sure the network was, 0..1; not a number where it does not say.
        attribution: What spoke for the answer; None where that could not be found out.
    """

    kind: Kind
    text: str
    truth: str
    said: tuple[str, ...]
    sure: float = math.nan
    attribution: Attribution | None = None


def gather(predictor: Predictor, progress: Progress = silent) -> tuple[list[Example], str]:
    """Ask a run about its probe sentence and about examples of its validation part.

    Args:
        predictor: The run.
        progress: May raise Cancelled.

    Returns:
        The examples, and why there are not more: empty, or a sentence.
    """
    found, why = [], ""
    probe = predictor.config.training.probe_text
    if probe:
        said = tuple(line.strip() for line in predictor.predict([probe])[0].lines()[1:])
        found.append(Example("probe", probe, "", said, attribution=_why(predictor, probe)))
    try:
        checking, rows = _rows(predictor, progress)
    except StudioError as error:
        return found, error.message()
    chosen: list[tuple[Kind, CheckedRow]] = [("best", row) for row in best_of(rows, checking.told)]
    places = {row.place for _, row in chosen}
    chosen += [("worst", row) for row in worst_of(rows, checking.told) if row.place not in places]
    for number, (kind, row) in enumerate(chosen, 1):
        progress(0.6 + 0.4 * number / len(chosen), f"{number:,} of {len(chosen):,} examples")
        asked = checking.ask(row.place)
        said = (row.said,) if row.said else ()
        found.append(Example(kind, row.text, row.truth, said, row.confidence, _why(predictor, **asked)))
    return found, why


def best_of(rows: Sequence[CheckedRow], told: bool) -> list[CheckedRow]:
    """Those that were answered best, of several answers where there are; longer texts before very short ones."""
    good = [row for row in rows if row.right or not told]

    def rank(row: CheckedRow) -> tuple[bool, float]:
        figure = row.confidence if told and math.isfinite(row.confidence) else -row.loss
        return row.length < _TELLING, -figure if math.isfinite(figure) else math.inf

    ranked = sorted(good, key=rank)
    if not told:
        return ranked[:EACH]
    first = list({row.said: row for row in reversed(ranked)}.values())
    first.sort(key=rank)
    others = [row for row in ranked if all(row is not one for one in first)]
    return [*first, *others][:EACH]


def worst_of(rows: Sequence[CheckedRow], told: bool) -> list[CheckedRow]:
    """Those whose truth was least expected; where answers are right or wrong, of the wrong ones."""
    bad = [row for row in rows if not (told and row.right)]
    return sorted(bad, key=lambda row: -row.loss if math.isfinite(row.loss) else math.inf)[:EACH]


def examples_html(examples: Sequence[Example], why: str, words: Words) -> str:
    """The examples as HTML."""
    titles: dict[Kind, str] = {
        "probe": words.say("The sentence that was watched"),
        "best": words.say("Answered best"),
        "worst": words.say("Answered worst"),
    }
    parts = []
    for kind, title in titles.items():
        own = [_card(example, words) for example in examples if example.kind == kind]
        if own:
            parts.append(f"<h3>{escaped(title)}</h3>{cards(own)}")
    if any(example.attribution is not None for example in examples):
        said = words.say(
            "Blue and underlined: spoke for the answer. Orange and dotted: against it. Deeper: more, within one text."
        )
        parts.insert(0, paragraph(said, "note"))
    if why:
        parts.append(paragraph(f"{words.say('Examples of the data could not be read:')} {why}", "note"))
    return "".join(parts)


def _card(example: Example, words: Words) -> str:
    found = example.attribution
    if found is not None:
        joined = sum(len(token) > 1 for token in found.tokens) * 10 < len(found.tokens)
        parts = [tinted(found.tokens, found.weights.tolist(), joined)]
    else:
        parts = [text_line(example.text)]
    sure = f" · {100 * example.sure:.0f} %" if math.isfinite(example.sure) else ""
    said = "<br>".join(given(line) for line in example.said)
    if said:
        parts.append(labelled(words.say("Answer"), said + sure))
    if example.truth:
        parts.append(labelled(words.say("In the data"), given(example.truth)))
    if found is not None and (found.label or found.word is not None):
        parts.append(f'<p class="note">{_about(found, words)}</p>')
    return "".join(parts)


def _about(found: Attribution, words: Words) -> str:
    """What the tint is about; HTML."""
    label = given(found.label, 60)
    odds = f"{found.odds:+.2f}".replace("-", "−")
    return words.say("The tint explains “{label}”, whose log-odds are {odds}.", label=label, odds=odds)


def _why(predictor: Predictor, text: str, **asked: Any) -> Attribution | None:
    try:
        return predictor.attribution(text, **asked)
    except StudioError:
        return None


def _rows(predictor: Predictor, progress: Progress) -> tuple[Checking, list[CheckedRow]]:
    """Some of the validation part, answered; the network is free for other questions between two batches."""
    part, _ = open_part(predictor.config, predictor._meta, "validation", _share(progress, 0.0, 0.3))
    with predictor._lock:
        checking = predictor.answers.checked(predictor._model, part, predictor._device)
    rows: list[CheckedRow] = []
    end = time.monotonic() + _SECONDS
    while len(rows) < _READ and time.monotonic() < end:
        with predictor._lock:
            some = next(checking.rows, None)
        if some is None:
            break
        rows += some
        progress(0.3 + 0.3 * min(1.0, len(rows) / _READ), f"{len(rows):,} examples")
    return checking, rows


def _share(progress: Progress, first: float, last: float) -> Callable[[float, str], None]:
    return lambda done, words: progress(first + (last - first) * min(max(done, 0.0), 1.0), words)
