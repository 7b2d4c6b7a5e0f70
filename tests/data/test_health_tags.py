"""Figures of tagged sentences agree with counting by hand and with what training makes of the same settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import RunConfig, TaggingData
from lstm_studio.data.health_tags import examine
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.kinds import complete
from lstm_studio.data.prepare_tags import prepare_tagging
from lstm_studio.data.table import open_table
from lstm_studio.errors import Cancelled, StudioError

Sentence = tuple[list[str], list[str]]


def varied(count: int, start: int = 0, kinds: str = "PER LOC") -> list[Sentence]:
    """Sentences of five words, the first 315 all different, the words well known."""
    names = kinds.split()
    found = []
    for n in range(start, start + count):
        kind = names[n % len(names)]
        words = [f"Name{n % 7}", f"Other{n % 5}", "was", f"seen{n // 35 % 9}", "."]
        found.append((words, [f"B-{kind}", f"I-{kind}", "O", "O", "O"]))
    return found


def conll(folder: Path, rows: list[Sentence], name: str = "a.conll") -> Path:
    path = folder / name
    blocks = ["".join(f"{word} {tag}\n" for word, tag in zip(*row, strict=True)) for row in rows]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def looked_at(path: Path, validation: Path | None = None, **settings: Any) -> tuple[Health, TaggingData]:
    table = open_table(path)
    given = TaggingData(path=str(path), validation=str(validation) if validation else None, **settings)
    data, _ = complete(given, table)
    assert isinstance(data, TaggingData)
    return examine(table, data, validation_table=open_table(validation) if validation else None), data


def one(health: Health, words: str) -> HealthWarning:
    """The warning that says so; there is one."""
    found = [warning for warning in health.warnings if words in warning.text]
    assert len(found) == 1, [warning.text for warning in health.warnings]
    return found[0]


def said(health: Health) -> str:
    return " ".join(warning.text for warning in health.warnings)


def test_counting_by_hand(tmp_path):
    rows = varied(140)
    rows[50] = rows[0]  # the same again
    rows[60] = (rows[2][0], ["O", "B-PER", "O", "O", "O"])  # other tags
    rows[70] = (["one", "two", "three", "four", "five", "six", "seven"], ["O"] * 6 + ["B-LOC"])
    health, data = looked_at(conll(tmp_path, rows), max_length=6)
    assert (health.rows, health.used_rows, health.empty_rows) == (140, 140, 0)
    assert (health.duplicate_rows, health.duplicate_lines) == (1, (50 * 6 + 1,))
    assert (health.conflicting_rows, health.conflicting_lines) == (1, (2 * 6 + 1,))
    counts = {kind: sum(tag == f"B-{kind}" for _, tags in rows for tag in tags) for kind in ("PER", "LOC")}
    assert dict(health.classes) == counts
    assert health.classes[0][1] >= health.classes[1][1]
    assert health.tokens == 139 * 5 + 7
    assert health.cut_fraction == pytest.approx(1 / 140)
    assert health.quantiles == {0.5: 5, 0.9: 5, 0.99: 5, 1.0: 7}
    assert health.counts.sum() == 140
    assert len(health.edges) == len(health.counts) + 1
    assert (health.outputs, health.marks, data.scheme) == (5, 0, "IOB2")
    assert (health.train_rows + health.validation_rows, health.leaked_rows) == (140, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lowercase": False, "min_count": 1},
        {"same_digits": True, "learned_scheme": "BIOES", "vocabulary_size": 12},
        {"validation_fraction": 0.3, "split_seed": 4},
    ],
)
def test_figures_are_those_of_training(tmp_path, settings):
    rows = [*varied(130), (["Übergroß", "X9"], ["B-PER", "O"])]
    health, data = looked_at(conll(tmp_path, rows), **settings)
    agree(health, data)


def agree(health: Health, data: TaggingData) -> None:
    prepared = prepare_tagging(RunConfig(task="tagging", data=data))
    assert health.train_rows == len(prepared.train)
    assert health.validation_rows == len(prepared.validation)
    assert health.vocabulary_size == len(prepared.inventory.vocabulary) - 2
    assert health.unknown_share == pytest.approx((np.asarray(prepared.validation.ids) == 1).mean(), abs=1e-12)
    assert health.coverage == 1.0 - health.unknown_share
    assert health.outputs == len(prepared.inventory.tags)
    assert health.characters == (len(prepared.inventory.characters) + 2 if prepared.inventory.spaced else 0)
    assert health.marks == (2 if prepared.inventory.predicates is not None else 0)


@pytest.mark.parametrize(
    ("name", "validation"),
    [
        ("wnut17/emerging.dev.conll", None),
        ("atis/valid", "atis/test"),
        ("up_english_ewt/derived/dev.jsonl", None),
        ("resume_ner/dev.char.bmes", None),
    ],
)
def test_real_sets(shared_data, name, validation):
    health, data = looked_at(shared_data / name, shared_data / validation if validation else None)
    agree(health, data)
    assert health.used_rows == health.rows
    assert not [warning for warning in health.warnings if warning.severity == "error"]
    if validation:
        assert "The validation sentences have types that training lacks" in said(health)
        assert "validation sentences stand in the training part too" in said(health)
        assert health.unknown_labels


def test_nothing_is_wrong_with_good_data(tmp_path):
    health, _ = looked_at(conll(tmp_path, varied(300)))
    assert health.warnings == []


@pytest.mark.parametrize("settings", [{}, {"scheme": "none"}])
def test_all_tags_alike(tmp_path, settings):
    tag = "N" if settings else "O"
    health, data = looked_at(
        conll(tmp_path, [(words, [tag] * 5) for words, _ in varied(150)]), word=0, tag=1, **settings
    )
    warning = one(health, f"All words have the tag {tag}: there is nothing to find.")
    assert warning.severity == "error"
    assert warning is health.warnings[0]
    assert warning.todo
    with pytest.raises(StudioError, match="same tag"):
        prepare_tagging(RunConfig(task="tagging", data=data))


def test_types_that_training_lacks(tmp_path):
    other = conll(tmp_path, [*varied(30, 200), (["Acme", "grew"], ["B-ORG", "O"])], "dev.conll")
    health, _ = looked_at(conll(tmp_path, varied(150)), other)
    assert health.unknown_labels == ("ORG",)
    warning = one(health, "have types that training lacks (ORG); they can never be found")
    assert (warning.severity, warning.todo) == ("warning", "Add some to the training file.")
    kinds = " ".join(f"T{n}" for n in range(6))
    other = conll(tmp_path, varied(30, 200, kinds), "dev.conll")
    health, _ = looked_at(conll(tmp_path, varied(150)), other)
    assert "(T0, T1, T2, T3, and others)" in said(health)


def test_sentences_in_both_files(tmp_path):
    rows = varied(150)
    other = conll(tmp_path, [*varied(30, 200), rows[3]], "dev.conll")
    health, _ = looked_at(conll(tmp_path, rows), other)
    assert (health.leaked_rows, health.leaked_lines) == (1, (30 * 6 + 1,))
    assert (health.train_rows, health.validation_rows) == (150, 31)
    assert one(health, "1 validation sentence stands in the training part too (line 181).").todo
    other = conll(tmp_path, [rows[3], rows[4], rows[5], *varied(30, 200)], "dev.conll")
    health, _ = looked_at(conll(tmp_path, rows), other)
    one(health, "3 validation sentences stand in the training part too (lines 1, 7, 13")


def test_the_same_words_tagged_in_two_ways(tmp_path):
    rows = varied(150)
    rows[9] = (rows[4][0], ["O", "O", "O", "O", "B-LOC"])
    health, _ = looked_at(conll(tmp_path, rows))
    assert one(health, "1 sentence stands there with different tags (line 25).").todo
    # Another predicate of the same sentence is another question.
    path = tmp_path / "roles.jsonl"
    words = ["dogs", "bark", "and", "run"]
    lines = [
        {"tokens": words, "predicate": 1, "roles": ["B-A0", "B-V", "O", "O"]},
        {"tokens": words, "predicate": 3, "roles": ["B-A0", "O", "O", "B-V"]},
    ]
    lines += [{"tokens": [f"d{n}", "ran"], "predicate": 1, "roles": ["B-A0", "B-V"]} for n in range(20)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    health, _ = looked_at(path)
    assert (health.conflicting_rows, health.duplicate_rows, health.marks) == (0, 0, 2)


def test_rare_types(tmp_path):
    rows = [*varied(150), (["Acme", "grew"], ["B-ORG", "O"]), (["Bolt", "fell"], ["B-ORG", "O"])]
    health, _ = looked_at(conll(tmp_path, rows))
    assert one(health, "1 of 3 types are marked fewer than 5 times (ORG).").todo == "Mark more of them."
    # Where all are rare the sentences are too few, and that is what is said.
    health, _ = looked_at(conll(tmp_path, varied(6)))
    assert "fewer than 5 times" not in said(health)


@pytest.mark.parametrize(("count", "words"), [(99, "99 sentences are too few"), (1, "1 sentence is too few")])
def test_few_sentences(tmp_path, count, words):
    health, _ = looked_at(conll(tmp_path, varied(count)))
    assert one(health, words).severity == "warning"
    assert ("too few sentences to set some aside" in said(health)) is (count == 1)
    assert "too few" not in said(looked_at(conll(tmp_path, varied(100)))[0])


@pytest.mark.parametrize(
    ("settings", "fix", "todo"),
    [
        ({"vocabulary_size": 10, "min_count": 1}, {"vocabulary_size": 20}, "larger vocabulary"),
        ({"lowercase": False}, {"lowercase": True}, "upper and lower case alike"),
        ({}, {"same_digits": True}, "digits alike"),
        ({"same_digits": True}, None, "pretrained vectors"),
    ],
)
def test_many_unknown_words(tmp_path, settings, fix, todo):
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = [letters[n % 26] + letters[n // 26] for n in range(200)]
    rows = [([f"{pair}x", "was", f"{n}", f"Q{pair}"], ["B-PER", "O", "O", "O"]) for n, pair in enumerate(pairs)]
    health, data = looked_at(conll(tmp_path, rows), **settings)
    warning = one(health, "% of the validation words are not in the vocabulary.")
    assert f"{100 * health.unknown_share:.0f} %" in warning.text
    assert warning.fix == fix
    assert todo in warning.todo
    if fix is not None:  # a click sets it: it must be a setting
        RunConfig(task="tagging", data=data).replace(**{f"data.{name}": value for name, value in fix.items()})


def test_broken_tags_and_empty_rows(tmp_path):
    rows = [*varied(150), (["in", "Rome", "today"], ["O", "I-LOC", "O"])]
    health, _ = looked_at(conll(tmp_path, rows))
    warning = one(health, "One sentence breaks the rules of IOB2 (line 902: I-LOC cannot follow O)")
    assert (warning.severity, bool(warning.todo)) == ("warning", True)
    path = tmp_path / "a.jsonl"
    lines = [{"tokens": words, "tags": tags} for words, tags in varied(150)]
    lines.insert(3, {"tokens": [], "tags": []})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    health, _ = looked_at(path)
    assert (health.rows, health.used_rows, health.empty_rows, health.empty_lines) == (151, 150, 1, (4,))
    assert one(health, "one empty row left out").severity == "info"
    assert health.warnings[-1].severity == "info"


def test_what_training_would_refuse_is_an_error(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [{"tokens": words, "tags": tags} for words, tags in varied(150)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"tokens": ["a", "b"], "tags": ["O"]}\n')
    health, data = looked_at(path)
    assert (health.rows, health.used_rows, health.tokens, health.classes) == (151, 0, 0, [])
    assert health.counts.sum() == 0
    (warning,) = health.warnings
    assert warning.severity == "error"
    assert "a.jsonl, line 151: A sentence has 2 words and 1 tag" in warning.text
    assert warning.todo
    with pytest.raises(StudioError, match="line 151"):
        prepare_tagging(RunConfig(task="tagging", data=data))


def test_a_validation_file_that_cannot_be_read(tmp_path):
    other = tmp_path / "dev.csv"
    other.write_text("text,label\n" + "".join(f"word number {n},{n % 2}\n" for n in range(30)), encoding="utf-8")
    health, _ = looked_at(conll(tmp_path, varied(150)), other)
    warning = one(health, "no column 'column 1'")
    assert warning.severity == "error"
    assert "dev.csv" in warning.text
    assert (health.train_rows, health.validation_rows) == (150, 0)


def test_cancelling(tmp_path):
    table = open_table(conll(tmp_path, varied(150)))
    data, _ = complete(TaggingData(path="a"), table)
    assert isinstance(data, TaggingData)
    seen: list[float] = []

    def progress(fraction: float, words: str) -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        examine(table, data, progress)
    assert seen == sorted(seen)
    seen.clear()
    assert examine(table, data, lambda fraction, words: seen.append(fraction)).rows == 150
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
