"""A look at a sample of a table that is on disk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.progress import Progress
from lstm_studio.data.table import Table

SAMPLE = 100_000
"""Rows that are looked at, evenly spread."""


class _Examine(Protocol):
    def __call__(self, table: Table, data: Any, progress: Progress, validation_table: Table | None) -> Health: ...


def sampled(examine: _Examine, table: Table, data: Any, progress: Progress, validation_table: Table | None) -> Health:
    """What ``examine`` finds in all rows, or in a sample of tables that are on disk.

    Counts of a sample are reckoned up to those of all rows; what is wrong with some rows stays what was found.
    """
    if validation_table is not None and validation_table.stored is not None:
        validation_table = validation_table.some(SAMPLE)
    if table.stored is None or table.num_rows <= SAMPLE:
        return examine(table, data, progress, validation_table)
    progress(0.0, "Reading a sample of the rows")
    return _reckoned(examine(table.some(SAMPLE), data, progress, validation_table), table.num_rows)


def _reckoned(health: Health, rows: int) -> Health:
    factor = rows / health.rows

    def many(count: int) -> int:
        return round(count * factor)

    words = f"The file is large: {health.rows:,} of its {rows:,} rows, evenly spread, were looked at."
    todo = "Counts of rows and tokens are estimates; what is said of single rows was found among these."
    targets = health.target_counts
    return replace(
        health,
        rows=rows,
        used_rows=many(health.used_rows),
        train_rows=many(health.train_rows),
        validation_rows=many(health.validation_rows),
        tokens=many(health.tokens),
        classes=[(name, many(count)) for name, count in health.classes],
        counts=np.rint(health.counts * factor).astype(np.int64),
        target_counts=None if targets is None else np.rint(targets * factor).astype(np.int64),
        warnings=[*health.warnings, HealthWarning(words, todo, severity="info")],
    )
