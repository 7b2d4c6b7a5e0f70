"""Training the trials of a sweep one after another, without a window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.runs.sweep import Sweep
from lstm_studio.runs.sweep_trial import SweepTrial
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import RunFailed, RunFinished, TrainingEvent

AT_ONCE = 3
"""So many trials in a row that cannot even begin end the work: the next ones would not either."""


def work(
    sweep: Sweep,
    *,
    sink: Callable[[TrainingEvent], None] = lambda event: None,
    began: Callable[[SweepTrial], None] = lambda trial: None,
    ended: Callable[[SweepTrial, RunFinished | RunFailed], None] = lambda trial, event: None,
    listening: Callable[[RunControl], AbstractContextManager[threading.Event]] | None = None,
    progress: Progress = silent,
    cache: Path | None = None,
) -> bool:
    """Train until the budget is spent.

    Args:
        sweep: Which; other processes may work on it meanwhile.
        sink: Hears what each run says, on this thread.
        began, ended: Told of each trial; after ``ended`` its fate is in the storage.
        listening: Stands around each trial; its event says that a person wants to stop.
        progress: How far the preparation of the data is.
        cache: Where prepared data is kept.

    Returns:
        Whether the budget is spent; False when a person stopped it.

    Raises:
        StudioError: the storage does not answer, or no trial can begin.
    """
    sweep.begin()
    hopeless = 0
    try:
        while True:
            control = RunControl()
            with listening(control) if listening is not None else nullcontext(threading.Event()) as asked:
                trial = sweep.ask(control)
                if trial is None:
                    return True
                began(trial)
                event = _train(trial, control, sink, progress, cache, sweep)
                trial.end(event)
                ended(trial, event)
                if asked.is_set():
                    return False
            hopeless = hopeless + 1 if isinstance(event, RunFailed) and event.run is None else 0
            if hopeless >= AT_ONCE and isinstance(event, RunFailed):
                raise StudioError("No trial of the sweep can begin", where=sweep.path, why=event.message)
    finally:
        sweep.close()


def _train(
    trial: SweepTrial,
    control: RunControl,
    sink: Callable[[TrainingEvent], None],
    progress: Progress,
    cache: Path | None,
    sweep: Sweep,
) -> RunFinished | RunFailed:
    """One trial; what ends it comes back, whatever it is."""
    from lstm_studio.runs.start import start

    last: list[RunFinished | RunFailed] = []

    def hear(event: TrainingEvent) -> None:
        if isinstance(event, (RunFinished, RunFailed)):
            last.append(event)
        else:
            trial.hear(event)
        sink(event)

    try:
        return start(
            None if trial.resume else trial.config,
            hear,
            control,
            folder=trial.resume,
            store=sweep.store,
            name=trial.name,
            resume=trial.resume is not None,
            progress=progress,
            cache=cache,
        )
    except Cancelled:
        return RunFinished(None, "cancelled")
    except StudioError as error:
        return last[-1] if last else RunFailed(error.message(), "input")
    except Exception as error:  # noqa: BLE001 - one odd trial must not end the night's work
        return last[-1] if last else RunFailed(f"{type(error).__name__}: {error}", "bug")
