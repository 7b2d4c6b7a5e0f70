"""Strings of the embedded Reber grammar, a test of long memory.

Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997, section 5.1; Reber, "Implicit
learning of artificial grammars", 1967. A string is ``B x B...E ... B...E x E``: x is T or P, the same at both ends, and
between them stand strings of the plain Reber grammar. The label says whether the two x agree, so a network must carry
one symbol over all that lies between, which is full of T and P itself.
"""

from __future__ import annotations

import random

_ARCS: dict[int, tuple[tuple[str, int], ...]] = {
    0: (("B", 1),),
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
    6: (("E", 0),),
}
"""State -> symbols and next states of the Reber grammar; state 0 begins a string and follows its E."""

_TRIES = 20
SHORTEST = 5
"""Symbols of the shortest Reber string, B T X S E."""


def strings(rows: int, seed: int, distance: int) -> list[tuple[str, str]]:
    """Texts and labels ("valid", "broken"), symbols divided by spaces, all four pairs of ends equally often.

    Args:
        rows: How many.
        seed: Which ones.
        distance: Symbols between the two that must agree; a string has up to a quarter more.

    All strings are different as long as the distance has enough of them; at short ones some come more than once.
    """
    source = random.Random(seed)
    longest = distance + distance // 4
    can_end = _can_end(longest)
    found = []
    seen: set[tuple[str, ...]] = set()
    for row in range(rows):
        first, agree = "TP"[row % 2], row // 2 % 2 == 0
        last = first if agree else ("P" if first == "T" else "T")
        for _ in range(_TRIES):
            length = distance + int(source.random() * (longest - distance + 1))
            inner = _inner(source, length, can_end)
            if (*inner, first, last) not in seen:
                break
        seen.add((*inner, first, last))
        found.append((" ".join(["B", first, *inner, last, "E"]), "valid" if agree else "broken"))
    order = sorted(range(rows), key=[source.random() for _ in range(rows)].__getitem__)
    return [found[index] for index in order]


def accepted(symbols: list[str]) -> bool:
    """Whether the plain grammar makes these symbols, as one or more strings."""
    state = 0
    for symbol in symbols:
        following = dict(_ARCS[state]).get(symbol)
        if following is None:
            return False
        state = following
    return state == 0 and bool(symbols)


def _can_end(longest: int) -> list[set[int]]:
    """For each number of symbols still to come, the states from which exactly so many lead back to state 0."""
    found = [{0}]
    for _ in range(longest):
        found.append({state for state, arcs in _ARCS.items() if any(after in found[-1] for _, after in arcs)})
    return found


def _inner(source: random.Random, length: int, can_end: list[set[int]]) -> list[str]:
    state, symbols = 0, []
    for left in range(length - 1, -1, -1):
        arcs = [arc for arc in _ARCS[state] if arc[1] in can_end[left]]
        symbol, state = arcs[int(source.random() * len(arcs))]
        symbols.append(symbol)
    return symbols
