"""Cells that hold the words of a sentence, or one tag for each of them."""

from __future__ import annotations

import json
from collections.abc import Sequence


def join_words(words: Sequence[str]) -> str:
    """Words as one cell: with spaces between them, or as a JSON list where that could not be taken apart again."""
    joined = " ".join(words)
    if joined.startswith("[") or joined.split() != list(words):
        return json.dumps(list(words), ensure_ascii=False)
    return joined


def words_of(cell: str) -> list[str]:
    """The words of a cell: those of a JSON list of strings or whole numbers, or what stands between white space."""
    if cell.startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(word, (str, int)) for word in found):
            return [str(word) for word in found]
    return cell.split()
