"""Figures of pairs of texts agree with counting by hand and with what training makes of the same settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import RunConfig, TranslationData
from lstm_studio.data.health_pairs import examine
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.kinds import complete
from lstm_studio.data.prepare_pairs import prepare_pairs
from lstm_studio.data.table import open_table
from lstm_studio.errors import Cancelled, StudioError

Row = tuple[str, str]
NUMBERS = "null eins zwei drei vier".split(), "zero one two three four".split()


def varied(count: int, start: int = 0) -> list[Row]:
    """Different sentences of known words."""
    found = []
    for n in range(start, start + count):
        digits = [n // 625 % 5, n // 125 % 5, n // 25 % 5, n // 5 % 5, n % 5]
        one, other = (" ".join(words[digit] for digit in digits) for words in NUMBERS)
        found.append((f"das ist {one}", f"this is {other}"))
    return found


def tsv(folder: Path, rows: list[Row], name: str = "a.tsv") -> Path:
    path = folder / name
    path.write_text("\n".join(["source\ttarget", *("\t".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def looked_at(path: Path, validation: Path | None = None, **settings: Any) -> tuple[Health, TranslationData]:
    table = open_table(path)
    named = {"source": "source", "target": "target", "purpose": "translation", **settings}
    given = TranslationData(path=str(path), validation=str(validation) if validation else None, **named)
    data, _ = complete(given, table)
    assert isinstance(data, TranslationData)
    return examine(table, data, validation_table=open_table(validation) if validation else None), data


def one(health: Health, words: str) -> HealthWarning:
    """The warning that says so; there is one."""
    found = [warning for warning in health.warnings if words in warning.text]
    assert len(found) == 1, [warning.text for warning in health.warnings]
    return found[0]


def said(health: Health) -> str:
    return " ".join(warning.text for warning in health.warnings)


def test_counting_by_hand(tmp_path):
    health, _ = looked_at(tsv(tmp_path, varied(100)), source_units="word", target_units="word")
    assert (health.rows, health.used_rows, health.empty_rows) == (100, 100, 0)
    assert (health.train_rows, health.validation_rows) == (90, 10)
    assert (health.vocabulary_size, health.outputs) == (7, 7)
    assert (health.tokens, health.coverage, health.cut_fraction, health.target_cut) == (1400, 1.0, 0.0, 0.0)
    assert health.quantiles == health.target_quantiles == {0.5: 7, 0.9: 7, 0.99: 7, 1.0: 7}
    assert health.counts.sum() == 100
    assert health.target_counts is not None
    assert health.target_counts.sum() == 100
    assert health.classes == []
    texts = [warning.text for warning in health.warnings if "nearly" not in warning.text]  # they are made alike
    assert texts == ["100 pairs are too few to learn to write from."]


@pytest.mark.parametrize("settings", [{}, {"source_units": "character", "vocabulary_size": 60}, {"purpose": "summary"}])
def test_training_has_the_same_figures(tmp_path, settings):
    path = tsv(tmp_path, varied(120))
    health, data = looked_at(path, **settings)
    prepared = prepare_pairs(RunConfig(task="translation", data=data))
    assert (health.train_rows, health.validation_rows) == (len(prepared.train), len(prepared.validation))
    assert health.vocabulary_size == len(prepared.units.source) - 4
    assert health.outputs + health.special[1] == len(prepared.units.target)


def test_with_a_validation_file(tmp_path):
    path = tsv(tmp_path, varied(100))
    other = tsv(tmp_path, [*varied(5, 200), varied(1)[0], ("ganz was anderes", "something else")], "b.tsv")
    health, data = looked_at(path, other, source_units="word", target_units="word")
    prepared = prepare_pairs(RunConfig(task="translation", data=data))
    assert (health.train_rows, health.validation_rows) == (100, 7) == (len(prepared.train), len(prepared.validation))
    assert (health.leaked_rows, health.leaked_lines) == (1, (7,))
    warning = one(health, "stands in the training part too")
    assert warning.text.startswith("1 validation source stands")
    assert "(line 7)" in warning.text
    assert health.coverage == pytest.approx(1 - 5 / (6 * 14 + 5))
    assert one(health, "not in the vocabulary").fix == {"source_units": "bpe", "target_units": "bpe"}


def test_repeated_empty_and_equal_rows(tmp_path):
    rows = varied(100)
    rows += [rows[0], (rows[1][0].upper(), rows[1][1]), (rows[2][0], "another one"), ("", "x"), ("y", " ")]
    health, data = looked_at(tsv(tmp_path, [*rows, ("OK then", "OK then")]))
    assert (health.duplicate_rows, health.duplicate_lines) == (2, (102, 103))
    assert (health.conflicting_rows, health.conflicting_lines) == (1, (4,))
    assert (health.empty_rows, health.empty_lines) == (2, (105, 106))
    assert one(health, "2 rows repeat").severity == one(health, "2 rows lack").severity == "info"
    assert "(lines 105, 106)" in one(health, "2 rows lack").text
    assert "several right answers" in one(health, "1 source stands there with more than one").todo
    assert one(health, "In 1 row the target is the source").severity == "warning"
    assert "(line 107)" in said(health)
    rewriting = examine(open_table(data.path), data.model_copy(update={"purpose": "rewriting"}))
    assert one(rewriting, "In 1 row the target is the source").severity == "info"


def test_a_target_column_that_is_the_source(tmp_path):
    health, _ = looked_at(tsv(tmp_path, [(source, source) for source, _ in varied(60)]))
    assert one(health, "In 60 of 60 rows").todo == "Choose another target column."


def test_lengths_that_do_not_go_together(tmp_path):
    rows = varied(200)
    rows[50] = (rows[50][0], " ".join([rows[50][1]] * 9))
    health, _ = looked_at(tsv(tmp_path, rows), source_units="word", target_units="word")
    warning = one(health, "differs in length by far more than is usual (line 52)")
    assert warning.severity == "warning"
    rng = np.random.default_rng(0)
    slipped = [(" ".join(["ja"] * n), " ".join(["yes"] * m)) for n, m in rng.integers(2, 30, (300, 2))]
    health, _ = looked_at(tsv(tmp_path, slipped), source_units="word", target_units="word")
    assert "slipped" in one(health, "nothing to do with each other").todo


def test_texts_that_are_too_long(tmp_path):
    rows = varied(90) + [(" ".join(["das ist"] * 20), " ".join(["this is"] * 20))] * 10
    health, data = looked_at(tsv(tmp_path, rows), source_units="word", target_units="word",
                             max_length=10, max_target_length=10)  # fmt: skip
    assert (health.cut_fraction, health.target_cut) == (0.1, 0.1)
    assert one(health, "10 % of the sources are longer than 10").fix == {"max_length": 40}
    assert one(health, "10 % of the targets are longer than 10").fix == {"max_target_length": 40}
    assert health.train_rows == len(prepare_pairs(RunConfig(task="translation", data=data)).train)
    few, _ = looked_at(tsv(tmp_path, varied(99) + rows[-1:]), max_target_length=20)
    assert one(few, "1.0 % of the targets").severity == "info"


def test_what_training_would_refuse(tmp_path):
    path = tsv(tmp_path, varied(60))
    for settings in ({"max_target_length": 1}, {"source_units": "word", "min_count": 1000}):
        health, data = looked_at(path, **settings)
        assert health.warnings[0].severity == "error", said(health)
        with pytest.raises(StudioError):
            prepare_pairs(RunConfig(task="translation", data=data))
    health, data = looked_at(tsv(tmp_path, varied(1) * 8))
    assert one(health, "too few texts to set some aside").severity == "error"
    table = open_table(tsv(tmp_path, [("x", ""), ("", "y")] * 5))
    health = examine(table, data)
    assert (health.used_rows, health.warnings[0].severity) == (0, "error")
    assert "No row has both" in health.warnings[0].text


def test_a_validation_file_without_the_columns_is_told(tmp_path):
    path, other = tsv(tmp_path, varied(60)), tmp_path / "b.csv"
    other.write_text("a,b\n1,2\n3,4\n")
    health, _ = looked_at(path, other)
    assert health.warnings[0].severity == "error"
    assert "'source'" in health.warnings[0].text


def test_it_can_be_cancelled(tmp_path):
    table = open_table(tsv(tmp_path, varied(60)))
    data, _ = complete(TranslationData(source="source", target="target"), table)
    assert isinstance(data, TranslationData)
    told: list[float] = []
    examine(table, data, lambda share, text: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0

    def stop(share: float, text: str) -> None:
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        examine(table, data, stop)


def test_real_files(shared_data):
    folder = shared_data / "tatoeba_eng_cmn"
    table = open_table(folder / "cmn.txt")
    data, _ = complete(TranslationData(path=str(folder / "cmn.txt")), table)
    assert isinstance(data, TranslationData)
    health = examine(table, data)
    assert (health.rows, health.used_rows, health.leaked_rows) == (20_133, 20_133, 0)
    assert health.conflicting_rows > 400
    assert health.coverage > 0.98
    assert not [warning for warning in health.warnings if warning.severity == "error"]
