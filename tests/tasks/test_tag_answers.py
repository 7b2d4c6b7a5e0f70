"""Typed sentences: how they are read, what is answered, which questions are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_studio import Predictor
from lstm_studio.config import TaggingData
from lstm_studio.data.predicates import PredicateWords
from lstm_studio.data.prepare_tags import TagInventory
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.tasks.answers import batched, log_odds
from lstm_studio.tasks.tag_answers import Frame, TaggedText, TagSpan
from lstm_studio.tasks.tag_reading import MOST_WORDS, SentenceReader, batch_of
from tests.runs import tagged


def inventory(predicates: PredicateWords | None = None, spaced: bool = True) -> TagInventory:
    vocabulary = Vocabulary(["<pad>", "<unk>", "she", "saw", "00", "rome"])
    return TagInventory(vocabulary, ("O", "B-X"), "IOB2", "IOB2", tuple("aeosw0"), spaced, predicates)


def reader(predicates: PredicateWords | None = None, **data: object) -> SentenceReader:
    return SentenceReader(TaggingData(**data), inventory(predicates))


def verbs(*words: str) -> PredicateWords:
    return PredicateWords(frozenset(words), frozenset({"she"}), frozenset({"ing"}))


def test_a_sentence_is_read_as_training_read_it():
    found = reader(same_digits=True).read("She saw Rome, 47")
    assert found.tokens == ("She", "saw", "Rome", ",", "47")
    assert found.known == (True, True, True, False, True)
    assert found.ids.tolist() == [2, 3, 5, 1, 4]
    assert found.predicates == (-1,)
    assert found.spelled.offsets.tolist() == [0, 3, 6, 10, 11, 13]
    assert found.spelled.letters[-2:].tolist() == [7, 7], "both digits read as 0"
    assert found.spelled.letters[:3].tolist() == [1, 1, 3], "S and h are unknown letters"


def test_known_words_and_characters_are_taken_as_they_are():
    assert reader().read("ignored", words=["she saw", "Rome"]).tokens == ("she saw", "Rome")
    assert reader(tokenizer="character").read(" 她看到。").tokens == tuple("她看到。")


def test_which_words_are_predicates():
    ask = reader(verbs("saw"))
    assert ask.read("she saw her eating").predicates == (1, 3)
    assert ask.read("she saw her", predicate=2).predicates == (2,)
    assert ask.read("she").predicates == ()
    assert reader().read("she saw").predicates == (-1,)
    with pytest.raises(StudioError, match="knows no predicates"):
        reader().read("she saw", predicate=1)
    for wrong in (-1, 3):
        with pytest.raises(StudioError, match=rf"There is no word {wrong}.*from 0 to 2"):
            ask.read("she saw her", predicate=wrong)


@pytest.mark.parametrize(("text", "words"), [("", None), (" \n ", None), ("words", [])])
def test_nothing_to_read_is_a_sentence(text, words):
    with pytest.raises(StudioError, match="The text is empty"):
        reader().read(text, words=words)


def test_an_endless_text_is_cut():
    found = reader().read("saw " * (MOST_WORDS + 7))
    assert (len(found.tokens), found.cut) == (MOST_WORDS, 7)


def test_readings_of_different_lengths_make_one_batch():
    ask = reader(verbs("saw"))
    long, short = ask.read("she saw rome"), ask.read("saw")
    batch = batch_of([(short, 0), (long, 1), (long, 2)], True, True, torch.device("cpu"))
    assert batch.ids.tolist() == [[3, 0, 0], [2, 3, 5], [2, 3, 5]]
    assert batch.lengths.tolist() == [1, 3, 3]
    assert batch.marks.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    spelling = batch.spelling
    assert spelling.sizes[spelling.words[1]].tolist() == [3, 3, 4]
    np.testing.assert_array_equal(
        spelling.characters[spelling.words[0, 0]][:3], spelling.characters[spelling.words[1, 1]][:3]
    )
    bare = batch_of([(short, 0)], False, False, torch.device("cpu"))
    assert (bare.spelling, bare.marks) == (None, None)


def answer(predicate: int | None = None, **changes: object) -> TaggedText:
    frame = Frame(predicate, ("B-X", "I-X", "O"), (TagSpan(0, 2, "X", 0.5),))
    values = {"text": "a b c", "words": ("a", "b", "c"), "unknown": (False, True, False), "frames": (frame,)}
    return TaggedText(**{**values, **changes})


def test_an_answer_in_words():
    assert answer(cut=1200).lines() == [
        "a b c",
        "  X  a b  50.0 %",
        "  unknown to the network: b",
        "  1,200 words beyond the longest sentence were not read",
    ]
    assert answer(2).lines()[1:3] == ["  c (word 2)", "  X  a b  50.0 %"]
    assert "no verb was found" in answer(frames=()).lines()[1]
    assert answer(frames=(Frame(None, ("O",) * 3, ()),)).lines()[1] == "  nothing was found"
    verb = Frame(0, ("B-V", "O", "O"), (TagSpan(0, 1, "V", 0.9),))
    assert answer(frames=(verb,)).lines()[1:3] == ["  a (word 0)", "  nothing was found"]


def test_an_answer_as_json_and_as_cells():
    span = {"start": 0, "end": 2, "type": "X", "text": "a b", "probability": 0.5}
    plain = answer().plain()
    assert plain["prediction"] == ["B-X", "I-X", "O"]
    assert plain["spans"] == [span]
    assert "frames" not in plain
    assert answer(spaced=False).plain()["spans"][0]["text"] == "ab"
    assert answer(1).plain()["frames"] == [{"predicate": 1, "prediction": ["B-X", "I-X", "O"], "spans": [span]}]
    assert answer(frames=()).plain()["frames"] == []
    assert answer().cells(lines=True) == [["a", "b", "c"], ["B-X", "I-X", "O"], [span]]
    assert answer().cells(lines=False)[:2] == ["a b c", "B-X I-X O"]
    assert answer(1).cells(lines=False)[1] == '[["B-X", "I-X", "O"]]'
    assert answer(frames=()).cells(lines=True) == [["a", "b", "c"], [], []]


def test_batches_hold_the_longest_together():
    ask = reader()
    readings = [ask.read("saw " * size) for size in (1, 30, 2, 29)]
    found = batched(readings, cells=60)
    assert [rows.tolist() for rows in found] == [[1, 3], [2, 0]]
    assert batched([]) == []
    assert [len(rows) for rows in batched(readings, cells=1)] == [1] * 4


def test_log_odds_by_hand():
    logits = torch.tensor([[1.0, 2.0, 0.5]])
    shares = logits.softmax(1)[0]
    assert log_odds(logits, 1).item() == pytest.approx(float(torch.log(shares[1] / (1 - shares[1]))), abs=1e-6)


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> Predictor:
    return Predictor(tagged.run("names", tmp_path_factory))


def test_probabilities_of_spans_are_the_lowest_of_their_words(names):
    reading = names.answers.read("Clara Weiss met Ella in San Marino")
    (found,) = names.answers.answer(names._model, [reading], torch.device("cpu"))
    assert [(span.start, span.end, span.type) for span in found.frames[0].spans] == [
        (0, 2, "PER"),
        (3, 4, "PER"),
        (5, 7, "LOC"),
    ]
    inside = names.answers.inside(names._model, reading, torch.device("cpu"))
    assert inside.classes == ("LOC", "PER", "O")
    for span in found.frames[0].spans:
        assert 0 < span.probability <= 1
        # The probability of a type at a word is at least that of its best tag there.
        column = inside.classes.index(span.type)
        assert span.probability <= inside.steps[span.start : span.end, column].min() + 1e-6


@pytest.mark.parametrize(
    ("label", "word", "words"),
    [
        ("CAR", None, "There is no type CAR. The types are LOC, PER, O"),
        (None, 9, "There is no word 9. Name one from 0 to 2"),
        (None, -1, "There is no word -1"),
    ],
)
def test_questions_about_nothing_are_refused(names, label, word, words):
    with pytest.raises(StudioError, match=words):
        names.attribution("Anna met Boris", label, word)


def test_the_question_is_about_the_first_span_unless_told(names):
    ask = names.answers
    reading = ask.read("nobody knows Ella ,")
    question = ask.question(names._model, reading, torch.device("cpu"), None, None)
    assert (question.label, question.word) == ("PER", 2)
    other = ask.question(names._model, reading, torch.device("cpu"), "LOC", 0)
    assert (other.label, other.word, other.position) == ("LOC", 0, 0)
    plain = ask.question(names._model, ask.read("is far ,"), torch.device("cpu"), None, None)
    assert (plain.label, plain.word) == ("O", 0)


def test_the_score_is_the_log_odds_of_the_emissions(names):
    reading = names.answers.read("nobody knows Ella ,")
    question = names.answers.question(names._model, reading, torch.device("cpu"), None, None)
    batch = names.answers.batch(names._model, [(reading, -1)], torch.device("cpu"))
    shares = names._model(batch.ids, batch.lengths, batch.spelling).emissions[0, 2].softmax(0)
    tags = names.answers.inventory.tags
    own = sum(float(share) for share, tag in zip(shares, tags, strict=True) if tag.endswith("-PER"))
    (odds,) = question.score(question.vectors).tolist()
    assert odds == pytest.approx(np.log(own / (1 - own)), abs=1e-4)
    (same,) = question.hide(torch.zeros(1, 4, dtype=torch.bool)).tolist()
    assert same == pytest.approx(odds, abs=1e-5)
