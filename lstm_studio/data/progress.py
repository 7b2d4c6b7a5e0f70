"""How far a long piece of work is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with a fraction 0..1 (-1: unknown) and a few words. It may raise ``Cancelled``, which then passes through."""


def silent(fraction: float, text: str) -> None:
    """For those who do not want to know."""
