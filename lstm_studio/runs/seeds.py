"""One run from several seeds: the same settings, other random numbers, and how far apart that comes out. No torch.

The spread is the sample standard deviation: what two runs of the same settings differ by for no reason but chance.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from lstm_studio.config import RunConfig
from lstm_studio.data.figures import figure
from lstm_studio.errors import StudioError
from lstm_studio.runs.ablation import MOST_SEEDS, Lab, Outcome, Trial, Variant
from lstm_studio.runs.files import write_text
from lstm_studio.runs.folder import now
from lstm_studio.runs.store import RunStore, data_title

FOLDER = ".seeds"
"""Beside the runs, as the labs are."""
SEEDS = Variant("whole", "These settings", "", {})


class SeedSeries(Lab):
    """A lab that leaves nothing out: all its trials have the run's own settings but the seed."""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The only one there is."""
        return (SEEDS,)

    def config_of(self, trial: Trial) -> RunConfig:
        """The settings of a trial."""
        return self.config.replace(**{"training.seed": trial.seed})

    def name_of(self, trial: Trial) -> str:
        """What its run is called."""
        return f"{self.title}: seed {trial.seed}"


def plan_seeds(config: RunConfig, seeds: int, store: RunStore) -> SeedSeries:
    """So many runs, counted up from the seed of the settings.

    Raises:
        StudioError: too few or too many.
    """
    if not 2 <= seeds <= MOST_SEEDS:
        raise StudioError(f"There are 2 to {MOST_SEEDS} seeds to compare, not {seeds}")
    first = config.training.seed
    trials = tuple(Trial("whole", first + seed) for seed in range(seeds))
    return SeedSeries(_title(config, store), now(), config, trials)


def one_by_one(series: Lab) -> tuple[Outcome, ...]:
    """Each seed that is done as an outcome of its own."""
    return tuple(
        Outcome(
            Variant(f"seed{trial.seed}", f"Seed {trial.seed}", "", {}),
            (trial.value,),
            0,
            0,
            trial.value,
            None,
            None,
            0,
            trial.seconds,
            trial.parameters,
        )
        for trial in series.trials
        if trial.value is not None
    )


def spread(metrics: Sequence[Mapping[str, float]]) -> tuple[dict[str, float], dict[str, float]]:
    """Means and sample standard deviations of the figures that all runs have; 0 for a single run."""
    names = [name for name in metrics[0] if all(name in own for own in metrics)] if metrics else []
    mean = {name: statistics.fmean(own[name] for own in metrics) for name in names}
    return mean, {name: statistics.stdev([own[name] for own in metrics]) if metrics[1:] else 0.0 for name in names}


def spread_words(name: str, mean: float, deviation: float) -> str:
    """ "84.2 ± 0.6 %"."""
    about = figure(name)
    scale, unit = (100, " %") if about.kind == "share" else (1, "")
    return f"{scale * mean:.{about.decimals}f} ± {scale * deviation:.{about.decimals}f}{unit}"


# -- on disk ---------------------------------------------------------------------------------------------------


def save_series(series: Lab, store: RunStore) -> None:
    """Keep a series beside its runs. Raises OSError."""
    write_text(_path(series, store), series.to_json())


def all_series(store: RunStore) -> list[SeedSeries]:
    """All that are kept, the newest first; what is damaged is passed over."""
    found = []
    for path in (store.folder / FOLDER).glob("*.json"):
        try:
            found.append(SeedSeries.from_json(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, StudioError, RecursionError):
            continue
    kept = [series for series in found if isinstance(series, SeedSeries)]
    return sorted(kept, key=lambda series: (series.created, series.title), reverse=True)


def _path(series: Lab, store: RunStore) -> Path:
    stamp = "".join(letter for letter in series.created if letter.isdigit())
    return store.folder / FOLDER / f"{stamp}-{series.title.rpartition(' ')[2]}.json"


def _title(config: RunConfig, store: RunStore) -> str:
    base = f"{data_title(config.data.path) or config.task} seeds"
    ends = [series.title.rpartition(" ") for series in all_series(store)]
    numbers = [int(number) for before, _, number in ends if before == base and number.isdigit()]
    return f"{base} {max(numbers, default=0) + 1}"
