"""Numbers of anything that is drawn, as a table for a spreadsheet (CSV) or as arrays to compute with (npz)."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

import numpy as np

from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, writing_output

Arrays = Mapping[str, np.ndarray]
ENDINGS = (".csv", ".npz")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def save_numbers(arrays: Arrays, path: str | Path) -> None:
    """Write named arrays; the ending says how.

    CSV: a vector becomes a column, a matrix [N, M] M columns called ``name.0`` and so on; shorter columns end in empty
    cells, and so does what is not a number. npz: the arrays as they are, texts as fixed-width strings, no pickle.

    Args:
        arrays: Name -> numbers, texts or truth values of at most two dimensions.
        path: Ends in .csv or .npz.

    Raises:
        StudioError: another ending, or the file cannot be written.
        ValueError: an array of more than two dimensions, for CSV.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".csv":
            # With a mark, so that spreadsheets read it as UTF-8; a carriage return alone would end a row in some.
            with writing_output(path), replacing(path, encoding="utf-8-sig", newline="", errors="replace") as file:
                csv.writer(file).writerows(rows(arrays))
        case ".npz":
            plain: dict[str, np.ndarray] = {}
            for name, values in arrays.items():
                plain[_key(name, plain)] = _plain(values)
            with writing_output(path), replacing(path, "wb") as file:
                np.savez_compressed(file, **plain)  # type: ignore[arg-type]
        case _:
            raise StudioError(
                "Numbers can be written as .csv (a table) or .npz (for NumPy)",
                where=path,
                todo="Choose a name that ends in one of these",
            )


def rows(arrays: Arrays) -> Iterator[list[str]]:
    """The names of the columns, then their cells."""
    names: list[str] = []
    columns: list[list[str]] = []
    for name, values in arrays.items():
        values = np.asarray(values)
        if values.ndim > 2:
            raise ValueError(f"{name} has {values.ndim} dimensions")
        if values.ndim == 2:
            names += [f"{name}.{number}" for number in range(values.shape[1])]
            columns += [_cells(values[:, number]) for number in range(values.shape[1])]
        else:
            names.append(name)
            columns.append(_cells(np.atleast_1d(values)))
    yield [guarded(name) for name in names]
    for row in zip_longest(*columns, fillvalue=""):
        yield list(row)


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one, and is no number, gets an apostrophe.

    See OWASP, "CSV injection" (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _cells(values: np.ndarray) -> list[str]:
    if values.dtype.kind == "f":
        figures = 7 if values.dtype.itemsize <= 4 else 15
        return [f"{value:.{figures}g}" if math.isfinite(value) else "" for value in values.tolist()]
    if values.dtype.kind in "iu":
        return [str(value) for value in values.tolist()]
    if values.dtype.kind == "b":
        return ["1" if value else "0" for value in values.tolist()]
    return [guarded("" if value is None else str(value)) for value in values.tolist()]


def _key(name: str, taken: Mapping[str, object]) -> str:
    """A name that a file inside the archive can have, and that is not one of savez_compressed's own arguments."""
    key = re.sub(r"[^\w.-]+", "_", name).strip("-") or "values"
    while key in ("file", "allow_pickle") or key in taken:
        key += "_"
    return key


def _plain(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    return values.astype(np.str_) if values.dtype.kind == "O" else values
