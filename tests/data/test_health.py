"""Figures of data agree with counting by hand and with what training makes of the same settings."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.config import ClassificationData, RunConfig
from lstm_studio.data.health import Health, examine
from lstm_studio.data.kinds import complete
from lstm_studio.data.prepare import prepare_classification
from lstm_studio.data.table import open_table
from lstm_studio.errors import Cancelled


def looked_at(path: Path, validation: Path | None = None, **settings) -> tuple[Health, ClassificationData]:
    table = open_table(path)
    given = ClassificationData(path=str(path), validation=str(validation) if validation else None, **settings)
    data, _ = complete(given, table)
    return examine(table, data, validation_table=open_table(validation) if validation else None), data


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def words_of(health: Health) -> str:
    return " ".join(warning.text for warning in health.warnings)


def test_waimai_has_seven_texts_with_both_labels(shared_data):
    health, _ = looked_at(shared_data / "waimai_10k" / "waimai_10k.csv")
    assert health.conflicting_rows == 7
    assert health.rows == health.used_rows == 11987
    assert health.classes == [("0", 7987), ("1", 4000)]
    assert len(health.conflicting_lines) == 5
    assert "7 texts stand there with more than one label" in words_of(health)


def test_ten_test_questions_of_trec_stand_in_training(shared_data):
    folder = shared_data / "trec_qc"
    health, _ = looked_at(folder / "train.txt", folder / "test.txt")
    assert health.leaked_rows == 10
    assert (health.train_rows, health.validation_rows) == (5452, 500)
    training = {line.partition(" ")[2] for line in (folder / "train.txt").read_text(encoding="latin-1").splitlines()}
    lines = (folder / "test.txt").read_text(encoding="latin-1").splitlines()
    assert all(lines[number - 1].partition(" ")[2].strip() in training for number in health.leaked_lines)


@pytest.mark.parametrize("name", ["trec_qc/train.txt", "waimai_10k/waimai_10k.csv", "sms_spam/sms.tsv"])
@pytest.mark.parametrize("drop", [False, True])
def test_figures_are_those_of_training(shared_data, tmp_path, name, drop):
    path = tmp_path / Path(name).name
    # A third of it says as much.
    path.write_bytes(b"".join((shared_data / name).read_bytes().splitlines(keepends=True)[::3]))
    health, data = looked_at(
        path, remedies=("drop_duplicates",) if drop else (), max_length=12, min_count=2, cut="start"
    )
    prepared = prepare_classification(RunConfig(data=data))
    assert health.train_rows == len(prepared.train)
    assert health.validation_rows == len(prepared.validation)
    assert health.vocabulary_size == len(prepared.vocabulary) - 2
    ids = np.concatenate([prepared.validation[row] for row in range(len(prepared.validation))])
    assert health.unknown_share == pytest.approx((ids == 1).mean(), abs=1e-12)
    training = {prepared.text("train", row) for row in range(len(prepared.train))}
    held = [prepared.text("validation", row) for row in range(len(prepared.validation))]
    assert health.leaked_rows == sum(text in training for text in held)
    assert {name for name, _ in health.classes} == set(prepared.classes)


def test_counting_by_hand(tmp_path):
    rows = [(f"some words number {n}", "ab"[n % 2]) for n in range(60)]
    rows[10] = rows[0]  # the same again
    rows[20] = rows[0]
    rows[31] = (rows[1][0], "a")  # the same text with the other label
    rows[40] = ("", "a")
    rows[41] = ("  ", "b")
    rows[42] = ("text without label", " ")
    path = written(tmp_path, "text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    health, _ = looked_at(path, tokenizer="whitespace", max_length=3)
    assert (health.rows, health.used_rows, health.empty_rows) == (60, 57, 3)
    assert health.empty_lines == (42, 43, 44)
    assert (health.duplicate_rows, health.duplicate_lines) == (2, (12, 22))
    assert (health.conflicting_rows, health.conflicting_lines) == (1, (3,))
    assert dict(health.classes) == dict(Counter(label for text, label in rows if text.strip() and label.strip()))
    assert health.tokens == 57 * 4
    assert health.cut_fraction == 1.0
    assert health.quantiles == {0.5: 4, 0.9: 4, 0.99: 4, 1.0: 4}
    assert health.counts.sum() == 57
    assert len(health.edges) == len(health.counts) + 1
    fixes = [warning.fix for warning in health.warnings if warning.fix]
    assert any("drop_duplicates" in warning.offers for warning in health.warnings)
    assert {"max_length": 4} in fixes


def test_histogram_holds_all_texts_and_few_bars(tmp_path):
    texts = ["w " * n for n in [*range(1, 300), 5000]]
    path = written(tmp_path, "text,label\n" + "".join(f"{text},{'ab'[n % 2]}\n" for n, text in enumerate(texts)))
    health, _ = looked_at(path, tokenizer="whitespace", max_length=100)
    assert health.counts.sum() == 300
    assert len(health.counts) <= 41
    assert health.quantiles[1.0] == 5000
    assert health.cut_fraction == pytest.approx(200 / 300)


def rows(*labels: str, each: int = 30) -> str:
    lines = (f"{label} text of number {n},{label}" for label in labels for n in range(each))
    return "text,label\n" + "\n".join(lines) + "\n"


VARIED = "text,label\n" + "".join(f"w{n % 20} x{n % 20} y{n % 20} {n},{'ab'[n % 2]}\n" for n in range(80))


@pytest.mark.parametrize(
    ("text", "settings", "severity", "words", "fix"),
    [
        (rows("a"), {}, "error", "All rows have the same label, a", None),
        (rows("a", "b") + "x y,c\n", {}, "warning", "c has a single text", None),
        (rows("a", "b") + "x y,c\nz w,c\n", {}, "warning", "c is over 10 times rarer than a", "training.class_weights"),
        (rows("Pos", "pos"), {}, "warning", "The labels Pos and pos differ in upper and lower case only", None),
        (rows("a", "b", each=4), {}, "warning", "8 texts are too few", None),
        (rows("a", "b") * 2, {}, "warning", "rows repeat an earlier one", "drop_duplicates"),
        ("text,label\n" + "".join(f"t {n},l{n}\n" for n in range(30)), {}, "error", "label of its own", None),
        ("text,label\nx,a\ny,b\n", {}, "error", "too few rows to set some aside", None),
        ("text,label\n,a\n,b\nx,\n", {"text": "text", "label": "label"}, "error", "No row has both", None),
        (VARIED, {"vocabulary_size": 10, "min_count": 2}, "warning", "not in the vocabulary", "vocabulary_size"),
        (rows("a", "b"), {"max_length": 2}, "warning", "longer than 2 tokens", "max_length"),
    ],
)
def test_warnings(tmp_path, text, settings, severity, words, fix):
    health, data = looked_at(written(tmp_path, text), **settings)
    found = [warning for warning in health.warnings if words in warning.text]
    assert len(found) == 1, words_of(health)
    assert found[0].severity == severity
    assert found[0].todo
    assert fix in [*(found[0].fix or ()), *found[0].offers] if fix else found[0].fix is None
    for remedy in found[0].offers:
        mended = RunConfig(data=data).replace(**{"data.remedies": [remedy]})
        assert words not in words_of(examine(open_table(data.path), mended.data))
    if found[0].fix:  # a click sets it: it must be a setting, and mend the matter
        dotted = {name if "." in name else f"data.{name}": value for name, value in found[0].fix.items()}
        mended = RunConfig(data=data).replace(**dotted)
        if fix != "training.class_weights":
            again = examine(open_table(data.path), mended.data)
            assert words not in words_of(again) or fix == "vocabulary_size"
    gravity = ["error", "warning", "info"]
    order = [gravity.index(warning.severity) for warning in health.warnings]
    assert order == sorted(order)


def test_a_validation_file_with_other_labels(tmp_path):
    path = written(tmp_path, rows("a", "b"))
    other = written(tmp_path, rows("a", "z", each=3), "other.csv")
    health, _ = looked_at(path, other)
    assert health.unknown_labels == ("z",)
    assert health.warnings[0].severity == "error"
    assert "z does not occur among the training labels" in health.warnings[0].text
    assert health.leaked_rows == 3
    assert health.leaked_lines == (2, 3, 4)


def test_cancelling(tmp_path):
    path = written(tmp_path, rows("a", "b", each=3000))
    table = open_table(path)
    data, _ = complete(ClassificationData(path=str(path)), table)
    seen: list[float] = []

    def progress(fraction, words):
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        examine(table, data, progress)
    assert seen == sorted(seen)
    assert examine(table, data).rows == 6000


def test_changed_settings_are_not_answered_from_memory(tmp_path):
    path = written(tmp_path, "text,other,label\n" + "".join(f"A b c{n},d e f g h,{n % 2}\n" for n in range(60)))
    table = open_table(path)
    data, _ = complete(ClassificationData(path=str(path), text="text", tokenizer="whitespace", min_count=1), table)
    assert examine(table, data).tokens == 180
    assert examine(table, data.model_copy(update={"text": "other"})).tokens == 300
    assert examine(table, data.model_copy(update={"tokenizer": "character"})).tokens > 300
    assert examine(table, data).tokens == 180
    folded = examine(table, data.model_copy(update={"max_length": 1})).vocabulary_size
    assert folded == 1


@pytest.mark.slow
def test_two_hundred_thousand_rows_in_seconds(tmp_path):
    chance = np.random.default_rng(0)
    words = np.array([f"word{number}" for number in range(5000)])
    lines = (f"{' '.join(chance.choice(words, 40))},{'ab'[n % 2]}\n" for n in range(200_000))
    path = written(tmp_path, "text,label\n" + "".join(lines))
    table = open_table(path)
    data, _ = complete(ClassificationData(path=str(path)), table)
    began = time.process_time()
    examine(table, data)
    assert time.process_time() - began < 8.0
