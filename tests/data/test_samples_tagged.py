"""The tagged samples: always the same, tagged legally, and not to be solved by remembering words."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from itertools import permutations
from pathlib import Path

import pytest

from lstm_studio.data import samples, samples_notes, samples_requests, samples_roles
from lstm_studio.data.kinds import KINDS, complete, section_for, task_of
from lstm_studio.data.samples_tagged import Chance, fill
from lstm_studio.data.sentences import Sentences, tagged_sentences
from lstm_studio.data.table import open_table
from lstm_studio.data.tags import broken
from lstm_studio.tasks.entities import entity_figures

TAGGED = [sample.name for sample in samples.SAMPLES if sample.task == "tagging"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where samples of their usual size are written once."""
    return tmp_path_factory.mktemp("whole")


def read(path: Path, notes: list[str]) -> Sentences:
    """As the program would open it."""
    table = open_table(path)
    assert task_of(table) == "tagging"
    data, _ = complete(section_for("tagging", KINDS["tagging"].section(path=str(path))), table)
    return tagged_sentences(table, data, notes)


@pytest.mark.parametrize("name", TAGGED)
def test_it_is_always_the_same_and_the_seed_makes_another(name: str, whole: Path, tmp_path: Path) -> None:
    first = samples.write(name, tmp_path / "a", rows=80).read_bytes()
    assert samples.write(name, tmp_path / "b", rows=80).read_bytes() == first
    assert samples.write(name, tmp_path / "c", rows=80, seed=1).read_bytes() != first
    assert samples.open_sample(name, whole).suffix == samples.find(name).ending


@pytest.mark.parametrize(
    ("name", "title", "scheme", "tokenizer"),
    [
        ("requests", "Slots", "IOB2", "treebank"),
        ("notes-zh", "Named entities", "BMES", "character"),
        ("roles", "Semantic roles", "IOB2", "treebank"),
    ],
)
def test_it_opens_as_what_it_is(name: str, title: str, scheme: str, tokenizer: str, whole: Path) -> None:
    path = samples.open_sample(name, whole)
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
def test_remembering_each_word_is_not_enough(name: str, whole: Path) -> None:
    found = read(samples.open_sample(name, whole), [])
    cut = len(found) * 4 // 5
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(found.words[:cut], found.tags[:cut], strict=True):
        for word, tag in zip(words, tags, strict=True):
            counts[word.lower()][tag] += 1
    usual = {word: tally.most_common(1)[0][0] for word, tally in counts.items()}
    predicted = [[usual.get(word.lower(), "O") for word in words] for words in found.words[cut:]]
    f1 = entity_figures(found.tags[cut:], predicted, found.scheme).f1
    assert 0.2 < f1 < 0.85


# People compare results on these sentences: changing them is a decision, not an accident.
FROZEN = {"requests": "f81b597859070531", "notes-zh": "cc145e1008a4cfa7", "roles": "6e20102252cf4c84"}


@pytest.mark.parametrize("name", TAGGED)
def test_nobody_changed_them_unawares(name: str, whole: Path) -> None:
    found = samples.open_sample(name, whole).read_bytes()
    assert hashlib.sha256(found).hexdigest()[:16] == FROZEN[name]


def test_chance_reaches_both_ends_and_loses_nothing() -> None:
    chance = Chance(3)
    assert {chance.number(4, 6) for _ in range(60)} == {4, 5, 6}
    assert {chance.choice("ab") for _ in range(30)} == {"a", "b"}
    orders = {tuple(chance.mixed("abc")) for _ in range(100)}
    assert orders == set(permutations("abc"))


def test_templates_are_filled_and_marked() -> None:
    lists = {"town": ["New York", "Rome"], "polite": ["if you can"]}
    words, spans = fill("fly from {town:from} to {town:to} {polite:}", lists, Chance(0))
    assert sorted(" ".join(words[start:end]) for start, end, _ in spans) == ["New York", "Rome"]  # no entry twice
    assert [kind for *_, kind in spans] == ["from", "to"]
    assert words[-3:] == ["if", "you", "can"]
    assert {" ".join(fill("a (b|(c|d) e|)", {}, Chance(seed)).words) for seed in range(60)} == {
        "a b", "a c e", "a d e", "a"}  # fmt: skip


def test_requests_are_english() -> None:
    kinds = set()
    for words, spans in samples_requests.requests(3000, 1):
        text = " ".join(words).lower()
        assert not set("{}()|") & set(text)
        assert not re.search(r"\ba [aeiou]|\ba flights|\bon (today|tomorrow|next|this)\b", text), text
        towns = [" ".join(words[start:end]) for start, end, kind in spans if kind in {"from", "to"}]
        assert len(set(towns)) == len(towns), text
        kinds |= {kind for *_, kind in spans}
    assert len(kinds) == 18


def test_notices_use_every_letter_and_fit_their_times() -> None:
    letters: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for words, spans in samples_notes.notes(3000, 1):
        text = "".join(words)
        assert all(len(word) == 1 for word in words)
        assert not re.search("(明天|后天|下周).*(毕业|出任|当选|离开)|已于(明|后|下|本)|将于(昨|前|上|去)", text), text
        for start, end, kind in spans:
            letters[kind][end - start] += 1
            if "生" in words and kind == "TIME":
                assert re.match("\\d{4}年", text[start:end]), text
    assert letters.keys() == {"NAME", "ORG", "TITLE", "LOC", "TIME", "DEGREE"}
    assert letters["LOC"][1] > 100


def test_roles_change_places() -> None:
    order = Counter()
    for words, predicate, (_, spans) in samples_roles.roles(2000, 1):
        text = " ".join(words)
        assert not re.search(r" (will|must|may)( not| never)? \w+ [^.]*(yesterday|last winter|ago)", text) or (
            "that" in words or "who" in words), text  # fmt: skip
        assert [span[0] for span in spans if span[2] == "V"] == [predicate]
        assert len({kind for *_, kind in spans}) == len(spans), text
        first = {kind: start for start, _, kind in spans}
        order.update(f"{kind} {'before' if first[kind] < predicate else 'behind'}" for kind in first if kind != "V")
    assert min(order[f"A{n} {side}"] for n in (0, 1) for side in ("before", "behind")) > 200
    assert {"R-A0 before", "R-A1 before", "AM-NEG before", "AM-MNR behind", "AM-TMP before"} <= order.keys()


def test_roles_are_json_lines_of_words_predicate_and_tags(tmp_path: Path) -> None:
    lines = samples.write("roles", tmp_path / "r.jsonl", rows=60).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 60
    assert all(row.keys() == {"words", "predicate", "tags"} for row in rows)
    assert all(len(row["words"]) == len(row["tags"]) > row["predicate"] for row in rows)
