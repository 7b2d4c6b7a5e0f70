"""A sweep's trials as they are shown, read off Optuna's records. Imports neither Optuna nor torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import optuna


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


def reason_of(trial: optuna.trial.FrozenTrial) -> str:
    return str(trial.user_attrs.get("reason", ""))


def counts(trial: optuna.trial.FrozenTrial) -> bool:
    """Whether it is paid from the budget; what is gone on with by another trial is not."""
    return trial.state.name != "WAITING" and reason_of(trial) not in ("stopped", "surplus")


_STATES = {"COMPLETE": "done", "PRUNED": "pruned", "RUNNING": "running", "WAITING": "waiting"}


def row_of(trial: optuna.trial.FrozenTrial) -> TrialRow:
    reason = reason_of(trial)
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
