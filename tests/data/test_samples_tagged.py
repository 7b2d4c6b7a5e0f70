"""The tagged samples: always the same, tagged legally, and not to be solved by remembering words."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from lstm_studio.data import samples
from lstm_studio.data.kinds import KINDS, complete, section_for, task_of
from lstm_studio.data.sentences import Sentences, tagged_sentences
from lstm_studio.data.table import open_table
from lstm_studio.data.tags import broken
from lstm_studio.tasks.entities import entity_figures

TAGGED = [sample.name for sample in samples.SAMPLES if sample.task == "tagging"]


def read(path: Path, notes: list[str]) -> Sentences:
    """As the program would open it."""
    table = open_table(path)
    assert task_of(table) == "tagging"
    data, _ = complete(section_for("tagging", KINDS["tagging"].section(path=str(path))), table)
    return tagged_sentences(table, data, notes)


@pytest.mark.parametrize("name", TAGGED)
def test_it_is_always_the_same_and_the_seed_makes_another(name: str, tmp_path: Path) -> None:
    first = samples.write(name, tmp_path / "a", rows=80).read_bytes()
    assert samples.write(name, tmp_path / "b", rows=80).read_bytes() == first
    assert samples.write(name, tmp_path / "c", rows=80, seed=1).read_bytes() != first
    assert samples.open_sample(name, tmp_path).suffix == samples.find(name).ending


@pytest.mark.parametrize(
    ("name", "title", "scheme", "tokenizer"),
    [
        ("requests", "Slots", "IOB2", "treebank"),
        ("notes-zh", "Named entities", "BMES", "character"),
        ("roles", "Semantic roles", "IOB2", "treebank"),
    ],
)
def test_it_opens_as_what_it_is(name: str, title: str, scheme: str, tokenizer: str, tmp_path: Path) -> None:
    path = samples.open_sample(name, tmp_path)
    guess = KINDS["tagging"].guess(open_table(path), KINDS["tagging"].section())
    assert (guess.task_title, guess.fields["scheme"], guess.tokenizer) == (title, scheme, tokenizer)
    notes: list[str] = []
    found = read(path, notes)
    assert notes == []
    assert not any(broken(tags, found.scheme) for tags in found.tags)
    rows = {option.name: option.default for option in samples.find(name).options}["rows"]
    assert len(found) == rows
    if name == "roles":
        assert found.predicates is not None
        assert all(tags[place] == "B-V" for tags, place in zip(found.tags, found.predicates, strict=True))
        assert len({tuple(words) for words in found.words}) < len(found)  # several verbs in a sentence
    else:
        assert len({tuple(words) for words in found.words}) == len(found)


@pytest.mark.parametrize("name", TAGGED)
def test_remembering_each_word_is_not_enough(name: str, tmp_path: Path) -> None:
    found = read(samples.open_sample(name, tmp_path), [])
    cut = len(found) * 4 // 5
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(found.words[:cut], found.tags[:cut], strict=True):
        for word, tag in zip(words, tags, strict=True):
            counts[word.lower()][tag] += 1
    usual = {word: tally.most_common(1)[0][0] for word, tally in counts.items()}
    predicted = [[usual.get(word.lower(), "O") for word in words] for words in found.words[cut:]]
    f1 = entity_figures(found.tags[cut:], predicted, found.scheme).f1
    assert 0.2 < f1 < 0.85


def test_roles_are_json_lines_of_words_predicate_and_tags(tmp_path: Path) -> None:
    lines = samples.write("roles", tmp_path / "r.jsonl", rows=60).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 60
    assert all(row.keys() == {"words", "predicate", "tags"} for row in rows)
    assert all(len(row["words"]) == len(row["tags"]) > row["predicate"] for row in rows)
