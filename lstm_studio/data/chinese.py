"""Chinese texts to words, with rjieba: jieba's dictionary and hidden Markov model for words it lacks, compiled in.

The dictionary is part of the library, so nothing is downloaded or cached. What stands between white space and Chinese
marks and holds letters, none of them Chinese, is cut as in the Penn Treebank: English reads as it does elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from lstm_studio.data.tokenize import MARKS, clean, join_words, tokenizer

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MARK = "\u3001-\u303f\ufe30-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65—…·"
_RUN = re.compile(rf"[{_MARK}]+|[^\s{_MARK}]+")
"""Marks of Chinese, or what stands between them and white space; no word of the dictionary holds one."""
_LATIN = re.compile(r"[^\W\d_]")
_LONGEST = 20_000
"""Characters that are cut at once; a longer run without white space is parted after a mark, if there is one."""
_LOOKED_BACK = 400
_STOP = re.compile("[。！？；，、：!?;,]")
_JOINED = re.compile(f"[{MARKS}\u200d]")
_WIDE = "\u2e80-\u303f\u3040-\u30ff\u31c0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U00020000-\U0003ffff“”‘’—…"
_LOOSE = re.compile(rf"(?<=[{_WIDE}]) (?=\S)|(?<=\S) (?=[{_WIDE}])")


class ChineseTokenizer:
    """Words of Chinese and of mixed texts. Takes linear time; may be shared between threads."""

    name = "chinese words"

    def __init__(self, lowercase: bool) -> None:
        self.lowercase = lowercase
        self._latin = tokenizer("treebank")

    def __call__(self, text: str) -> list[str]:
        text = clean(text)
        found = list(chain.from_iterable(map(self._words, _RUN.findall(text))))
        return [token.lower() for token in found] if self.lowercase else found

    def spans(self, text: str) -> list[tuple[int, int]]:
        text = clean(text)
        found: list[tuple[int, int]] = []
        for match in _RUN.finditer(text):
            start, run = match.start(), match[0]
            if _is_latin(run):
                found.extend((start + a, start + b) for a, b in self._latin.spans(run))
                continue
            for word in _cut(run):
                found.append((start, start + len(word)))
                start += len(word)
        return found

    def join(self, tokens: Iterable[str]) -> str:
        return _LOOSE.sub("", join_words(tokens))

    def _words(self, run: str) -> list[str]:
        return self._latin(run) if _is_latin(run) else _cut(run)


def _is_latin(run: str) -> bool:
    """Whether a run holds letters and none of Chinese."""
    return _LATIN.search(run) is not None and not _HAN.search(run)


def _cut(run: str) -> list[str]:
    """Words of a run without white space; put together they are the run."""
    import rjieba  # reads its dictionary, half a second

    if len(run) <= _LONGEST:
        words = rjieba.cut(run)
    else:
        words = [word for part in _parts(run) for word in rjieba.cut(part)]
    return _whole(words) if _JOINED.search(run) else words


def _parts(run: str) -> Iterator[str]:
    while len(run) > _LONGEST:
        marks = [match.end() for match in _STOP.finditer(run, _LONGEST - _LOOKED_BACK, _LONGEST)]
        end = marks[-1] if marks else _LONGEST
        yield run[:end]
        run = run[end:]
    yield run


def _whole(words: list[str]) -> list[str]:
    """Combining marks, skin tones and what a joiner ties stay with the character before them."""
    found: list[str] = []
    for word in words:
        if found and (_JOINED.match(word) or found[-1].endswith("\u200d")):
            found[-1] += word
        else:
            found.append(word)
    return found
