"""Clamps on real runs of all tasks; one gate checked by hand against the weights in the file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lstm_studio.errors import StudioError
from lstm_studio.inspection.align import align, side_by_side
from lstm_studio.inspection.interventions import Clamp
from lstm_studio.runs.predictor import Predictor
from lstm_studio.runs.start import start
from tests.nn.reference import sigmoid
from tests.runs import paired, running, tagged

TEXT = "the film was not good today"


@pytest.fixture(scope="module")
def translator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pairs")
    small = {"training.epochs": 1, "data.validation_fraction": 0.2}
    chosen = paired.config(paired.write_tsv(place / "pairs.tsv", paired.pairs(80)), **small)
    start(chosen, lambda event: None, folder=place / "run")
    return place / "run"


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("texts")
    chosen = running.config(running.write(place / "text.txt"), **{"training.epochs": 1})
    start(chosen, lambda event: None, folder=place / "run")
    return place / "run"


def test_a_clamped_gate_is_what_the_weights_in_the_file_say(trained: Path) -> None:
    """Forget gate of unit 3 at 1 from the second to the fourth token: all of it by hand, up to the probabilities."""
    predictor = Predictor(trained)
    found = predictor.predict_clamped(TEXT, [Clamp(0, "forward", "f", 1.0, (3,), (1, 4))])
    weights = {name: value.astype(np.float64) for name, value in load_file(trained / "model.safetensors").items()}
    units = predictor.config.model.hidden_size
    outputs = []
    for side, way in enumerate(("forward", "backward") if predictor.config.model.bidirectional else ("forward",)):
        names = ("weight_x", "weight_h", "bias", "peephole")
        own = {name: weights[f"recurrent.layers.0.{side}.{name}"] for name in names}
        ids = predictor.answers.read(TEXT).ids
        h, c, seen = np.zeros(units), np.zeros(units), {}
        for step in range(len(ids)) if way == "forward" else range(len(ids) - 1, -1, -1):
            x = weights["encoder.embedding.weight"][ids[step]]
            i, f, g, o = np.split(own["weight_x"] @ x + own["weight_h"] @ h + own["bias"], 4)
            see_i, see_f, see_o = own["peephole"]
            i, f, o = sigmoid(i + see_i * c), sigmoid(f + see_f * c), sigmoid(o + see_o * c)
            if way == "forward" and 1 <= step < 4:
                f[3] = 1.0
            c = f * c + i * np.tanh(g)
            h = o * np.tanh(c)
            seen[step] = {"f": f, "c": c, "h": h}
        traced = found.after.trace.layer(f"layer0.{way}").values
        for name in "fch":
            by_hand = np.stack([seen[step][name] for step in range(len(ids))])
            np.testing.assert_allclose(traced[name], by_hand, atol=2e-6)
        outputs.append(np.stack([seen[step]["h"] for step in range(len(ids))]))
    assert predictor.config.model.pooling == "max"
    pooled = np.concatenate([own.max(0) for own in outputs])
    logits = weights["output.weight"] @ pooled + weights["output.bias"]
    shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(list(found.after.answer.probabilities.values()), shares, atol=2e-6)
    assert found.before.answer.probabilities == predictor.predict(TEXT)[0].probabilities
    assert found.before.answer.probabilities != found.after.answer.probabilities


def test_nothing_stays_clamped(trained: Path) -> None:
    predictor = Predictor(trained)
    before = predictor.predict(TEXT)[0].probabilities
    clamps = [Clamp(0, "forward", "h", 0.0)]
    changed = predictor.predict_clamped(TEXT, clamps)
    assert changed.after.answer.probabilities != before
    assert (changed.after.trace.layer("layer0.forward").values["h"] == 0).all()
    same = predictor.predict_clamped(TEXT, [])
    assert same.after.answer.probabilities == before == predictor.predict(TEXT)[0].probabilities


@pytest.mark.parametrize(
    ("clamp", "words"),
    [
        (Clamp(3, "forward", "f", 1.0), "no layer 3"),
        (Clamp(0, "forward", "z", 1.0), "no gate or state z"),
        (Clamp(0, "forward", "f", math.nan), "at a number"),
        (Clamp(0, "forward", "f", 1.0, (99,)), "no unit 99"),
        (Clamp(0, "forward", "f", 1.0, None, (2, 99)), "no tokens 2 to 98"),
    ],
)
def test_what_there_is_not_cannot_be_clamped(trained: Path, clamp: Clamp, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        Predictor(trained).predict_clamped(TEXT, [clamp])


def test_a_tagger_loses_what_it_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    predictor = Predictor(tagged.run("names", tmp_path_factory))
    layers = predictor.trace("Anna went to Rome .").layers
    clamps = [Clamp(own.layer, own.direction, "h", 0.0, None, (3, 4)) for own in layers]
    found = predictor.predict_clamped("Anna went to Rome .", clamps)
    before, after = found.before.trace.prefix_probabilities, found.after.trace.prefix_probabilities
    assert [len(spoken.answer.words) for spoken in (found.before, found.after)] == [5, 5]
    assert np.abs(before[3] - after[3]).max() > 0.05


def test_reader_and_writer_of_a_translator_are_clamped_at_their_own_tokens(translator: Path) -> None:
    predictor = Predictor(translator)
    text = "two red cats sleeps"
    usual = predictor.spoken(text)
    reads, writes = (next(own for own in usual.trace.layers if own.part == part) for part in ("", "decoder"))
    found = predictor.predict_clamped(text, [Clamp(0, reads.direction, "i", 0.0, (2,), (1, 3))])
    values = found.after.trace.layers[0].values["i"][:, 2]
    assert (values == 0).tolist() == [False, True, True, False]
    found = predictor.predict_clamped(text, [Clamp(0, "forward", "c", 1.5, (5,), (0, 1), "decoder")])
    own = next(layer for layer in found.after.trace.layers if layer.part == "decoder").values["c"][:, 5]
    assert own[0] == 1.5
    assert (own[1:] != 1.5).all()
    assert found.after.answer.best.log_probability != found.before.answer.best.log_probability
    np.testing.assert_array_equal(found.before.trace.layers[0].values["c"], reads.values["c"])
    assert writes.values["c"].shape[0] == len(usual.trace.output)


def test_tokens_of_a_running_text_are_counted_without_the_mark_before_it(writer: Path) -> None:
    predictor = Predictor(writer)
    found = predictor.predict_clamped("Anna has 2 apples", [Clamp(0, "forward", "f", 0.0, None, (1, 2))])
    held = (found.after.trace.layers[0].values["f"] == 0).all(1)
    assert held.tolist() == [False, True, False, False]
    assert len(found.after.answer.output) <= 24


@pytest.mark.parametrize(
    ("one", "other", "labels"),
    [
        ("a b c", "a b c", ["a", "b", "c"]),
        ("a b c", "a x c", ["a", "b → x", "c"]),
        ("a c", "a b c", ["a", "∅ → b", "c"]),
        ("a b c d", "d", ["a → ∅", "b → ∅", "c → ∅", "d"]),
        ("a", "b c", ["a → b", "∅ → c"]),
    ],
)
def test_texts_stand_side_by_side(one: str, other: str, labels: list[str]) -> None:
    first, second = one.split(), other.split()
    found = align(first, second)
    assert list(found.labels) == labels
    assert found.edits == sum("→" in label for label in labels)
    assert [first[place] for place in found.first if place >= 0] == first
    assert [second[place] for place in found.second if place >= 0] == second
    values = [{"f": np.arange(len(text) * 2, dtype=np.float32).reshape(-1, 2)} for text in (first, second)]
    left, right, more = side_by_side(found, values[0], values[1], "f")
    assert left.shape == right.shape == more.shape == (len(found), 2)
    assert np.isnan(more).any(1).tolist() == ["∅" in label for label in labels]
