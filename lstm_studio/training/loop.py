"""Training: one loop that knows neither the window nor the command line."""

from __future__ import annotations

import tomllib
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from lstm_studio import config as configuration
from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.tasks import registry
from lstm_studio.training import randomness
from lstm_studio.training.control import Order, RunControl, RunState
from lstm_studio.training.device import out_of_memory
from lstm_studio.training.events import RunFailed, RunFinished, TrainingEvent
from lstm_studio.training.trainer import Trainer

if TYPE_CHECKING:
    from lstm_studio.training.parallel import World

Sink = Callable[[TrainingEvent], None]


def train(
    config: RunConfig,
    sink: Sink,
    control: RunControl | None = None,
    *,
    folder: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
    cache: Path | None = None,
    world: World | None = None,
) -> RunFinished:
    """Train a network from its configuration.

    Two runs of one configuration on a CPU are equal to the last bit, and so is one that was killed and resumed.

    Args:
        config: The run; with ``resume`` the folder's own configuration is used instead.
        sink: Receives every TrainingEvent, on this thread; it must not wait.
        control: Pause, resume, stop, cancel, and looks inside, from other threads.
        folder: Run folder to write (config.toml, vocabulary.json, model.safetensors, metrics.jsonl, checkpoint/,
            epochs/); None keeps everything in memory.
        resume: Go on from the folder's checkpoint.
        progress: Told how far the preparation of the data is; may raise Cancelled.
        cache: Where prepared data is kept between runs.
        world: The processes that train it together; all must call. Process 0's configuration and ``resume`` count, and
            it alone is given a folder and reaches its sink with all events.

    Returns:
        How it ended; the same event went to the sink last.

    Raises:
        StudioError: the configuration or the data cannot be used, numbers ran out of bounds, the memory was too small,
            or the folder cannot be written. RunFailed went to the sink before. Anything else that is raised is a bug.
    """
    control = control or RunControl()
    control.set_state(RunState.PREPARING)

    def watched(fraction: float, words: str) -> None:
        if control.order in {Order.CANCEL, Order.STOP}:
            raise Cancelled
        progress(fraction, words)

    trainer: Trainer | None = None
    failure: RunFailed | None = None
    threads = torch.get_num_threads()
    try:
        if resume:
            if folder is None:
                raise StudioError("There is no run to go on with", todo="Name the run's folder")
            config = configuration.load(folder / "config.toml")
        if world is not None:
            config = configuration.parse(tomllib.loads(world.share(configuration.dumps(config).encode).decode()))
        trainer = Trainer(registry.get(config.task), config, sink, control, folder, world)
        trainer.prepare(watched, cache, resume)
        with randomness.repeatable(trainer.device):
            return trainer.run()
    except Cancelled:
        finished = RunFinished(folder, "cancelled")
        sink(finished)
        return finished
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        failure, known = _explain(error, config, folder)
        sink(failure)
        if known is error:
            raise
        # Not "from error": its traceback holds the network, and with it the memory that was too small.
        raise known from None
    finally:
        if trainer is not None:
            trainer.close(failure)
        torch.set_num_threads(threads)
        control.set_state(RunState.ENDED)


def _explain(error: BaseException, config: RunConfig, folder: Path | None) -> tuple[RunFailed, BaseException]:
    """The event for an exception, and what to raise: a StudioError where a person can mend it."""
    if out_of_memory(error):
        size = config.training.batch_size
        half = max(1, size // 2)
        known = StudioError(
            f"The memory is too small for batches of {size} texts",
            todo=f"Set training.batch_size to {half}" if half < size else "Set model.hidden_size lower",
        )
        error.__traceback__ = None
        return RunFailed(known.message(), "memory", suggested_batch_size=half, run=folder), known
    if isinstance(error, OSError):
        known = StudioError(
            "The run's files cannot be written or read",
            where=error.filename or folder or "",
            why=error.strerror or str(error),
            todo="Make room on the disk or choose another folder, then resume the run",
        )
        return RunFailed(known.message(), "input", run=folder), known
    if isinstance(error, StudioError):
        return RunFailed(error.message(), "input", run=folder), error
    report = "".join(traceback.format_exception(error))
    return RunFailed(f"{type(error).__name__}: {error}", "bug", report, run=folder), error
