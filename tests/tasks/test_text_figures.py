"""Figures of written texts, against values computed by hand and against the packages that papers use."""

from __future__ import annotations

import math
import random
import time
from functools import lru_cache

import numpy as np
import pytest

from lstm_studio.tasks.text_figures import (
    Interval,
    RougeFigures,
    Shares,
    bleu,
    bootstrap,
    chrf,
    longest_common,
    rouge,
)

NAMES = ("bleu", "chrf", "rouge1", "rouge2", "rougeL")
WORDS = "the a dog cat hat man woman runs sits sees in on under red old young , . Haus grün weiß".split()


def _texts(count: int, seed: int, length: int = 14) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(3, length))) for _ in range(count)]


def _near(texts: list[str], seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choice(WORDS) if chance.random() < 0.3 else word for word in t.split()) for t in texts]


# -- BLEU and chrF ---------------------------------------------------------------------------------------------


def test_bleu_by_hand():
    # Right are 5 of 6 words, 3 of 5 pairs, 2 of 4 triples and 1 of 3 fours.
    found = bleu(["the cat sat on a mat"], ["the cat sat on the mat"])
    precisions = [5 / 6, 3 / 5, 2 / 4, 1 / 3]
    assert found.precisions == pytest.approx([100 * share for share in precisions])
    assert found.bleu == pytest.approx(100 * math.prod(precisions) ** 0.25)
    assert found.brevity == 1.0
    assert "tok:13a" in found.signature
    assert "nrefs:1" in found.signature
    assert "case:mixed" in found.signature


def test_short_texts_are_punished():
    found = bleu(["a b c d"], ["a b c d e f"])
    assert found.precisions == pytest.approx([100] * 4)
    assert found.brevity == pytest.approx(math.exp(1 - 6 / 4))
    assert found.bleu == pytest.approx(100 * found.brevity)


def test_a_text_equals_itself():
    texts = _texts(20, 0)
    assert bleu(texts, texts).bleu == pytest.approx(100)
    assert chrf(texts, texts).chrf == pytest.approx(100)
    assert rouge(texts, texts).rougeL == pytest.approx((1, 1, 1))
    for name in NAMES:
        assert bootstrap(texts, texts, name, samples=20) == pytest.approx((100, 100) if name in NAMES[:2] else (1, 1))


def test_case_and_cutting():
    assert bleu(["A B C D"], ["a b c d"]).bleu == 0
    assert bleu(["A B C D"], ["a b c d"], lowercase=True).bleu == pytest.approx(100)
    assert chrf(["ABC"], ["abc"]).chrf == 0
    assert chrf(["ABC"], ["abc"], lowercase=True).chrf == pytest.approx(100)
    one, other = ["我今天没有去学校。"], ["我今天没有去公园。"]
    assert bleu(one, other).bleu == 0
    assert bleu(one, other, tokenize="zh").bleu == pytest.approx(bleu(one, other, tokenize="char").bleu)
    assert 40 < bleu(one, other, tokenize="zh").bleu < 80
    assert "tok:zh" in bleu(one, other, tokenize="zh").signature


def test_several_references():
    several = [["a b c d", "w x y z"], ["k l m n"]]
    found = bleu(["w x y z", "k l m n"], several)
    assert found.bleu == pytest.approx(100)
    assert "nrefs:var" in found.signature
    assert chrf(["w x y z", "k l m n"], several).chrf == pytest.approx(100)
    assert bleu(["w x y z"], [("w x y z",)]).bleu == bleu(["w x y z"], ["w x y z"]).bleu


def test_sacrebleu_says_the_same():
    import sacrebleu

    right = _texts(50, 1)
    written = _near(right, 2)
    assert bleu(written, right).bleu == pytest.approx(sacrebleu.corpus_bleu(written, [right]).score)
    assert chrf(written, right).chrf == pytest.approx(sacrebleu.corpus_chrf(written, [right]).score)


# -- ROUGE -----------------------------------------------------------------------------------------------------


def test_rouge_by_hand():
    # The example of Lin 2004, section 3.
    right = "police killed the gunman"
    assert rouge(["police kill the gunman"], [right]) == RougeFigures(
        Shares(3 / 4, 3 / 4, 3 / 4), Shares(1 / 3, 1 / 3, 1 / 3), Shares(3 / 4, 3 / 4, 3 / 4)
    )
    assert rouge(["the gunman kill police"], [right]).rougeL == Shares(2 / 4, 2 / 4, 2 / 4)
    found = rouge(["the the the cat"], ["the cat the dog ran"])
    assert found.rouge1 == pytest.approx((3 / 4, 3 / 5, 2 * 3 / 9))  # the third "the" counts for nothing
    assert found.rouge2 == pytest.approx((1 / 3, 1 / 4, 2 / 7))
    assert found.rougeL == pytest.approx((2 / 4, 2 / 5, 4 / 9))


def test_rouge_is_the_mean_of_the_texts():
    found = rouge(["a b", "x"], ["a b", "y"])
    assert found.rouge1 == (0.5, 0.5, 0.5)
    assert found.rouge2 == (0.5, 0.5, 0.5)


def test_the_best_of_several_references_counts_for_each_figure():
    several = [["c b a d", "a b x y z z z z"]]
    found = rouge(["a b c d"], several)
    assert found.rouge1 == (1, 1, 1)  # the first one
    assert found.rouge2 == pytest.approx((1 / 3, 1 / 7, 2 / 10))  # the second one
    assert found.rougeL == (0.5, 0.5, 0.5)


def test_rouge_of_other_alphabets():
    assert rouge(["Grüne Bäume!"], ["grüne, bäume"]).rouge2 == (1, 1, 1)
    assert rouge(["我没事"], ["我有事。"]).rouge1 == (0, 0, 0)
    found = rouge(["我没事"], ["我有事。"], characters=True)
    assert found.rouge1 == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert found.rouge2 == (0, 0, 0)
    assert found.rougeL == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_google_says_the_same():
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rouge1", "rouge2", "rougeL"])
    right = [text for text in _texts(60, 3) if text.isascii()]
    other = _near(right, 4)
    written = [" ".join(text.split()[1:]) + " The-dog's 2.5" for text in _near(right, 5)]
    written = [text.replace("grün", "").replace("weiß", "") for text in written]
    other = [text.replace("grün", "").replace("weiß", "") for text in other]
    several = list(zip(right, other, strict=True))
    expected = [scorer.score_multi(each, text) for text, each in zip(written, several, strict=True)]
    found = rouge(written, several)
    for name in NAMES[2:]:
        mean = np.mean([tuple(each[name]) for each in expected], axis=0)
        assert getattr(found, name).f1 == pytest.approx(mean[2])
        # Of references with the same F1 either package may take another one.
        assert getattr(found, name)[:2] == pytest.approx(mean[:2], abs=0.01)
    single = [scorer.score(one, text) for text, one in zip(written, right, strict=True)]
    for name in NAMES[2:]:
        mean = np.mean([tuple(each[name]) for each in single], axis=0)
        assert getattr(rouge(written, right), name) == pytest.approx(mean)


def test_longest_common_subsequences():
    def slow(one: str, other: str) -> int:
        @lru_cache(None)
        def at(i: int, j: int) -> int:
            if not i or not j:
                return 0
            return at(i - 1, j - 1) + 1 if one[i - 1] == other[j - 1] else max(at(i - 1, j), at(i, j - 1))

        return at(len(one), len(other))

    chance = random.Random(0)
    for _ in range(200):
        one, other = ("".join(chance.choices("abc", k=chance.randint(0, 12))) for _ in range(2))
        assert longest_common(one, other) == slow(one, other)
    assert longest_common("a" * 300, "a" * 200) == 200


# -- samples ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_interval_holds_its_figure(name):
    right = _texts(120, 6)
    written = _near(right, 7)
    figures = rouge(written, right)
    value = {
        "bleu": bleu(written, right).bleu,
        "chrf": chrf(written, right).chrf,
        "rouge1": figures.rouge1.f1,
        "rouge2": figures.rouge2.f1,
        "rougeL": figures.rougeL.f1,
    }[name]
    low, high = bootstrap(written, right, name, samples=200)
    assert low < value < high
    assert high - low < 0.3 * value
    assert bootstrap(written, right, name, samples=200) == (low, high)
    assert bootstrap(written, right, name, samples=200, seed=1) != (low, high)


def test_an_interval_of_a_mean_is_as_wide_as_statistics_say():
    # Half of the texts have 1, half 0: the mean of 400 has a standard deviation of 0.5 / 20.
    written = ["a"] * 200 + ["b"] * 200
    low, high = bootstrap(written, ["a"] * 400, "rouge1", samples=1000)
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.01)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.01)


def test_an_interval_takes_the_options_of_its_figure():
    written, right = ["我今天没有去学校。", "ABC DEF"], ["我今天没有去公园。", "abc def"]
    assert bootstrap(written, right, "bleu", 50, tokenize="zh") != bootstrap(written, right, "bleu", 50)
    assert bootstrap(written, right, "chrf", 50, lowercase=True) != bootstrap(written, right, "chrf", 50)
    assert bootstrap(written, right, "rouge1", 50, characters=True) != bootstrap(written, right, "rouge1", 50)


# -- what is empty ---------------------------------------------------------------------------------------------

EMPTY = [
    ([], []),
    ([""], [""]),
    ([""], ["a b c d"]),
    (["a b c d"], [""]),
    (["a b c d"], [[]]),
    (["", "a"], [["", "a"], []]),
    (["。"], ["!"]),
    ([" \n"], [["\t", ""]]),
]


@pytest.mark.parametrize(("written", "right"), EMPTY)
@pytest.mark.parametrize("tokenize", ["13a", "zh", "char"])
def test_what_is_empty_has_nothing_in_common(written, right, tokenize):
    assert bleu(written, right, tokenize=tokenize).bleu == 0
    assert bleu(written, right, tokenize=tokenize).precisions[3] == 0
    assert 0 <= chrf(written, right).chrf <= 100
    for shares in vars(rouge(written, right, characters=tokenize == "char")).values():
        assert all(0 <= share <= 1 for share in shares)
    for name in NAMES:
        low, high = bootstrap(written, right, name, samples=5, tokenize=tokenize)
        assert 0 <= low <= high


def test_numbers_of_texts_must_agree():
    for function in (bleu, chrf, rouge):
        with pytest.raises(ValueError, match="2 hypotheses, 1 references"):
            function(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="1 hypotheses, 0 references"):
        bootstrap(["a"], [], "bleu")
    assert bootstrap([], [], "bleu") == Interval(0.0, 0.0)


@pytest.mark.slow
def test_speed():
    right = _texts(1000, 8, 25)
    written = _near(right, 9)
    bleu(written[:2], right[:2])
    for function in (bleu, chrf, rouge):
        start = time.perf_counter()
        function(written, right)
        assert time.perf_counter() - start < 0.5, function
    for name in NAMES:
        start = time.perf_counter()
        bootstrap(written, right, name)
        assert time.perf_counter() - start < 1.0, name
