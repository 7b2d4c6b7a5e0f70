"""Figures of tagging against cases made by hand and against seqeval."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.data.tags import Span, encode, find_scheme, spans
from lstm_studio.tasks.entities import TypeFigures, entity_figures


def split(*sentences: str) -> list[list[str]]:
    return [sentence.split() for sentence in sentences]


def test_a_case_by_hand():
    truth = split("B-PER I-PER O B-LOC", "B-ORG O B-LOC I-LOC")
    guess = split("B-PER I-PER O B-ORG", "O B-ORG B-LOC O")
    figures = entity_figures(truth, guess, "IOB2")
    assert figures.types == ["LOC", "ORG", "PER"]
    # LOC: one taken for ORG, one missed for its end; ORG: one missed, one invented.
    assert figures.confusion.tolist() == [[0, 1, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0], [1, 1, 0, 0]]
    assert (figures.precision, figures.recall, figures.f1) == (0.25, 0.25, 0.25)
    assert figures.accuracy == 0.5
    assert figures.per_type["PER"] == TypeFigures(1.0, 1.0, 1.0, 1)
    assert figures.per_type["LOC"] == TypeFigures(0.0, 0.0, 0.0, 2)
    assert figures.per_type["ORG"].support == 1


def test_the_type_counts_and_so_do_both_ends():
    truth = split("B-X I-X I-X O")
    for guess in ("B-X I-X O O", "O B-X I-X O", "B-Y I-Y I-Y O", "B-X I-X I-X I-X", "O O O O"):
        assert entity_figures(truth, split(guess), "IOB2").f1 == 0
    # conlleval forgives a wrong letter where the entity is the same.
    forgiven = entity_figures(truth, split("I-X I-X I-X O"), "IOB2")
    assert (forgiven.f1, forgiven.accuracy) == (1.0, 0.75)


def test_nothing_there_is_nought():
    for truth, guess in (([], []), ([[]], [[]]), (split("O O"), split("O O"))):
        figures = entity_figures(truth, guess, "IOB2")
        assert (figures.precision, figures.recall, figures.f1) == (0, 0, 0)
        assert (figures.per_type, figures.types, figures.confusion.tolist()) == ({}, [], [[0]])
    assert entity_figures([], [], "IOB2").accuracy == 0
    assert entity_figures(split("O O"), split("O O"), "IOB2").accuracy == 1


def test_a_type_that_was_only_guessed_has_no_support():
    figures = entity_figures(split("O O"), split("O B-X"), "IOB2")
    assert figures.per_type == {"X": TypeFigures(0.0, 0.0, 0.0, 0)}
    assert figures.confusion.tolist() == [[0, 0], [1, 0]]


def test_plain_tags_are_counted_by_token():
    figures = entity_figures(split("A0 A0 V O"), split("A0 A1 V A1"), "none")
    assert figures.accuracy == 0.5
    assert (figures.precision, figures.recall) == (0.5, 2 / 3)
    assert figures.f1 == pytest.approx(4 / 7)
    assert figures.per_type["A0"] == TypeFigures(1.0, 0.5, pytest.approx(2 / 3), 2)
    assert figures.confusion.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]
    speech = entity_figures(split("DT NN VB"), split("DT VB VB"), "none")
    assert speech.f1 == pytest.approx(speech.accuracy) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("truth", "guess"), [("O O", ["O"]), ("O", []), ("O", ["O", "O"])])
def test_lengths_must_agree(truth, guess):
    with pytest.raises(ValueError, match="zip"):
        entity_figures(split(truth), split(*guess), "IOB2")


def random_tags(draw: random.Random, length: int, scheme: str) -> list[str]:
    if scheme == "IOB2":
        # Broken steps too: seqeval reads them as conlleval does.
        return draw.choices(["O", "O", "B-X", "I-X", "B-Y", "I-Y", "I-C-A1"], k=length)
    entities, at = [], 0
    while at < length:
        size = min(draw.randint(1, 3), length - at)
        if draw.random() < 0.6:
            entities.append(Span(at, at + size, draw.choice("XYZ")))
        at += size
    return encode(entities, length, "BIOES")


@pytest.mark.parametrize("scheme", ["IOB2", "BIOES"])
def test_figures_are_those_of_seqeval(scheme):
    metrics = pytest.importorskip("seqeval.metrics")
    from seqeval.metrics import sequence_labeling, v1
    from seqeval.scheme import IOBES

    theirs, strict = (sequence_labeling, {}) if scheme == "IOB2" else (v1, {"scheme": IOBES})
    draw = random.Random(5)
    for _ in range(60):
        lengths = [draw.randint(1, 12) for _ in range(draw.randint(1, 40))]
        truth = [random_tags(draw, length, scheme) for length in lengths]
        # Half of the sentences are right, so that figures are not all near 0.
        guess = [tags if draw.random() < 0.5 else random_tags(draw, len(tags), scheme) for tags in truth]
        figures = entity_figures(truth, guess, scheme)
        assert figures.accuracy == pytest.approx(metrics.accuracy_score(truth, guess))
        micro = theirs.precision_recall_fscore_support(truth, guess, average="micro", zero_division=0, **strict)
        assert (figures.precision, figures.recall, figures.f1) == pytest.approx(micro[:3])
        each = theirs.precision_recall_fscore_support(truth, guess, average=None, zero_division=0, **strict)
        ours = np.array([figures.per_type[kind] for kind in figures.types]).reshape(-1, 4)
        np.testing.assert_allclose(ours, np.array(each).T, atol=1e-12)


def test_any_sequence_holds_the_entities_that_seqeval_finds():
    get_entities = pytest.importorskip("seqeval.metrics.sequence_labeling").get_entities
    draw = random.Random(3)
    names = ["O"] + [f"{letter}-{kind}" for letter in "BIES" for kind in ("X", "C-A1")]
    for _ in range(3000):
        tags = draw.choices(names[:5] if draw.random() < 0.3 else names, k=draw.randint(1, 12))
        expected = [Span(first, last + 1, kind) for kind, first, last in get_entities(tags)]
        assert spans(tags, "IOB2") == expected == spans(tags, "BIOES")


def column(path: Path) -> list[list[str]]:
    blocks = path.read_text(encoding="utf-8").replace("\r\n", "\n").split("\n\n")
    return [[line.split()[-1] for line in block.split("\n") if line.strip()] for block in blocks if block.strip()]


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("conll2003_en/valid.bio", "IOB2"),
        ("resume_ner/dev.char.bmes", "BMES"),
        ("wnut17/emerging.dev.conll", "IOB2"),
        ("awkward/iob1.conll", "IOB1"),
    ],
)
def test_real_files_are_recognised_and_agree_with_themselves(shared_data, name, scheme):
    tags = column(shared_data / name)
    guess = find_scheme(tags)
    assert (guess.scheme, guess.broken) == (scheme, 0)
    figures = entity_figures(tags, tags, guess.scheme)
    assert (figures.precision, figures.recall, figures.f1, figures.accuracy) == (1, 1, 1, 1)


def test_real_entities_have_the_number_that_is_published(shared_data):
    # Tjong Kim Sang & De Meulder, "Introduction to the CoNLL-2003 shared task", 2003, table 2: English, development.
    tags = column(shared_data / "conll2003_en" / "valid.bio")
    figures = entity_figures(tags, tags, "IOB2")
    counts = {kind: figure.support for kind, figure in figures.per_type.items()}
    assert counts == {"LOC": 1837, "MISC": 922, "ORG": 1341, "PER": 1842}
