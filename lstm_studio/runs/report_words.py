"""Words of a report in its reader's language, from the catalogues of the window; needs no window."""

from __future__ import annotations

import json
from functools import lru_cache

from lstm_studio import resources
from lstm_studio.errors import StudioError

LANGUAGES = ("en", "zh_CN")


class Words:
    """Says English texts in one language.

    Args:
        language: "en" or "zh_CN".

    Raises:
        StudioError: there is no such language.
    """

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise StudioError(
                f"Reports are not written in {language}", todo=f"Choose one of these: {', '.join(LANGUAGES)}"
            )
        self.language = language
        self._catalogue = _catalogue(language) if language != "en" else {}

    @property
    def html(self) -> str:
        """The language as HTML names it."""
        return {"zh_CN": "zh-Hans"}.get(self.language, self.language)

    def say(self, text: str, **values: object) -> str:
        """The text with its ``{placeholders}`` filled in; in English where there is no translation, or none that
        fits."""
        found = self._catalogue.get(text, text)
        if not values:
            return found
        try:
            return found.format(**values)
        except (KeyError, IndexError, ValueError):
            return text.format(**values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """The form that fits the number; ``{n}`` has separators."""
        return self.say(one if n == 1 else many, n=f"{n:,}", **values)

    def duration(self, seconds: float) -> str:
        """ "9 s", "2 min 14 s", "3 h 5 min"."""
        whole = max(0, round(seconds))
        if whole < 60:
            return self.say("{s} s", s=whole)
        if whole < 3600:
            return self.say("{m} min {s} s", m=whole // 60, s=whole % 60)
        return self.say("{h} h {m} min", h=whole // 3600, m=whole % 3600 // 60)


@lru_cache(maxsize=2)
def _catalogue(language: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for path in sorted(resources.find("translations").glob(f"{language}*.json")):
        merged.update(json.loads(path.read_text(encoding="utf-8")))
    return merged
