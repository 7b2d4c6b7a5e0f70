"""How long units remember and how often gates are saturated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_studio import Predictor
from lstm_studio.inspection.memory import BOUNDS, Tally, histogram, keeping_gate, saturation, time_constants


def test_saturation_counts_tokens_beyond_both_ends() -> None:
    values = np.array([[0.05, 0.95], [0.5, 0.91], [0.09, 0.1], [0.11, 0.9]], np.float32)
    found = saturation(values)
    assert found.left.tolist() == [0.5, 0.0]
    assert found.right.tolist() == [0.0, 0.5]
    assert found.tokens == 4
    assert saturation(values[:0]).left.tolist() == [0, 0]


def test_a_memory_decays_to_one_part_in_e_within_its_time_constant() -> None:
    forget = np.full((9, 4), [0.5, 0.9, 0.0, 1.0])
    found = time_constants(forget)
    assert 0.9 ** found[1] == pytest.approx(np.exp(-1))
    assert found[0] == pytest.approx(1 / np.log(2))
    assert found[2:].tolist() == [0.0, np.inf]
    assert np.isnan(time_constants(forget[:0])).all()


def test_bars_hold_every_unit_once() -> None:
    found = histogram(np.array([0.0, 0.99, 1.0, 3.9, 4.0, 63.9, 64.0, np.inf, np.nan]))
    assert found.tolist() == [2, 1, 1, 1, 0, 0, 1, 2]
    assert len(found) == len(BOUNDS) - 1


def test_a_tally_of_many_texts_is_that_of_all_their_tokens(trained: Path) -> None:
    predictor = Predictor(trained)
    texts = ["the film was not good", "awful", "the song was lovely again"]
    found = predictor.tally([(text, {}) for text in texts], "layer0.backward")
    layers = [predictor.trace(text).layer("layer0.backward").values for text in texts]
    assert found.tokens == 11
    for key in "ifo":
        whole = np.concatenate([values[key] for values in layers])
        np.testing.assert_allclose(found.saturation(key).left, saturation(whole).left)
        np.testing.assert_allclose(found.saturation(key).right, saturation(whole).right)
    forget = np.concatenate([values["f"] for values in layers])
    np.testing.assert_allclose(found.time_constants(), time_constants(forget), rtol=1e-6)
    answers = iter([True, False])
    assert predictor.tally([(text, {}) for text in texts], "layer0.forward", lambda: next(answers)).tokens == 5
    assert Tally.empty().time_constants() is None
    assert keeping_gate({"h": forget}) is None
