"""A sweep: Optuna proposes settings, each trial is an ordinary run, hopeless ones end early. Needs no torch to look at.

Optuna (Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", 2019,
https://arxiv.org/abs/1907.10902) is imported when a sweep is opened, and never before. Its storage is what several
processes share; all else about a trial is its run.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import platform
import time
import uuid
import zlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstm_studio.config import RunConfig
from lstm_studio.data.figures import figure
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import FolderLock
from lstm_studio.runs.store import RunStore
from lstm_studio.runs.sweep_config import FieldRange, SweepConfig, load_sweep, option_of
from lstm_studio.runs.sweep_rows import TrialRow, counts, reason_of, row_of
from lstm_studio.runs.sweep_storage import open_storage, told
from lstm_studio.runs.sweep_trial import SweepTrial
from lstm_studio.training.control import RunControl

if TYPE_CHECKING:
    import optuna

INSTALL = "pip install 'lstm-studio[sweeps]'"
_TRIES = 20
"""Proposals in a row that do not fit together before it is given up."""
_YOUNG = 60.0
"""Seconds in which a trial need not have said who trains it."""


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
        self.metric = self.config.metric or self.config.base.training.monitor or watched(self.config.base)
        self.worker = uuid.uuid4().hex[:12]
        self.optuna = load_optuna()
        self._lock: FolderLock | None = None
        self._until = math.inf
        self.study: optuna.Study = self._open(storage if storage is not None else self.config.storage)

    @property
    def higher_is_better(self) -> bool:
        """Which way the watched figure is better."""
        return figure(self.metric).higher_is_better

    def _open(self, storage: str) -> optuna.Study:
        with told("The sweep's storage cannot be opened", storage or self.journal):
            if "://" not in storage:
                storage = str(self.path.parent / storage) if storage else str(self.journal)
            place = open_storage(storage)
            return self.optuna.create_study(
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
        optuna = self.optuna
        with told("The sweep's storage does not answer", self.path):
            self.heal()
            trials = self.study.get_trials(deepcopy=False)
            taken = {trial.user_attrs.get("resumes") for trial in trials}
            for trial in trials:
                if reason_of(trial) == "stopped" and trial.number not in taken:
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
            # Of the first quarter of a run nothing is concluded.
            first = max(2, min(5, runs // 4))
            self.study.pruner = optuna.pruners.MedianPruner(n_startup_trials=first, n_warmup_steps=epochs // 4 + 1)
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
        state = self.optuna.trial.TrialState
        found = 0
        for trial in self.study.get_trials(deepcopy=False, states=(state.RUNNING,)):
            worker, host = trial.user_attrs.get("worker"), trial.user_attrs.get("host")
            age = (datetime.now() - trial.datetime_start).total_seconds() if trial.datetime_start else 0.0
            here = host == platform.node() and trial.user_attrs.get("folder") == str(self.path.parent.resolve())
            dead = here and worker != self.worker and not FolderLock(self._lock_path(str(worker))).held_by_somebody()
            if dead or (worker is None and age > _YOUNG):
                with contextlib.suppress(self.optuna.exceptions.UpdateFinishedTrialError):
                    self.fail(trial._trial_id, "died")
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
        with told("The sweep's storage does not answer", self.path):
            for _ in range(_TRIES):
                if self.spent():
                    return None
                trial = self.study.ask()
                counted = [one.number for one in self.study.get_trials(deepcopy=False) if counts(one)]
                if self.config.runs is not None and trial.number in counted[self.config.runs :]:
                    self.fail(trial._trial_id, "surplus")  # another process was faster
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
                    self.fail(trial._trial_id, "failed")
                    continue
                return SweepTrial(self, trial, values, config, control)
        raise StudioError("What the sweep tries does not go together", where=self.path, why=message)

    def spent(self) -> bool:
        """Whether no trial is to be begun any more."""
        if time.monotonic() >= self._until:
            return True
        trials = self.study.get_trials(deepcopy=False)
        if any(trial.state is self.optuna.trial.TrialState.WAITING for trial in trials):
            return False
        return self.config.runs is not None and sum(map(counts, trials)) >= self.config.runs

    def fail(self, trial_id: int, reason: str) -> None:
        """Mark a trial: "failed", "died", "stopped", "discarded", or "surplus", which is not shown."""
        storage = self.study._storage
        storage.set_trial_user_attr(trial_id, "reason", reason)
        storage.set_trial_state_values(trial_id, self.optuna.trial.TrialState.FAIL)

    # -- looking ---------------------------------------------------------------------------------------------

    def rows(self) -> tuple[TrialRow, ...]:
        """All trials as they are now, in the order in which they began.

        Raises:
            StudioError: the storage does not answer.
        """
        with told("The sweep's storage does not answer", self.path):
            trials = self.study.get_trials(deepcopy=False)
        return tuple(row_of(trial) for trial in trials if reason_of(trial) != "surplus")

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
        importance = self.optuna.importance
        try:
            found = importance.get_param_importances(
                self.study, evaluator=importance.PedAnovaImportanceEvaluator(evaluate_on_local=False)
            )
        except ImportError as error:
            raise StudioError("Which settings matter cannot be computed here", why=str(error)) from None
        except (ValueError, RuntimeError) as error:  # too few of them differ
            raise StudioError("Which settings matter cannot be told yet", why=str(error)) from None
        return {name: float(share) for name, share in found.items()}


def watched(config: RunConfig) -> str:
    """The validation figure that decides over a run when nobody names one. Loads torch."""
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
