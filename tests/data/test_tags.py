"""Tag schemes: recognised, checked, converted."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from lstm_studio.data.tags import Span, broken, convert, encode, find_scheme, legal, spans, split

SCHEMES = ("IOB1", "IOB2", "BIOES", "BMES")


def random_spans(chance: random.Random, length: int) -> list[Span]:
    found, place = [], 0
    while place < length:
        size = chance.choice([1, 1, 2, 3])
        if chance.random() < 0.5 and place + size <= length:
            found.append(Span(place, place + size, chance.choice(["PER", "LOC", "C-A1"])))
            place += size
        else:
            place += 1
    return found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_spans_survive_every_scheme(scheme):
    chance = random.Random(1)
    for _ in range(400):
        length = chance.randint(1, 9)
        wanted = random_spans(chance, length)
        tags = encode(wanted, length, scheme)
        assert broken(tags, scheme) == []
        assert spans(tags, scheme) == wanted
        for other in SCHEMES:
            assert spans(convert(tags, scheme, other), other) == wanted


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_scheme_is_recognised_by_its_own_tags(scheme):
    chance = random.Random(2)
    rows = [encode(random_spans(chance, 8), 8, scheme) for _ in range(60)]
    found = find_scheme(rows)
    assert (found.scheme, found.broken) == (scheme, 0)


def test_written_by_hand():
    wanted = [Span(0, 2, "PER"), Span(2, 3, "PER"), Span(4, 5, "LOC")]
    assert encode(wanted, 5, "IOB1") == ["I-PER", "I-PER", "B-PER", "O", "I-LOC"]
    assert encode(wanted, 5, "IOB2") == ["B-PER", "I-PER", "B-PER", "O", "B-LOC"]
    assert encode(wanted, 5, "BIOES") == ["B-PER", "E-PER", "S-PER", "O", "S-LOC"]
    assert spans(["B-PER", "L-PER", "U_LOC"], "BIOES") == [Span(0, 2, "PER"), Span(2, 3, "LOC")]
    assert encode([Span(0, 4, "ORG")], 4, "BMES") == ["B-ORG", "M-ORG", "M-ORG", "E-ORG"]
    assert split("I-AM-TMP") == ("I", "AM-TMP")


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        (["I-PER", "I-LOC"], [Span(0, 1, "PER"), Span(1, 2, "LOC")]),
        (["O", "I-PER", "O"], [Span(1, 2, "PER")]),
        (["B-PER", "I-LOC", "I-LOC"], [Span(0, 1, "PER"), Span(1, 3, "LOC")]),
        (["E-PER", "E-PER"], [Span(0, 1, "PER"), Span(1, 2, "PER")]),
        (["B-PER", "O", "E-PER"], [Span(0, 1, "PER"), Span(2, 3, "PER")]),
        (["S-PER", "I-PER"], [Span(0, 1, "PER"), Span(1, 2, "PER")]),
        ([], []),
    ],
)
def test_broken_sequences_are_read_as_conlleval_does(tags, wanted):
    assert spans(tags, "BIOES") == wanted


def chunks_of_conlleval(tags: list[str]) -> list[Span]:
    """The rules of the script: where a chunk ends, then where one starts, from the pair of neighbouring tags."""
    found, start = [], 0
    for place, (before, here) in enumerate(itertools.pairwise(["O", *tags, "O"])):
        (old, old_type), (new, new_type) = ((tag[0], tag[2:]) for tag in (before, here))
        ends = (old, new) in {("B", "B"), ("B", "O"), ("I", "B"), ("I", "O"), ("E", "E"), ("E", "I"), ("E", "O")}
        ends = ends or (old, new) in {("B", "S"), ("I", "S"), ("E", "B"), ("E", "S")} or old == "S"
        starts = (old, new) in {("E", "E"), ("E", "I"), ("O", "E"), ("O", "I"), ("S", "E"), ("S", "I")}
        starts = starts or new in {"B", "S"}
        ends = ends or (old != "O" and old_type != new_type)
        starts = starts or (new != "O" and old_type != new_type)
        if ends and old != "O":
            found.append(Span(start, place, old_type))
        if starts:
            start = place
    return found


def test_random_sequences_are_read_as_conlleval_does():
    chance = random.Random(3)
    every = ["O", *(f"{prefix}-{kind}" for prefix in "BIES" for kind in ("PER", "LOC"))]
    for _ in range(3000):
        tags = chance.choices(every, k=chance.randint(1, 8))
        assert spans(tags, "BIOES") == chunks_of_conlleval(tags), tags


def test_what_is_broken_is_told_with_its_place():
    assert broken(["O", "I-PER", "I-PER"], "IOB2") == [(1, "I-PER cannot follow O")]
    assert broken(["I-PER"], "IOB2") == [(0, "I-PER cannot begin a sentence")]
    assert broken(["B-PER", "M-PER"], "BMES") == [(1, "M-PER is never closed")]
    assert broken(["B-PER", "O"], "BIOES") == [(1, "O cannot follow B-PER")]
    assert broken(["S-PER"], "IOB2") == [(0, "S-PER is no tag of IOB2")]
    assert broken(["B-PER", "I-PER"], "IOB1") == [(0, "B-PER cannot begin a sentence")]
    assert broken(["NN", "VB"], "none") == []


def test_some_broken_sequences_do_not_hide_the_scheme():
    chance = random.Random(4)
    rows = [encode(random_spans(chance, 8), 8, "IOB2") for _ in range(60)]
    rows.append(["O", "I-PER", "O"])
    assert find_scheme(rows).scheme == "IOB2"
    assert find_scheme(rows).broken == 1
    rows.append(["S-PER", "O"])
    assert (find_scheme(rows).scheme, find_scheme(rows).broken) == ("IOB2", 2)
    assert find_scheme([["NN", "VB"], ["O"]]).scheme == "none"
    assert find_scheme([]).scheme == "none"
    assert find_scheme([["I-PER", "I-PER", "O"], ["O", "I-LOC"]]).scheme == "IOB1"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_legal_steps_are_those_of_unbroken_sequences(scheme):
    letters = {"IOB1": "IB", "IOB2": "IB", "BIOES": "BIES", "BMES": "BMES"}[scheme]
    tags = ["O", *(f"{letter}-{kind}" for letter in letters for kind in ("A", "B"))]
    start, step, end = legal(tags, scheme)
    for size in (1, 2, 3):
        for places in itertools.product(range(len(tags)), repeat=size):
            allowed = start[places[0]] and end[places[-1]] and all(step[a, b] for a, b in itertools.pairwise(places))
            assert bool(allowed) == (broken([tags[place] for place in places], scheme) == [])
    assert all(table.dtype == np.bool_ for table in (start, step, end))


@pytest.mark.parametrize("wrong", [[Span(0, 0, "A")], [Span(1, 4, "A")], [Span(0, 2, "A"), Span(1, 3, "B")]])
def test_spans_that_cannot_be_written_are_refused(wrong):
    with pytest.raises(ValueError, match="Span"):
        encode(wrong, 3, "IOB2")
