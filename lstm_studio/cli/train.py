"""``train``: a run without the window."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.cli import console
from lstm_studio.cli.console import ProgressLine, duration
from lstm_studio.config import RunConfig, assign_text, load
from lstm_studio.config.presets import apply, begun, presets_of
from lstm_studio.config.run import LAYOUT, beside, dotted
from lstm_studio.data.figures import shown
from lstm_studio.errors import StudioError
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    GateSnapshot,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from lstm_studio.training.place import place_of
from lstm_studio.training.record import to_json

if TYPE_CHECKING:
    from lstm_studio.training.parallel import World

_STEP_LINES = 0.2
"""Seconds between two steps on standard output with --json; metrics.jsonl holds all of them."""
_BAR = 12


def train(given: argparse.Namespace) -> int:
    """``train [CONFIG.toml] [--data FILE] [--set ...] [--out RUN_DIR] [--resume RUN_DIR] [--seeds N] [--json]``."""
    place = place_of()
    if given.seeds is not None and place is not None:
        raise StudioError("Several seeds are trained one after the other, not by torchrun", todo="Leave out --seeds")
    if given.seeds is not None:
        from lstm_studio.cli.sweep import train_seeds

        return train_seeds(given)
    if place is None:
        return lead(given)
    from lstm_studio.cli.together import train_together

    return train_together(given, place)


def lead(given: argparse.Namespace, world: World | None = None) -> int:
    """Train, alone or as the first of several processes, and say what happens."""
    config = None if given.resume else configure(given)
    if given.resume:
        _refuse_changes(given)
    control = RunControl()
    teller = Teller(given.json)
    with interruptible(control, once=world is not None) as interrupted:
        from lstm_studio.runs.start import mark_interrupted, start

        try:
            with followed(given, teller) as sink:
                finished = start(
                    config,
                    sink,
                    control,
                    folder=given.resume or given.out,
                    resume=bool(given.resume),
                    progress=teller.progress,
                    world=world,
                )
        finally:
            teller.line.clear()
        # Of several processes any may have been interrupted; they stop for nothing else.
        if not interrupted.is_set() and not (world is not None and finished.reason in ("stopped", "cancelled")):
            teller.close(finished)
            return 0
        if finished.reason in ("completed", "early_stopped"):  # the signal came when all was done
            teller.close(finished)
            return 0
        if finished.reason == "cancelled" or finished.run is None:
            kept = given.resume and f"Interrupted before it went on; {given.resume} is as it was."
            teller.line.keep(kept or "Interrupted before the training began; nothing was kept.")
        else:
            mark_interrupted(finished.run)
            teller.interrupted(finished)
            teller.line.keep(
                f"Interrupted after step {finished.step:,}. A checkpoint was written. "
                f"Go on with: lstm-studio train --resume {_quoted(finished.run)}"
            )
    return 130


@contextlib.contextmanager
def followed(given: argparse.Namespace, teller: Teller) -> Iterator[Callable[[TrainingEvent], None]]:
    """The sink of a run: the teller, and the trackers that the arguments name."""
    if given.experiment and not given.mlflow:
        raise StudioError("--experiment is for MLflow", todo="Name its address with --mlflow URI, or leave it out")
    if not (given.tensorboard or given.mlflow):
        yield teller.tell
        return
    from lstm_studio.runs.trackers import Choice, Tracking, chosen

    choice = Choice(given.tensorboard or "", given.mlflow or "", given.experiment or "")
    with Tracking(chosen(choice), teller.line.keep) as tracking:

        def tell(event: TrainingEvent) -> None:
            tracking.tell(event)
            teller.tell(event)

        yield tell


def configure(given: argparse.Namespace) -> RunConfig:
    """The configuration that the arguments ask for.

    Raises:
        StudioError: the file cannot be read, a setting is wrong, or no data is named.
    """
    # --set takes several values; a configuration file may stand right behind them.
    settings = list(given.settings)
    if given.config is None and settings and "=" not in settings[-1]:
        given.config = settings.pop()
    if given.config is None:
        if not given.data:
            raise StudioError(
                "There is nothing to train from", todo="Name a CONFIG.toml, or a file of texts with --data FILE"
            )
        config = RunConfig()
        named: set[str] = set()
    else:
        path = Path(given.config)
        if path.is_dir():
            raise StudioError(
                "This is a folder, not a configuration file", where=path, todo=f"Use --resume {path}, or --data {path}"
            )
        if path.suffix.lower() not in ("", ".toml") and path.is_file():
            raise StudioError("This is not a configuration file", where=path, todo=f"To train on it: --data {path}")
        config = load(path)
        named = {"task"} & config.model_fields_set | set(dotted(config))
        config = _beside(config, path)
    if given.data:
        config = config.replace(**{"data.path": str(given.data)})
    # How the file is read says which task it is, and the task which settings there are.
    names = [setting.partition("=")[0].strip() for setting in settings]
    early = [name == "task" or name.removeprefix("data.") in LAYOUT for name in names]
    for setting, first in zip(settings, early, strict=True):
        config = assign_text(config, setting) if first else config
    if config.data.path and "task" not in {*named, *names}:
        config = _guess_task(config)
    preset = dict(zip(names, settings, strict=True)).get("preset", "").partition("=")[2].strip()
    if preset:
        config = _of_preset(config, preset)
    config = assign_text(config, *(setting for setting, first in zip(settings, early, strict=True) if not first))
    if not config.data.path:
        raise StudioError("No data is chosen", where=given.config or "", todo="Add data.path to it, or --data FILE")
    return config if preset else begun(config, {*named, *names})


def _of_preset(config: RunConfig, name: str) -> RunConfig:
    """The network and the training of a preset; a StudioError where the task has none of that name."""
    known = [preset.name for preset in presets_of(config.task)]
    if name not in known:
        todo = f"Presets of {config.task} are {', '.join(known)}"
        raise StudioError("There is no such preset", where=f"preset={name}", todo=todo)
    return apply(config, name)


def _guess_task(config: RunConfig) -> RunConfig:
    """The task that the file looks like, where nobody named one."""
    from lstm_studio.data.kinds import KINDS, section_for, task_of
    from lstm_studio.data.table import open_for

    data = config.data
    if any(getattr(data, role.field, None) is not None for role in KINDS[config.task].roles):
        return config
    task = task_of(open_for(data))
    if task == config.task:
        return config
    console.ProgressLine().keep(f"This looks like {KINDS[task].title.lower()}; another task is named by --set task=...")
    return RunConfig(**{**dict(config), "task": task, "data": section_for(task, data)})


def _beside(config: RunConfig, path: Path) -> RunConfig:
    """Files that are not found from here, but from where the configuration lies; of a prepared run all of them."""
    from lstm_studio.runs.elsewhere import check_prepared, is_prepared

    prepared = is_prepared(path.resolve().parent)
    if prepared:
        check_prepared(path.resolve().parent)
    return beside(config, path.resolve().parent, first=prepared)


def _refuse_changes(given: argparse.Namespace) -> None:
    named = {"CONFIG.toml": given.config, "--data": given.data, "--set": given.settings, "--out": given.out}
    wrong = [name for name, value in named.items() if value]
    if wrong:
        raise StudioError(
            f"--resume goes on with the run's own settings and data; {' and '.join(wrong)} cannot be given too",
            todo="Leave them out, or start a new run",
        )


@contextlib.contextmanager
def interruptible(control: RunControl, *, once: bool = False) -> Iterator[threading.Event]:
    """Turn Ctrl+C and a polite kill into a stop after this batch; a second Ctrl+C ends at once.

    Args:
        once: Whatever comes after the first is ignored: torchrun passes on what the terminal has sent already.
    """
    asked = threading.Event()

    def stop(number: int, frame: Any) -> None:
        if asked.is_set() and once:
            return
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        control.stop()
        if once:
            return
        # Not through the buffered stream: the signal may have come in the midst of a write to it.
        with contextlib.suppress(OSError):
            os.write(2, b"\nStopping after this batch ...\n")

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGBREAK"):
        numbers.append(signal.SIGBREAK)
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


class Teller:
    """Says on standard error how far the run is, and with --json on standard output what happens.

    Nobody reading standard output any more does not end a run.
    """

    def __init__(self, as_json: bool) -> None:
        self.line = ProgressLine()
        self._json = as_json
        self._deaf = False
        self._started: RunStarted | None = None
        self._clock = 0.0
        self._began_at = 0
        self._step_line = 0.0
        self._loss: float | None = None

    def progress(self, fraction: float, words: str) -> None:
        """How far the preparation is."""
        self.line.progress(fraction, words)

    def tell(self, event: TrainingEvent) -> None:
        """The sink."""
        if self._json and not isinstance(event, (GateSnapshot, RunFinished)):
            self._write(event)
        match event:
            case RunStarted():
                self._began(event)
            case StepEnded():
                self._stepped(event)
            case EpochEnded():
                self._epoch(event)
            case RunFailed() | RunFinished() | CheckpointSaved() | GateSnapshot():
                pass

    def close(self, finished: RunFinished) -> None:
        """The last words."""
        if self._json:
            self._say_json(to_json(finished))
            return
        words = {"early_stopped": "Stopped early", "stopped": "Stopped"}.get(finished.reason, "Finished")
        best = f" Best epoch {finished.best_epoch}:" if finished.best_epoch else ""
        lines = [
            f"{words} after {finished.step:,} steps, {duration(finished.seconds)}.{best} {_figures(finished.metrics)}",
            f"Run: {finished.run}",
        ]
        with self._unless_closed():
            console.say("\n".join(lines))

    def interrupted(self, finished: RunFinished) -> None:
        """With --json, where it stopped and what can be resumed."""
        if self._json:
            self._say_json({**to_json(finished), "event": "run_interrupted", "reason": "interrupted"})

    def _began(self, event: RunStarted) -> None:
        from lstm_studio.data.kinds import KINDS

        self._started, self._clock, self._began_at = event, time.monotonic(), event.step
        for note in event.notes:
            self.line.keep(note)
        again = f", from step {event.step:,}" if event.step else ""
        kind = KINDS[event.config.task]
        many = kind.example[1]
        classes = f"{kind.classes[len(event.classes) != 1].format(n=len(event.classes))}, " if kind.classes else ""
        self.line.keep(
            f"{event.train_examples:,} {many} to learn from, {event.validation_examples:,} to check with, "
            f"{classes}{event.vocabulary_size:,} tokens known; {event.parameters:,} weights; "
            f"{event.device}, {event.threads} {'thread' if event.threads == 1 else 'threads'}{again}"
        )

    def _stepped(self, event: StepEnded) -> None:
        self._loss = event.loss if self._loss is None else 0.98 * self._loss + 0.02 * event.loss
        started = self._started
        if started is None or not self.line.due():
            return
        done = event.step - self._began_at
        left = (started.total_steps - event.step) * (time.monotonic() - self._clock) / max(1, done)
        full = round(_BAR * event.step / max(1, started.total_steps))
        bar = "█" * full + "░" * (_BAR - full)
        self.line.show(
            f"Epoch {event.epoch} of {started.config.training.epochs}  {bar}  "
            f"step {event.step:,} of {started.total_steps:,}  loss {self._loss:.3f}  {duration(left)} left"
        )

    def _epoch(self, event: EpochEnded) -> None:
        epochs = self._started.config.training.epochs if self._started else 0
        best = "  best so far" if event.best else ""
        self.line.keep(
            f"Epoch {event.epoch} of {epochs}: loss {event.train_loss:.4f}, "
            f"validation loss {event.validation_loss:.4f}, {_figures(event.metrics)}, "
            f"{event.seconds:.1f} s{best}"
        )

    def _write(self, event: TrainingEvent) -> None:
        if isinstance(event, StepEnded):
            now = time.monotonic()
            if now - self._step_line < _STEP_LINES:
                return
            self._step_line = now
        self._say_json(to_json(event))

    def _say_json(self, values: dict[str, Any]) -> None:
        with self._unless_closed():
            console.say_json(values)

    @contextlib.contextmanager
    def _unless_closed(self) -> Iterator[None]:
        if self._deaf:
            yield
            return
        try:
            yield
        except BrokenPipeError:
            self._deaf = True
            console.abandon_output()


def _figures(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {shown(name, value)}" for name, value in metrics.items())


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if any(ch.isspace() for ch in text) else text
