"""Figures of running text as sentences to act on."""

from __future__ import annotations

from typing import Any

from lstm_studio.config import GenerationData, TrainingConfig
from lstm_studio.data.health_pair_warnings import at_lines, percent
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.text_oddities import Found, Oddities, scripts_apart

FEW_TOKENS = 20_000
UNKNOWN_SHARE = 0.05
SURE = 50
"""Validation tokens below which nothing can be said of them."""
CUT_OFF = 0.002
"""Share of the validation characters that are unknown from which on a vocabulary of characters is too small."""
FEW_LEAKED = 0.05
"""Share of the validation documents below which it is no matter that they stand in the training part too."""
REPEATED, LEAKED = 0.3, 0.1
LONG_LINE = 20_000
SECOND_SCRIPT = 0.05
_STEP = TrainingConfig().batch_size * TrainingConfig().steps
"""Tokens of a usual training step."""
_SCRIPTS = {
    "LATIN": "Latin",
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "HANGUL": "Korean",
    "CYRILLIC": "Cyrillic",
    "GREEK": "Greek",
    "ARABIC": "Arabic",
    "HEBREW": "Hebrew",
    "DEVANAGARI": "Devanagari",
    "THAI": "Thai",
}


def warnings_of(health: Health, data: GenerationData, odd: Oddities) -> list[HealthWarning]:
    """What to act on."""
    return [
        *_characters(odd),
        *_amount(health, data),
        *_again(health, data, odd),
        *_vocabulary(health, data, odd),
        *_lines(health, odd),
    ]


def _characters(odd: Oddities) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    for note in (note for note in odd.notes if note.severity == "warning"):
        lost = "are shown as" in note.text or "were read as" in note.text
        todo = "Choose another encoding, if letters look wrong." if lost else "See whether the file is damaged."
        found.append(HealthWarning(note.text, todo))
    if odd.misread.count:
        words = f"Letters look as if the file had been read in another encoding: {odd.misread.names[0]}"
        found.append(
            HealthWarning(
                f"{words}{_at(odd.misread)}.", "Choose another encoding, or mend the file.", offers=("fix_mojibake",)
            )
        )
    if odd.lost.count:
        words = "1 character was" if odd.lost.count == 1 else f"{odd.lost.count:,} characters were"
        words += f" lost before and stand as \ufffd{_at(odd.lost)}."
        todo = "Choose another encoding, or take the text from where it is whole."
        offers = ("drop_damaged",) if odd.documents > 1 else ()
        found.append(HealthWarning(words, todo, offers=offers))
    if odd.control.count:
        words = "1 character" if odd.control.count == 1 else f"{odd.control.count:,} characters"
        words += f" cannot be seen, such as {odd.control.names[0]}{_at(odd.control)}."
        todo = "Remove them from the file: the network learns to write them too."
        found.append(HealthWarning(words, todo, offers=("strip_invisible",)))
    return found


def _amount(health: Health, data: GenerationData) -> list[HealthWarning]:
    if not health.train_rows or health.train_rows >= FEW_TOKENS:
        return []
    count = "1 token" if health.train_rows == 1 else f"{health.train_rows:,} tokens"
    fix: dict[str, Any] | None = None
    if health.train_rows < _STEP:
        words = f"It has {count} to learn from, fewer than a single step reads."
        todo = "Add text: some hundred thousand tokens are a good start."
    else:
        words = f"With {count} to learn from it will soon know the text by heart."
        todo = "Add text, stop early or use more dropout; some hundred thousand tokens are a good start."
    if data.units != "character":
        todo, fix = "Add text; or learn characters, of which it has more.", {"units": "character"}
    return [HealthWarning(words, todo, fix)]


def _again(health: Health, data: GenerationData, odd: Oddities) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if health.leaked_rows:
        count = health.leaked_rows
        words = f"{count:,} validation {'text stands' if count == 1 else 'texts stand'} in the training part too"
        words += f"{at_lines(health.leaked_lines, count)}."
        grave = "info" if count < FEW_LEAKED * odd.held else "warning"
        todo = "Remove them from one of the two parts: the figures are too hopeful otherwise."
        found.append(HealthWarning(words, todo, severity=grave))
    elif odd.leaked >= LEAKED:
        words = f"About {percent(odd.leaked)} of the validation text stand word for word in the training text."
        todo = "Remove what is repeated: the figures are too hopeful otherwise."
        found.append(HealthWarning(words, todo))
    if health.duplicate_rows:
        words = "1 text repeats" if health.duplicate_rows == 1 else f"{health.duplicate_rows:,} texts repeat"
        words += f" an earlier one{at_lines(health.duplicate_lines, health.duplicate_rows)}."
        todo = "Remove them from the file, if they should not count twice."
        found.append(HealthWarning(words, todo, severity="info", offers=("drop_duplicates",)))
    if odd.repeated >= REPEATED:
        words = f"About {percent(odd.repeated)} of the text stand there more than once."
        found.append(HealthWarning(words, "Remove what is repeated: the network learns to copy it."))
    return found


def _vocabulary(health: Health, data: GenerationData, odd: Oddities) -> list[HealthWarning]:
    share = health.unknown_share
    full = health.vocabulary_size >= data.vocabulary_size
    larger = {"vocabulary_size": min(1_000_000, 2 * data.vocabulary_size)}
    if data.units == "word" and odd.unknown >= CUT_OFF:
        words = f"{percent(odd.unknown)} of its words are <unk> in the file already, in place of rare ones."
        todo = "Nothing to do: the network learns where they stand, and can be kept from writing them."
        known = [HealthWarning(words, todo, severity="info")]
    else:
        known = []
    if data.units == "character" and full and share >= CUT_OFF and health.validation_rows >= SURE:
        words = f"Only the {health.vocabulary_size:,} most frequent characters are kept; {percent(share)} of the "
        return [*known, HealthWarning(f"{words}validation text are others.", "Allow a larger vocabulary.", larger)]
    if share - odd.unknown <= UNKNOWN_SHARE or health.validation_rows < SURE:
        return known
    words = f"{percent(share)} of the validation tokens are not in the vocabulary."
    fix: dict[str, Any] | None
    if data.units == "word" and odd.spaceless:
        todo, fix = "Learn characters: the text is written without spaces between words.", {"units": "character"}
    elif data.units == "word":
        todo, fix = "Learn pieces of words, of which hardly any are unknown.", {"units": "bpe"}
    elif full:
        todo, fix = "Allow a larger vocabulary.", larger
    elif data.min_count > 1:
        todo, fix = "Let rarer tokens have a vector of their own too.", {"min_count": 1}
    else:
        todo, fix = "See whether the validation text is written like the training text.", None
    return [*known, HealthWarning(words, todo, fix)]


def _lines(health: Health, odd: Oddities) -> list[HealthWarning]:
    found: list[HealthWarning] = []
    if health.empty_rows:
        words = "1 row has" if health.empty_rows == 1 else f"{health.empty_rows:,} rows have"
        words += f" no text{at_lines(health.empty_lines, health.empty_rows)}."
        found.append(HealthWarning(words, "Nothing to do: such rows are left out.", severity="info"))
    if odd.longest > LONG_LINE:
        where = f" ({odd.longest_place})" if odd.longest_place else ""
        words = f"One line has {odd.longest:,} characters{where}."
        todo = "If its line ends were lost, save the file anew: they are learned too."
        found.append(HealthWarning(words, todo, severity="info"))
    scripts = scripts_apart(odd.scripts, SECOND_SCRIPT)
    if len(scripts) > 1:
        names = [_SCRIPTS.get(name, name.capitalize()) for name in scripts[:2]]
        words = f"The text mixes {names[0]} and {names[1]} letters."
        todo = "Nothing to do, if it is meant so; it needs more text to learn both."
        found.append(HealthWarning(words, todo, severity="info"))
    return found


def _at(found: Found) -> str:
    where = "" if not found.place else found.place if found.count == 1 else f"first in {found.place}"
    return f" ({where})" if where else ""
