"""Figures of language models."""

from __future__ import annotations

import math

import pytest

from lstm_studio.data.likelihood import bits_per_character, bits_per_token, perplexity, perplexity_of_words


def test_a_model_that_knows_nothing():
    nats = math.log(50)
    assert perplexity(nats) == pytest.approx(50)
    assert bits_per_token(math.log(8)) == pytest.approx(3)
    assert bits_per_character(math.log(8), 100, 100) == pytest.approx(3)


def test_the_same_text_in_other_units_costs_the_same():
    # 5 words of 4 characters and a space, each as good as one of 32, or each of its pieces as one of 4
    assert bits_per_character(math.log(32), 5, 25) == pytest.approx(1)
    assert bits_per_character(math.log(32) / 2.5, 12.5, 25) == pytest.approx(1)
    assert perplexity_of_words(math.log(4), 10, 5) == pytest.approx(16)
    assert perplexity_of_words(math.log(32), 5, 5) == pytest.approx(perplexity(math.log(32)))


def test_extremes():
    assert perplexity(0.0) == 1
    assert math.isfinite(perplexity(1e9))
    assert math.isnan(bits_per_character(1.0, 5, 0))
    assert math.isnan(perplexity_of_words(1.0, 5, 0))
