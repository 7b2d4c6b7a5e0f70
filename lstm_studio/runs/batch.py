"""A file of texts in, a file with predictions out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from lstm_studio.data.progress import Progress
from lstm_studio.data.table import open_table
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, writing_output

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Predictor
    from lstm_studio.tasks.answers import Answer

_CHUNK = 1_000
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_ENDINGS = (".csv", ".tsv", ".jsonl")


def predict_file(
    predictor: Predictor,
    source: Path,
    target: Path,
    progress: Progress,
    column: str | int | None = None,
    asked: Mapping[str, Any] | None = None,
) -> int:
    """Write the rows of ``source`` with the task's columns behind them.

    Classification, CSV and TSV: ``prediction``, ``probability`` (of the prediction), ``probability_<class>`` for every
    class; JSON lines: ``prediction``, ``probability``, ``probabilities`` {class: p}.
    Tagging: ``prediction_words``, ``prediction`` (a tag for each word), ``prediction_spans`` (as JSON).
    Translation: ``prediction``, ``log_probability``.

    A name that the file has already gets a number behind it. Rows without a text stay, without a prediction.

    Returns:
        How many rows were written.

    Raises:
        StudioError: see ``Predictor.predict_file``.
    """
    if target.suffix.lower() not in _ENDINGS:
        raise StudioError(
            "Predictions can be written as CSV, TSV or JSON lines",
            where=target,
            todo=f"Choose a name that ends in {', '.join(_ENDINGS)}",
        )
    if target.is_dir():
        raise StudioError("This is a folder", where=target, todo="Name a file to write")
    table = open_table(source, progress=lambda fraction, words: progress(max(0.0, fraction) * 0.1, words))
    place = predictor.answers.column(table, column)
    lines = target.suffix.lower() == ".jsonl"
    added = _names(table.columns, predictor.answers.columns(lines))
    with ExitStack() as stack:
        stack.enter_context(writing_output(target))
        file = stack.enter_context(replacing(target, newline="", errors="replace"))
        write = _writer(file, target.suffix.lower(), table.columns, added)
        for start in range(0, table.num_rows, _CHUNK):
            done = min(table.num_rows, start + _CHUNK)
            found = predictor.answer_rows(predictor.answers.rows(table, place, start, done, **(asked or {})))
            for row, answer in zip(table.rows(start, done), found, strict=True):
                write(row, answer)
            progress(0.1 + 0.9 * done / table.num_rows, f"{done:,} of {table.num_rows:,} rows")
    return table.num_rows


def _names(columns: list[str], wanted: list[str]) -> list[str]:
    taken, found = set(columns), []
    for name in wanted:
        free, number = name, 2
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        taken.add(free)
        found.append(free)
    return found


def _writer(
    file: IO[Any], ending: str, columns: list[str], added: list[str]
) -> Callable[[list[str], Answer | None], None]:
    if ending == ".jsonl":

        def write_line(row: list[str], answer: Answer | None) -> None:
            values = answer.cells(lines=True) if answer is not None else [None] * len(added)
            line = {**dict(zip(columns, row, strict=True)), **dict(zip(added, values, strict=True))}
            file.write(json.dumps(line, ensure_ascii=not _plain(row)) + "\n")

        return write_line
    table = csv.writer(file, delimiter=_SEPARATORS[ending], lineterminator="\n")
    table.writerow([*columns, *added])

    def write_row(row: list[str], answer: Answer | None) -> None:
        table.writerow([*row, *(answer.cells(lines=False) if answer is not None else [""] * len(added))])

    return write_row


def _plain(row: list[str]) -> bool:
    """Whether the row can be written as UTF-8 (half a surrogate pair cannot)."""
    try:
        "".join(row).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
