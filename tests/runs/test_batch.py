"""Files in, files out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from lstm_studio import Predictor
from lstm_studio.errors import Cancelled, StudioError


@pytest.fixture(scope="module")
def predictor(trained: Path) -> Predictor:
    return Predictor(trained)


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_csv_keeps_its_columns_and_gets_predictions(predictor: Predictor, reviews: Path, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out.csv"
    assert predictor.predict_file(reviews, target) == 160
    rows, asked = table(target), table(reviews)
    answers = predictor.predict([row["review"] for row in asked])
    for row, given, answer in zip(rows, asked, answers, strict=True):
        assert {name: row[name] for name in given} == given
        assert row["prediction"] == answer.label
        assert float(row["probability"]) == pytest.approx(max(answer.probabilities.values()), abs=1e-5)
        assert float(row["probability_positive"]) == pytest.approx(answer.probabilities["positive"], abs=1e-5)
    assert sum(row["prediction"] == row["sentiment"] for row in rows) > 140


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.txt", "the film was good .\nthe meal was not good today\nthe book was bad again\n"),
        (
            "in.jsonl",
            '{"review": "the film was good ."}\n{"review": "the meal was not good today"}\n'
            '{"review": "the book was bad again"}\n',
        ),
        ("in.tsv", "id\treview\n1\tthe film was good .\n2\tthe meal was not good today\n3\tthe book was bad again\n"),
        ("in.csv", "n,REVIEW\n1,the film was good .\n2,the meal was not good today\n3,the book was bad again\n"),
    ],
)
def test_any_format_is_read(predictor: Predictor, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert predictor.predict_file(tmp_path / name, tmp_path / "out.jsonl") == 3
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["prediction"] for line in lines] == ["positive", "negative", "negative"]
    assert all(sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-5) for line in lines)


def test_empty_rows_stay_and_names_do_not_collide(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        'review,prediction\n"the film was good, again",x\n"",y\n"two\nlines were bad",z\n', encoding="utf-8"
    )
    assert predictor.predict_file(tmp_path / "in.csv", tmp_path / "out.tsv") == 3
    rows = table(tmp_path / "out.tsv", "\t")
    assert [row["prediction"] for row in rows] == ["x", "y", "z"]
    first, last = predictor.predict(["the film was good, again", "two\nlines were bad"])
    assert [row["prediction_2"] for row in rows] == [first.label, "", last.label]
    assert rows[2]["review"] == "two\nlines were bad"


def test_a_column_that_cannot_be_told_is_a_sentence_and_can_be_named(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,words\n1,the film was good\n2,the film was bad\n", encoding="utf-8")
    with pytest.raises(StudioError, match="'id', 'words'"):
        predictor.predict_file(tmp_path / "in.csv", tmp_path / "out.csv")
    for column in ("words", 1, "1"):
        assert predictor.predict_file(tmp_path / "in.csv", tmp_path / "out.csv", column=column) == 2
    with pytest.raises(StudioError, match="no column 'nope'"):
        predictor.predict_file(tmp_path / "in.csv", tmp_path / "out.csv", column="nope")


def test_a_cancelled_file_leaves_nothing(predictor: Predictor, reviews: Path, tmp_path: Path) -> None:
    def progress(fraction: float, words: str) -> None:
        if "rows" in words and fraction > 0.5:
            raise Cancelled

    (tmp_path / "out.csv").write_text("old", encoding="utf-8")
    with pytest.raises(Cancelled):
        predictor.predict_file(reviews, tmp_path / "out.csv", progress)
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("name", ["out.xlsx", "out", "folder.csv"])
def test_where_nothing_can_be_written(predictor: Predictor, reviews: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(StudioError, match=name):
        predictor.predict_file(reviews, tmp_path / name)


def test_evaluate_counts_what_predict_says(predictor: Predictor, reviews: Path) -> None:
    found = predictor.evaluate(reviews)
    rows = table(reviews)
    answers = predictor.predict([row["review"] for row in rows])
    right = sum(answer.label == row["sentiment"] for answer, row in zip(answers, rows, strict=True))
    assert found["accuracy"] == pytest.approx(right / len(rows))
    assert found["examples"] == 160
    assert sum(values["support"] for values in found["per_class"].values()) == 160
    assert sum(map(sum, found["confusion"])) == 160
    shares = [values["f1"] for values in found["per_class"].values()]
    assert found["macro_f1"] == pytest.approx(sum(shares) / 2)


def test_a_label_that_training_did_not_see_is_named(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "review,sentiment\nthe film was good,positive\nthe film was odd,neutral\n", encoding="utf-8"
    )
    with pytest.raises(StudioError, match="neutral"):
        predictor.evaluate(tmp_path / "in.csv")
