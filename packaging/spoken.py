"""What the code says to people, found in its syntax trees: by tr and ntr, in errors, and what may be said or not.

Qt's own lupdate finds nothing of it: it knows neither f-strings, of which a StudioError is made, nor titles of settings
that stand in a declaration.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

CODE = Path(__file__).resolve().parent.parent / "lstm_studio"
ENGLISH_ONLY = ("cli/", "gui/tour/", "runs/onnx", "runs/card", "config/migrate.py")
"""The command line, the tour, what is written into files for other programs."""
DATA = ("data/samples_",)
"""Texts that networks read, in the language of the sample."""
PLACE = re.compile(r"\{(\w*)[^{}]*\}")
BUGS = ("TypeError", "KeyError", "IndexError", "AssertionError", "NotImplementedError", "RuntimeError")
PARTS = ("what", "why", "todo")


@dataclass
class Found:
    """What the code says. Texts are templates: ``{name}`` stands for what is filled in."""

    said: dict[str, str] = field(default_factory=dict)
    """What goes to tr and ntr -> its first place."""
    errors: dict[str, str] = field(default_factory=dict)
    """Parts of a StudioError, as sentences -> their first place."""
    plurals: list[tuple[str, str, str]] = field(default_factory=list)
    """One, many, place."""
    constants: set[str] = field(default_factory=set)
    """Every string there is."""
    templates: set[str] = field(default_factory=set)
    """Every f-string."""
    joined: set[str] = field(default_factory=set)
    """Sums of texts, as templates."""
    doubtful: dict[str, str] = field(default_factory=dict)
    """Sentences outside of the window's rooms that may or may not reach a person -> their first place."""


class Reader(ast.NodeVisitor):
    """One file of the code."""

    def __init__(self, path: Path, found: Found, root: Path = CODE) -> None:
        self.found, self.name = found, path.relative_to(root).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.scopes: list[ast.AST] = [self.tree]
        bodies = [self.tree.body, *(node.body for node in self.tree.body if isinstance(node, ast.ClassDef))]
        self.functions = {node.name: node for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
        self.silent = self.name.startswith(ENGLISH_ONLY)
        self.assumed: dict[str, bool] = {}
        """Conditions that hold, or not, throughout a sentence."""

    def read(self) -> None:
        self.visit(self.tree)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not _is_text(node.value):  # a docstring is not for those who use the program
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scopes.append(node)
        self.generic_visit(node)
        self.scopes.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = f"{self.name}:{node.lineno}"
        if isinstance(node.func, ast.Name) and name in {"tr", "ntr"}:
            texts = [argument.value for argument in node.args[:2] if _is_text(argument)]
            for text in texts[: 2 if name == "ntr" else 1]:
                self.found.said.setdefault(text, place)
            if name == "ntr" and len(texts) == 2:
                self.found.plurals.append((texts[0], texts[1], place))
        elif name == "StudioError" and not self.silent:
            parts = node.args[:1] + [word.value for word in node.keywords if word.arg in PARTS]
            for text in (text for part in parts for text in self.texts(part)):
                if re.search(r"[A-Za-z]{2}", PLACE.sub("", text)):
                    self.found.errors.setdefault(sentence(text), place)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.constants.add(node.value)
            self._doubt(node.value, node.lineno)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for text in self.texts(node):
            self.found.templates.add(text)
            self._doubt(text, node.lineno)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add):
            ends = [self.texts(side) or [_placeholder(side)] for side in (node.left, node.right)]
            self.found.joined |= {a + b for a in ends[0] for b in ends[1] if len(PLACE.sub("", a + b)) > 5}
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """What only whoever calls a function wrongly reads is no text of the program."""
        kind = getattr(node.exc, "func", None)
        if getattr(kind, "id", "") not in BUGS:
            self.generic_visit(node)

    def _doubt(self, text: str, line: int) -> None:
        if self.name.startswith(("gui/", *DATA)) or self.silent:
            return
        if re.match(r"(\{\w+\}|[A-Z]\w*|\d+) [a-z{]", text) and len(text.split()) > 2 and "\n" not in text:
            self.found.doubtful.setdefault(text, f"{self.name}:{line}")

    def texts(self, node: ast.AST, depth: int = 0) -> list[str]:
        """What an expression may say, as far as the file tells."""
        if _is_text(node):
            return [node.value]
        if isinstance(node, ast.JoinedStr):
            filled = (part.value for part in node.values if isinstance(part, ast.FormattedValue))
            tests = {ast.unparse(value.test) for value in filled if isinstance(value, ast.IfExp)} - set(self.assumed)
            if tests and len(self.assumed) < 3:
                return self._either(min(tests), node, depth)
            out = [""]
            for part in node.values:
                ends = self.texts(part, depth)
                out = [start + end for start in out for end in ends][:64]
            return out
        if isinstance(node, ast.FormattedValue):
            inner = self.texts(node.value, depth + 1) if isinstance(node.value, ast.IfExp | ast.Name) else []
            return [text for text in inner if text] or [_placeholder(node.value)]
        if isinstance(node, ast.IfExp):
            holds = self.assumed.get(ast.unparse(node.test))
            body, other = (self.texts(part, depth) for part in (node.body, node.orelse))
            return body + other if holds is None else body if holds else other
        if isinstance(node, ast.BoolOp):
            return [text for value in node.values for text in self.texts(value, depth)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return [a + b for a in self.texts(node.left, depth) for b in self.texts(node.right, depth)]
        if isinstance(node, ast.Name) and depth < 3:
            return [text for value in self._given(node.id, node.lineno) for text in self.texts(value, depth + 1)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and depth < 2:
            return [text for value in self._returned(node.func.id) for text in self.texts(value, depth + 1)]
        return []

    def _either(self, test: str, node: ast.AST, depth: int) -> list[str]:
        """What an expression may say where a condition holds, and where it does not."""
        found = []
        for holds in (True, False):
            self.assumed[test] = holds
            found += self.texts(node, depth)
            del self.assumed[test]
        return list(dict.fromkeys(found))

    def _given(self, name: str, line: int) -> Iterator[ast.AST]:
        """What is assigned to a name, in the function before that line or in the file."""
        scope = self.scopes[-1]
        found = [] if scope is self.tree else _latest(scope.body, name, line)  # type: ignore[attr-defined]
        yield from found or [value for node in self.tree.body for value in _assigned(node, name)]

    def _returned(self, name: str) -> Iterator[ast.AST]:
        for node in ast.walk(self.functions[name]) if name in self.functions else ():
            if isinstance(node, ast.Return) and node.value is not None:
                yield node.value


def _latest(body: list[ast.stmt], name: str, line: int) -> list[ast.AST]:
    """What a name may stand for at a line: what the last statement before it that assigns it may assign."""
    for statement in reversed([one for one in body if one.lineno <= line]):
        blocks = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        blocks += [handler.body for handler in getattr(statement, "handlers", [])]
        around = (block for block in blocks if block and block[0].lineno <= line <= (block[-1].end_lineno or line))
        inner = next((found for block in around if (found := _latest(block, name, line))), [])
        if inner:
            return inner
        if line > (statement.end_lineno or line):
            found = [value for node in ast.walk(statement) for value in _assigned(node, name)]
            if found:
                return found
    return []


def _assigned(node: ast.AST, name: str) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id == name:
            yield node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for one, value in zip(target.elts, node.value.elts, strict=False):
                if isinstance(one, ast.Name) and one.id == name:
                    yield value


class _Text(ast.Constant):
    """A constant that is a text, for the type checker."""

    value: str


def _is_text(node: ast.AST) -> TypeGuard[_Text]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _placeholder(node: ast.AST) -> str:
    """A name for what is filled in, from what it is: ``{config.task!r}`` becomes {task}."""
    words = re.findall(r"[a-z_]{2,}", ast.unparse(node)) or ["x"]
    return "{" + words[-1].strip("_") + "}"


def sentence(text: str) -> str:
    """As StudioError makes it."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?。！？" else text + "."


@functools.lru_cache(2)
def collect(root: Path = CODE) -> Found:
    """All strings of a room, or of all of them."""
    found = Found()
    for path in sorted(root.rglob("*.py")):
        Reader(path, found, root).read()
    return found
