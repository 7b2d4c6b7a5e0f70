"""A sweep: Optuna proposes settings, each trial is an ordinary run, hopeless ones end early. Needs no torch to look at.

Optuna (Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", 2019,
https://arxiv.org/abs/1907.10902) is imported when a sweep is opened, and never before. Its storage is what several
processes share; all else about a trial is its run.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import os
import platform
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.config import RunConfig
from lstm_studio.data.figures import figure
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import FolderLock
from lstm_studio.runs.folder import RunFolder
from lstm_studio.runs.store import RunStore
from lstm_studio.runs.sweep_config import FieldRange, SweepConfig, load_sweep, option_of
from lstm_studio.training.control import Order, RunControl
from lstm_studio.training.events import EpochEnded, RunFailed, RunFinished, RunStarted, TrainingEvent

if TYPE_CHECKING:
    import optuna

INSTALL = "pip install 'lstm-studio[sweeps]'"
_TRIES = 20
"""Proposals in a row that do not fit together before it is given up."""
_YOUNG = 60.0
"""Seconds in which a trial need not have said who trains it."""


@dataclass(frozen=True)
class TrialRow:
    """A trial as it is shown.

    Attributes:
        number: From 0, as Optuna counts.
        state: "waiting", "running", "done", "pruned", "failed", or "stopped" by a person, to be gone on with.
        values: Dotted name -> what was tried.
        value: The watched figure of the best epoch; of the last one while it trains.
        epoch: The last one that has ended; 0 before.
        seconds: Since it began, or that it took.
        run: Name of the run's folder; "" before there is one.
        message: Why it failed.
    """

    number: int
    state: str
    values: Mapping[str, Any] = field(default_factory=dict)
    value: float | None = None
    epoch: int = 0
    seconds: float = 0.0
    run: str = ""
    message: str = ""


def available() -> bool:
    """Whether Optuna is installed; it is not imported."""
    return importlib.util.find_spec("optuna") is not None


def load_optuna() -> Any:
    """The package, quiet.

    Raises:
        StudioError: it is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise StudioError(
            "Sweeps need Optuna, which is not installed", todo=f"Install it with {INSTALL}, then start again"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


class Sweep:
    """One sweep: its file, and the study in its storage.

    Args:
        path: The sweep's TOML file; the default journal lies beside it under the same name.
        store: Where the runs go; the program's own place when None.
        storage: Instead of the one that the file names.

    Raises:
        StudioError: the file is not valid, Optuna is missing, or the storage cannot be opened.
    """

    def __init__(self, path: str | Path, store: RunStore | None = None, storage: str | None = None) -> None:
        self.path, self.store = Path(path), store or RunStore()
        self.config: SweepConfig = load_sweep(self.path)
        self.metric = self.config.metric or self.config.base.training.monitor or _watched(self.config.base)
        self.worker = uuid.uuid4().hex[:12]
        self._optuna = load_optuna()
        self._lock: FolderLock | None = None
        self._until = math.inf
        self.study: optuna.Study = self._open(storage if storage is not None else self.config.storage)

    @property
    def higher_is_better(self) -> bool:
        """Which way the watched figure is better."""
        return figure(self.metric).higher_is_better

    def _open(self, storage: str) -> optuna.Study:
        optuna = self._optuna
        with _told("The sweep's storage cannot be opened", storage or self.journal):
            if "://" in storage:
                place: Any = storage
            else:
                from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock, JournalStorage

                file = str(self.path.parent / storage) if storage else str(self.journal)
                # Its lock by links needs rights that Windows gives to few.
                lock = JournalFileOpenLock(file) if os.name == "nt" else None
                place = JournalStorage(JournalFileBackend(file, lock_obj=lock))
            return optuna.create_study(
                storage=place,
                study_name=self.config.title,
                direction="maximize" if self.higher_is_better else "minimize",
                load_if_exists=True,
            )

    @property
    def journal(self) -> Path:
        """Where the trials are kept, unless the sweep names another storage."""
        return self.path.with_suffix(".journal")

    # -- working ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take part from now on: time counts, trials that died are marked, those that were stopped wait again."""
        minutes = self.config.minutes
        self._until = math.inf if minutes is None else time.monotonic() + 60.0 * minutes
        if self._lock is None:
            self._lock = FolderLock(self._lock_path(self.worker))
            self._lock.acquire()
        optuna = self._optuna
        with _told("The sweep's storage does not answer", self.path):
            self.heal()
            trials = self.study.get_trials(deepcopy=False)
            taken = {trial.user_attrs.get("resumes") for trial in trials}
            for trial in trials:
                if _reason(trial) == "stopped" and trial.number not in taken:
                    run = {"resume": trial.user_attrs.get("run", ""), "resumes": trial.number}
                    self.study.enqueue_trial(trial.params, user_attrs=run)
        alone = not any(trial.state is optuna.trial.TrialState.RUNNING for trial in trials) and not self._others()
        # Each process draws other settings; a sweep that works alone is the same each time.
        seed = self.config.seed + len(trials) + (0 if alone else zlib.crc32(self.worker.encode()))
        runs, epochs = self.config.runs or 40, self.config.base.training.epochs
        if self.config.sampler == "random":
            self.study.sampler = optuna.samplers.RandomSampler(seed=seed % 2**32)
        else:
            first = max(3, min(10, runs // 3))
            self.study.sampler = optuna.samplers.TPESampler(seed=seed % 2**32, n_startup_trials=first)
        if self.config.pruner == "median":
            self.study.pruner = optuna.pruners.MedianPruner(
                n_startup_trials=max(2, min(5, runs // 4)), n_warmup_steps=epochs // 4
            )
        else:
            self.study.pruner = optuna.pruners.NopPruner()

    def close(self) -> None:
        """Take part no more."""
        if self._lock is not None:
            self._lock.release()
            with contextlib.suppress(OSError):
                self._lock.path.unlink()
            self._lock = None

    def heal(self) -> int:
        """Mark trials as failed whose process has died on this computer; returns how many."""
        state = self._optuna.trial.TrialState
        found = 0
        for trial in self.study.get_trials(deepcopy=False, states=(state.RUNNING,)):
            worker, host = trial.user_attrs.get("worker"), trial.user_attrs.get("host")
            age = (datetime.now() - trial.datetime_start).total_seconds() if trial.datetime_start else 0.0
            here = host == platform.node() and trial.user_attrs.get("folder") == str(self.path.parent.resolve())
            dead = here and worker != self.worker and not FolderLock(self._lock_path(str(worker))).held_by_somebody()
            if dead or (worker is None and age > _YOUNG):
                with contextlib.suppress(self._optuna.exceptions.UpdateFinishedTrialError):
                    self._fail(trial._trial_id, "died")
                    found += 1
        return found

    def _others(self) -> bool:
        mine = self._lock_path(self.worker)
        locks = self.path.parent.glob(f".{self.path.stem}.*.lock")
        return any(path != mine and FolderLock(path).held_by_somebody() for path in locks)

    def _lock_path(self, worker: str) -> Path:
        return self.path.parent / f".{self.path.stem}.{worker}.lock"

    def ask(self, control: RunControl) -> SweepTrial | None:
        """The next trial; None when the budget is spent.

        Raises:
            StudioError: what is tried never fits together, or the storage does not answer.
        """
        message = ""
        with _told("The sweep's storage does not answer", self.path):
            for _ in range(_TRIES):
                if self.spent():
                    return None
                trial = self.study.ask()
                counted = [one.number for one in self.study.get_trials(deepcopy=False) if _counts(one)]
                if self.config.runs is not None and trial.number in counted[self.config.runs :]:
                    self._fail(trial._trial_id, "surplus")  # another process was faster
                    return None
                for name, value in (
                    ("worker", self.worker),
                    ("host", platform.node()),
                    ("folder", str(self.path.parent.resolve())),
                ):
                    trial.set_user_attr(name, value)
                try:
                    values = {name: _propose(trial, self, name, tried) for name, tried in self.config.fields.items()}
                    config = self.config.base.replace(preset=None, **values, **{"training.monitor": self.metric})
                except StudioError as error:
                    message = error.message()
                    trial.set_user_attr("message", message)
                    self._fail(trial._trial_id, "failed")
                    continue
                return SweepTrial(self, trial, values, config, control)
        raise StudioError("What the sweep tries does not go together", where=self.path, why=message)

    def spent(self) -> bool:
        """Whether no trial is to be begun any more."""
        if time.monotonic() >= self._until:
            return True
        trials = self.study.get_trials(deepcopy=False)
        if any(trial.state is self._optuna.trial.TrialState.WAITING for trial in trials):
            return False
        return self.config.runs is not None and sum(map(_counts, trials)) >= self.config.runs

    def _fail(self, trial_id: int, reason: str) -> None:
        storage = self.study._storage
        storage.set_trial_user_attr(trial_id, "reason", reason)
        storage.set_trial_state_values(trial_id, self._optuna.trial.TrialState.FAIL)

    # -- looking ---------------------------------------------------------------------------------------------

    def rows(self) -> tuple[TrialRow, ...]:
        """All trials as they are now, in the order in which they began.

        Raises:
            StudioError: the storage does not answer.
        """
        with _told("The sweep's storage does not answer", self.path):
            trials = self.study.get_trials(deepcopy=False)
        return tuple(_row(trial) for trial in trials if _reason(trial) != "surplus")

    def best(self) -> TrialRow | None:
        """The best trial that is done; None before there is one."""
        done = [row for row in self.rows() if row.state == "done" and row.value is not None]
        sign = 1 if self.higher_is_better else -1
        return max(done, key=lambda row: sign * (row.value or 0.0), default=None)

    def importance(self) -> dict[str, float]:
        """How much of what differs between good and bad trials each setting explains; they sum up to 1.

        PED-ANOVA (Watanabe et al., 2023, https://arxiv.org/abs/2304.10255), as Optuna computes it.

        Raises:
            StudioError: too few trials are done.
        """
        done = [row for row in self.rows() if row.state == "done"]
        if len(done) < 4 or len({row.value for row in done}) < 2:
            raise StudioError("Four trials that are done, not all equally good, are needed to tell what matters")
        importance = self._optuna.importance
        try:
            found = importance.get_param_importances(
                self.study, evaluator=importance.PedAnovaImportanceEvaluator(evaluate_on_local=False)
            )
        except ImportError as error:
            raise StudioError("Which settings matter cannot be computed here", why=str(error)) from None
        except (ValueError, RuntimeError) as error:  # too few of them differ
            raise StudioError("Which settings matter cannot be told yet", why=str(error)) from None
        return {name: float(share) for name, share in found.items()}


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
        state = self._sweep._optuna.trial.TrialState
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
            self._sweep._fail(trial._trial_id, "failed")
        else:
            self._sweep._fail(trial._trial_id, "stopped" if self._control.order is Order.STOP else "discarded")


@contextlib.contextmanager
def _told(what: str, where: object) -> Iterator[None]:
    """Turn whatever a storage raises into a sentence."""
    try:
        yield
    except StudioError:
        raise
    except Exception as error:  # noqa: BLE001 - each kind of storage has errors of its own
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        todo = f"Install {error.name}" if isinstance(error, ImportError) and error.name else "Check its address"
        raise StudioError(what, where=str(where), why=why, todo=todo) from None


def _watched(config: RunConfig) -> str:
    from lstm_studio.tasks import registry

    return registry.get(config.task).watched(config)


def _propose(trial: optuna.Trial, sweep: Sweep, name: str, tried: FieldRange) -> Any:
    option = option_of(sweep.config.base, name)
    assert option is not None
    try:
        if tried.choices is not None:
            return trial.suggest_categorical(name, tried.choices)
        assert tried.low is not None
        assert tried.high is not None
        if option.kind == "integer":
            step = int(tried.step or 1)
            return trial.suggest_int(name, int(tried.low), int(tried.high), step=step, log=tried.log)
        return trial.suggest_float(name, float(tried.low), float(tried.high), step=tried.step, log=tried.log)
    except ValueError as error:  # a range that is another kind of range than in the trials before
        raise StudioError(
            f"{name} was varied in another way before", why=str(error), todo="Begin a new sweep"
        ) from None


def _reason(trial: optuna.trial.FrozenTrial) -> str:
    return str(trial.user_attrs.get("reason", ""))


def _counts(trial: optuna.trial.FrozenTrial) -> bool:
    """Whether it is paid from the budget; what is gone on with by another trial is not."""
    return trial.state.name != "WAITING" and _reason(trial) not in ("stopped", "surplus")


_STATES = {"COMPLETE": "done", "PRUNED": "pruned", "RUNNING": "running", "WAITING": "waiting"}


def _row(trial: optuna.trial.FrozenTrial) -> TrialRow:
    reason = _reason(trial)
    state = _STATES.get(trial.state.name) or ("stopped" if reason in ("stopped", "discarded") else "failed")
    last = max(trial.intermediate_values, default=0)
    value = trial.value if trial.state.name == "COMPLETE" else trial.intermediate_values.get(last)
    start = trial.datetime_start
    seconds = ((trial.datetime_complete or datetime.now()) - start).total_seconds() if start else 0.0
    message = str(trial.user_attrs.get("message", "")) or ("Its process has died." if reason == "died" else "")
    values = trial.params or dict(trial.system_attrs.get("fixed_params", {}))
    return TrialRow(
        trial.number, state, values, value, last, max(0.0, seconds), str(trial.user_attrs.get("run", "")), message
    )
