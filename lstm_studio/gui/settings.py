"""What the window remembers between two starts."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lstm_studio.config import RunConfig
from lstm_studio.gui.folders import LARGEST, folders, settings_file, use_data
from lstm_studio.gui.i18n import tr

RECENT = 12


class Settings(BaseModel):
    """Read at the start, written whenever something changes. Unknown keys of newer versions are kept out."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    language: Literal["system", "en", "zh_CN"] = "system"
    theme: Literal["system", "light", "dark"] = "system"
    text_size: int = Field(default=100, ge=100, le=200)
    """Per cent; from the next start on."""
    threads: int | None = Field(default=None, ge=1, le=256)
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """For runs that leave it open."""
    data_folder: str = ""
    """Of samples, written sets and runs. Empty: the usual one."""
    toured: bool = False
    """Whether the pages were shown to who began."""
    runs_folder: str | None = None
    corpora_folder: str = ""
    """Empty: that of NLTK_DATA, or the program's own. The command line reads this and the next from the file."""
    corpora_mirror: str = ""
    tensorboard: str = ""
    """Folder for the event files of every run; empty: none. The next two: MLflow's address, the experiment there."""
    mlflow: str = ""
    experiment: str = ""
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

    def applied(self, config: RunConfig) -> RunConfig:
        """A configuration with the threads and the device that are set here, where it leaves them open."""
        more: dict[str, Any] = {}
        if config.training.threads is None and self.threads is not None:
            more["training.threads"] = self.threads
        if config.training.device == "auto" and self.device != "auto":
            more["training.device"] = self.device
        return config.replace(**more) if more else config

    @property
    def runs(self) -> Path:
        """The folder of runs in use."""
        return Path(self.runs_folder) if self.runs_folder else folders().runs


def load() -> tuple[Settings, str | None]:
    """The settings, and a sentence if the file was damaged. What was damaged is kept, never overwritten."""
    path = settings_file()
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise ValueError(tr("it is far too large"))
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise ValueError(tr("it holds no settings"))
    except FileNotFoundError:
        return Settings(), None
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return Settings(), _set_aside(path, _why(error))
    try:
        return Settings(**values), None
    except ValidationError as error:
        # Only what is wrong goes back to its default.
        wrong = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
        settings = Settings(**{key: value for key, value in values.items() if key not in wrong})
        names = ", ".join(sorted(wrong))
        with contextlib.suppress(OSError):
            aside = _free(path)
            shutil.copyfile(path, aside)
            words = tr("Settings that meant nothing are back at their defaults: {names}. The file is kept as {aside}.",
                       names=names, aside=aside)  # fmt: skip
            return settings, words
        return settings, tr("Settings that meant nothing are back at their defaults: {names}.", names=names)


def _why(error: BaseException) -> str:
    """In few words, for people."""
    if isinstance(error, json.JSONDecodeError):
        return tr("it ends or breaks off in line {line}", line=error.lineno)
    if isinstance(error, UnicodeDecodeError):
        return tr("it is no text")
    if isinstance(error, RecursionError):
        return tr("it is nested too deeply")
    return os_words(error) if isinstance(error, OSError) else str(error)


def _set_aside(path: Path, why: str) -> str:
    try:
        aside = _free(path)
        os.replace(path, aside)
    except OSError:
        return tr("The settings could not be read ({why}); the defaults are used.", why=why)
    return tr(
        "The settings were damaged ({why}); they are kept as {aside} and the defaults are used.", why=why, aside=aside
    )


def _free(path: Path) -> Path:
    """A name for what is set aside that nothing has yet; the last one is used again."""
    names = [path.with_name(f"{path.name}.damaged{number}") for number in ("", *(f"-{n}" for n in range(2, 10)))]
    return next((name for name in names if not name.exists()), names[-1])


def os_words(error: OSError) -> str:
    """What the system says, without its full stop and in the user's language where it is known."""
    words = f"{error.strerror or error}."
    return tr(words).removesuffix(".").removesuffix("。")


def writable(folder: str | Path) -> str:
    """Empty if files can be written there (the folder is made where it can be); else a sentence that says why not."""
    try:
        place = Path(folder)
        if not place.is_absolute():
            return tr("A folder begins at the root of the disk, as in {example}.", example=Path.home() / "lstm")
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return ""
    except (OSError, ValueError) as error:
        why = os_words(error) if isinstance(error, OSError) else str(error)
        return tr("Nothing can be written to {folder}: {why}. Choose another one.", folder=folder, why=why)


def use_folder(settings: Settings) -> str:
    """Keep data where the settings say; a sentence if that folder cannot be used now and the usual one is."""
    use_data(settings.data_folder)
    if not settings.data_folder or not writable(settings.data_folder):
        return ""
    use_data("")
    return tr(
        "The data folder {folder} cannot be used now; new runs and samples go to {usual}.",
        folder=settings.data_folder,
        usual=folders().data,
    )


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
