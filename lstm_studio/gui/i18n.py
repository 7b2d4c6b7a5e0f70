"""Words in the user's language. The English text is the key; catalogues are JSON files, merged by language."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from lstm_studio import resources
from lstm_studio.errors import StudioError

Language = Literal["system", "en", "zh_CN"]

SHORTEST = 6
"""Letters of a pattern that are its own: one like "{a} and {b}" would fit half of all sentences."""

_catalogue: dict[str, str] = {}
_patterns: list[tuple[re.Pattern[str], str]] = []
_COUNT = r"[\d.,]+(?: [kM万亿])?"
"""What {n} stands for."""
_PROSE = re.compile(r"(?<![\w'\"“⁨])[a-z]+(?: [a-z]+){2,}")
"""What no name is: the pattern was one of another sentence."""
_PLACE = re.compile(r"[^:]*[./\\][^:]*(?:, line \d+)?: ")
_NEXT = re.compile(r"(?<=\.) (?=[A-Z])")
_BETWEEN = re.compile(r" (and|or) ")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_language = "en"
_qt: QTranslator | None = None


def tr(text: str, **values: object) -> str:
    """The text in the user's language, with ``{name}`` placeholders filled in.

    A translation whose placeholders do not fit falls back to the English text, never to an error. Without values the
    text may be one that was filled in elsewhere ("Reading: 500 rows"): then the catalogue's patterns are tried.
    """
    if not values:
        found = _catalogue.get(text)
        return found if found is not None else _by_pattern(text) if _catalogue else text
    found = _catalogue.get(text, text)
    try:
        return found.format(**values)
    except (KeyError, IndexError, ValueError):
        return text.format(**values)


def ntr(one: str, many: str, n: int, **values: object) -> str:
    """The form that fits the number: ``ntr("{n} text", "{n} texts", 3)``. ``{n}`` has separators: 6,920."""
    return tr(one if n == 1 else many, n=number(n), **values)


def error_text(error: BaseException) -> str:
    """A StudioError, or what the system says, in the user's language, as far as its parts are in the catalogue."""
    if isinstance(error, OSError) and error.strerror:
        words = _sentence(f"{error.strerror}.")
        return f"{error.filename}: {words}" if error.filename else words
    if not isinstance(error, StudioError):
        return str(error)
    what, why, todo = (_sentence(part) for part in (error.what, error.why, error.todo))
    said = " ".join(part for part in (f"{tr(error.where)}: {what}" if error.where else what, why, todo) if part)
    return said.replace("。 ", "。")


def _sentence(text: str) -> str:
    """A sentence whose catalogue may have it without its full stop."""
    found = tr(text)
    if found == text and text.endswith("."):
        bare = tr(text[:-1])
        return f"{bare}。" if bare != text[:-1] else text
    return found


@lru_cache(maxsize=4096)
def _by_pattern(text: str) -> str:
    for pattern, translation in _patterns:
        match = pattern.fullmatch(text)
        if match is not None:
            values = {name: _inner(value) for name, value in match.groupdict().items()}
            if not any(_PROSE.search(value) for value in values.values()):
                return translation.format(**values)
    return _by_sentences(text)


def _by_sentences(text: str) -> str:
    """What was said as one, "a.csv: This. And that.", sentence by sentence; as it is if one of them is not known."""
    where, colon, body = text.partition(": ") if _PLACE.match(text) else ("", "", text)
    parts = _NEXT.split(body)
    if len(parts) < 2 and not colon:
        return text
    said = [_sentence(part) for part in parts]
    if any(words == part for words, part in zip(said, parts, strict=True)):
        return text
    return f"{tr(where)}{colon}{''.join(said)}"


def _inner(value: str) -> str:
    """What was filled in may have been words of the program: "a PNG picture". One word is rather a name or a label."""
    if " " not in value:
        return value
    found = _catalogue.get(value) or _by_pattern(value)
    return _BETWEEN.sub(lambda match: " 和 " if match[1] == "and" else " 或 ", found)


def _compile(catalogue: dict[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """Texts with plain placeholders, as patterns; the most literal ones first."""
    found = []
    for english, translation in catalogue.items():
        names = _PLACEHOLDER.findall(english)
        # A pattern without words of its own would match anything; one with formats was never filled in elsewhere.
        literal = _PLACEHOLDER.sub("", english)
        formatted = re.search(r"\{\w+:", english + translation)
        if not names or formatted or len(literal) < SHORTEST or len(set(names)) < len(names):
            continue
        if not set(_PLACEHOLDER.findall(translation)) <= set(names):
            continue
        parts = _PLACEHOLDER.split(english)
        expression = "".join(
            re.escape(part) if index % 2 == 0 else f"(?P<{part}>{_COUNT if part == 'n' else '.+?'})"
            for index, part in enumerate(parts)
        )
        found.append((len(literal), re.compile(expression, re.DOTALL), translation))
    return [(pattern, translation) for _, pattern, translation in sorted(found, key=lambda item: -item[0])]


def number(value: float) -> str:
    """A whole number with separators."""
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """A span of time as people say it: "9 s", "2 min 14 s", "3 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{s} s", s=whole)
    if whole < 3600:
        return tr("{m} min {s} s", m=whole // 60, s=whole % 60)
    return tr("{h} h {m} min", h=whole // 3600, m=whole % 3600 // 60)


def size(amount: float) -> str:
    """An amount of memory: "38 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if amount >= 10 or unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""


def compact(value: float) -> str:
    """A count with at most four figures: 950, 12.4 k, 1.2 M; in Chinese by ten thousands."""
    if value < 10_000:
        return number(value)
    if _language.startswith("zh"):
        return f"{value / 1e4:.1f} 万" if value < 1e8 else f"{value / 1e8:.1f} 亿"
    if value < 1_000_000:
        return f"{value / 1000:.{1 if value < 100_000 else 0}f} k"
    return f"{value / 1e6:.1f} M"


def language() -> str:
    """The language in force, e.g. "zh_CN"."""
    return _language


def resolve(choice: str) -> str:
    """What "system" means here."""
    if choice != "system":
        return choice
    chinese = any(name.replace("_", "-").lower().startswith("zh") for name in QLocale.system().uiLanguages()[:1])
    return "zh_CN" if chinese else "en"


def set_language(choice: str) -> None:
    """Load the catalogues of a language and Qt's own words. Windows built before keep their old words."""
    global _catalogue, _language, _patterns, _qt
    _language = resolve(choice)
    _catalogue = {} if _language == "en" else load_catalogue(_language)
    _patterns = _compile(_catalogue)
    _by_pattern.cache_clear()
    app = QCoreApplication.instance()
    if app is None:
        return
    if _qt is not None:
        app.removeTranslator(_qt)
        _qt = None
    if _language != "en":
        translator = _Translator(app)
        if translator.load(f"qtbase_{_language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(translator)
            _qt = translator


class _Translator(QTranslator):
    """Qt's own catalogue; what is missing in it, the studio's."""

    MISSING = ("&Look in:", "Files of &type:")

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        # An empty text would be taken for the translation.
        found = super().translate(context, text, disambiguation, n)
        return found or (tr(text) if text in self.MISSING else None)


def load_catalogue(name: str) -> dict[str, str]:
    """All files ``<name>*.json`` of resources/translations in one, without what nobody has translated yet."""
    merged: dict[str, str] = {}
    for path in sorted(resources.find("translations").glob(f"{name}*.json")):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return {english: words for english, words in merged.items() if words}
