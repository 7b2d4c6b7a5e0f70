"""What is said of running text: bands by frequency, costly tokens, passages; in any order, with gaps, without text."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from lstm_studio.data.text_units import LineUnits, TextUnits, train_text_units
from lstm_studio.data.units import END_ID, UNKNOWN_ID, UnitKind
from lstm_studio.runs.results import TextsResults, part_of
from lstm_studio.tasks import stream_figures
from lstm_studio.tasks.stream_figures import StreamFigures

TEXT = "the cat saw the dog .\nthe dog ran\n" * 40


def seen(text: str, units: TextUnits, losses: np.ndarray | None = None) -> tuple[np.ndarray, StreamFigures]:
    ids = np.array(units.encode(text), np.int32)
    figures = StreamFigures(ids, units)
    losses = ids.astype(np.float32) / 10 if losses is None else losses
    order = np.random.default_rng(0).permutation(len(ids))
    for places in np.array_split(order, 7):
        figures.see(places, losses[places])
    return ids, figures


@pytest.mark.parametrize("at_once", [1 << 20, 100])
def test_words(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_figures, "_AT_ONCE", at_once)
    units = train_text_units("word", [TEXT], 100)
    ids, figures = seen(TEXT + "a zebra", units)
    found = figures.details()
    assert (found["kind"], found["units"], found["examples"]) == ("texts", "word", len(ids))
    assert found["unknown"] == round(2 / len(ids), 6)
    (band,) = found["bands"]
    words = ids[(ids > END_ID) & (ids != units.line_id)]
    assert (band["first"], band["last"]) == (1, len(units) - 5)
    assert (band["tokens"], band["loss"]) == (len(words), round(float(words.mean()) / 10, 4))
    sums = {one["token"]: one["count"] * one["loss"] for one in found["costly"]}
    assert list(sums.values()) == sorted(sums.values(), reverse=True)
    assert sums["↵"] == pytest.approx(80 * units.line_id / 10)
    assert sum(sums.values()) == pytest.approx(ids.sum() / 10)
    assert sums["<unk>"] == pytest.approx(2 * UNKNOWN_ID / 10)
    hard = [one for one in found["passages"] if one["hard"]]
    means = [np.mean(one["losses"]) for one in hard]
    assert means == sorted(means, reverse=True)
    typical = [one for one in found["passages"] if not one["hard"]]
    assert [token for one in typical for token in one["tokens"]] == units.tokens(ids.tolist())
    for one in found["passages"]:
        assert one["losses"] == pytest.approx(ids[one["place"] :][: len(one["losses"])] / 10)


def test_bands_go_by_tens() -> None:
    words = " ".join(f"w{rank:05d} " * (4000 // (rank + 1) + 1) for rank in range(3000))
    units = train_text_units("word", [words], 1015)
    _, figures = seen(words, units)
    bands = figures.details()["bands"]
    assert [(one["first"], one["last"]) for one in bands] == [(1, 10), (11, 100), (101, 1015)]
    bigger = train_text_units("word", [words], 2500)
    assert [one["last"] for one in seen("nothing known", bigger)[1].details()["bands"]] == [10, 100, 1000, 2500]
    assert seen("nothing known", bigger)[1].details()["bands"][0] == {"first": 1, "last": 10, "tokens": 0, "loss": 0.0}


def test_the_hardest_are_found_and_typical_ones_spread() -> None:
    units = train_text_units("character", [TEXT], 100)
    text = TEXT * 20
    losses = np.full(len(text), 0.5, np.float32)
    losses[9000:9200] = 6.0
    _, figures = seen(text, units, losses)
    found = figures.details()["passages"]
    assert [one["hard"] for one in found] == [True] * 30 + [False] * 30
    assert 8840 <= found[0]["place"] <= 9200
    places = [one["place"] for one in found[30:]]
    assert places == sorted(set(places))
    assert max(np.diff(places)) - min(np.diff(places)) <= 161
    assert {len(one["tokens"]) for one in found} <= {159, 160, 161}
    assert "▁" in found[0]["tokens"]
    assert "↵" in found[0]["tokens"]
    assert figures.details()["bands"][0]["first"] == 1


@pytest.mark.parametrize("kind", ["word", "character", "bpe"])
def test_what_is_not_predicted_counts_for_nothing(kind: UnitKind) -> None:
    units = train_text_units(kind, [TEXT], 60)
    for text in ("", "the", TEXT):
        ids = np.array(units.encode(text), np.int32)
        figures = StreamFigures(ids, units)
        figures.see(np.arange(1, len(ids)), np.full(max(0, len(ids) - 1), 2.0, np.float32))
        found = json.loads(json.dumps(figures.details(), allow_nan=False))
        assert sum(one["count"] for one in found["costly"]) == max(0, len(ids) - 1)
        assert {one["loss"] for one in found["costly"]} <= {2.0}
        part = part_of({"metrics": {"loss": 2.0}, **found})
        assert isinstance(part, TextsResults)
        assert all(one.perplexity == pytest.approx(math.exp(2)) for one in part.passages)
        if len(ids) > 1:
            first = next(one for one in part.passages if one.place == 0)
            assert math.isnan(first.losses[0])
        else:
            assert not part.passages


def test_damaged_figures_and_huge_tokens_do_no_harm() -> None:
    text = "x" * 5000 + " y\nz"
    units = train_text_units("word", [text], 100, line_end="</s>")
    assert isinstance(units, LineUnits)
    ids, figures = seen(text, units, np.full(len(units.encode(text)), np.inf, np.float32))
    found = figures.details()
    assert max(len(one["token"]) for one in found["costly"]) == 60
    assert found["passages"][0]["losses"] == [700.0] * len(ids)
    assert part_of({"metrics": {}, **found}) is not None


def test_it_is_small() -> None:
    chance = np.random.default_rng(1)
    points = chance.integers(0x4E00, 0x9000, 3000)
    text = "".join(map(chr, points[np.minimum(chance.zipf(1.2, 60_000) - 1, 2999)]))
    units = train_text_units("character", [text], 3000)
    _, figures = seen(text, units, chance.exponential(4, len(text)).astype(np.float32))
    assert len(json.dumps(figures.details(), ensure_ascii=False).encode()) < 300_000
