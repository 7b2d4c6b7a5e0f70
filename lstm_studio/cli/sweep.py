"""``sweep``: trials of a sweep file, one after another; and ``train --seeds``."""

from __future__ import annotations

import argparse
import shutil
from typing import Any

from lstm_studio.cli import console
from lstm_studio.cli.console import duration
from lstm_studio.cli.train import Teller, configure, followed, interruptible
from lstm_studio.data.figures import figure, shown
from lstm_studio.errors import StudioError
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import RunFailed, RunFinished, RunStarted, TrainingEvent

INTERRUPTED = 130


def sweep(given: argparse.Namespace) -> int:
    """``sweep SWEEP.toml [--storage URL] [--runs N] [--minutes M] [--out FOLDER] [--json]``."""
    from lstm_studio.runs.store import RunStore
    from lstm_studio.runs.sweep import Sweep
    from lstm_studio.runs.sweep_trial import SweepTrial

    store = RunStore(given.out) if given.out else RunStore()
    study = Sweep(given.file, store, given.storage)
    changes = {name: getattr(given, name) for name in ("runs", "minutes") if getattr(given, name) is not None}
    if any(not value > 0 for value in changes.values()):
        raise StudioError("A budget is a number above 0", todo="Write --runs 20, --minutes 30, or both")
    if changes:
        study.config = study.config.model_copy(update={"runs": None, "minutes": None, **changes})
    from lstm_studio.runs.sweep_work import work

    teller = Teller(False)
    line = teller.line
    many = f" of {study.config.runs}" if study.config.runs else ""
    line.keep(f"{study.config.title}: {figure(study.metric).title} of the validation is watched.")

    def began(trial: SweepTrial) -> None:
        line.keep(f"Trial {trial.number + 1}{many}: {_values(trial.values)}")

    def ended(trial: SweepTrial, event: RunFinished | RunFailed) -> None:
        line.clear()
        row = next(row for row in study.rows() if row.number == trial.number)
        value = f", {figure(study.metric).title} {shown(study.metric, row.value)}" if row.value is not None else ""
        why = f": {' '.join(event.message.split())}" if isinstance(event, RunFailed) else ""
        line.keep(f"Trial {trial.number + 1} {row.state}{value}{why}")
        if given.json:
            console.say_json({"event": "trial_ended", **_json(row)})

    try:
        spent = work(
            study,
            sink=_quiet(teller),
            began=began,
            ended=ended,
            listening=interruptible,
            progress=teller.progress,
        )
    finally:
        line.clear()
    rows, best = study.rows(), study.best()
    if given.json:
        console.say_json(
            {
                "event": "sweep_finished" if spent else "sweep_interrupted",
                "sweep": str(study.path),
                "metric": study.metric,
                "best": _json(best) if best is not None else None,
                "trials": [_json(row) for row in rows],
            }
        )
    else:
        console.say(table(study.metric, rows, study.higher_is_better))
        if best is not None:
            console.say(f"Best: trial {best.number + 1}, {_values(best.values)}. Run: {store.folder / best.run}")
    if not spent:
        line.keep(f"Interrupted. Go on with: lstm-studio sweep {given.file}")
    return 0 if spent else INTERRUPTED


def table(metric: str, rows: Any, higher_is_better: bool = True) -> str:
    """All trials, the best first."""
    sign = -1 if higher_is_better else 1
    order = {"done": 0, "running": 1, "pruned": 2}
    rows = sorted(rows, key=lambda row: (order.get(row.state, 3), sign * (row.value or 0.0), row.number))
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    short = [name.partition(".")[2] for name in names]
    head = ["trial", "state", figure(metric).title, "epoch", "time", *short]
    lines = [head]
    for row in rows:
        value = shown(metric, row.value) if row.value is not None else "–"
        values = [_value(row.values[name]) if name in row.values else "–" for name in names]
        lines.append([str(row.number + 1), row.state, value, str(row.epoch), duration(row.seconds), *values])
    wide = [max(len(line[column]) for line in lines) for column in range(len(head))]
    most = max(60, shutil.get_terminal_size((200, 24)).columns)
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, wide, strict=True)).rstrip()[:most] for line in lines
    )


def train_seeds(given: argparse.Namespace) -> int:
    """``train ... --seeds N``: the same run from several seeds, with mean and spread at the end."""
    from lstm_studio.runs.seeds import plan_seeds, save_series, spread, spread_words
    from lstm_studio.runs.start import mark_interrupted, start
    from lstm_studio.runs.store import RunStore

    if given.resume:
        raise StudioError("--seeds begins new runs; --resume cannot be given too", todo="Leave one of them out")
    store = RunStore(given.out) if given.out else RunStore()
    series = plan_seeds(configure(given), given.seeds, store)
    teller = Teller(given.json)
    finished: list[RunFinished] = []
    for place, trial in enumerate(series.trials):
        control = RunControl()
        teller.line.keep(f"Seed {trial.seed}, run {place + 1} of {len(series.trials)}")
        with interruptible(control) as interrupted:
            try:
                with followed(given, teller) as sink:
                    one = start(
                        series.config_of(trial),
                        sink,
                        control,
                        store=store,
                        name=series.name_of(trial),
                        progress=teller.progress,
                    )
            finally:
                teller.line.clear()
            if interrupted.is_set():
                if one.run is not None and one.reason not in ("completed", "early_stopped"):
                    mark_interrupted(one.run)
                teller.line.keep(f"Interrupted; {len(finished)} of {len(series.trials)} runs are done.")
                return INTERRUPTED
        finished.append(one)
        assert one.run is not None
        told = series.with_trial(place, run=one.run.name).told(place, store)
        series = told  # type: ignore[assignment]
        save_series(series, store)
    mean, deviation = spread([one.metrics for one in finished])
    if given.json:
        runs = [
            {"seed": trial.seed, "run": str(one.run), "metrics": one.metrics}
            for trial, one in zip(series.trials, finished, strict=True)
        ]
        said: dict[str, Any] = {"event": "seeds_finished", "metric": series.metric, "runs": runs}
        console.say_json({**said, "mean": mean, "spread": deviation})
        return 0
    for trial, one in zip(series.trials, finished, strict=True):
        console.say(f"Seed {trial.seed}: {', '.join(f'{n} {shown(n, v)}' for n, v in one.metrics.items())}  {one.run}")
    words = ", ".join(f"{name.replace('_', ' ')} {spread_words(name, mean[name], deviation[name])}" for name in mean)
    console.say(f"Mean ± standard deviation over {len(finished)} seeds: {words}")
    return 0


def _quiet(teller: Teller) -> Any:
    """A trial's steps and epochs; what the data is like is said once."""
    told: set[str] = set()

    def tell(event: TrainingEvent) -> None:
        if isinstance(event, RunStarted):
            notes = tuple(note for note in event.notes if note not in told)
            told.update(event.notes)
            event = RunStarted(**{**event.__dict__, "notes": notes})
        teller.tell(event)

    return tell


def _json(row: Any) -> dict[str, Any]:
    return {
        "trial": row.number + 1,
        "state": row.state,
        "values": dict(row.values),
        "value": row.value,
        "epoch": row.epoch,
        "seconds": round(row.seconds, 3),
        "run": row.run,
        "message": row.message,
    }


def _values(values: Any) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
