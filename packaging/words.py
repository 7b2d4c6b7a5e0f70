"""What people read: every string of the code against the Chinese catalogues, and both as Qt's .ts for translators.

The English text is the key (gui/i18n.py), and catalogues are JSON files, so Qt's own lupdate finds nothing to do: it
knows neither f-strings, of which a StudioError is made, nor titles of settings that stand in a declaration. This
does its part: what is missing, what is there for nothing, and what looks wrong.
"""

from __future__ import annotations

import ast
import errno
import functools
import itertools
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "lstm_studio"
CATALOGUES = ROOT / "resources" / "translations"
LANGUAGE = "zh_CN"
ENGLISH_ONLY = ("cli/", "gui/tour/", "runs/onnx", "runs/card", "config/migrate.py")
"""The command line, the tour, what is written into files for other programs."""
DATA = ("data/samples_",)
"""Texts that networks read, in the language of the sample."""
PLACE = re.compile(r"\{(\w*)[^{}]*\}")
PROSE = re.compile(r"[a-z]+(?: [a-z]+){2,}")
UNREAD = {
    "{package} is missing": "within the reader of corpora",
    "Refusing to install": "what NLTK says",
    "MPS backend out of memory": "what torch says",
    "{name} does not hold {dtype} numbers": "becomes another sentence",
    "{span} does not lie within {length} words": "a caller's mistake",
    "{span} overlaps {last}": "a caller's mistake",
    "{name} must have the shape {shape}, not {shape}": "a caller's mistake",
    "{name} has {ndim} dimensions": "a caller's mistake",
    "There is nothing to share": "between processes",
    "{hypotheses} hypotheses, {references} references": "a caller's mistake",
    "{name} as {signature}": "the signature of a score, alike in every language",
    "{title} alone reaches {figures}": "the command line",
    "F1 of spans": "the command line; the window has its own titles",
    "{task} lab {default}": "a title, kept in a file",
    "{task} seeds {default}": "a title, kept in a file",
    "{task} sweep {default}": "a title, kept in a file",
    "{names} and {names} more": "within a sentence",
    "Line {line} holds {kind} instead of an object, as does one more; it was left out.": "several are left out",
    "Line {line} holds {kind} instead of an object, as do {odd} more; it was left out.": "several are left out",
}
"""Sentences of the lower rooms that no person reads in the window, and why not."""
TERMS = "data/corpora_catalogue.py"
"""Terms of licences are quoted."""
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
            return [node.value]  # type: ignore[attr-defined]
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


def _is_text(node: ast.AST) -> bool:
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


def catalogues(language: str = LANGUAGE) -> dict[str, dict[str, str]]:
    """Area -> English -> translation."""
    made = {}
    for path in sorted(CATALOGUES.glob(f"{language}.*.json")):
        made[path.name.removeprefix(f"{language}.").removesuffix(".json")] = json.loads(path.read_text("utf-8"))
    return made


class Known:
    """Whether a text has a translation, by itself or by a pattern."""

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words
        self.patterns = [_pattern(key) for key in words if PLACE.search(key) and len(PLACE.sub("", key)) >= 6]

    def __contains__(self, text: str) -> bool:
        if text in self.words or not re.search(r"[A-Za-z]{2}", PLACE.sub("", text)):
            return True
        filled = PLACE.sub("Xq7", text)
        return any(form in self.words or self._fits(form) for form in (filled, filled.removesuffix(".")))

    def _fits(self, text: str) -> bool:
        """A pattern into which half a sentence would have to be filled is another sentence's (as in gui/i18n.py)."""
        found = (pattern.fullmatch(text) for pattern in self.patterns)
        return any(not any(map(PROSE.search, match.groups())) for match in found if match is not None)


def _pattern(key: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in PLACE.split(key)[::2]), re.DOTALL)


def missing(found: Found, words: dict[str, str]) -> dict[str, str]:
    """Text -> place, for what a person would read in English."""
    known = Known({key: text for key, text in words.items() if text})
    return {text: place for text, place in (found.said | found.errors).items() if text not in known}


def doubtful(found: Found, words: dict[str, str]) -> dict[str, str]:
    """Sentences of the lower rooms that have no translation; some of them are for files or for programs.

    What stands within a longer text that has one is a part of it.
    """
    known = Known(words)
    keys = [_bare(key) for key in words]

    def decided(text: str) -> bool:
        if text in UNREAD or found.doubtful[text].startswith(TERMS):
            return True
        if text in known or sentence(text) in known or any(_bare(text) in key for key in keys):
            return True
        kinds = _pattern(text) if len(PLACE.sub("", text)) >= 10 else None  # of which there are several sentences
        return kinds is not None and any(map(kinds.search, words))

    return {text: place for text, place in found.doubtful.items() if not decided(text)}


def _bare(text: str) -> str:
    """A template whose placeholders are all alike."""
    return PLACE.sub("{}", text)


def unused(found: Found, words: dict[str, str]) -> list[str]:
    """Keys that the code does not say: neither as they are, nor filled into one of its templates with words that it
    has, nor made of parts, of which most pairs of words would stand somewhere. What the system says of errors is used.
    """
    system = {sentence(os.strerror(number)) for number in errno.errorcode}
    plain = found.constants | {sentence(text) for text in found.constants} | system
    templates = found.templates | found.joined | {sentence(text) for text in found.templates}
    patterns = [_pattern(text) for text in templates if len(PLACE.sub("", text).strip()) > 1]
    pairs = {pair for text in found.constants | found.templates for pair in _pairs(text)}

    def filled(key: str) -> bool:
        matches = (pattern.fullmatch(key) for pattern in patterns)
        return any(all(value in plain for value in match.groups()) for match in matches if match and match.groups())

    left = []
    for key in words:
        own = _pairs(key)
        if key not in plain and own and sum(pair in pairs for pair in own) < 0.6 * len(own) and not filled(key):
            left.append(key)
    return left


def _pairs(text: str) -> list[tuple[str, str]]:
    """Neighbouring words of a text, without what is filled in."""
    parts = [re.findall(r"[^\W\d_]+", part.lower()) for part in PLACE.split(text)[::2]]
    return [pair for part in parts for pair in itertools.pairwise(part)]


def wrong(found: Found, words: dict[str, str]) -> dict[str, str]:
    """Key -> what is odd about its translation."""
    odd = {}
    for english, text in words.items():
        here, there = (sorted(set(PLACE.findall(part))) for part in (english, text))
        if text and not set(there) <= set(here):
            odd[english] = f"it fills in {there}, the text {here}"
        elif text and set(here) - set(there) - {"rows"}:
            odd[english] = f"it leaves out {sorted(set(here) - set(there))}"
        elif text and re.search(r"[一-鿿][,;:?!]|[,;?!][一-鿿]", text):
            odd[english] = "punctuation of English stands between Chinese words"
        elif text and english[-1:] in ".?!" and text[-1] not in "。？！.?!：”）…" and " " in english:
            odd[english] = "the sentence has no end"
    for one, many, place in found.plurals:
        if (one in words) != (many in words):
            odd[one] = f"only one of its two forms is translated ({place})"
        elif "{n}" not in many:
            odd[many] = f"a plural without its number ({place})"
    return odd


def report(say: Callable[[str], object], *, more: bool = False) -> int:
    """Tell of all; the number of what has to be mended."""
    found, words = collect(), merged()
    lacking, odd = missing(found, words), wrong(found, words)
    empty = [key for key, text in words.items() if not text]
    for text, place in lacking.items():
        say(f"missing   {place}  {text}")
    for text in empty:
        say(f"empty     {text}")
    for text, why in odd.items():
        say(f"wrong     {text}: {why}")
    idle, unsure = unused(found, words), doubtful(found, words)
    for text in idle if more else ():
        say(f"unused    {text}")
    for text, place in unsure.items() if more else ():
        say(f"doubtful  {place}  {text}")
    say(
        f"{len(words)} texts; {len(lacking)} missing, {len(empty)} empty, {len(odd)} wrong, {len(idle)} unused, "
        f"{len(unsure)} doubtful" + ("" if more else " (--all lists these too)")
    )
    return len(lacking) + len(empty) + len(odd)


@functools.lru_cache(1)
def _all() -> tuple[tuple[str, str], ...]:
    return tuple((key, text) for area in catalogues().values() for key, text in area.items())


def merged() -> dict[str, str]:
    """All catalogues in one."""
    return dict(_all())


def write_skeleton(area: str) -> Path:
    """What is missing, with nothing behind it, into the catalogue of an area; what stands there stays."""
    path = CATALOGUES / f"{LANGUAGE}.{area}.json"
    there = json.loads(path.read_text("utf-8")) if path.exists() else {}
    there |= {text: "" for text in missing(collect(), merged()) if text not in there}
    _write(path, there)
    _all.cache_clear()
    return path


def _write(path: Path, words: dict[str, str]) -> None:
    path.write_text(json.dumps(words, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def export_ts(path: Path) -> int:
    """All catalogues as one .ts, a context for each area: for Qt Linguist and the sites of translators."""
    places = collect()
    top = ElementTree.Element("TS", version="2.1", language=LANGUAGE, sourcelanguage="en")
    count = 0
    for area, words in catalogues().items():
        context = ElementTree.SubElement(top, "context")
        ElementTree.SubElement(context, "name").text = area
        for english, text in words.items():
            message = ElementTree.SubElement(context, "message")
            place = places.said.get(english) or places.errors.get(english)
            if place:
                name, _, line = place.rpartition(":")
                ElementTree.SubElement(message, "location", filename=f"lstm_studio/{name}", line=line)
            ElementTree.SubElement(message, "source").text = english
            made = ElementTree.SubElement(message, "translation")
            made.text = text
            if not text:
                made.set("type", "unfinished")
            count += 1
    ElementTree.indent(top)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ElementTree.tostring(top, encoding="unicode") + "\n", encoding="utf-8")
    return count


def import_ts(path: Path) -> int:
    """Take the translations of a .ts that ``export_ts`` wrote; the number of those that changed.

    Raises:
        ValueError: it is no .ts, or one of its contexts is no area.
    """
    try:
        top = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, OSError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    known, changed = catalogues(), 0
    for context in top.iter("context"):
        area = context.findtext("name", "")
        if area not in known:
            raise ValueError(f"{path}: there is no catalogue {area!r}")
        words = known[area]
        for message in context.iter("message"):
            english, text = message.findtext("source", ""), message.findtext("translation", "")
            if english in words and text and words[english] != text:
                words[english] = text
                changed += 1
        _write(CATALOGUES / f"{LANGUAGE}.{area}.json", words)
    _all.cache_clear()
    return changed
