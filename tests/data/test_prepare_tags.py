"""From a file of tagged sentences to arrays: what is made of it, and what is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import RunConfig, parse
from lstm_studio.data.prepare_tags import TagInventory, prepare_tagging, tag_order, types_of
from lstm_studio.data.tags import spans
from lstm_studio.errors import Cancelled, StudioError
from tests.data.tag_files import SENTENCES, Sentence, config_for, conll, data_of, jsonl, same, sentence, sentences_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return conll(tmp_path / "names.conll", SENTENCES)


# -- what is made ------------------------------------------------------------------------------------------------


def test_words_tags_and_spellings_belong_together(file: Path) -> None:
    prepared = prepare_tagging(config_for(file))
    inventory = prepared.inventory
    assert (len(prepared.train), len(prepared.validation), prepared.test) == (36, 4, None)
    assert inventory.tags == ("O", "B-LOC", "B-PER", "I-PER")
    assert (inventory.written, inventory.learned, inventory.spaced) == ("IOB2", "IOB2", True)
    assert inventory.predicates is None
    found = sentences_of(prepared, "train") + sentences_of(prepared, "validation")
    assert sorted(found) == sorted(SENTENCES)
    numbers = {character: number for number, character in enumerate(inventory.characters, 2)}
    for part in (prepared.train, prepared.validation):
        assert set(part.predicates.tolist()) == {-1}
        assert not part.strange.any()
        for n in range(len(part)):
            here = slice(int(part.offsets[n]), int(part.offsets[n + 1]))
            decoded = inventory.vocabulary.decode(part.ids[here])
            assert all(a in (b.lower(), "<unk>") for a, b in zip(decoded, part.words(n), strict=True))
            letters, sizes = part.spellings.padded(part.forms[here])
            for word, row, size in zip(part.words(n), letters, sizes, strict=True):
                assert row[:size].tolist() == [numbers.get(character, 1) for character in word]
    assert prepared.text("train", 0) == " ".join(prepared.train.words(0))
    with pytest.raises(KeyError):
        prepared.text("test", 0)


def test_only_training_is_learned_from(file: Path) -> None:
    prepared = prepare_tagging(config_for(file))
    read = {word.lower() for words, _ in sentences_of(prepared, "train") for word in words}
    assert set(prepared.inventory.vocabulary.tokens[2:]) == read
    held = {word.lower() for words, _ in sentences_of(prepared, "validation") for word in words}
    assert held - read  # the numbered surnames
    assert 1 in prepared.validation.ids
    assert 1 not in prepared.train.ids


def test_the_same_sentence_is_never_in_both_parts(tmp_path: Path) -> None:
    rows = [sentence(n % 15) for n in range(90)]
    rows += [(words, ["O"] * 5 + ["B-YEAR"]) for words, _ in SENTENCES[:10]]  # the same words, tagged otherwise
    for seed in range(4):
        prepared = prepare_tagging(config_for(conll(tmp_path / "a.conll", rows), split_seed=seed))
        train, held = ({tuple(words) for words, _ in sentences_of(prepared, name)} for name in ("train", "validation"))
        assert train.isdisjoint(held)
        assert len(train) + len(held) == 15
        assert len(prepared.train) + len(prepared.validation) == 100


def test_lower_case_and_digits_alike(file: Path) -> None:
    def words(**data: Any) -> set[str]:
        return set(prepare_tagging(config_for(file, **data)).inventory.vocabulary.tokens[2:])

    assert {"anna", "rome"} <= words()
    assert {"Anna", "Rome"} <= words(lowercase=False)
    alike = words(same_digits=True)
    assert {"0000", "smith00", "smith0", "anna"} <= alike
    assert not any(digit in word for word in alike for digit in "123456789")
    prepared = prepare_tagging(config_for(file, same_digits=True))
    assert "A" in prepared.inventory.characters  # letters are as they were written
    assert "1" not in prepared.inventory.characters
    assert "0" in prepared.inventory.characters
    assert prepared.train.words(0)[-1].startswith("19")


def test_words_are_left_out_of_the_vocabulary_by_count(file: Path) -> None:
    vocabulary = prepare_tagging(config_for(file, min_count=2)).inventory.vocabulary
    assert "moved" in vocabulary
    assert not any(word.startswith("smith") for word in vocabulary.tokens)
    assert len(prepare_tagging(config_for(file, vocabulary_size=10)).inventory.vocabulary) == 12


@pytest.mark.parametrize(
    ("written", "learned", "wanted"),
    [
        ("IOB2", "BIOES", {"O", "B-PER", "E-PER", "S-LOC"}),
        ("IOB2", "as_written", {"O", "B-PER", "I-PER", "B-LOC"}),
        ("IOB2", "IOB2", {"O", "B-PER", "I-PER", "B-LOC"}),
        ("BIOES", "IOB2", {"O", "B-PER", "I-PER", "B-LOC"}),
    ],
)
def test_tags_are_learned_in_another_scheme(tmp_path: Path, written: str, learned: str, wanted: set[str]) -> None:
    own = {"IOB2": SENTENCES[0][1], "BIOES": ["B-PER", "E-PER", "O", "O", "S-LOC", "O"]}[written]
    path = conll(tmp_path / "a.conll", [(words, own) for words, _ in SENTENCES])
    prepared = prepare_tagging(config_for(path, scheme=written, learned_scheme=learned))
    inventory = prepared.inventory
    assert set(inventory.tags) == wanted
    assert inventory.written == written
    assert inventory.learned == (written if learned == "as_written" else learned)
    for part in (prepared.train, prepared.validation):
        for n in range(len(part)):
            assert spans(part.tags_of(n), inventory.learned) == spans(own, prepared.inventory.written)


def test_tags_without_spans_stay_as_they_are(tmp_path: Path) -> None:
    path = conll(tmp_path / "a.conll", [(words, "N N V P N D".split()) for words, _ in SENTENCES])
    prepared = prepare_tagging(config_for(path, scheme="none", learned_scheme="BIOES"))
    assert prepared.inventory.tags == ("D", "N", "P", "V")
    assert prepared.inventory.learned == "none"


def test_long_sentences_are_divided(tmp_path: Path) -> None:
    path = conll(tmp_path / "a.conll", SENTENCES)
    prepared = prepare_tagging(config_for(path, max_length=5, learned_scheme="BIOES"))
    assert (len(prepared.train), len(prepared.validation)) == (72, 8)
    assert set(prepared.train.lengths.tolist()) == {5, 1}
    assert any(note.startswith("a.conll: 36 sentences") for note in prepared.notes)
    cut = prepare_tagging(config_for(path, max_length=2, learned_scheme="BIOES"))
    assert cut.train.tags_of(0) == ["B-PER", "E-PER"]
    assert cut.train.tags_of(2)[0] == "S-LOC"
    through = conll(tmp_path / "b.conll", [([f"a{n}", "b", "c"], ["O", "B-X", "I-X"]) for n in range(20)])
    pieces = prepare_tagging(config_for(through, max_length=2))
    assert [pieces.train.tags_of(n) for n in (0, 1)] == [["O", "B-X"], ["B-X"]]


def test_predicates(tmp_path: Path) -> None:
    rows = [
        {"tokens": ["dogs", f"n{n}", "barked", "loudly"], "verb_index": 2, "roles": ["B-A0", "I-A0", "B-V", "O"]}
        for n in range(20)
    ]
    path = jsonl(tmp_path / "a.jsonl", rows)
    prepared = prepare_tagging(parse({"task": "tagging", "data": {"path": str(path)}}))
    assert data_of(prepared).predicate == "verb_index"
    assert set(prepared.train.predicates.tolist()) == {2}
    assert prepared.train.predicates.dtype == np.int32
    assert prepared.inventory.predicates is not None
    assert prepared.inventory.predicates.words == {"barked"}
    short = prepare_tagging(parse({"task": "tagging", "data": {"path": str(path), "max_length": 2}}))
    assert set(short.train.predicates.tolist()) == {-1, 0}
    jsonl(path, [*rows, {**rows[0], "verb_index": 4}])
    with pytest.raises(StudioError, match=r"a\.jsonl, line 21: '4' is not the position of a word"):
        prepare_tagging(parse({"task": "tagging", "data": {"path": str(path), "predicate": "verb_index"}}))


def test_files_of_their_own_and_strange_tags(tmp_path: Path, file: Path) -> None:
    dev = conll(tmp_path / "dev.conll", [SENTENCES[0], (["Anna", "works", "at", "Acme"], ["B-PER", "O", "O", "B-ORG"])])
    test = jsonl(tmp_path / "test.jsonl", [{"column 1": ["In", "Ulm"], "column 2": ["O", "B-LOC"]}] * 2)
    prepared = prepare_tagging(config_for(file, validation=str(dev), test=str(test)), cache=tmp_path / "cache")
    assert (len(prepared.train), len(prepared.validation)) == (40, 2)
    assert sorted(prepared.parts()) == ["test", "train", "validation"]
    assert prepared.validation.strange.tolist() == [False, True]
    assert prepared.validation.names == (*prepared.inventory.tags, "B-ORG")
    assert prepared.validation.tags_of(1) == ["B-PER", "O", "O", "B-ORG"]
    assert "B-ORG" not in prepared.inventory.tags
    assert "dev.conll: tags that training does not have (ORG) can never be found (line 11)." in prepared.notes
    assert prepared.test is not None
    assert sentences_of(prepared, "test") == [(["In", "Ulm"], ["O", "B-LOC"])] * 2
    assert not prepared.test.strange.any()
    assert prepared.test.names == prepared.inventory.tags
    assert "ulm" not in prepared.inventory.vocabulary
    letters, sizes = prepared.test.spellings.padded(prepared.test.forms)
    assert sizes.tolist() == [2, 3, 2, 3]
    assert letters[1, 0] == 1  # no U in training
    known = prepared.inventory.characters
    assert letters[1, 1] == (2 + known.index("l") if "l" in known else 1)


def test_broken_sequences_are_mended_and_told(tmp_path: Path) -> None:
    path = conll(tmp_path / "a.conll", [*SENTENCES, (["Rome", "called"], ["I-LOC", "O"])])
    prepared = prepare_tagging(config_for(path))
    found = {tuple(words): tags for name in prepared.parts() for words, tags in sentences_of(prepared, name)}
    assert found["Rome", "called"] == ["B-LOC", "O"]
    assert any("line 281: I-LOC cannot begin a sentence" in note for note in prepared.notes)


# -- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "scheme", "words"),
    [
        ([(words, ["O"] * 6) for words, _ in SENTENCES], "IOB2", "All words have the same tag, 'O'"),
        ([(words, ["N"] * 6) for words, _ in SENTENCES], "none", "All words have the same tag, 'N'"),
        ([SENTENCES[0]] * 9, "IOB2", "too few sentences to set some aside"),
        (SENTENCES[:1], "IOB2", "too few sentences to set some aside"),
    ],
)
def test_data_that_cannot_be_learned_from(tmp_path: Path, rows: list[Sentence], scheme: str, words: str) -> None:
    with pytest.raises(StudioError, match=words) as caught:
        prepare_tagging(config_for(conll(tmp_path / "a.conll", rows), scheme=scheme))
    assert caught.value.todo
    assert caught.value.where


def test_too_many_tags(tmp_path: Path) -> None:
    rows = [([f"w{n}", f"v{n}"], [f"T{n}", f"S{n}"]) for n in range(1200)]
    with pytest.raises(StudioError, match="more than 2,000"):
        prepare_tagging(config_for(conll(tmp_path / "a.conll", rows), scheme="none"))


def test_numbers_that_differ_name_the_line(tmp_path: Path) -> None:
    rows = [{"tokens": words, "tags": tags} for words, tags in SENTENCES]
    rows[7] = {"tokens": ["a", "b"], "tags": ["O"]}
    path = jsonl(tmp_path / "a.jsonl", rows)
    with pytest.raises(StudioError, match=r"a\.jsonl, line 8: A sentence has 2 words and 1 tag"):
        prepare_tagging(config_for(path, word="tokens", tag="tags"))


def test_a_missing_file_and_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"nowhere\.conll"):
        prepare_tagging(config_for(tmp_path / "nowhere.conll"), cache=tmp_path / "cache")
    with pytest.raises(StudioError, match="No data is chosen"):
        prepare_tagging(RunConfig(task="tagging"))
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "".join(f"word{n},{n % 2}\n" for n in range(30)), encoding="utf-8")
    with pytest.raises(StudioError, match="No two columns"):
        prepare_tagging(parse({"task": "tagging", "data": {"path": str(path)}}))


def test_progress_rises_and_can_cancel(file: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    prepare_tagging(config_for(file), lambda fraction, text: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        prepare_tagging(config_for(file), stop, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/entry.json"))


# -- small things ------------------------------------------------------------------------------------------------


def test_tags_stand_in_an_order_of_their_own():
    assert tag_order(["I-PER", "B-LOC", "O", "B-PER", "O"]) == ("O", "B-LOC", "B-PER", "I-PER")
    assert tag_order(["V", "N"]) == ("N", "V")
    assert types_of(["O", "B-PER", "I-PER", "B-LOC"], "IOB2") == ("LOC", "PER")
    assert types_of(["O", "V", "N"], "none") == ("N", "V")


def test_an_inventory_goes_through_json(file: Path) -> None:
    inventory = prepare_tagging(config_for(file, learned_scheme="BIOES")).inventory
    facts = json.loads(json.dumps(inventory.to_facts()))
    assert TagInventory.from_facts(inventory.vocabulary, facts).to_facts() == inventory.to_facts()
    changes: list[dict[str, Any]] = [{"tags": ["O", "O"]}, {"scheme": "IOB9"}, {"tags": []}]
    for change in changes:
        with pytest.raises(ValueError, match="tags|scheme"):
            TagInventory.from_facts(inventory.vocabulary, {**facts, **change})
    with pytest.raises(KeyError):
        TagInventory.from_facts(inventory.vocabulary, {})


# -- real data ---------------------------------------------------------------------------------------------------


def test_slots_of_flights(shared_data: Path, tmp_path: Path) -> None:
    atis = shared_data / "atis"
    values = {"path": str(atis / "valid"), "validation": str(atis / "test")}
    config = parse({"task": "tagging", "data": values})
    prepared = prepare_tagging(config, cache=tmp_path)
    assert (len(prepared.train), len(prepared.validation)) == (500, 893)
    assert prepared.validation.strange.any()
    assert any("test: tags that training does not have" in note for note in prepared.notes)
    began = time.perf_counter()
    assert same(prepare_tagging(config, cache=tmp_path), prepared)
    assert time.perf_counter() - began < 1


def test_roles_of_english(shared_data: Path) -> None:
    folder = shared_data / "up_english_ewt" / "derived"
    path = folder / "dev.jsonl"
    prepared = prepare_tagging(parse({"task": "tagging", "data": {"path": str(path)}}))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(prepared.train) + len(prepared.validation) == len(rows)
    known = {(tuple(row["tokens"]), row["predicate"]): row["tags"] for row in rows}
    for part in prepared.parts().values():
        for n in range(len(part)):
            assert known[tuple(part.words(n)), int(part.predicates[n])] == part.tags_of(n)
    assert prepared.inventory.predicates is not None
    assert prepared.inventory.predicates.find("She said that he wanted it".split())
