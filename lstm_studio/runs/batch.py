"""A file of texts in, a file with predictions out."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from lstm_studio.data.progress import Progress
from lstm_studio.data.table import Table, open_table
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, writing_output

if TYPE_CHECKING:
    from lstm_studio.config import ClassificationData
    from lstm_studio.runs.predictor import Prediction, Predictor

_CHUNK = 1_000
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_ENDINGS = (".csv", ".tsv", ".jsonl")


def predict_file(
    predictor: Predictor, source: Path, target: Path, progress: Progress, column: str | int | None = None
) -> int:
    """Write the rows of ``source`` with these columns behind them:

    CSV and TSV: ``prediction``, ``probability`` (of the prediction), ``probability_<class>`` for every class.
    JSON lines: ``prediction``, ``probability``, ``probabilities`` {class: p}.

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
    place = text_column(table, predictor._data(), column)
    added = _names(table.columns, predictor.classes, lines=target.suffix.lower() == ".jsonl")
    with ExitStack() as stack:
        stack.enter_context(writing_output(target))
        file = stack.enter_context(replacing(target, newline="", errors="replace"))
        write = _writer(file, target.suffix.lower(), table.columns, added, predictor.classes)
        for start in range(0, table.num_rows, _CHUNK):
            rows = table.rows(start, min(table.num_rows, start + _CHUNK))
            for row, prediction in zip(rows, _predicted(predictor, [row[place] for row in rows]), strict=True):
                write(row, prediction)
            done = min(table.num_rows, start + _CHUNK)
            progress(0.1 + 0.9 * done / table.num_rows, f"{done:,} of {table.num_rows:,} rows")
    return table.num_rows


def text_column(table: Table, data: ClassificationData, column: str | int | None = None) -> int:
    """Position of the texts in a file that may be laid out unlike the training file.

    Raises:
        StudioError: it cannot be told; names the columns there are.
    """
    if column is not None:
        return table.position(column)
    if len(table.columns) == 1:
        return 0
    wanted = data.text
    # A training file without a header: its columns were named by their place.
    numbered = re.fullmatch(r"column (\d+)", wanted) if isinstance(wanted, str) and data.header is False else None
    if isinstance(wanted, str) and wanted in table.columns:
        return table.columns.index(wanted)
    if isinstance(wanted, str) and numbered is None:
        alike = [place for place, name in enumerate(table.columns) if name.strip().lower() == wanted.strip().lower()]
        if len(alike) == 1:
            return alike[0]
        raise _no_column(table, f"There is no column {wanted!r}, from which the training texts came")
    if table.format.header:
        from lstm_studio.data.guess import guess

        try:
            return table.position(guess(table).text)
        except StudioError:
            raise _no_column(table, "It cannot be told which column holds the texts") from None
    place = int(numbered[1]) - 1 if numbered else wanted
    if isinstance(place, int) and 0 <= place < len(table.columns):
        return place
    raise _no_column(table, f"There is no column {wanted!r}, from which the training texts came")


def _no_column(table: Table, what: str) -> StudioError:
    return StudioError(
        what,
        where=table.path,
        why=f"The file has the columns {', '.join(map(repr, table.columns[:20]))}",
        todo="Name the one that holds the texts",
    )


def _predicted(predictor: Predictor, texts: list[str]) -> Iterator[Prediction | None]:
    filled = [text for text in texts if text.strip()]
    answers = iter(predictor.predict(filled))
    return (next(answers) if text.strip() else None for text in texts)


def _names(columns: list[str], classes: tuple[str, ...], *, lines: bool) -> list[str]:
    wanted = ["prediction", "probability"]
    wanted += ["probabilities"] if lines else [f"probability_{name}" for name in classes]
    taken, found = set(columns), []
    for name in wanted:
        free, number = name, 2
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        taken.add(free)
        found.append(free)
    return found


def _writer(
    file: IO[Any], ending: str, columns: list[str], added: list[str], classes: tuple[str, ...]
) -> Callable[[list[str], Prediction | None], None]:
    if ending == ".jsonl":

        def write_line(row: list[str], prediction: Prediction | None) -> None:
            values: list[Any] = [None, None, None]
            if prediction is not None:
                values = [prediction.label, prediction.probabilities[prediction.label], prediction.probabilities]
            line = {**dict(zip(columns, row, strict=True)), **dict(zip(added, values, strict=True))}
            file.write(json.dumps(line, ensure_ascii=not _plain(row)) + "\n")

        return write_line
    table = csv.writer(file, delimiter=_SEPARATORS[ending], lineterminator="\n")
    table.writerow([*columns, *added])

    def write_row(row: list[str], prediction: Prediction | None) -> None:
        if prediction is None:
            table.writerow([*row, *[""] * len(added)])
            return
        shares = [f"{prediction.probabilities[name]:.6f}" for name in classes]
        likely = f"{prediction.probabilities[prediction.label]:.6f}"
        table.writerow([*row, prediction.label, likely, *shares])

    return write_row


def _plain(row: list[str]) -> bool:
    """Whether the row can be written as UTF-8 (half a surrogate pair cannot)."""
    try:
        "".join(row).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
