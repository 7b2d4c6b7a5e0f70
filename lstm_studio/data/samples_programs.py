"""A sample of running text that can be checked: small programs that nest, whose indents and brackets must come out.

Each is valid Python: whoever trains on them can count how many of a network's own programs are. To write one it has to
keep in mind how deep it is, which brackets are open, what the function and its variables are called; there are cells
that do nothing but count the depth.
"""

from __future__ import annotations

from lstm_studio.data.samples_tagged import Chance

_VERBS = "count sum find check mix sort guess draw weigh move split join turn fill pick".split()
_NOUNS = "apples steps stones days coins cards words points bricks ships lines boxes stars keys rows".split()
_ARGUMENTS = "first last size limit start width height age price speed left right".split()
_VARIABLES = "total result best rest a b c n k x y z".split()
_COUNTERS = "i j m".split()
_COMPARED = "< > == != <= >=".split()
_DEEPEST = 5
_LONG = 14
"""Lines after which nothing new is begun."""
_INDENT = "    "


def programs(rows: int, seed: int) -> str:
    """So many programs, a blank line between them; the same seed makes the same ones."""
    chance = Chance(seed)
    return "\n\n".join("\n".join(_Program(chance).lines) for _ in range(rows)) + "\n"


class _Program:
    """One function and its name in words above it, line by line."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        verb, noun = chance.choice(_VERBS), chance.choice(_NOUNS)
        arguments = chance.mixed(_ARGUMENTS)[: chance.number(1, 3)]
        self.lines = [f"# {verb} {noun}", f"def {verb}_{noun}({', '.join(arguments)}):"]
        self.new = chance.mixed(_VARIABLES)
        known = list(arguments)
        self._assign(1, known)
        self._block(1, known, chance.number(1, 3))
        self._say(1, f"return {self._sum(known, 1)}")

    def _say(self, depth: int, text: str) -> None:
        self.lines.append(_INDENT * depth + text)

    def _block(self, depth: int, known: list[str], count: int) -> None:
        """So many statements; ``known`` are the names that have a value wherever the block is reached."""
        for _ in range(count):
            draw = self.chance.random()
            deeper = 0.85 - 0.1 * depth
            if depth >= _DEEPEST or len(self.lines) >= _LONG or draw >= deeper:
                self._assign(depth, known)
            elif draw < 0.45 * deeper:
                self._branch(depth, known)
            elif draw < 0.7 * deeper:
                self._say(depth, f"while {self._test(known)}:")
                self._inside(depth, known)
            else:
                free = [name for name in _COUNTERS if name not in known]
                if not free:
                    self._assign(depth, known)
                    continue
                self._say(depth, f"for {free[0]} in range({self.chance.choice(known)}):")
                self._inside(depth, [*known, free[0]])

    def _inside(self, depth: int, known: list[str]) -> None:
        """A block one step deeper; what gets a name there may have none afterwards."""
        self._block(depth + 1, list(known), self.chance.choice((1, 1, 1, 2, 2)))

    def _branch(self, depth: int, known: list[str]) -> None:
        self._say(depth, f"if {self._test(known)}:")
        self._inside(depth, known)
        if self.chance.random() < 0.25:
            self._say(depth, f"elif {self._test(known)}:")
            self._inside(depth, known)
        if self.chance.random() < 0.5:
            self._say(depth, "else:")
            self._inside(depth, known)

    def _assign(self, depth: int, known: list[str]) -> None:
        """Give a value to a name, sometimes to a new one; counters are left alone."""
        old = [name for name in known if name in _VARIABLES]
        fresh = [name for name in self.new if name not in known]
        name = self.chance.choice(old) if old and self.chance.random() < 0.65 else fresh[0]
        value = self._sum(known, self.chance.choice((1, 1, 2, 2, 3, 4)))
        self._say(depth, f"{name} = {self._number() if value == name else value}")
        if name not in known:
            known.append(name)

    def _sum(self, known: list[str], depth: int) -> str:
        """An expression with brackets at most so deep."""
        draw = self.chance.random()
        if depth == 0 or draw < 0.3:
            return self.chance.choice(known) if self.chance.random() < 0.7 else self._number()
        if draw < 0.45:
            one, other = self._two(self._sum(known, depth - 1), self._sum(known, depth - 1), known)
            return f"{self.chance.choice(('max', 'min'))}({one}, {other})"
        one, other = self._two(self._part(known, depth - 1), self._part(known, depth - 1), known)
        return f"{one} {self.chance.choice('+-*')} {other}"

    def _part(self, known: list[str], depth: int) -> str:
        """An operand; what is put together stands in brackets."""
        found = self._sum(known, depth)
        return f"({found})" if _joined(found) else found

    def _two(self, one: str, other: str, known: list[str]) -> tuple[str, str]:
        """Two operands that are neither the same nor both numbers."""
        if one.isdigit():
            one = self.chance.choice(known)
        return one, self._number() if one == other else other

    def _number(self) -> str:
        return str(self.chance.number(1, 20))

    def _test(self, known: list[str]) -> str:
        one, other = self._two(self._sum(known, 1), self._sum(known, self.chance.number(0, 1)), known)
        test = f"{one} {self.chance.choice(_COMPARED)} {other}"
        if self.chance.random() < 0.2:
            word = self.chance.choice(("and", "or"))
            return f"({test}) {word} ({self.chance.choice(known)} > {self.chance.number(0, 9)})"
        return test


def _joined(expression: str) -> bool:
    """Whether an operator stands outside of all brackets."""
    depth = 0
    for character in expression:
        depth += (character == "(") - (character == ")")
        if character in "+-*" and depth == 0:
            return True
    return False
