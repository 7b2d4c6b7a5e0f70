"""Full-width letters, digits and punctuation of Chinese and Japanese typing, in the width of Latin ones."""

from __future__ import annotations

_FULL = range(0xFF01, 0xFF5F)
_NARROW = {0x3000: " ", **{point: chr(point - 0xFEE0) for point in _FULL}}
"""What Unicode's NFKC makes of U+FF01 to U+FF5E and of the ideographic space; all else stays as it is."""


def narrow(text: str) -> str:
    """A text with half-width forms; no character moves, so places in it are places in the original."""
    return text if text.isascii() else text.translate(_NARROW)
