"""In which alphabet and language texts are written, told by their letters and their most frequent words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_NAMES = """
    English en eng en-us; German de deu ger deutsch; French fr fra fre français; Spanish es spa español; Italian it ita;
    Portuguese pt por; Dutch nl nld; Russian ru rus; Polish pl pol; Czech cs ces; Turkish tr tur; Arabic ar ara;
    Chinese zh zho chi cmn 中文 汉语 zh-cn zh-tw; Japanese ja jpn; Korean ko kor; Vietnamese vi vie; Hindi hi hin;
    Ukrainian uk ukr
"""
LANGUAGES = {code.lower(): names.split()[0] for names in _NAMES.split(";") for code in names.split()}
"""Names and codes of languages -> their English names."""
_SCRIPTS = {"CJK": "Chinese", "HIRAGANA": "Japanese", "HANGUL": "Korean"}
_FREQUENT = {
    "English": "the of and to is are that with was for it on you by this an he they i at from we not",
    "German": "der die und das ist ein eine den mit zu von auf nicht im ich sich dem des auch es wir einen einer",
    "French": "le la les des et est une du pas dans que il je pour sur qui au avec ce en vous cette elle",
    "Spanish": "el los las y es una del que por con para no se su al lo más como está un en de la",
    "Italian": "il di che è non gli una per con del della sono si le nel alla un ha e la i ed",
    "Portuguese": "o os as e é uma do da não que com para em um no na se por mais ao dos ele",
    "Dutch": "de het een van en is niet dat op te in met zijn voor die er aan ik je hij maar",
}
_WORDS = {name: frozenset(words.split()) for name, words in _FREQUENT.items()}
_WORD = re.compile(r"[^\W\d_]+")
_SURE, _AHEAD = 0.08, 1.3
_HEAD = 120


def language_of(texts: Sequence[str], script: str) -> str:
    """The English name of a language; "" where it cannot be told."""
    if script != "LATIN":
        return _SCRIPTS.get(script, "")
    words = [word for text in texts[:200] for word in _WORD.findall(text[:400].lower())]
    shares = sorted((sum(word in known for word in words), name) for name, known in _WORDS.items())
    (second, _), (most, name) = shares[-2:]
    return name if most >= max(2.0, _SURE * len(words)) and most > _AHEAD * second else ""


@lru_cache(1 << 15)
def letters_of(character: str) -> str:
    """The alphabet of a letter, as Unicode names it; "" for what is none."""
    return unicodedata.name(character, "").split(" ", 1)[0].split("-", 1)[0] if character.isalpha() else ""


def script_of(texts: Sequence[str]) -> str:
    """The alphabet of most letters, as Unicode names it; CJK for Chinese."""
    counts = Counter(letters_of(ch) for text in texts[:200] for ch in text[:100])
    del counts[""]
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if kana > 0.1 * counts.total():
        return "HIRAGANA"
    # Chinese texts are full of Latin names, and a Chinese character says more than a letter.
    if 3 * counts["CJK"] > counts.total():
        return "CJK"
    return counts.most_common(1)[0][0] if counts else ""


def alphabet_of(text: str) -> str:
    """The alphabet of most letters at the start of a text; "" without letters."""
    head = text[:_HEAD]
    if head.isascii():
        return "LATIN" if any(map(str.isalpha, head)) else ""
    counts: dict[str, int] = {}
    for character in head:
        name = letters_of(character)
        if name:
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return ""
    # A Chinese character says more than a letter; kana make it Japanese.
    if counts.get("HIRAGANA", 0) + counts.get("KATAKANA", 0) > 0.1 * sum(counts.values()):
        return "HIRAGANA"
    return "CJK" if 3 * counts.get("CJK", 0) > sum(counts.values()) else max(counts, key=lambda name: counts[name])


def is_right_to_left(words: Sequence[str]) -> bool:
    """Whether the first letter with a direction is of a script that runs to the left."""
    for word in words:
        for letter in word:
            kind = unicodedata.bidirectional(letter)
            if kind in ("L", "R", "AL"):
                return kind != "L"
    return False
