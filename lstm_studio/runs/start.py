"""Starting and resuming runs: the window and the command line alike come through here."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.config import RunConfig, load, save
from lstm_studio.data.places import cache_folder
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs import folder as names
from lstm_studio.runs.card import model_card
from lstm_studio.runs.files import write_text
from lstm_studio.runs.folder import RunFolder, RunInfo, is_run
from lstm_studio.runs.store import RunStore, data_title, prepare_folder
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from lstm_studio.training.place import PartnerLostError
from lstm_studio.version import __version__

if TYPE_CHECKING:
    from lstm_studio.training.parallel import World

Sink = Callable[[TrainingEvent], None]

_NOTE_EVERY = 5.0
"""Seconds between two updates of run.json that only say how far the run is."""


def start(
    config: RunConfig | None,
    sink: Sink,
    control: RunControl | None = None,
    *,
    folder: str | Path | None = None,
    store: RunStore | None = None,
    name: str | None = None,
    resume: bool = False,
    progress: Progress = silent,
    cache: Path | None = None,
    world: World | None = None,
) -> RunFinished:
    """Train, and keep the run's folder in order meanwhile: run.json, model card, lock.

    A cancelled run's folder is gone afterwards, and so is that of a run whose data could not be used; cancelling
    a resumed run leaves what it was resumed from. The last event reaches the sink when all that is done.

    Args:
        config: The run; may be None with ``resume``, which uses the folder's own.
        sink: Receives every event on this thread; it must not wait.
        control: Pause, resume, stop, cancel from other threads.
        folder: Where the run goes, or lies; a new one in the store when None.
        store: Where new runs go; the program's own place when None.
        name: What to call a new run.
        resume: Go on from the folder's checkpoint; from the start if there is none yet.
        progress: Told how far the preparation of the data is; may raise Cancelled.
        cache: Where prepared data is kept; the program's own place when None.
        world: The processes that train it together, of which this is the first.

    Raises:
        StudioError: there is a run in the folder already, nothing to resume, another process trains it, or the
            configuration or the data cannot be used.
    """
    from lstm_studio.training.loop import train  # brings torch

    keeper = _Keeper(_folder_to_resume(folder) if resume else _new_folder(config, folder, store, name), resume)
    try:
        with keeper:
            going_on = resume and keeper.folder.has_checkpoint
            if resume and keeper.folder.config != load(keeper.folder.path / names.CONFIG):
                save(keeper.folder.config, keeper.folder.path / names.CONFIG)  # its data lies elsewhere by now
            finished = train(
                keeper.folder.config if resume or config is None else config,
                keeper.listen(sink),
                control,
                folder=keeper.folder.path,
                resume=going_on,
                progress=progress,
                cache=cache if cache is not None else cache_folder() / "prepared",
                world=world,
            )
        return keeper.final(finished)
    finally:
        if keeper.last is not None:
            sink(keeper.last)


def _new_folder(
    config: RunConfig | None, folder: str | Path | None, store: RunStore | None, name: str | None
) -> RunFolder:
    if config is None:
        raise StudioError("There is no configuration to train from")
    if folder is None:
        return RunFolder((store or RunStore()).new_folder(config, name))
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise StudioError("This is a file, not a folder", where=path, todo="Name a folder for the run")
    if is_run(path):
        found = RunFolder(path)
        # The store has just made this folder for us; anything else is somebody's work.
        if found.info.status != "new" or found.has_checkpoint or found.has_weights:
            raise StudioError(
                "There is a run in this folder already",
                where=path,
                todo="Choose another folder"
                + (", or resume it" if found.has_checkpoint and found.status != "finished" else ", or delete it first"),
            )
        return found
    try:
        path.mkdir(parents=True, exist_ok=True)
        prepare_folder(path, config, name or data_title(path.resolve().name) or path.resolve().name)
    except OSError as error:
        raise StudioError(
            "The folder for the run cannot be made",
            where=path,
            why=error.strerror or str(error),
            todo="Choose another folder",
        ) from None
    return RunFolder(path)


def _folder_to_resume(folder: str | Path | None) -> RunFolder:
    if folder is None:
        raise StudioError("There is no run to resume", todo="Name its folder")
    found = RunFolder(folder)
    if found.status == "finished":
        raise StudioError(
            "The run is finished: there is nothing left to resume",
            where=found.path,
            todo=f"To train on, start a new run with more epochs from {found.path / names.CONFIG}",
        )
    _ = found.config  # a damaged one is better told before anything is touched
    return found


class _Keeper:
    """Keeps one run folder in order while it is trained. A context manager around the training."""

    def __init__(self, folder: RunFolder, resumed: bool) -> None:
        self.folder = folder
        self.last: RunFinished | RunFailed | None = None
        self._resumed = resumed
        self._started = False
        self._gone = False
        self._before = folder.info
        self._config: RunConfig = folder.config
        self._noted = 0.0
        self._seconds = self._before.seconds

    def __enter__(self) -> _Keeper:
        if not self.folder.lock.acquire():
            raise StudioError(
                "This run is being trained already", where=self.folder.path, todo="Stop it there, or wait until it ends"
            )
        self._update(status="running", message="", pruned=False, version=__version__)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            if isinstance(error, OSError) and not isinstance(error, (TimeoutError, ConnectionError)):
                self._end(error)
                failure = StudioError(
                    "The run's files cannot be written or read",
                    where=error.filename or self.folder.path,
                    why=error.strerror or str(error),
                    todo="Make room on the disk or choose another folder, then resume the run",
                )
                self.last = RunFailed(failure.message(), "input", run=self.folder.path)
                raise failure from None
            self._end(error)
        finally:
            self.folder.lock.release()
            if self._gone:
                discard(self.folder.path)

    def listen(self, sink: Sink) -> Sink:
        """A sink that keeps the books and passes on all but the last event, which waits until all is in order."""

        def listening(event: TrainingEvent) -> None:
            if isinstance(event, (RunFinished, RunFailed)):
                self.last = event
                return
            self._note(event)
            sink(event)

        return listening

    def final(self, finished: RunFinished) -> RunFinished:
        """What training returned, without the folder where that is gone."""
        return self.last if isinstance(self.last, RunFinished) else finished

    def _note(self, event: TrainingEvent) -> None:
        match event:
            case StepEnded():
                self._seconds += event.seconds
            case RunStarted():
                self._started = True
                self._config = event.config
                self._update(
                    classes=event.classes,
                    data=event.config.data.path,
                    epochs=event.config.training.epochs,
                    step=event.step,
                    total_steps=event.total_steps,
                    parameters=event.parameters,
                    vocabulary_size=event.vocabulary_size,
                    train_examples=event.train_examples,
                    validation_examples=event.validation_examples,
                    device=event.device,
                    notes=event.notes or self._before.notes,
                )
                self._card()
            case EpochEnded():
                changes: dict[str, Any] = {"epoch": event.epoch, "step": event.step, "metric": event.monitor}
                if event.best:
                    changes["best"] = {**event.metrics, "loss": event.validation_loss}
                    changes["best_epoch"] = event.epoch
                self._update(**changes, seconds=round(self._seconds, 3))
                if event.best:
                    self._card()
            case CheckpointSaved() if time.monotonic() - self._noted >= _NOTE_EVERY:
                self._update(step=event.step, seconds=round(self._seconds, 3))

    def _end(self, error: BaseException | None) -> None:
        """Write how it ended; a run that left nothing behind is discarded."""
        event = self.last
        if isinstance(event, RunFinished) and error is None:
            if event.reason == "cancelled":
                return self._cancelled(event)
            self._update(
                status="stopped" if event.reason == "stopped" else "finished",
                best={name: value for name, value in event.metrics.items() if value == value},
                best_epoch=event.best_epoch,
                step=event.step,
                seconds=round(event.seconds, 3),
            )
            if not self.folder.info.metric:
                self._update(metric=next(iter(event.metrics), ""))
            return self._card()
        if not self._resumed and not self._started and not self.folder.has_checkpoint:
            self._gone = True
            if event is not None:
                self.last = replace(event, run=None)
            return None
        if self._resumed and not self._started:
            # It could not be taken up again; what it was stays what it is.
            return self._restore()
        if isinstance(error, (KeyboardInterrupt, SystemExit, PartnerLostError)):
            self._update(status="interrupted")
        else:
            message = event.message if isinstance(event, RunFailed) else str(error or "")
            self._update(status="failed", message=message)
        return self._card()

    def _cancelled(self, event: RunFinished) -> None:
        if self._resumed:
            self._restore()
        else:
            self._gone = True
            self.last = replace(event, run=None)

    def _restore(self) -> None:
        status = self._before.status
        self._update(status="interrupted" if status in ("running", "paused", "new") else status)

    def _update(self, **changes: Any) -> RunInfo:
        self._noted = time.monotonic()
        return self.folder.update(**changes)

    def _card(self) -> None:
        write_text(self.folder.path / names.CARD, model_card(self._config, self.folder.info, self.folder.path))


def mark_interrupted(path: Path) -> None:
    """Say of a run that was stopped by a signal, and not by choice, that it was interrupted."""
    found = RunFolder(path)
    info = found.update(status="interrupted")
    write_text(path / names.CARD, model_card(found.config, info, path))


def discard(path: Path) -> None:
    """Remove a run's files, and its folder if nothing else lies there."""
    for name in names.FILES:
        (path / name).unlink(missing_ok=True)
    for name in (names.CHECKPOINT, names.EPOCHS):
        shutil.rmtree(path / name, ignore_errors=True)
    for leftover in path.glob(".*.part"):
        leftover.unlink(missing_ok=True)
    try:
        path.rmdir()
    except OSError:
        return  # other files lie there; they are not ours
