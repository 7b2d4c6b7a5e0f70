"""Long texts in pieces of a bearable size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

AT_ONCE = 100_000
"""Characters; a longer line is cut into pieces that come to nearly as many."""
BLOCK = 1_000_000
"""Characters of a block that is cut anywhere."""
# Where a line can be cut so that its pieces, encoded one by one, give what the line gives: at white space before ASCII,
# or after a mark of writing without spaces before another character of it.
_SEAM = re.compile("\\s(?=[!-~])|(?<=[、。!,:;?])(?=[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")


def points(text: str) -> np.ndarray:
    """Code points: uint32 [T]."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def line_parts(text: str) -> Iterator[tuple[str, bool, int]]:
    """The lines of a text, very long ones in pieces; whether a line end follows, and where the rest begins."""
    start = 0
    while True:
        end = text.find("\n", start)
        stop = len(text) if end < 0 else end
        while stop - start > AT_ONCE and (seam := _SEAM.search(text, start + AT_ONCE, stop)):
            yield text[start : seam.start()], False, seam.end()
            start = seam.end()
        yield text[start:stop], end >= 0, stop + (end >= 0)
        if end < 0:
            return
        start = end + 1


def blocks(texts: Iterable[str]) -> Iterator[str]:
    """Texts cut anywhere into blocks, small ones put together."""
    held: list[str] = []
    size = 0
    for text in texts:
        for start in range(0, len(text), BLOCK):
            held.append(text[start : start + BLOCK])
            size += len(held[-1])
            if size >= BLOCK:
                yield "".join(held)
                held, size = [], 0
    if held:
        yield "".join(held)
