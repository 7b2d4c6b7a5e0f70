"""The ablation lab: one network with parts left out, over several seeds, and what comes of it. Needs no torch.

After Greff et al., "LSTM: a search space odyssey", 2017 (https://arxiv.org/abs/1503.04069). There each variant is tuned
by random search; here all are trained with the same settings, which favours none but the one they were chosen for.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lstm_studio.config import RunConfig, parse
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import write_text
from lstm_studio.runs.folder import now
from lstm_studio.runs.store import RunStore, data_title

FOLDER = ".labs"
"""Beside the runs; the list of runs passes over names that begin with a dot."""
MOST_SEEDS = 20


@dataclass(frozen=True)
class Variant:
    """One way to change the network. ``title`` is a key of the catalogues; ``short`` stands in names of runs."""

    key: str
    title: str
    short: str
    changes: Mapping[str, Any]


VARIANTS: tuple[Variant, ...] = (
    Variant("whole", "The whole LSTM", "whole", {}),
    Variant("no_peepholes", "No peepholes", "no peepholes", {"model.peephole": "none"}),
    Variant("no_input_gate", "No input gate", "no input gate", {"model.variant": "no_input_gate"}),
    Variant("no_forget_gate", "No forget gate", "no forget gate", {"model.variant": "no_forget_gate"}),
    Variant("no_output_gate", "No output gate", "no output gate", {"model.variant": "no_output_gate"}),
    Variant("coupled", "Coupled gates", "coupled gates", {"model.variant": "coupled"}),
    Variant(
        "no_input_activation",
        "No input activation",
        "no input activation",
        {"model.variant": "no_input_activation"},
    ),
    Variant(
        "no_output_activation",
        "No output activation",
        "no output activation",
        {"model.variant": "no_output_activation"},
    ),
    Variant("rnn", "Plain RNN", "plain RNN", {"model.cell": "rnn"}),
    Variant("gru", "GRU", "GRU", {"model.cell": "gru"}),
)
_BY_KEY = {variant.key: variant for variant in VARIANTS}


@dataclass(frozen=True)
class Trial:
    """One run of a lab.

    Attributes:
        variant: Key of a ``Variant``.
        seed: training.seed.
        run: Name of its folder beside the others; "" before it began.
        state: "waiting", "done", or "failed" (its numbers ran out of bounds, say).
        value: The watched figure; None unless done.
        metrics: All figures of the best epoch.
        seconds: Spent training.
        parameters: Trained numbers.
    """

    variant: str
    seed: int
    run: str = ""
    state: str = "waiting"
    value: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    parameters: int = 0


@dataclass(frozen=True)
class Lab:
    """A series of runs that belong together.

    Attributes:
        title: "sst2 lab 2".
        created: As of RunInfo.
        config: What all of them have in common: a whole LSTM.
        metric: The figure that is compared; "" before the first run has ended.
        trials: In the order in which they are trained: seed by seed, so that all variants can be compared early.
    """

    title: str
    created: str
    config: RunConfig
    trials: tuple[Trial, ...]
    metric: str = ""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Those that take part, in the order of ``VARIANTS``."""
        there = {trial.variant for trial in self.trials}
        return tuple(variant for variant in VARIANTS if variant.key in there)

    def next(self) -> int | None:
        """Place of the first trial that waits; None when all are over."""
        return next((place for place, trial in enumerate(self.trials) if trial.state == "waiting"), None)

    def config_of(self, trial: Trial) -> RunConfig:
        """The settings of a trial."""
        return self.config.replace(**_BY_KEY[trial.variant].changes, **{"training.seed": trial.seed})

    def name_of(self, trial: Trial) -> str:
        """What its run is called."""
        return f"{self.title}: {_BY_KEY[trial.variant].short}, seed {trial.seed}"

    def with_trial(self, place: int, **changes: Any) -> Lab:
        """A copy in which one trial is another one."""
        trials = list(self.trials)
        trials[place] = replace(trials[place], **changes)
        return replace(self, trials=tuple(trials))

    def told(self, place: int, store: RunStore) -> Lab:
        """With what became of a trial's run; one that is gone waits anew, one that was stopped to be gone on with."""
        trial = self.trials[place]
        found = store.summary(store.folder / trial.run) if trial.run else None
        if found is None:
            return self.with_trial(place, run="", state="waiting")
        if found.status not in ("finished", "failed"):
            return self.with_trial(place, state="waiting")
        if found.status == "failed" or found.value is None:
            return self.with_trial(place, state="failed", seconds=found.info.seconds)
        lab = self.with_trial(
            place,
            state="done",
            value=found.value,
            metrics=dict(found.info.best),
            seconds=found.info.seconds,
            parameters=found.info.parameters,
        )
        return lab if lab.metric else replace(lab, metric=found.metric)

    def to_json(self) -> str:
        """As ``from_json`` reads it."""
        values = {
            "format": 1,
            "title": self.title,
            "created": self.created,
            "metric": self.metric,
            "config": self.config.model_dump(mode="json"),
            "trials": [asdict(trial) for trial in self.trials],
        }
        return json.dumps(values, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Lab:
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, StudioError: it is damaged.
        """
        values = json.loads(text)
        trials = tuple(Trial(**own) for own in values["trials"])
        if any(trial.variant not in _BY_KEY for trial in trials):
            raise ValueError("a variant that nobody knows")
        return cls(
            str(values["title"]), str(values["created"]), parse(values["config"]), trials, str(values.get("metric", ""))
        )


@dataclass(frozen=True)
class Outcome:
    """What came of one variant.

    Attributes:
        variant: Which.
        values: The figure for each seed that is done.
        waiting, failed: How many seeds are not.
        mean, spread: Mean and sample standard deviation; None for fewer than one, and than two, values.
        difference: Mean minus that of the whole LSTM; None where either is missing.
        apart: Whether every seed lies on the same side of every seed of the whole LSTM, of two or more: 1 the better,
            -1 the worse, else 0.
        seconds: Mean time of a run.
        parameters: Trained numbers.
    """

    variant: Variant
    values: tuple[float, ...]
    waiting: int
    failed: int
    mean: float | None
    spread: float | None
    difference: float | None
    apart: int
    seconds: float
    parameters: int


def possible(config: RunConfig) -> tuple[Variant, ...]:
    """The variants of a run's network that differ from it."""
    bare = config.model.cell == "lstm" and config.model.peephole == "none"
    return tuple(variant for variant in VARIANTS if not (bare and variant.key == "no_peepholes"))


def plan(
    config: RunConfig, variants: Sequence[str], seeds: int, epochs: int, store: RunStore, title: str | None = None
) -> Lab:
    """A lab over a run's settings.

    Args:
        config: The run; its cell becomes a whole LSTM, all else stays.
        variants: Keys of ``VARIANTS``; the whole LSTM takes part in any case, for the others to be compared with.
        seeds: How many, counted up from the run's own.
        epochs: Of each run.
        store: Where the runs will lie; gives the lab its number.

    Raises:
        StudioError: nothing is to be compared, or a number is out of bounds.
    """
    chosen = {"whole", *variants}
    unknown = chosen - _BY_KEY.keys()
    if unknown:
        raise StudioError(f"There is no variant called {min(unknown)}", todo=f"Choose among {', '.join(_BY_KEY)}")
    if len(chosen) < 2:
        raise StudioError("Nothing is left out", todo="Choose at least one variant to compare with the whole LSTM")
    if not 1 <= seeds <= MOST_SEEDS:
        raise StudioError(f"There are 1 to {MOST_SEEDS} seeds, not {seeds}")
    changes = {"preset": None, "model.cell": "lstm", "model.variant": "none", "training.epochs": epochs}
    config = config.replace(**changes)
    order = [variant.key for variant in possible(config) if variant.key in chosen]
    first = config.training.seed
    trials = tuple(Trial(key, first + seed) for seed in range(seeds) for key in order)
    return Lab(title or _title(config, store), now(), config, trials)


def outcomes(lab: Lab, higher_is_better: bool = True) -> tuple[Outcome, ...]:
    """What came of each variant so far, in the order of ``VARIANTS``."""
    whole = [trial.value for trial in lab.trials if trial.variant == "whole" and trial.value is not None]
    sign = 1 if higher_is_better else -1
    found = []
    for variant in lab.variants:
        own = [trial for trial in lab.trials if trial.variant == variant.key]
        done = [trial for trial in own if trial.value is not None and math.isfinite(trial.value)]
        values = tuple(trial.value for trial in done if trial.value is not None)
        mean = statistics.fmean(values) if values else None
        apart = 0
        if len(values) > 1 and len(whole) > 1 and variant.key != "whole":
            apart = 1 if min(values) > max(whole) else -1 if max(values) < min(whole) else 0
        found.append(
            Outcome(
                variant,
                values,
                sum(trial.state == "waiting" for trial in own),
                sum(trial.state == "failed" for trial in own),
                mean,
                statistics.stdev(values) if len(values) > 1 else None,
                mean - statistics.fmean(whole) if mean is not None and whole and variant.key != "whole" else None,
                sign * apart,
                statistics.fmean([trial.seconds for trial in done]) if done else 0.0,
                max((trial.parameters for trial in done), default=0),
            )
        )
    return tuple(found)


# -- on disk ---------------------------------------------------------------------------------------------------


def save(lab: Lab, store: RunStore) -> None:
    """Keep a lab beside its runs. Raises OSError."""
    write_text(_path(lab, store), lab.to_json())


def labs(store: RunStore) -> list[Lab]:
    """All that are kept, the newest first; what is damaged is passed over."""
    found = []
    for path in (store.folder / FOLDER).glob("*.json"):
        try:
            found.append(Lab.from_json(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, StudioError, RecursionError):
            continue
    return sorted(found, key=lambda lab: (lab.created, lab.title), reverse=True)


def remove(lab: Lab, store: RunStore) -> None:
    """Forget a lab; its runs stay."""
    _path(lab, store).unlink(missing_ok=True)


def _path(lab: Lab, store: RunStore) -> Path:
    stamp = "".join(letter for letter in lab.created if letter.isdigit())
    return store.folder / FOLDER / f"{stamp}-{_number(lab.title)}.json"


def _number(title: str) -> str:
    return title.rpartition(" ")[2] if title.rpartition(" ")[2].isdigit() else "0"


def _title(config: RunConfig, store: RunStore) -> str:
    base = f"{data_title(config.data.path) or config.task} lab"
    numbers = [int(_number(lab.title)) for lab in labs(store) if lab.title.startswith(f"{base} ")]
    return f"{base} {max(numbers, default=0) + 1}"
