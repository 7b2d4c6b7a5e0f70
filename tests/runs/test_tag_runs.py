"""A tagging run at work: typed sentences, files in and out, what is kept of its results."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from lstm_studio import Predictor
from lstm_studio.data.words import words_of
from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.runs.results import read_results
from lstm_studio.tasks.entities import entity_figures
from tests.runs import tagged

TEXT = "Clara Weiss went to San Marino ."
TAGS = ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"]
CLAUSES = "the dog chased the cat and the bird slept"


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> Predictor:
    return Predictor(tagged.run("names", tmp_path_factory))


@pytest.fixture(scope="module")
def chinese(tmp_path_factory) -> Predictor:
    return Predictor(tagged.run("chinese", tmp_path_factory))


@pytest.fixture(scope="module")
def roles(tmp_path_factory) -> Predictor:
    return Predictor(tagged.run("roles", tmp_path_factory))


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- typed sentences -----------------------------------------------------------------------------------------


def test_a_typed_sentence(names):
    (found,) = names.predict([TEXT])
    assert found.words == tuple(TEXT.split())
    (frame,) = found.frames
    assert (frame.predicate, list(frame.tags)) == (None, TAGS)
    assert [(span.type, found.part(span)) for span in frame.spans] == [("PER", "Clara Weiss"), ("LOC", "San Marino")]
    assert found.spaced
    assert names.classes == ("LOC", "PER")


def test_one_text_may_stand_alone_and_unknown_words_are_told(names):
    (found,) = names.predict("Zebulon went to Rome .")
    assert found.unknown == (True, False, False, False, False)


def test_words_that_are_known_are_not_cut_again(names):
    (found,) = names.predict([TEXT], words=["Clara", "Weiss", "knows", "don't", "New", "York"])
    assert found.words == ("Clara", "Weiss", "knows", "don't", "New", "York")
    assert len(found.frames[0].tags) == 6


def test_many_at_once_are_as_one_by_one(names):
    texts = [TEXT, "Rome", "Anna met Fred Hill in New York " * 5, "it rains again today ."]
    for text, together in zip(texts, names.predict(texts), strict=True):
        (alone,) = names.predict([text])
        assert alone.words == together.words
        assert alone.frames[0].tags == together.frames[0].tags
        for one, other in zip(alone.frames[0].spans, together.frames[0].spans, strict=True):
            assert one.probability == pytest.approx(other.probability, abs=1e-5)


def test_characters_without_spaces(chinese):
    (found,) = chinese.predict(["王小红在香港岛见到李四。"])
    assert found.words == tuple("王小红在香港岛见到李四。")
    assert not found.spaced
    (frame,) = found.frames
    assert list(frame.tags) == "B-PER M-PER E-PER O B-LOC M-LOC E-LOC O O B-PER E-PER O".split()
    assert [found.part(span) for span in frame.spans] == ["王小红", "香港岛", "李四"]
    assert found.lines()[1].startswith("  PER  王小红  ")


def test_all_verbs_are_found_or_one_is_named(roles):
    (found,) = roles.predict([CLAUSES])
    assert [frame.predicate for frame in found.frames] == [2, 8]
    first, last = found.frames
    assert list(first.tags) == ["B-A0", "I-A0", "B-V", "B-A1", "I-A1", "O", "O", "O", "O"]
    assert list(last.tags) == ["O"] * 6 + ["B-A0", "I-A0", "B-V"]
    (only,) = roles.predict([CLAUSES], predicate=2)
    assert [frame.predicate for frame in only.frames] == [2]
    assert only.frames[0].tags == first.tags
    (named,) = roles.predict(["the dog tickled the cat and the bird slept"], predicate=2)
    assert named.frames[0].predicate == 2


def test_a_sentence_without_verbs_has_no_frames(roles):
    without, with_ = roles.predict(["the dog and the cat", CLAUSES])
    assert without.frames == ()
    assert without.plain()["frames"] == []
    assert "no verb was found" in without.lines()[1]
    assert len(with_.frames) == 2


def test_what_cannot_be_asked_is_a_sentence(names, roles, chinese):
    for predictor in (names, roles, chinese):
        for ask in (predictor.predict, predictor.trace, predictor.explain):
            with pytest.raises(StudioError, match="The text is empty"):
                ask(" \n ")
    with pytest.raises(StudioError, match="text 2: The text is empty"):
        names.predict([TEXT, ""])
    with pytest.raises(StudioError, match="There is no word 9"):
        roles.predict([CLAUSES], predicate=9)
    with pytest.raises(StudioError, match="cannot be told the colour"):
        names.predict([TEXT], colour="red")


# -- files ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def columns(tmp_path_factory) -> Path:
    return tagged.write_conll(tmp_path_factory.mktemp("in") / "in.conll", tagged.sentences(24, seed=3))


def test_a_conll_file_in_and_lines_of_json_out(names, columns, tmp_path):
    assert names.predict_file(columns, tmp_path / "out.jsonl") == 24
    for line, (words, _) in zip(lines_of(tmp_path / "out.jsonl"), tagged.sentences(24, seed=3), strict=True):
        (alone,) = names.predict(["x"], words=words)
        assert words_of(line["column 1"]) == line["prediction_words"] == words
        assert line["prediction"] == list(alone.frames[0].tags)
        spans = [(span["start"], span["end"], span["type"]) for span in line["prediction_spans"]]
        assert spans == [(span.start, span.end, span.type) for span in alone.frames[0].spans]
        assert [span["text"] for span in line["prediction_spans"]] == [" ".join(words[a:b]) for a, b, _ in spans]


def test_a_conll_file_in_and_a_table_out(names, columns, tmp_path):
    assert names.predict_file(columns, tmp_path / "out.csv") == 24
    rows = rows_of(tmp_path / "out.csv")
    assert list(rows[0]) == ["column 1", "column 2", "prediction_words", "prediction", "prediction_spans"]
    assert sum(row["prediction"] == row["column 2"] for row in rows) >= 22
    for row in rows:
        assert len(words_of(row["prediction"])) == len(words_of(row["prediction_words"]))
        assert all(span["type"] in ("PER", "LOC") for span in json.loads(row["prediction_spans"]))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.txt", f"{TEXT}\n\nnobody knows Ella ,\n"),
        ("in.csv", f'id,text\n1,{TEXT}\n2,\n3,"nobody knows Ella ,"\n'),
        ("in.jsonl", json.dumps({"text": TEXT}) + '\n{"text": ""}\n{"text": "nobody knows Ella ,"}\n'),
    ],
)
def test_plain_texts_in_any_format(names, tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    column = None if name == "in.txt" else "text"
    count = names.predict_file(tmp_path / name, tmp_path / "out.jsonl", column=column)
    lines = lines_of(tmp_path / "out.jsonl")
    assert count == len(lines)
    full = [line for line in lines if line["prediction"]]
    assert [line["prediction"] for line in full] == [TAGS, ["O", "O", "B-PER", "O"]]
    if name != "in.txt":
        assert (count, lines[1]["prediction"], lines[1]["prediction_spans"]) == (3, None, None)


@pytest.mark.parametrize("header", ["id,text", "nr,note", "day,remark"])
def test_the_column_of_sentences_is_not_that_of_the_numbers(names, header, tmp_path):
    rows = [f'{number},"{" ".join(words)}"' for number, (words, _) in enumerate(tagged.sentences(30))]
    (tmp_path / "in.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    names.predict_file(tmp_path / "in.csv", tmp_path / "out.csv")
    for row in rows_of(tmp_path / "out.csv"):
        assert row["prediction_words"] == row[header.split(",")[1]]
    (tmp_path / "numbers.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    with pytest.raises(StudioError, match="'a', 'b'"):
        names.predict_file(tmp_path / "numbers.csv", tmp_path / "out.csv")


def test_roles_in_and_one_frame_for_each_row(roles, tmp_path):
    rows = tagged.roles(8, seed=2)
    source = tagged.write_roles(tmp_path / "in.jsonl", rows)
    assert roles.predict_file(source, tmp_path / "out.jsonl") == 16
    for line, (words, at, tags) in zip(lines_of(tmp_path / "out.jsonl"), rows, strict=True):
        assert line["prediction_words"] == words
        assert line["prediction"] == [tags]
        (marked,) = line["prediction_spans"]
        assert marked["predicate"] == at
        assert {span["type"] for span in marked["spans"]} == {"V", "A0", *(["A1"] if at == 2 else [])}


def test_a_cancelled_file_leaves_nothing(names, columns, tmp_path):
    def progress(fraction: float, words: str) -> None:
        if "rows" in words:
            raise Cancelled

    with pytest.raises(Cancelled):
        names.predict_file(columns, tmp_path / "out.csv", progress)
    assert not list(tmp_path.iterdir())


def test_evaluate_counts_what_predict_file_writes(names, columns, tmp_path):
    found = names.evaluate(columns)
    names.predict_file(columns, tmp_path / "out.jsonl")
    truth = [tags for _, tags in tagged.sentences(24, seed=3)]
    predicted = [line["prediction"] for line in lines_of(tmp_path / "out.jsonl")]
    figures = entity_figures(truth, predicted, "IOB2")
    for name in ("f1", "precision", "recall", "accuracy"):
        assert found[name] == pytest.approx(getattr(figures, name))
    assert found["examples"] == 24
    assert {name: own["support"] for name, own in found["per_class"].items()} == {
        name: own.support for name, own in figures.per_type.items()
    }


def test_strange_tags_in_a_file_are_told_and_missed(names, tmp_path):
    rows = [*tagged.sentences(8), (["a", "Skoda"], ["O", "B-CAR"])]
    found = names.evaluate(tagged.write_conll(tmp_path / "in.conll", rows))
    assert any("CAR" in note for note in found["notes"])
    assert found["per_class"]["CAR"]["recall"] == 0
    assert found["loss"] < 10


# -- what is kept --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "parts"), [("names", ["validation", "test"]), ("roles", ["validation"])])
def test_results_hold_each_part(kind, parts, tmp_path_factory):
    run = tagged.run(kind, tmp_path_factory)
    content = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert list(content) == parts
    for part in content.values():
        assert {"metrics", "per_class", "confusion", "worst", "classes", "examples"} <= part.keys()
        assert part["classes"][-1] == ""
        assert len(part["confusion"]) == len(part["classes"]) == len(part["confusion"][0])
        for name, own in part["per_class"].items():
            assert own["support"] == sum(part["confusion"][part["classes"].index(name)])
    found = read_results(run)
    assert list(found) == parts
    assert found["validation"].metrics == content["validation"]["metrics"]
    assert found["validation"].labels == (("LOC", "PER") if kind == "names" else ("A0", "A1", "V"))


def test_the_results_are_those_of_the_files(names, tmp_path_factory):
    run = tagged.run("names", tmp_path_factory)
    kept = json.loads((run / "results.json").read_text(encoding="utf-8"))["test"]
    again = names.evaluate(run.parent / "test.conll")
    assert kept["confusion"] == again["confusion"]
    assert kept["worst"] == again["worst"]
    for name, value in kept["metrics"].items():
        assert again[name] == pytest.approx(value, abs=1e-5)


def test_an_untrained_run_keeps_its_worst_sentences(tmp_path):
    from lstm_studio.runs.start import start

    data = tagged.write_conll(tmp_path / "names.conll", tagged.sentences())
    slow = {"training.epochs": 1, "training.learning_rate": 1e-6, "training.batch_size": 48, "model.crf": False}
    start(tagged.config(data, **slow), lambda event: None, folder=tmp_path / "run")
    worst = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))["validation"]["worst"]
    assert worst
    assert [w["wrong"] for w in worst] == sorted((w["wrong"] for w in worst), reverse=True)
    texts = {tuple(words): tags for words, tags in tagged.sentences()}
    for sentence in worst:
        assert tuple(sentence["words"]) in texts
        assert sentence["predicate"] == -1
        assert all(0 <= start < end <= len(sentence["words"]) for start, end, _ in sentence["truth"])
    part = read_results(tmp_path / "run")["validation"]
    assert part.worst is not None
    assert [mistake.index for mistake in part.worst] == [sentence["index"] for sentence in worst]


def test_the_model_card_is_about_sentences(tmp_path_factory):
    card = (tagged.run("names", tmp_path_factory) / "model_card.md").read_text(encoding="utf-8")
    assert "PER" in card
    assert "F1" in card
