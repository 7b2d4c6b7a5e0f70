"""Tagging from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.cli.main import main
from lstm_studio.config import save
from lstm_studio.runs.folder import RunFolder
from tests.runs import tagged

TEXT = "Clara Weiss went to San Marino ."
CLAUSES = "the dog chased the cat and the bird slept"
SMALL = ["--set", "training.epochs=1", "model.hidden_size=4", "training.threads=1", "training.device=cpu"]


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> Path:
    return tagged.run("names", tmp_path_factory)


@pytest.fixture(scope="module")
def roles(tmp_path_factory) -> Path:
    return tagged.run("roles", tmp_path_factory)


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def refused(arguments: list[object], capsys: pytest.CaptureFixture) -> str:
    """What is said of bad input: one line, and status 2."""
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.strip().splitlines() if "This looks like" not in line]
    assert (out, len(lines)) == ("", 1), err
    assert "Traceback" not in err
    return lines[0]


def test_a_file_of_columns_alone_is_trained_as_tagging(tmp_path, capsys):
    data = tagged.write_conll(tmp_path / "names.conll", tagged.sentences(32))
    assert main(["train", "--data", str(data), "--out", str(tmp_path / "run"), *SMALL]) == 0
    out, err = capsys.readouterr()
    assert "This looks like tagging" in err
    assert "sentences to learn from" in err
    assert "'column 1' holds the words" in err
    assert "f1" in out
    config = RunFolder(tmp_path / "run").config
    assert (config.task, config.data.tag, config.data.scheme) == ("tagging", "column 2", "IOB2")


def test_a_configuration_and_a_test_file(tmp_path, capsys):
    data = tagged.write_conll(tmp_path / "names.conll", tagged.sentences(32))
    test = tagged.write_conll(tmp_path / "test.conll", tagged.sentences(8, seed=7))
    save(tagged.config(data, **{"training.epochs": 2, "data.test": str(test)}), tmp_path / "config.toml")
    assert main(["train", str(tmp_path / "config.toml"), "--out", str(tmp_path / "run"), "--json"]) == 0
    lines = objects(capsys.readouterr().out)
    metrics = lines[-1]["metrics"]
    assert {"f1", "precision", "recall", "accuracy", "loss", "test_f1"} <= metrics.keys()
    assert main(["evaluate", str(tmp_path / "run"), str(test), "--json"]) == 0
    (evaluated,) = objects(capsys.readouterr().out)
    for name in ("f1", "accuracy", "loss"):
        assert metrics[f"test_{name}"] == pytest.approx(evaluated[name], abs=1e-5)
    assert {"validation", "test"} == json.loads((tmp_path / "run" / "results.json").read_text()).keys()


def test_evaluate_for_people_and_for_programs(names, capsys):
    test = names.parent / "test.conll"
    assert main(["evaluate", str(names), str(test)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"16 sentences of {test}"
    shown = {line.split()[0]: line.split() for line in out[1:]}
    assert list(shown) == ["f1", "precision", "recall", "accuracy", "loss", "class", "LOC", "PER"]
    assert shown["f1"][2] == "%"
    assert main(["evaluate", str(names), str(test), "--json"]) == 0
    (line,) = objects(capsys.readouterr().out)
    assert line["f1"] > 0.9
    assert shown["f1"][1] == f"{100 * line['f1']:.1f}"
    assert shown["LOC"][-1] == str(line["per_class"]["LOC"]["support"])
    assert {"precision", "recall", "accuracy", "loss", "confusion", "worst"} <= line.keys()


def test_predict_a_sentence(names, capsys):
    assert main(["predict", str(names), "--text", TEXT, "Zebulon is far", "--json"]) == 0
    first, second = objects(capsys.readouterr().out)
    assert first["prediction"] == ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"]
    assert [(span["type"], span["text"]) for span in first["spans"]] == [("PER", "Clara Weiss"), ("LOC", "San Marino")]
    assert second["unknown"] == [True, False, False]
    assert main(["predict", str(names), "--text", TEXT]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == TEXT
    assert out[1].startswith("  PER  Clara Weiss  ")
    assert "The text is empty" in refused(["predict", names, "--text", "  "], capsys)


def test_predict_roles(roles, capsys):
    assert main(["predict", str(roles), "--text", CLAUSES, "the dog and the cat", "--json"]) == 0
    both, none = objects(capsys.readouterr().out)
    assert [frame["predicate"] for frame in both["frames"]] == [2, 8]
    assert none["frames"] == []
    assert main(["predict", str(roles), "--text", CLAUSES, "--predicate", "8", "--json"]) == 0
    (one,) = objects(capsys.readouterr().out)
    assert [frame["predicate"] for frame in one["frames"]] == [8]
    assert main(["predict", str(roles), "--text", CLAUSES, "--predicate", "0"]) == 0
    assert "  the (word 0)" in capsys.readouterr().out
    assert "from 0 to 8" in refused(["predict", roles, "--text", CLAUSES, "--predicate", "9"], capsys)


def test_a_predicate_is_for_typed_sentences(roles, tmp_path, capsys):
    given = ["--input", roles.parent / "roles.jsonl", "--output", tmp_path / "out.csv", "--predicate", "2"]
    assert "--predicate is for a typed text" in refused(["predict", roles, *given], capsys)
    assert not (tmp_path / "out.csv").exists()


def test_predict_a_file(names, tmp_path, capsys):
    source, target = names.parent / "test.conll", tmp_path / "out.jsonl"
    assert main(["predict", str(names), "--input", str(source), "--output", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 16
    lines = objects(target.read_text(encoding="utf-8"))
    right = sum(line["prediction"] == line["column 2"].split() for line in lines)
    assert right >= 15
    given = ["--input", source, "--output", target, "--column", "nope"]
    assert "no column 'nope'" in refused(["predict", names, *given], capsys)


def test_gates(names, tmp_path, capsys):
    assert main(["gates", str(names), "--text", TEXT, "--output", str(tmp_path / "g.npz")]) == 0
    assert "7 tokens" in capsys.readouterr().out
    with np.load(tmp_path / "g.npz", allow_pickle=False) as found:
        assert found["tokens"].tolist() == TEXT.split()
        assert found["classes"].tolist() == ["LOC", "PER", "O"]
        for direction in ("forward", "backward"):
            for name in "ifgoch":
                assert found[f"layer0.{direction}.{name}"].shape == (7, 12)
        f, i, g, c = (found[f"layer0.forward.{name}"] for name in "figc")
        np.testing.assert_allclose(c[1], f[1] * c[0] + i[1] * g[1], atol=1e-6)
        np.testing.assert_allclose(found["prefix_probabilities"].sum(1), 1, atol=1e-5)


def train(*arguments: object) -> list[object]:
    return ["train", *arguments, *SMALL]


def test_a_line_with_other_columns_is_named(tmp_path, capsys):
    data = tagged.write_conll(tmp_path / "names.conll", tagged.sentences(32))
    lines = data.read_text(encoding="utf-8").splitlines()
    lines[40] = "Rome B-LOC extra"
    data.write_text("\n".join(lines), encoding="utf-8")
    for task in ([], ["task=tagging"]):
        said = refused([*train("--data", data, "--out", tmp_path / "run"), *task], capsys)
        assert f"{data}, line 41" in said
        assert "3 columns" in said
    assert not (tmp_path / "run").exists()


def test_a_sentence_with_too_few_tags_is_named(tmp_path, capsys):
    rows = [json.dumps({"words": words, "tags": tags}) for words, tags in tagged.sentences(64)]
    words, tags = tagged.sentences(1)[0]
    rows.insert(10, json.dumps({"words": words, "tags": tags[1:]}))
    data = tmp_path / "names.jsonl"
    data.write_text("\n".join(rows), encoding="utf-8")
    said = refused([*train("--data", data), "task=tagging"], capsys)
    assert f"{data}, line 11" in said
    assert f"{len(words)} words and {len(tags) - 1} tags" in said


@pytest.mark.parametrize("tag", ["O", "B-PER"])
def test_tags_that_are_all_the_same_are_refused(tmp_path, tag, capsys):
    rows = [(words, [tag] * len(words)) for words, _ in tagged.sentences(32)]
    data = tagged.write_conll(tmp_path / "names.conll", rows)
    said = refused([*train("--data", data), "task=tagging"], capsys)
    assert f"All words have the same tag, '{tag}'" in said
    assert str(data) in said


@pytest.mark.parametrize(("setting", "name"), [("data.word", "nope"), ("data.tag", "ner"), ("data.predicate", "verb")])
def test_an_unknown_column_is_named(tmp_path, setting, name, capsys):
    data = tagged.write_conll(tmp_path / "names.conll", tagged.sentences(32))
    said = refused([*train("--data", data), "task=tagging", f"{setting}={name}"], capsys)
    assert f"There is no column '{name}'" in said
    assert "'column 1', 'column 2'" in said


def test_a_predicate_outside_of_its_sentence_is_named(tmp_path, capsys):
    rows = tagged.roles(24)
    rows[5] = (rows[5][0], 44, rows[5][2])
    data = tagged.write_roles(tmp_path / "roles.jsonl", rows)
    for more in ([], ["task=tagging", "data.predicate=predicate"]):
        said = refused([*train("--data", data), *more], capsys)
        assert f"{data}, line 6" in said
        assert "'44' is not the position of a word" in said


def test_words_without_their_file_of_tags(tmp_path, capsys):
    (tmp_path / "seq.in").write_text("from Rome to Oslo\n" * 5, encoding="utf-8")
    said = refused([*train("--data", tmp_path / "seq.in"), "task=tagging"], capsys)
    assert "seq.in" in said
    said = refused([*train("--data", tmp_path / "seq.in"), "task=tagging", "data.format=parallel"], capsys)
    assert "seq.out" in said


def test_words_and_tags_in_two_files(tmp_path, capsys):
    rows = tagged.sentences(32)
    for name, side in (("seq.in", 0), ("seq.out", 1)):
        (tmp_path / name).write_text("".join(" ".join(row[side]) + "\n" for row in rows), encoding="utf-8")
    assert main(list(map(str, train("--data", tmp_path / "seq.in", "--out", tmp_path / "run")))) == 0
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path / "run"), str(tmp_path / "seq.in"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 32


def test_evaluate_refuses_another_kind_of_file(names, tmp_path, capsys):
    (tmp_path / "texts.csv").write_text("text,label\ngood film,pos\nbad film,neg\n", encoding="utf-8")
    assert "texts.csv" in refused(["evaluate", names, tmp_path / "texts.csv"], capsys)


def test_a_damaged_inventory_is_a_sentence(names, tmp_path, capsys):
    import shutil

    copy = Path(shutil.copytree(names, tmp_path / "copy"))
    text = (copy / "vocabulary.json").read_text(encoding="utf-8")
    (copy / "vocabulary.json").write_text(text.replace('"scheme": "IOB2"', '"scheme": "IOB9"'), encoding="utf-8")
    said = refused(["predict", copy, "--text", TEXT], capsys)
    assert "vocabulary.json" in said
    assert "no such scheme" in said
