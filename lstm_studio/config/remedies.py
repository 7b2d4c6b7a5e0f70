"""Remedies: small declared operations that mend the rows of a run each time they are read; the file is never changed.

In [data] each is a word, with its argument behind a colon where it takes one: ``remedies = ["fix_mojibake",
"drop_short:3"]``. What they do is in ``data.remedies``.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

_ALL = ("classification", "tagging", "translation", "generation")
_READ = ("classification", "tagging", "translation")
_Count = Annotated[int, Field(ge=1, le=1_000_000)]
_Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S+$")]
_Script = Literal["latin", "cjk", "hiragana", "hangul", "cyrillic", "greek", "arabic", "hebrew", "devanagari", "thai"]


@dataclass(frozen=True)
class Remedy:
    """An operation.

    Attributes:
        name: As it stands in the configuration.
        title: Two to four words.
        help: One sentence.
        told: What is said of ``{n}`` things of a run that it changed.
        tasks: Those that know it.
        argument: A type that pydantic checks; None where it takes none.
        wanted: What the argument must be, in words.
        rewrites: Whether it changes texts; then texts that the network is asked about later are changed alike.
    """

    name: str
    title: str
    help: str
    told: tuple[str, str]
    tasks: tuple[str, ...] = _ALL
    argument: Any = None
    wanted: str = ""
    rewrites: bool = False


def _dropped(one: str, many: str) -> tuple[str, str]:
    return f"1 row was dropped: {one}.", f"{{n}} rows were dropped: {many}."


REMEDIES: dict[str, Remedy] = {
    remedy.name: remedy
    for remedy in (
        Remedy(
            "fix_mojibake",
            "Mend garbled letters",
            "Letters that were read in the wrong encoding, such as Ã©, become what they were: é.",
            ("In 1 row garbled letters were mended.", "In {n} rows garbled letters were mended."),
            rewrites=True,
        ),
        Remedy(
            "strip_html",
            "Take markup out",
            "HTML tags are taken out, and entities such as &amp; become the characters that they stand for.",
            ("From 1 row HTML markup was taken out.", "From {n} rows HTML markup was taken out."),
            ("classification", "translation", "generation"),
            rewrites=True,
        ),
        Remedy(
            "strip_invisible",
            "Take out what cannot be seen",
            "Control characters and marks without width are taken out.",
            ("From 1 row invisible characters were taken out.", "From {n} rows invisible characters were taken out."),
            rewrites=True,
        ),
        Remedy(
            "remove_token",
            "Take a token out",
            "Every place of this token is taken out of the texts, in upper and lower case.",
            ("From 1 row a token was taken out.", "From {n} rows a token was taken out."),
            ("classification",),
            _Token,
            "the token, without spaces",
            rewrites=True,
        ),
        Remedy(
            "drop_damaged",
            "Drop damaged rows",
            "Rows in which characters are lost for good, and stand as \ufffd or 锟斤拷, are left out.",
            _dropped("characters in it are lost", "characters in them are lost"),
        ),
        Remedy(
            "drop_short",
            "Drop very short rows",
            "Rows whose text has fewer characters than this are left out.",
            _dropped("its text is too short", "their text is too short"),
            ("classification", "translation"),
            _Count,
            "a whole number of characters, at least 1",
        ),
        Remedy(
            "drop_long",
            "Drop very long rows",
            "Rows whose text has more characters than this are left out.",
            _dropped("its text is too long", "their text is too long"),
            ("classification", "translation"),
            _Count,
            "a whole number of characters, at least 1",
        ),
        Remedy(
            "keep_script",
            "Keep one alphabet",
            "Rows that are mostly written in another alphabet are left out.",
            _dropped("it is written in another alphabet", "they are written in another alphabet"),
            ("classification", "translation"),
            _Script,
            "latin, cjk, hiragana, hangul, cyrillic, greek, arabic, hebrew, devanagari or thai",
        ),
        Remedy(
            "merge_label_case",
            "Merge labels alike",
            "Labels that differ in upper and lower case only become the most frequent one of them.",
            ("1 row got the label that differs in case only.", "{n} rows got the label that differs in case only."),
            ("classification",),
        ),
        Remedy(
            "merge_conflicts",
            "Keep the most frequent label",
            "A text with several labels keeps the one that most of its rows have; where none has most, it is left out.",
            ("1 row of a text with several labels was mended.", "{n} rows of texts with several labels were mended."),
            ("classification",),
        ),
        Remedy(
            "drop_conflicts",
            "Drop contradictions",
            "All rows of a text that stands there with different answers are left out.",
            _dropped("the same text has different answers", "the same text has different answers"),
            ("classification", "tagging"),
        ),
        Remedy(
            "drop_duplicates",
            "Drop duplicates",
            "Only the first of several rows with the same text and the same answer is kept.",
            ("One duplicate row was dropped.", "{n} duplicate rows were dropped."),
        ),
        Remedy(
            "drop_leaked",
            "Drop texts of other parts",
            "Training rows whose text stands in the validation or test file too are left out.",
            _dropped(
                "its text stands in the validation or test file", "their texts stand in the validation or test file"
            ),
            _READ,
        ),
        Remedy(
            "drop_near_duplicates",
            "Drop near-duplicates",
            "Of texts that differ in a few characters only the first is kept, and none that is nearly a text of the "
            "validation or test file.",
            _dropped("it nearly repeats another text", "they nearly repeat another text"),
        ),
        Remedy(
            "merge_rare_classes",
            "Merge rare classes",
            'Classes with fewer texts than this become one, called "other".',
            ('1 row of a rare class got the label "other".', '{n} rows of rare classes got the label "other".'),
            ("classification",),
            _Count,
            "a whole number of texts, at least 1",
        ),
        Remedy(
            "drop_rare_classes",
            "Drop rare classes",
            "Classes with fewer texts than this are left out.",
            _dropped("its class is rare", "their class is rare"),
            ("classification",),
            _Count,
            "a whole number of texts, at least 1",
        ),
    )
}
"""All remedies, in the order in which they are applied, whatever the order in which they were chosen."""
_ORDER = {name: number for number, name in enumerate(REMEDIES)}


def parted(text: str) -> tuple[Remedy, Any]:
    """A word of the configuration as its remedy and the argument, None where it takes none.

    Raises:
        ValueError: there is no such remedy, or its argument is wrong; says what it must be.
    """
    name, colon, given = text.partition(":")
    remedy = REMEDIES.get(name)
    if remedy is None:
        close = difflib.get_close_matches(name, REMEDIES, 1, 0.6)
        hint = f" (did you mean {close[0]}?)" if close else f": they are {', '.join(REMEDIES)}"
        raise ValueError(f"there is no remedy called {name!r}{hint}")
    if remedy.argument is None:
        if colon:
            raise ValueError(f"{name} takes nothing behind it, not {given!r}")
        return remedy, None
    try:
        return remedy, TypeAdapter(remedy.argument).validate_python(given)
    except ValidationError:
        raise ValueError(f"{name}: needs {remedy.wanted}, not {given!r}") from None


def in_order(given: Sequence[str], task: str) -> tuple[str, ...]:
    """Remedies as they are applied, each once; "" for the task where any will do.

    Raises:
        ValueError: one of them is wrong, or means nothing for the task.
    """
    for text in given:
        remedy, _ = parted(text)
        if task and task not in remedy.tasks:
            raise ValueError(f"{remedy.name} is not for {task}")
    return tuple(sorted(dict.fromkeys(given), key=lambda text: _ORDER[text.partition(":")[0]]))


def known_to(given: Sequence[str], task: str) -> tuple[str, ...]:
    """Those of some valid remedies that a task knows."""
    return tuple(text for text in given if task in REMEDIES[text.partition(":")[0]].tasks)
