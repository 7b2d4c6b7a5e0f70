"""Typed texts: how they are read, what is written for them, which questions are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lstm_studio import Predictor
from lstm_studio.errors import StudioError
from lstm_studio.runs.start import start
from lstm_studio.tasks.pair_answers import END, Writer
from tests.runs import paired


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    """Of a tiny network that knows its little language quite well."""
    folder = tmp_path_factory.mktemp("runs")
    data = paired.write_tsv(folder / "animals.tsv", paired.pairs(60))
    start(paired.config(data, **{"training.epochs": 12}), lambda event: None, folder=folder / "run")
    return Predictor(folder / "run")


def test_a_text_is_written_for_a_text(predictor):
    text = "two red cat sleeps"
    (found,) = predictor.predict([text])
    assert found.tokens == tuple(text.split())
    assert found.unknown == (False,) * 4
    best = found.best
    assert best.text == " ".join(best.tokens)
    assert len(best.probabilities) == len(best.tokens) + 1
    assert sum(map(math.log, best.probabilities)) == pytest.approx(best.log_probability, abs=1e-3)
    assert best.attention.shape == (len(best.tokens) + 1, 4)
    np.testing.assert_allclose(best.attention.sum(1), 1, atol=1e-5)
    plain = found.plain()
    assert plain["prediction"] == best.text
    assert np.array(plain["attention"]).shape == best.attention.shape
    assert found.lines()[:2] == [text, f"  {best.text}"]
    assert found.cells(True) == [best.text, best.log_probability]


def test_many_texts_of_any_length_answer_as_each_alone(predictor):
    texts = ["one cat runs", "two red cat sleeps", "fish", "three blue fish eats " * 6]
    together = predictor.predict(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = predictor.predict([text])
        assert (alone.best.text, alone.tokens) == (found.best.text, found.tokens)
        assert alone.best.log_probability == pytest.approx(found.best.log_probability, abs=1e-4)
        np.testing.assert_allclose(alone.best.attention, found.best.attention, atol=1e-4)
    assert together[3].cut > 0
    assert len(together[3].tokens) == predictor.config.data.max_length
    assert "were not read" in together[3].lines()[-1]


def test_the_search_can_be_set(predictor):
    text = "two red cat sleeps"
    (found,) = predictor.predict([text], beams=6, best=4)
    assert len(found.versions) == 4
    assert len({version.text for version in found.versions}) == 4
    scores = [version.score for version in found.versions]
    assert scores == sorted(scores, reverse=True)
    greedy, wide = (predictor.predict([text], beams=beams, length_penalty=0)[0].best for beams in (1, 12))
    assert wide.log_probability >= greedy.log_probability - 1e-5
    for wrong in ({"beams": 0}, {"beams": "many"}, {"best": 65}, {"length_penalty": -1}, {"length_penalty": "x"}):
        with pytest.raises(StudioError, match="must"):
            predictor.predict([text], **wrong)
    with pytest.raises(StudioError, match="cannot be told the predicate"):
        predictor.predict([text], predicate=1)
    with pytest.raises(StudioError, match="text 2.*Type at least one word"):
        predictor.predict([text, " "])


def test_unknown_words_are_told_and_may_be_copied(predictor):
    (found,) = predictor.predict(["two zebra runs 🙂"])
    assert found.unknown == (False, True, False, True)
    assert found.tokens[1] == "zebra"
    assert any("unknown to the network: zebra 🙂" in line for line in found.lines())
    units = predictor.answers.units
    writer = Writer(predictor.config, units)
    attention = __import__("torch").eye(3)
    ids = [units.target.pieces.index("hundo"), 1]
    tokens, copied = writer.tokens(ids, attention, lambda: "one zebra runs")
    assert (tokens, copied) == (["hundo", "zebra"], [False, True])
    assert writer.join(tokens) == "hundo zebra"
    kept = Writer(predictor.config.replace(**{"model.replace_unknown": False}), units)
    assert kept.options(2, 0.0, 1).unknown is False
    assert kept.tokens(ids, attention, lambda: "one zebra runs")[1] == [False, False]


def test_inside_of_reader_and_writer(predictor):
    trace = predictor.trace("two red cat sleeps")
    assert trace.tokens == ("two", "red", "cat", "sleeps")
    assert trace.output[-1] == END
    assert trace.verdict == " ".join(trace.output[:-1])
    assert [layer.name for layer in trace.layers] == ["layer0.forward", "layer0.backward", "decoder.layer0.forward"]
    sizes = {layer.name: len(layer.values["c"]) for layer in trace.layers}
    assert sizes == {"layer0.forward": 4, "layer0.backward": 4, "decoder.layer0.forward": len(trace.output)}
    assert trace.tokens_of(trace.layers[2]) == trace.output
    (found,) = predictor.predict(["two red cat sleeps"])
    np.testing.assert_allclose(trace.alignment, found.best.attention, atol=1e-5)
    gates = trace.layer("decoder.layer0.forward").values
    np.testing.assert_allclose(gates["h"], gates["o"] * np.tanh(gates["c"]), atol=1e-5)


def test_what_mattered_for_each_written_token(predictor):
    text = "two red cat sleeps"
    (found,) = predictor.predict([text])
    for word in range(len(found.best.tokens) + 1):
        why = predictor.attribution(text, word=word)
        assert why.label == (*found.best.tokens, END)[word]
        assert why.tokens == found.tokens
        assert why.contributions.sum() == pytest.approx(why.odds - why.baseline, abs=0.02)
        share = found.best.probabilities[word]
        assert why.odds == pytest.approx(math.log(share / (1 - share)), abs=1e-2)
    other = predictor.attribution(text, label="hundo", word=0)
    assert other.label == "hundo"
    with pytest.raises(StudioError, match="no token 99"):
        predictor.attribution(text, word=99)
    with pytest.raises(StudioError, match="no token that the network can write"):
        predictor.attribution(text, label="zebra")


def test_files(predictor, tmp_path):
    rows = [*paired.pairs(5, seed=9), ("", "")]
    table = paired.write_tsv(tmp_path / "in.tsv", rows)
    assert predictor.predict_file(table, tmp_path / "out.jsonl") == 6
    plain = tmp_path / "lines.txt"
    plain.write_text("one cat runs\ntwo dog eats\n", encoding="utf-8")
    assert predictor.predict_file(plain, tmp_path / "out.csv") == 2
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith("prediction,log_probability")
    found = predictor.evaluate(paired.write_tsv(tmp_path / "test.tsv", paired.pairs(20, seed=5)))
    assert found["examples"] == 20
    assert 0 <= found["bleu"] <= 100
    with pytest.raises(StudioError, match=r"(?s)no column 'english'"):
        predictor.evaluate(paired.write_tsv(tmp_path / "bad.tsv", paired.pairs(5), "a\tb"))


def test_the_same_source_with_several_answers_is_one_example(predictor, tmp_path):
    rows = [("one cat runs", "un kato kuras"), ("one cat runs", "kato kuras"), ("two dog eats", "du hundo manghas")]
    found = predictor.evaluate(paired.write_tsv(tmp_path / "several.tsv", rows))
    assert found["examples"] == 2
    assert found["signature"]["bleu"].startswith("nrefs:")
