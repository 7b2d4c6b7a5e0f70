"""Training: one loop that knows neither the window nor the command line."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import torch

from lstm_studio import config as configuration
from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.tasks import registry
from lstm_studio.training.control import Order, RunControl, RunState
from lstm_studio.training.events import RunFailed, RunFinished, TrainingEvent
from lstm_studio.training.trainer import Trainer

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
) -> RunFinished:
    """Train a network from its configuration.

    Two runs of one configuration on a CPU are equal to the last bit, and so is one that was killed and resumed.

    Args:
        config: The run; with ``resume`` the folder's own configuration is used instead.
        sink: Receives every TrainingEvent, on this thread; it must not wait.
        control: Pause, resume, stop, cancel, and looks inside, from other threads.
        folder: Run folder to write (config.toml, vocabulary.json, model.safetensors, metrics.jsonl, checkpoint/);
            None keeps everything in memory.
        resume: Go on from the folder's checkpoint.
        progress: Told how far the preparation of the data is; may raise Cancelled.
        cache: Where prepared data is kept between runs.

    Returns:
        How it ended; the same event went to the sink last.

    Raises:
        StudioError: the configuration or the data cannot be used, numbers ran out of bounds, or the GPU's memory was
            too small. RunFailed went to the sink before. Anything else that is raised is a bug.
    """
    control = control or RunControl()
    control.set_state(RunState.PREPARING)

    def watched(fraction: float, words: str) -> None:
        if control.order in {Order.CANCEL, Order.STOP}:
            raise Cancelled
        progress(fraction, words)

    trainer: Trainer | None = None
    threads = torch.get_num_threads()
    try:
        if resume:
            if folder is None:
                raise StudioError("There is no run to go on with", todo="Name the run's folder")
            config = configuration.load(folder / "config.toml")
        trainer = Trainer(registry.get(config.task), config, sink, control, folder)
        trainer.prepare(watched, cache, resume)
        return trainer.run()
    except Cancelled:
        finished = RunFinished(folder, "cancelled")
        sink(finished)
        return finished
    except StudioError as error:
        sink(RunFailed(error.message(), "input", run=folder))
        raise
    except torch.OutOfMemoryError:
        half = max(1, config.training.batch_size // 2)
        error_text = f"The GPU's memory is too small for batches of {config.training.batch_size} texts"
        failure = StudioError(error_text, todo=f"Set training.batch_size to {half}, or model.hidden_size lower")
        sink(RunFailed(failure.message(), "memory", suggested_batch_size=half, run=folder))
        raise failure from None
    except BaseException as error:
        if not isinstance(error, (KeyboardInterrupt, SystemExit)):
            sink(RunFailed(f"{type(error).__name__}: {error}", "bug", traceback.format_exc(), run=folder))
        raise
    finally:
        if trainer is not None:
            trainer.close()
        torch.set_num_threads(threads)
        control.set_state(RunState.ENDED)
