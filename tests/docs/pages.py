"""What the tests of the handbook know of its pages, read without Sphinx."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FOLDERS = {"en": DOCS, "zh": DOCS / "zh"}


@cache
def generated() -> ModuleType:
    """The module that writes the pages of settings and commands."""
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        import generated as module
    finally:
        sys.path.pop(0)
    return module


@cache
def text_of(page: Path) -> str:
    """A page with what is generated in it."""
    text = page.read_text(encoding="utf-8")
    language = "zh_CN" if page.parent.name == "zh" else "en"
    text = text.replace("```{generated} settings\n```", generated().settings(language))
    return text.replace("```{generated} commands\n```", generated().commands())


@cache
def places(page: Path) -> frozenset[str]:
    """Places that can be linked to: headings as they are addressed, and named ones."""
    text = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    named = re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(named) | {_slug(heading) for heading in headings}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w-]+", "", heading.lower().replace("`", "").replace(" ", "-")).replace("_", "-")


def commands() -> list[tuple[str, str]]:
    """Every command line that a page prints, with the page's name; those with choices in brackets are usage."""
    found = []
    for page in [*DOCS.glob("*.md"), *(DOCS / "zh").glob("*.md"), ROOT / "README.md"]:
        for line in re.findall(r"^(?:    )?(lstm-studio .+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            if "[" not in re.sub(r"'[^']*'", "", line) and "OUT_DIR" not in line:
                found.append((page.name, line.strip()))
    return found
