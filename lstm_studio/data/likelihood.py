"""Figures of language models, from the mean loss of a token."""

from __future__ import annotations

import math

_MOST = 700.0
"""Nats; exp of more is no number."""


def perplexity(nats: float) -> float:
    """Among how many equally likely tokens a model is as good as torn: exp of the mean loss (Jelinek, Mercer, Bahl and
    Baker 1977, "Perplexity: a measure of the difficulty of speech recognition tasks").

    Args:
        nats: Mean negative natural logarithm of the probability of a token.
    """
    return math.exp(min(nats, _MOST))


def bits_per_token(nats: float) -> float:
    """The same loss in bits: the logarithm to base 2 of the perplexity."""
    return nats / math.log(2)


def bits_per_character(nats: float, tokens: int, characters: int) -> float:
    """What a character costs, whatever the text is cut into (Graves 2013, https://arxiv.org/abs/1308.0850, section 3).

    All that was predicted is paid for, end marks too; only the characters of the text share it.

    Args:
        nats: Mean loss of a token.
        tokens: How many were predicted.
        characters: Of the text as it was written, line ends included. NaN comes back where there are none.
    """
    return bits_per_token(nats) * tokens / characters if characters else math.nan


def perplexity_of_words(nats: float, tokens: int, words: int) -> float:
    """The perplexity that the same loss means for words, so that models of pieces or characters can be compared with
    those of words (Mielke 2019, https://sjmielke.com/comparing-perplexities.htm).

    Args:
        nats: Mean loss of a token.
        tokens: How many were predicted.
        words: Of the same text, counted as the other model counts them. NaN comes back where there are none.
    """
    return perplexity(nats * tokens / words) if words else math.nan
