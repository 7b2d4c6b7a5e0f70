"""What is odd about running text: characters that nobody typed, lines without end, what stands there twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from lstm_studio.data.documents import Documents
from lstm_studio.data.languages import letters_of
from lstm_studio.data.raw import Note
from lstm_studio.data.units import UNKNOWN

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line end; marks without width; those that turn the direction of writing."""
_LOST = "\ufffd"
_MISREAD = re.compile("Ã[\x80-\xbf]|â€[\u0080-\u2122]|Â[\xa0-\xbf]|锟斤拷")
"""UTF-8 that was read as Windows-1252 or Latin-1, and what GBK makes of characters that are lost."""
_WINDOW, _WINDOWS = 50, 400
"""Characters of a stretch that is looked for at other places, and how many of them are taken."""
_FROM = 10 * _WINDOW
"""Characters of a text below which nothing can be said of its repeating itself."""
_LETTERS = 20_000
_SPACELESS = {"CJK", "HIRAGANA", "THAI"}


@dataclass(frozen=True)
class Found:
    """Characters that are odd: how many, which, and where the first one stands ("line 7")."""

    count: int = 0
    names: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True)
class Oddities:
    """What is odd about a text.

    Attributes:
        notes: What was odd about its bytes.
        control, lost, misread: Control characters, replaced ones, and those that another encoding would have read well.
        longest, longest_place: Characters of the longest line, and where it stands.
        scripts: Alphabets and their share of all letters, the most frequent first.
        unknown: Share of the words that are ``<unk>`` in the file itself.
        held: Documents of the validation part.
        repeated: Share of the text that stands in it at an earlier place too.
        leaked: Share of the validation text that stands word for word in the training text.
        documents: How many there are.
    """

    notes: tuple[Note, ...] = ()
    control: Found = Found()
    lost: Found = Found()
    misread: Found = Found()
    longest: int = 0
    longest_place: str = ""
    scripts: tuple[tuple[str, float], ...] = ()
    unknown: float = 0.0
    held: int = 0
    repeated: float = 0.0
    leaked: float = 0.0
    documents: int = 1

    @property
    def spaceless(self) -> bool:
        """Whether it is written without spaces between words."""
        return bool(self.scripts) and self.scripts[0][0] in _SPACELESS


def oddities(documents: Documents, train: Documents, held: Documents | None) -> Oddities:
    """Look at documents, and at the parts that they are divided into; of long ones at what the caller chooses."""
    texts = list(documents)
    text = "\n".join(texts)
    begins = np.array([0, *accumulate(len(one) + 1 for one in texts)])

    def place(character: int) -> str:
        number = int(np.searchsorted(begins, character, side="right")) - 1
        return place_of(documents, number, character - int(begins[number]))

    longest, at = _longest(text)
    words = text.count(" ") + text.count("\n") + 1
    one, other = "\n".join(train), "\n".join(held) if held is not None else ""
    return Oddities(
        documents.notes,
        _found(_CONTROL, text, place),
        _found(re.compile(_LOST), text, place),
        _found(_MISREAD, text, place),
        longest,
        place(at),
        _scripts(text),
        text.count(UNKNOWN) / words,
        len(held) if held is not None else 0,
        _share(one, one, 1),
        _share(other, one, 0),
        len(documents),
    )


def place_of(documents: Documents, index: int, character: int = 0) -> str:
    """Where a character of a document stands, without the file: "line 7", "row 3", "a.txt, line 7"."""
    return documents.where(index, character).removeprefix(f"{documents.path}, ")


def repeated(documents: Documents, shortest: int) -> list[int]:
    """Documents that repeat an earlier one, white space and capitals aside; short ones may well do so."""
    seen: set[str] = set()
    found = []
    for number, text in enumerate(documents):
        key = same(text)
        if len(key) >= shortest and key in seen:
            found.append(number)
        seen.add(key)
    return found


def same(text: str) -> str:
    """What texts have in common that count as the same."""
    return " ".join(text.split()).casefold()


def _found(pattern: re.Pattern[str], text: str, place: Callable[[int], str]) -> Found:
    counts: Counter[str] = Counter()
    first = -1
    for match in pattern.finditer(text):
        first = match.start() if first < 0 else first
        counts[match[0]] += 1
    if first < 0:
        return Found()
    names = tuple(f"U+{ord(one):04X}" if len(one) == 1 else one for one, _ in counts.most_common(3))
    return Found(counts.total(), names, place(first))


def _longest(text: str) -> tuple[int, int]:
    """Characters of the longest line and where it begins."""
    ends = np.array([match.start() for match in re.finditer("\n", text)] + [len(text)])
    begins = np.concatenate([[0], ends[:-1] + 1])
    longest = int(np.argmax(ends - begins))
    return int(ends[longest] - begins[longest]), int(begins[longest])


def _scripts(text: str) -> tuple[tuple[str, float], ...]:
    counts = Counter(letters_of(one) for one in text[:: max(1, len(text) // _LETTERS)])
    del counts[""]
    counts["HIRAGANA"] += counts.pop("KATAKANA", 0)
    total = max(1, counts.total())
    return tuple((name, count / total) for name, count in counts.most_common(3) if count)


def _share(text: str, among: str, own: int) -> float:
    """Share of evenly chosen stretches of a text that stand in another one; ``own`` is 1 where they are the same."""
    if len(text) < _FROM or len(among) < _FROM:
        return 0.0
    count = min(_WINDOWS, len(text) // (2 * _WINDOW))
    begins = np.linspace(0, len(text) - _WINDOW, count).astype(int)
    stretches = [text[begin : begin + _WINDOW] for begin in begins]
    if not own:
        return sum(stretch in among for stretch in stretches) / count
    return sum(among.find(part) != begin for part, begin in zip(stretches, begins.tolist(), strict=True)) / count


def scripts_apart(scripts: Sequence[tuple[str, float]], least: float) -> list[str]:
    """The alphabets with a fair share; Chinese characters and kana go together."""
    names = [name for name, share in scripts if share >= least]
    return [name for name in names if not (name == "CJK" and "HIRAGANA" in names)]
