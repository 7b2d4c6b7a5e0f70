"""What the window remembers between two starts."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lstm_studio.gui.folders import folders, settings_file

RECENT = 12


class Settings(BaseModel):
    """Read at the start, written whenever something changes. Unknown keys of newer versions are kept out."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    language: Literal["system", "en", "zh_CN"] = "system"
    theme: Literal["system", "light", "dark"] = "system"
    text_size: int = Field(default=100, ge=100, le=200)
    """Per cent; from the next start on."""
    threads: int | None = Field(default=None, ge=1, le=256)
    runs_folder: str | None = None
    corpora_folder: str = ""
    """Empty: that of NLTK_DATA, or the program's own. The command line reads this and the next from the file."""
    corpora_mirror: str = ""
    recent: list[str] = Field(default_factory=list)
    geometry: str = ""
    page: str = "data"
    dataset: str | None = None
    sample: str | None = None
    run: str | None = None
    config: dict[str, Any] | None = None
    pages: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def remember_file(self, path: str | Path) -> None:
        """Put a file at the head of the recent ones."""
        text = str(path)
        self.recent = [text, *(other for other in self.recent if other != text)][:RECENT]

    def note(self, page: str, **values: Any) -> None:
        """Remember small things of a page (JSON values): ``settings.note("train", log_scale=True)``."""
        self.pages = {**self.pages, page: {**self.pages.get(page, {}), **values}}

    def noted(self, page: str, key: str, default: Any = None) -> Any:
        """What ``note`` remembered."""
        return self.pages.get(page, {}).get(key, default)

    @property
    def runs(self) -> Path:
        """The folder of runs in use."""
        return Path(self.runs_folder) if self.runs_folder else folders().runs


def load() -> tuple[Settings, str | None]:
    """The settings, and a sentence if the file was damaged. A damaged file is set aside, never overwritten."""
    path = settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), None
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), _set_aside(path, str(error))
    try:
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("not an object")
    except ValueError as error:
        return Settings(), _set_aside(path, str(error))
    try:
        return Settings(**values), None
    except ValidationError as error:
        # Only what is wrong goes back to its default.
        wrong = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
        return Settings(**{key: value for key, value in values.items() if key not in wrong}), None


def _set_aside(path: Path, why: str) -> str:
    aside = path.with_name(path.name + ".damaged")
    try:
        os.replace(path, aside)
    except OSError:
        return f"The settings could not be read ({why}); the defaults are used."
    return f"The settings were damaged ({why}); they are kept as {aside} and the defaults are used."


def save(settings: Settings) -> None:
    """Write the settings beside the file and rename into place.

    Raises:
        OSError: the folder cannot be written.
    """
    path = settings_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".settings.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(settings.model_dump_json(indent=1))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
