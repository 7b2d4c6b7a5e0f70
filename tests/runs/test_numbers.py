"""Numbers as a table or as arrays: nothing is lost, nothing is a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.errors import StudioError
from lstm_studio.runs.numbers import guarded, save_numbers

NASTY = ["=1+1", "+SUM(A1)", "-x", "@cmd", "\tx", "\rx", "-1.5", "+3e5", "plain", 'a "quoted", cell', "电影\n不好"]


def test_a_table_has_a_column_each_and_texts_are_no_formulas(tmp_path: Path) -> None:
    arrays = {
        "token": np.array(NASTY, np.str_),
        "=f": np.linspace(0, 1, 4, dtype=np.float32).reshape(2, 2),
        "known": np.array([True, False]),
        "n": np.array([3, 4, np.nan]),
    }
    save_numbers(arrays, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["token", "'=f.0", "'=f.1", "known", "n"]
    assert [row[0] for row in rows] == ["'=1+1", "'+SUM(A1)", "'-x", "'@cmd", "'\tx", "'\rx", *NASTY[6:]]
    assert rows[0][1:] == ["0", "0.3333333", "1", "3"]
    assert rows[2][1:] == ["", "", "", ""], "shorter columns, and what is not a number"
    assert all(guarded(text) == text for text in ("-1.5", "", "–", "a=b"))


def test_arrays_come_back_without_pickle_under_names_of_files(tmp_path: Path) -> None:
    arrays = {"file": np.arange(3), "a/../b c": np.ones((2, 3)), "texts": np.array(["x", "电影"], object)}
    save_numbers(arrays, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as found:
        assert sorted(found) == ["a_.._b_c", "file_", "texts"]
        assert found["texts"].tolist() == ["x", "电影"]
        assert found["file_"].tolist() == [0, 1, 2]


def test_refusals_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"\.csv"):
        save_numbers({}, tmp_path / "a.xlsx")
    (tmp_path / "there.csv").mkdir()
    with pytest.raises(StudioError, match="cannot be written"):
        save_numbers({"a": np.arange(2)}, tmp_path / "there.csv")
    with pytest.raises(ValueError, match="3 dimensions"):
        save_numbers({"a": np.zeros((2, 2, 2))}, tmp_path / "b.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.csv"]
