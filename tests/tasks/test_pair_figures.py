"""What is counted of written texts, and the baseline of summaries."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_studio.config import TranslationData
from lstm_studio.data.encoded_pairs import EncodedPairs, flat
from lstm_studio.data.prepare_pairs import PairUnits
from lstm_studio.data.units import Characters
from lstm_studio.tasks.pair_figures import SAMPLES, WrittenTexts, first_sentence
from lstm_studio.tasks.text_figures import bleu, rouge


def part_of(rows: list[tuple[str, str]]) -> tuple[EncodedPairs, PairUnits]:
    """Pairs read by characters."""
    units = Characters.train([text for row in rows for text in row], 500)
    sources, targets = ([row[side] for row in rows] for side in (0, 1))
    answers = [f'["{target}"]' for target in targets]
    sides = [flat(units.encode_batch(texts)) for texts in (sources, targets)]
    return EncodedPairs(*sides[0], *sides[1], sources, answers), PairUnits(units, units)


def figures(rows, written, thorough=True, **data):
    part, units = part_of(rows)
    texts = WrittenTexts(part, units, TranslationData(**data))
    for place, text in reversed(list(enumerate(written))):
        texts.see(place, text)
    return texts.evaluation({"loss": 1.5}, thorough)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("We show it. Then we prove it.", "We show it."),
        (
            "On 3.5 million texts, e.g. of U.S. papers, it works. So.",
            "On 3.5 million texts, e.g. of U.S. papers, it works.",
        ),
        ("Does it? “Yes.” It does.", "Does it?"),
        ("no end", "no end"),
        ("", ""),
    ],
)
def test_the_first_sentence(text, first):
    assert first_sentence(text) == first


def test_the_first_sentence_of_chinese():
    assert first_sentence("目的 观察疗效.方法 将120例分组。", True) == "目的 观察疗效."
    assert first_sentence("提高了3.5倍。很好。", True) == "提高了3.5倍。"
    assert first_sentence("提高了。很好。", False) == "提高了。"


def test_summaries_are_measured_beside_their_first_sentence():
    rows = [("A cat sleeps. It snores.", "a cat sleeps"), ("Dogs run fast. Birds fly.", "birds fly")]
    found = figures(rows, ["a cat", "birds"], purpose="summary")
    base = found.details["baseline"]
    expected = rouge(["A cat sleeps.", "Dogs run fast."], ["a cat sleeps", "birds fly"])
    assert base["metrics"]["rougeL"] == pytest.approx(expected.rougeL.f1)
    assert "baseline" not in figures(rows, ["", ""]).details
    assert "baseline" not in figures(rows, ["", ""], thorough=False, purpose="summary").details


def test_chinese_is_counted_by_characters():
    rows = [("x", "我喜欢猫"), ("y", "他不喜欢狗")]
    found = figures(rows, ["我喜欢狗", "他不喜欢狗"])
    assert found.metrics["bleu"] == pytest.approx(
        bleu(["我喜欢狗", "他不喜欢狗"], ["我喜欢猫", "他不喜欢狗"], tokenize="zh").bleu
    )
    assert found.metrics["rouge1"] == pytest.approx((3 / 4 + 1) / 2)
    assert "tok:zh" in found.details["signature"]["bleu"]


def test_capitals_count_only_where_they_are_written():
    rows = [("x", "The Cat sleeps now"), ("y", "A Dog")]
    assert figures(rows, ["the cat sleeps now", "a dog"]).metrics["bleu"] < 50
    lower = figures(rows, ["the cat sleeps now", "a dog"], lowercase=True)
    assert lower.metrics["bleu"] == pytest.approx(100)
    assert "case:lc" in lower.details["signature"]["bleu"]


def test_the_worst_come_first_and_samples_stay_the_same():
    rows = [(f"source {number}", f"target {number:03d}") for number in range(300)]
    written = [row[1] if number % 3 else "?" for number, row in enumerate(rows)]
    one, other = figures(rows, written, thorough=False), figures(rows, written[::-1], thorough=False)
    assert [worst["written"] for worst in one.details["worst"][:100]] == ["?"] * 100
    assert len(one.details["worst"]) == 200
    assert [sample.source for sample in one.samples] == [sample.source for sample in other.samples]
    assert len(one.samples) == SAMPLES
    assert one.samples[0].references == ("target 000",)
    lengths = one.details["lengths"]
    assert sum(lengths["counts"]) == 300
    assert len(lengths["edges"]) == len(lengths["scores"]) + 1


def test_nothing_written_is_no_error():
    part, units = part_of([("a", "b")])
    found = WrittenTexts(part, units, TranslationData()).evaluation({"loss": 0.0}, True)
    assert found.metrics["bleu"] == 0
    assert found.samples == ()
    assert np.isfinite(list(found.metrics.values())).all()
