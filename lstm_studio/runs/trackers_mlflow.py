"""MLflow: settings as parameters, figures as metrics, the run folder's files as artifacts."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lstm_studio.errors import StudioError
from lstm_studio.runs.folder import CARD, CONFIG, METRICS, RESULTS, VOCABULARY, WEIGHTS
from lstm_studio.runs.trackers import settings_of
from lstm_studio.training.events import EpochEnded, RunFailed, RunFinished, RunStarted, StepEnded, TrainingEvent

EXPERIMENT = "LSTM Studio"
MOST_STEPS = 20
"""Of the steps of one batch of events so many are told, evenly chosen, the last among them: a server is no log file."""
ARTIFACTS = (CONFIG, VOCABULARY, WEIGHTS, METRICS, RESULTS, CARD)
_TAG = "lstm_studio.run"
_AT_ONCE, _PARAMETERS, _LONGEST = 1000, 100, 500
"""What one call to a server may hold, and letters of a parameter."""
_ENDS = {"completed": "FINISHED", "early_stopped": "FINISHED", "stopped": "KILLED", "cancelled": "KILLED"}


class MLflow:
    """Tells a server, or a store of its own.

    Args:
        address: As MLflow takes it: http://host:5000, sqlite:///mlflow.db, a folder.
        experiment: Made if it is not there; ``EXPERIMENT`` when empty.
    """

    name = "MLflow"

    def __init__(self, address: str, experiment: str = "") -> None:
        self._address, self._experiment = address, experiment or EXPERIMENT
        self._client: Any = None
        self._run = ""
        self._folder: Path | None = None

    def begin(self, started: RunStarted) -> None:
        """Open a run there, or the one that a resumed run had."""
        # MLflow's own patience is half an hour; names that are set already stay.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
        try:
            from mlflow import MlflowClient
            from mlflow.entities import Param
        except ImportError:
            raise StudioError(
                "MLflow is not installed", todo="Install it with: pip install 'lstm-studio[mlflow]'"
            ) from None
        self._folder = started.run
        self._client = MlflowClient(tracking_uri=self._address)
        found = self._client.get_experiment_by_name(self._experiment)
        experiment = found.experiment_id if found is not None else self._client.create_experiment(self._experiment)
        known = self._known(experiment) if started.step else None
        if known is not None:
            self._run = known
            self._client.update_run(known, status="RUNNING")
            return
        name = started.run.name if started.run is not None else None
        tags = {_TAG: str(started.run), "mlflow.source.name": "LSTM Studio"}
        self._run = self._client.create_run(experiment, run_name=name, tags=tags).info.run_id
        parameters = [Param(key, value[:_LONGEST]) for key, value in settings_of(started).items()]
        for first in range(0, len(parameters), _PARAMETERS):
            self._client.log_batch(self._run, params=parameters[first : first + _PARAMETERS])

    def _known(self, experiment: str) -> str | None:
        words = str(self._folder).replace("'", "\\'")
        found = self._client.search_runs([experiment], f"tags.`{_TAG}` = '{words}'", max_results=1)
        return found[0].info.run_id if found else None

    def take(self, events: Sequence[TrainingEvent]) -> None:
        """Tell it, many figures in one call."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, step) for name, value, step in _figures(events) if math.isfinite(value)]
        for first in range(0, len(metrics), _AT_ONCE):
            self._client.log_batch(self._run, metrics=metrics[first : first + _AT_ONCE])
        for event in events:
            if isinstance(event, RunFinished):
                self._end(_ENDS[event.reason], event.run)
            elif isinstance(event, RunFailed):
                self._client.set_tag(self._run, "lstm_studio.failure", event.message[:_LONGEST])
                self._end("FAILED", event.run)

    def _end(self, status: str, folder: Path | None) -> None:
        for name in ARTIFACTS if folder is not None else ():
            assert folder is not None
            if (folder / name).is_file():
                self._client.log_artifact(self._run, str(folder / name))
        self._client.set_terminated(self._run, status)

    def close(self) -> None:
        """A run whose end was not told was interrupted."""
        if self._client.get_run(self._run).info.status == "RUNNING":
            self._client.set_terminated(self._run, "KILLED")


def _figures(events: Sequence[TrainingEvent]) -> Iterator[tuple[str, float, int]]:
    """(name, value, step) of what is told."""
    steps = [event for event in events if isinstance(event, StepEnded)]
    count = min(MOST_STEPS, len(steps))
    told = {id(steps[(place + 1) * len(steps) // count - 1]) for place in range(count)}
    for event in events:
        match event:
            case StepEnded() if id(event) in told:
                yield "loss", event.loss, event.step
                yield "learning_rate", event.learning_rate, event.step
                yield "gradient_norm", event.gradient_norm, event.step
            case EpochEnded():
                yield "train_loss", event.train_loss, event.step
                yield "validation_loss", event.validation_loss, event.step
                for name, value in event.metrics.items():
                    yield f"validation_{name}", value, event.step
            case RunFinished():
                for name, value in event.metrics.items():
                    yield f"final_{name}", value, event.step
