"""A trial that trains: listens to its run, tells the sweep how good it is, ends it when it is hopeless."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.config import RunConfig
from lstm_studio.runs.folder import RunFolder
from lstm_studio.training.control import Order, RunControl
from lstm_studio.training.events import EpochEnded, RunFailed, RunFinished, RunStarted, TrainingEvent

if TYPE_CHECKING:
    import optuna

    from lstm_studio.runs.sweep import Sweep


class SweepTrial:
    """A trial that trains. ``hear`` is called on the training thread, the rest by whoever trains it.

    Attributes:
        number, values, config, name: What is trained, and how its run is called.
        resume: A run to go on with instead of a new one.
        pruned: Whether it was ended for being hopeless.
        trouble: What the storage last complained about; training goes on without it.
    """

    def __init__(
        self, sweep: Sweep, trial: optuna.Trial, values: dict[str, Any], config: RunConfig, control: RunControl
    ) -> None:
        self._sweep, self._trial, self._control = sweep, trial, control
        self.number, self.values, self.config = trial.number, values, config
        self.name = f"{sweep.config.title}, trial {trial.number + 1}"
        self.pruned = self._ended = False
        self.trouble = ""
        self._run: Path | None = None
        self._best: float | None = None
        stopped = str(trial.user_attrs.get("resume", ""))
        found = sweep.store.summary(sweep.store.folder / stopped) if stopped else None
        self.resume = found.path if found is not None and found.can_resume else None

    def hear(self, event: TrainingEvent) -> None:
        """Keep the trial's books; ends the run if it is hopeless. Never raises."""
        try:
            match event:
                case RunStarted() if event.run is not None:
                    self._run = event.run
                    self._note(sweep=self._sweep.config.title, pruned=False)
                    self._trial.set_user_attr("run", event.run.name)
                case EpochEnded():
                    self._epoch(event)
                case RunFinished() | RunFailed():
                    self.end(event)
        except Exception as error:  # noqa: BLE001 - a storage that is away must not cost the training
            self.trouble = f"{type(error).__name__}: {error}"

    def _epoch(self, event: EpochEnded) -> None:
        metric = self._sweep.metric
        value = event.metrics.get(metric, event.validation_loss if metric == "loss" else math.nan)
        if not math.isfinite(value):
            return
        if event.best or self._best is None:
            self._best = value
        self._trial.report(value, event.epoch)
        if event.epoch < self.config.training.epochs and self._trial.should_prune():
            self.pruned = True
            self._note(pruned=True)
            self._control.stop()

    def _note(self, **changes: Any) -> None:
        if self._run is not None:
            RunFolder(self._run).update(**changes)

    def end(self, event: RunFinished | RunFailed | None) -> None:
        """Tell how it ended; a second time it does nothing."""
        if self._ended:
            return
        self._ended = True
        state = self._sweep.optuna.trial.TrialState
        study, trial = self._sweep.study, self._trial
        value = self._best
        if isinstance(event, RunFinished) and math.isfinite(event.metrics.get(self._sweep.metric, math.nan)):
            value = event.metrics[self._sweep.metric]
        if self.pruned:
            study.tell(trial, state=state.PRUNED)
        elif isinstance(event, RunFinished) and event.reason in ("completed", "early_stopped") and value is not None:
            study.tell(trial, value)
        elif isinstance(event, RunFailed) or event is None or self._control.order not in (Order.STOP, Order.CANCEL):
            trial.set_user_attr("message", event.message if isinstance(event, RunFailed) else "")
            self._sweep.fail(trial._trial_id, "failed")
        else:
            self._sweep.fail(trial._trial_id, "stopped" if self._control.order is Order.STOP else "discarded")
