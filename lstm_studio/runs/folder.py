"""One run on disk: its configuration, words, weights, figures and status. Plain formats only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from lstm_studio.config import RunConfig, load
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import FolderLock, write_text
from lstm_studio.training import kept, record
from lstm_studio.training.events import EpochEnded, RunFinished, TrainingEvent

CONFIG, INFO, VOCABULARY = "config.toml", "run.json", "vocabulary.json"
WEIGHTS, METRICS, CHECKPOINT, CARD, LOCK = "model.safetensors", "metrics.jsonl", "checkpoint", "model_card.md", "lock"
RESULTS, EPOCHS = "results.json", kept.FOLDER
FILES = (CONFIG, INFO, VOCABULARY, WEIGHTS, METRICS, RESULTS, CARD, LOCK)

Status = Literal["new", "running", "finished", "stopped", "failed", "interrupted"]
_STATUSES = ("new", "running", "paused", "finished", "stopped", "failed", "interrupted")
_LIVING = ("running", "paused")
_FORMAT = 1


@dataclass(frozen=True)
class RunInfo:
    """What run.json says: enough for a list of runs, without reading anything else.

    Attributes:
        name: As the person calls it.
        created: ISO 8601 with the offset from UTC.
        status: As it was written; a run that says "running" while nobody trains it was interrupted.
        data: The training file.
        metric, best: The watched metric and all figures of the best epoch ("accuracy", "loss", ...).
        best_epoch, epochs, step, total_steps: How far it came.
        seconds: Time spent training.
        message: Why it failed.
        sweep, pruned: Title of the sweep that it is a trial of; whether that ended it for being hopeless.
    """

    name: str = ""
    created: str = ""
    status: str = "new"
    task: str = "classification"
    data: str = ""
    classes: tuple[str, ...] = ()
    metric: str = ""
    best: dict[str, float] = field(default_factory=dict)
    best_epoch: int = 0
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    parameters: int = 0
    vocabulary_size: int = 0
    train_examples: int = 0
    validation_examples: int = 0
    device: str = ""
    version: str = ""
    message: str = ""
    notes: tuple[str, ...] = ()
    sweep: str = ""
    pruned: bool = False

    @property
    def when(self) -> datetime:
        """``created`` as a time; the epoch's start when it is not readable."""
        try:
            when = datetime.fromisoformat(self.created)
        except ValueError:
            return datetime.fromtimestamp(0, UTC)
        return when if when.tzinfo else when.replace(tzinfo=UTC)

    def to_json(self) -> str:
        """The text of run.json."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> RunInfo:
        """Read run.json; fields of a wrong type or unknown name are left out.

        Raises:
            ValueError: it is not a JSON object.
        """
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("not an object")
        default = cls()
        kept: dict[str, Any] = {}
        for item in fields(cls):
            value, like = values.get(item.name), getattr(default, item.name)
            if isinstance(like, tuple) and isinstance(value, list):
                kept[item.name] = tuple(str(part) for part in value)
            elif isinstance(like, dict) and isinstance(value, dict):
                kept[item.name] = {str(k): float(v) for k, v in value.items() if _is_number(v)}
            elif isinstance(like, float) and _is_number(value):
                kept[item.name] = float(value or 0)
            elif type(value) is type(like):
                kept[item.name] = value
        if kept.get("status") not in _STATUSES:
            kept.pop("status", None)
        return cls(**kept)


def now() -> str:
    """The present moment for ``RunInfo.created``."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


class RunFolder:
    """A run folder, read lazily.

    Args:
        path: The folder.

    Raises:
        StudioError: there is no such folder, or it holds no run.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            what = "This is a file, not a run folder" if self.path.exists() else "There is no such run folder"
            raise StudioError(what, where=self.path, todo="Name the folder that training made")
        if not is_run(self.path):
            raise StudioError(
                "This folder holds no run", where=self.path, why=f"There is no {CONFIG} in it",
                todo="Name the folder that training made",
            )  # fmt: skip
        self.lock = FolderLock(self.path / LOCK)

    @cached_property
    def config(self) -> RunConfig:
        """The run's configuration, nothing left open in its data section once training has begun.

        Raises:
            StudioError: config.toml is missing or not valid.
        """
        config = load(self.path / CONFIG)
        if "/data-" not in config.data.path.replace("\\", "/"):
            return config
        from lstm_studio.runs.elsewhere import at_home

        return at_home(config, self.path)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The tokens that the network knows.

        Raises:
            StudioError: vocabulary.json is missing or damaged.
        """
        path = self.path / VOCABULARY
        return Vocabulary.from_json(self._text(path, "The run has no vocabulary"), str(path))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the network's outputs.

        Raises:
            StudioError: vocabulary.json is missing or damaged.
        """
        return tuple(self.meta.classes)

    @cached_property
    def meta(self) -> Any:
        """What the task keeps of the data beside the weights. Loads torch.

        Raises:
            StudioError: vocabulary.json is missing or damaged.
        """
        from lstm_studio.tasks import registry

        path = self.path / VOCABULARY
        return registry.get(self.config.task).load_meta(self._text(path, "The run has no vocabulary"), str(path))

    @property
    def info(self) -> RunInfo:
        """run.json as it is now; what can be told from the other files where it is missing or damaged."""
        try:
            return RunInfo.from_json((self.path / INFO).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return self._info_from_files()

    @property
    def name(self) -> str:
        """As the person calls it."""
        return self.info.name or self.path.name

    @property
    def status(self) -> Status:
        """What became of the run. "running" only while some process trains it."""
        return true_status(self.info, self.lock)

    @property
    def has_weights(self) -> bool:
        """Whether there is a network to predict with."""
        return (self.path / WEIGHTS).is_file()

    @property
    def has_checkpoint(self) -> bool:
        """Whether training can be taken up again."""
        folder = self.path / CHECKPOINT
        return folder.is_dir() and any(folder.glob("*.safetensors"))

    @property
    def epochs(self) -> tuple[int, ...]:
        """Epochs after which the weights were kept, besides the best ones; counted from 1, in order."""
        return kept.kept_epochs(self.path)

    def update(self, **changes: Any) -> RunInfo:
        """Change some fields of run.json."""
        info = replace(self.info, **changes)
        write_text(self.path / INFO, info.to_json())
        return info

    def events(self) -> Iterator[TrainingEvent]:
        """What training said, from metrics.jsonl. A line that a kill cut short is passed over.

        Raises:
            StudioError: config.toml is missing or not valid.
        """
        return record.read(self.path / METRICS, self.config)

    def _text(self, path: Path, what: str) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise StudioError(what, where=path, todo="Train the run again, or restore the file") from None
        except (OSError, UnicodeDecodeError) as error:
            raise StudioError("The file cannot be read", where=path, why=str(error)) from None

    def _info_from_files(self) -> RunInfo:
        try:
            config, created = self.config, (self.path / CONFIG).stat().st_mtime
        except (StudioError, OSError):
            return RunInfo(name=self.path.name, status="failed", message="Its files are damaged.")
        events = list(self.events())
        epochs = [event for event in events if isinstance(event, EpochEnded)]
        best = next((event for event in reversed(epochs) if event.best), None)
        ended = events[-1] if events else None
        status = ("finished" if ended.reason != "stopped" else "stopped") if isinstance(ended, RunFinished) else None
        return RunInfo(
            name=self.path.name,
            created=datetime.fromtimestamp(created).astimezone().isoformat(timespec="seconds"),
            status=status or ("interrupted" if self.has_checkpoint else "new"),
            task=config.task,
            data=config.data.path,
            metric=best.monitor if best else "",
            best=dict(best.metrics, loss=best.validation_loss) if best else {},
            best_epoch=best.epoch if best else 0,
            epoch=epochs[-1].epoch if epochs else 0,
            epochs=config.training.epochs,
        )


def weights_of(path: Path, epoch: int | None = None) -> Path:
    """The file with a run's best weights, or those of an epoch."""
    return path / WEIGHTS if epoch is None else kept.path_of(path, epoch)


def is_run(path: Path) -> bool:
    """Whether a folder holds a run, sound or damaged."""
    return (path / CONFIG).is_file() or (path / INFO).is_file()


def true_status(info: RunInfo, lock: FolderLock) -> Status:
    """What became of a run: one that says that it runs while nobody trains it was interrupted."""
    if info.status in _LIVING:
        return "running" if lock.held_by_somebody() else "interrupted"
    return info.status  # type: ignore[return-value]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
