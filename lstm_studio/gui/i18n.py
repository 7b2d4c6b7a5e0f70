"""Words in the user's language. The English text is the key; catalogues are JSON files, merged by language."""

from __future__ import annotations

import json
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from lstm_studio import resources

Language = Literal["system", "en", "zh_CN"]

_catalogue: dict[str, str] = {}
_language = "en"
_qt: QTranslator | None = None


def tr(text: str, **values: object) -> str:
    """The text in the user's language, with ``{name}`` placeholders filled in.

    A translation whose placeholders do not fit falls back to the English text, never to an error.
    """
    found = _catalogue.get(text, text)
    if not values:
        return found
    try:
        return found.format(**values)
    except (KeyError, IndexError, ValueError):
        return text.format(**values)


def ntr(one: str, many: str, n: int, **values: object) -> str:
    """The form that fits the number: ``ntr("{n} text", "{n} texts", 3)``. ``{n}`` has separators: 6,920."""
    return tr(one if n == 1 else many, n=number(n), **values)


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
    """A count with at most four figures: 950, 12.4 k, 1.2 M."""
    if value < 10_000:
        return number(value)
    if value < 1_000_000:
        return tr("{n} k", n=f"{value / 1000:.{1 if value < 100_000 else 0}f}")
    return tr("{n} M", n=f"{value / 1e6:.1f}")


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
    global _catalogue, _language, _qt
    _language = resolve(choice)
    _catalogue = {} if _language == "en" else load_catalogue(_language)
    app = QCoreApplication.instance()
    if app is None:
        return
    if _qt is not None:
        app.removeTranslator(_qt)
        _qt = None
    if _language != "en":
        translator = QTranslator(app)
        if translator.load(f"qtbase_{_language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(translator)
            _qt = translator


def load_catalogue(name: str) -> dict[str, str]:
    """All files ``<name>*.json`` of resources/translations in one."""
    merged: dict[str, str] = {}
    for path in sorted(resources.find("translations").glob(f"{name}*.json")):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged
