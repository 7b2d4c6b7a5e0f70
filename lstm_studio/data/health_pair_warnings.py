"""Figures of pairs of texts as sentences to act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lstm_studio.config import TranslationData
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.errors import StudioError

FEW_PAIRS = 2_000
CUT = 0.02
LONGEST = 1_000
"""Tokens; longer texts are never proposed, since a network that reads step by step takes long over them."""
COVERED = 0.97
RARE = 0.001
"""Share of the rows below which odd ones do no harm."""
SAME = 0.5
"""Share of targets that are their source, above which there is nothing to learn."""
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Odd:
    """Rows to look at.

    Attributes:
        equal, equal_lines: Those whose target is the source.
        far, far_lines: Those whose sides differ in length by far more than is usual.
        apart: Whether the lengths of the two sides have nothing to do with each other.
    """

    equal: int = 0
    equal_lines: tuple[int, ...] = ()
    far: int = 0
    far_lines: tuple[int, ...] = ()
    apart: bool = False


def refusal(error: StudioError) -> HealthWarning:
    """Why training would refuse the data."""
    head = f"{error.where}: {error.what}" if error.where else error.what
    return HealthWarning(f"{head} {error.why}".strip(), error.todo, severity="error")


def sorted_by_gravity(warnings: Sequence[HealthWarning]) -> list[HealthWarning]:
    """The gravest first."""
    return sorted(warnings, key=lambda warning: _GRAVITY[warning.severity])


def warnings_of(health: Health, data: TranslationData, odd: Odd) -> list[HealthWarning]:
    """What to act on."""
    return [*_validation(health, data), *_oddities(health, data, odd), *_rows(health), *_tokens(health, data)]


def _validation(health: Health, data: TranslationData) -> list[HealthWarning]:
    if not health.leaked_rows:
        return []
    count = health.leaked_rows
    words = f"{count:,} validation {'source stands' if count == 1 else 'sources stand'} in the training part too"
    todo = "Remove them from one of the files: the figures are too hopeful otherwise."
    offers = ("drop_leaked",) if data.validation is not None else ()
    return [HealthWarning(f"{words}{at_lines(health.leaked_lines, count)}.", todo, offers=offers)]


def _oddities(health: Health, data: TranslationData, odd: Odd) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if odd.apart:
        words = "The lengths of the two sides have nothing to do with each other."
        found.append(HealthWarning(words, "See whether the rows belong together, or have slipped against each other."))
    if odd.equal > SAME * health.used_rows:
        words = f"In {odd.equal:,} of {health.used_rows:,} rows the target is the source: there is little to learn."
        found.append(HealthWarning(words, "Choose another target column."))
    elif odd.equal:
        words = "In 1 row the target is" if odd.equal == 1 else f"In {odd.equal:,} rows the target is"
        words += f" the source, word for word{at_lines(odd.equal_lines, odd.equal)}."
        if data.purpose == "translation":
            found.append(HealthWarning(words, "Remove them, unless they are names: they teach it to copy."))
        else:
            found.append(HealthWarning(words, "Nothing to do, if it is meant so.", severity="info"))
    if odd.far:
        words = "1 pair differs" if odd.far == 1 else f"{odd.far:,} pairs differ"
        words += f" in length by far more than is usual{at_lines(odd.far_lines, odd.far)}."
        grave = "warning" if data.purpose == "translation" and odd.far > RARE * health.used_rows else "info"
        found.append(HealthWarning(words, "See whether the sides belong together.", severity=grave))
    return found


def _rows(health: Health) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if health.empty_rows:
        words = "1 row lacks" if health.empty_rows == 1 else f"{health.empty_rows:,} rows lack"
        words += f" a source or a target{at_lines(health.empty_lines, health.empty_rows)}."
        found.append(HealthWarning(words, "Nothing to do: such rows are left out.", severity="info"))
    if health.duplicate_rows:
        words = "1 row repeats" if health.duplicate_rows == 1 else f"{health.duplicate_rows:,} rows repeat"
        words += f" an earlier one{at_lines(health.duplicate_lines, health.duplicate_rows)}."
        todo = "Remove them from the file, if they should not count twice."
        found.append(HealthWarning(words, todo, severity="info", offers=("drop_duplicates",)))
    if health.conflicting_rows:
        count = health.conflicting_rows
        words = "1 source stands" if count == 1 else f"{count:,} sources stand"
        words += f" there with more than one target{at_lines(health.conflicting_lines, count)}."
        todo = "Nothing to do: they count as several right answers, and stay together in one part."
        found.append(HealthWarning(words, todo, severity="info"))
    if health.used_rows < FEW_PAIRS:
        words = "1 pair is" if health.used_rows == 1 else f"{health.used_rows:,} pairs are"
        todo = "Some ten thousand are a good start, for short and simple sentences."
        found.append(HealthWarning(f"{words} too few to learn to write from.", todo))
    return found


def _tokens(health: Health, data: TranslationData) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    share = health.cut_fraction
    if share > CUT and data.max_length is not None:
        longer = min(health.quantiles[0.99], max(LONGEST, data.max_length))
        words = f"{percent(share)} of the sources are longer than {data.max_length:,} tokens, and are cut."
        found.append(HealthWarning(words, *_longer("max_length", longer, data.max_length, health.quantiles[0.99])))
    share, most = health.target_cut, data.max_target_length
    if share == 1.0 and health.used_rows and most is not None:
        covers = {"max_target_length": health.target_quantiles[0.99]}
        words = f"All targets are longer than {most:,} tokens."
        found.append(HealthWarning(words, "Allow longer targets.", covers, "error"))
    elif share > 0 and most is not None:
        words = f"{percent(share)} of the targets are longer than {most:,} tokens; such pairs are not learned from."
        if share > CUT:
            longer = min(health.target_quantiles[0.99], max(LONGEST, most))
            todo, fix = _longer("max_target_length", longer, most, health.target_quantiles[0.99])
            found.append(HealthWarning(words, todo, fix))
        else:
            found.append(HealthWarning(words, "Nothing to do: they are few.", severity="info"))
    if health.coverage < COVERED and health.validation_rows:
        words = f"{percent(health.unknown_share)} of the validation tokens are not in the vocabulary."
        found.append(HealthWarning(words, *_against_unknown(health, data)))
    return found


def _longer(name: str, longer: int, now: int, covers: int) -> tuple[str, dict[str, Any] | None]:
    if longer <= now:
        return "Split long texts in the file, if what they lose matters.", None
    if longer == covers:
        return f"Allow up to {longer:,} tokens, which is enough for 99 %.", {name: longer}
    return f"Allow up to {longer:,} tokens, which takes longer.", {name: longer}


def _against_unknown(health: Health, data: TranslationData) -> tuple[str, dict[str, Any] | None]:
    words = {f"{side}_units": "bpe" for side in ("source", "target") if getattr(data, f"{side}_units") == "word"}
    if words:
        return "Read and write pieces of words, of which hardly any are unknown.", words
    if max(health.vocabulary_size, health.outputs) >= data.vocabulary_size:
        return "Allow a larger vocabulary.", {"vocabulary_size": min(1_000_000, 2 * data.vocabulary_size)}
    if data.min_count > 1:
        return "Let rarer tokens have a vector of their own too.", {"min_count": 1}
    return "Add texts.", None


def percent(share: float) -> str:
    """A share in words: 12 %, 1.5 %, Under 0.1 %."""
    return f"{100 * share:.{0 if share >= 0.02 else 1}f} %" if share >= 0.001 else "Under 0.1 %"


def at_lines(lines: Sequence[int], count: int) -> str:
    """Where to look: "(line 7)", "(lines 7, 9)" or "(lines 7, 9, 12, ...)"."""
    if not lines:
        return ""
    shown = ", ".join(map(str, lines[:3]))
    if count == 1:
        return f" (line {shown})"
    return f" (lines {shown}{', ...' if count > len(lines[:3]) else ''})"
