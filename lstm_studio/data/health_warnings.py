"""Figures of a data set as sentences to act on."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Any

from lstm_studio.config import ClassificationData
from lstm_studio.data.health_types import Health, HealthWarning

UNBALANCED = 10.0
"""A class this many times rarer than the largest deserves a word."""
FEW_TEXTS = 50
FEW_A_CLASS = 5
CUT = 0.05
COVERED = 0.8
LONGEST = 1_000
"""Tokens; longer texts are never proposed, since a network that reads step by step takes long over them."""
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def warnings_of(
    health: Health, data: ClassificationData, found_in_texts: Sequence[HealthWarning] = ()
) -> list[HealthWarning]:
    """What to act on, the gravest first."""
    if health.used_rows == 0:
        todo = "Choose other columns, or a file with labelled texts."
        return [HealthWarning("No row has both a text and a label.", todo, severity="error")]
    found = [
        *_classes(health),
        *_validation(health, data),
        *_rows(health, data),
        *found_in_texts,
        *_tokens(health, data),
    ]
    return sorted(found, key=lambda warning: _GRAVITY[warning.severity])


def _classes(health: Health) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    add = found.append
    names = [name for name, _ in health.classes]
    sizes = [size for _, size in health.classes]
    if len(names) == 1:
        todo = "Choose another label column, or a file with two labels at least."
        add(HealthWarning(f"All rows have the same label, {names[0]}.", todo, severity="error"))
        return found
    if sizes[0] == 1 and len(names) > 20:
        add(HealthWarning("Every row has a label of its own.", "Choose another label column.", severity="error"))
        return found
    rare = [name for name, size in health.classes if size * UNBALANCED < sizes[0]]
    if rare:
        words = f"{_shown(rare)} {'is' if len(rare) == 1 else 'are'} over {UNBALANCED:.0f} times rarer than {names[0]}."
        fix = {"training.class_weights": "balanced"}
        merge = (f"merge_rare_classes:{_rare_below(health)}",) if 1 < len(rare) < len(names) - 1 else ()
        add(HealthWarning(words, "Let every class count the same, or add texts.", fix, offers=merge))
    single = [name for name, size in health.classes if size == 1]
    if single:
        words = f"{single[0]} has a single text" if len(single) == 1 else f"{len(single):,} classes have a single text"
        todo = "Add texts, or merge labels in the file."
        offers: tuple[str, ...] = ("merge_rare_classes:2",) if 1 < len(single) < len(names) else ()
        offers += ("drop_rare_classes:2",) if len(single) < len(names) - 1 else ()
        add(HealthWarning(f"{words}, which cannot be both learned and checked.", todo, offers=offers))
    elif median(sizes) < FEW_A_CLASS:
        words = f"There are {len(names):,} classes, and half of them have fewer than {FEW_A_CLASS} texts."
        add(HealthWarning(words, "Merge labels, or check that this is the label column."))
    alike = defaultdict(list)
    for name in names:
        alike[name.casefold()].append(name)
    for same in (group for group in alike.values() if len(group) > 1):
        words = f"The labels {' and '.join(same)} differ in upper and lower case only, and count as different classes."
        add(HealthWarning(words, "Write them alike in the file, or merge them.", offers=("merge_label_case",)))
        break
    return found


def _rare_below(health: Health) -> int:
    """Texts of a class from which on it is not over ``UNBALANCED`` times rarer than the largest one."""
    return max(2, math.ceil(health.classes[0][1] / UNBALANCED))


def _validation(health: Health, data: ClassificationData) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if health.unknown_labels:
        verb = "does" if len(health.unknown_labels) == 1 else "do"
        words = (
            f"{_shown(health.unknown_labels)} {verb} not occur among the training labels, but in the validation file."
        )
        todo = "Remove such rows, add some to the training file, or choose another file."
        found.append(HealthWarning(words, todo, severity="error"))
    if health.validation_rows == 0 and len(health.classes) > 1:
        if data.validation is not None:
            words, todo = "The validation file has no row with a text and a label.", "Choose another one."
        else:
            words = "There are too few rows to set some aside for validation."
            todo = "Use a file with several texts of each label."
        found.append(HealthWarning(words, todo, severity="error"))
    if health.leaked_rows:
        count = health.leaked_rows
        words = f"{count:,} validation {'text stands' if count == 1 else 'texts stand'} in the training part too"
        offers: tuple[str, ...] = ()
        if data.validation is not None:
            offers = ("drop_leaked",)
            todo = "Remove them from one of the two files: the figures are too hopeful otherwise."
        elif health.duplicate_rows and "drop_duplicates" not in data.remedies:
            todo, offers = "Drop duplicates: the figures are too hopeful otherwise.", ("drop_duplicates",)
        else:
            todo = "Correct their labels in the file: they stand there with more than one."
            offers = ("merge_conflicts", "drop_conflicts")
        words += _at(health.leaked_lines, count) + "."
        shows = health.examples.get("leaked", ())
        found.append(HealthWarning(words, todo, examples=shows, offers=offers))
    return found


def _rows(health: Health, data: ClassificationData) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if health.empty_rows:
        words = "1 row lacks" if health.empty_rows == 1 else f"{health.empty_rows:,} rows lack"
        words += f" a text or a label{_at(health.empty_lines, health.empty_rows)}."
        found.append(HealthWarning(words, "Nothing to do: such rows are left out.", severity="info"))
    if health.duplicate_rows and "drop_duplicates" not in data.remedies:
        words = "1 row repeats" if health.duplicate_rows == 1 else f"{health.duplicate_rows:,} rows repeat"
        words += f" an earlier one{_at(health.duplicate_lines, health.duplicate_rows)}."
        todo, shows = "Drop them, so that no text counts twice.", health.examples.get("duplicate", ())
        found.append(HealthWarning(words, todo, examples=shows, offers=("drop_duplicates",)))
    if health.conflicting_rows:
        count = health.conflicting_rows
        words = "1 text stands" if count == 1 else f"{count:,} texts stand"
        words += f" there with more than one label{_at(health.conflicting_lines, count)}."
        todo, shows = "Correct them in the file: nobody can learn both.", health.examples.get("conflicting", ())
        offers = ("merge_conflicts", "drop_conflicts")
        found.append(HealthWarning(words, todo, examples=shows, offers=offers))
    if health.used_rows < FEW_TEXTS:
        words = "1 text is" if health.used_rows == 1 else f"{health.used_rows} texts are"
        found.append(
            HealthWarning(f"{words} too few to learn much from.", "A few hundred for each label are a good start.")
        )
    return found


def _tokens(health: Health, data: ClassificationData) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if health.cut_fraction > CUT and data.max_length is not None:
        longer = min(health.quantiles[0.99], max(LONGEST, data.max_length))
        share = f"{100 * health.cut_fraction:.0f} %"
        words = f"{share} of the texts are longer than {data.max_length:,} tokens, and are cut."
        if longer <= data.max_length:
            todo, fix = "Split long texts in the file, if what is cut away matters.", None
        elif longer == health.quantiles[0.99]:
            todo, fix = f"Read up to {longer:,} tokens, which is enough for 99 %.", {"max_length": longer}
        else:
            todo, fix = f"Read up to {longer:,} tokens, which takes longer.", {"max_length": longer}
        found.append(HealthWarning(words, todo, fix))
    if health.coverage < COVERED and health.validation_rows:
        words = f"{100 * health.unknown_share:.0f} % of the validation tokens are not in the vocabulary."
        todo, fix = _against_unknown(health, data)
        found.append(HealthWarning(words, todo, fix))
    return found


def _against_unknown(health: Health, data: ClassificationData) -> tuple[str, dict[str, Any] | None]:
    if data.min_count > 2:
        return "Let rarer tokens have a vector of their own too.", {"min_count": 2}
    if health.vocabulary_size >= data.vocabulary_size:
        return "Allow a larger vocabulary.", {"vocabulary_size": min(1_000_000, 2 * data.vocabulary_size)}
    if not data.lowercase:
        return "Treat upper and lower case alike.", {"lowercase": True}
    if data.tokenizer == "whitespace":
        return "Split punctuation off the words.", {"tokenizer": "treebank"}
    if data.tokenizer != "character":
        return "Add texts; or read characters, of which hardly any are unknown.", {"tokenizer": "character"}
    return "Add texts.", None


def _shown(names: Sequence[str]) -> str:
    if len(names) <= 3:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{', '.join(names[:3])} and {len(names) - 3:,} more"


def _at(lines: Sequence[int], count: int) -> str:
    """Where to look: "(line 7)", "(lines 7, 9)" or "(lines 7, 9, 12, ...)"."""
    if not lines:
        return ""
    shown = ", ".join(map(str, lines[:3]))
    if count == 1:
        return f" (line {shown})"
    return f" (lines {shown}{', ...' if count > len(lines[:3]) else ''})"
