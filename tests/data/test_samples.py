"""The samples: always the same, balanced, and not to be solved by counting words."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.data.samples import SAMPLES, open_sample, write
from lstm_studio.data.samples_reber import SHORTEST, SPREAD, accepted, strings
from lstm_studio.data.samples_sentiment import NOISE, reviews
from lstm_studio.data.split import stratified_split
from lstm_studio.data.tokenize import tokenizer
from lstm_studio.errors import StudioError


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


TEXTS = [sample for sample in SAMPLES if sample.task == "classification"]


@pytest.mark.parametrize("sample", TEXTS, ids=lambda sample: sample.name)
def test_a_sample_is_balanced_different_and_always_the_same(sample: object, tmp_path: Path) -> None:
    name = sample.name  # type: ignore[attr-defined]
    path = open_sample(name, tmp_path / "new" / "folder")
    header, *rows = read(path)
    assert header == ["text", "label"]
    assert len(rows) >= 4000
    assert len({text for text, _ in rows}) == len(rows)
    counts = Counter(label for _, label in rows)
    assert len(counts) == 2
    assert len(set(counts.values())) == 1
    assert path.read_bytes() == write(name, tmp_path / "again.csv").read_bytes()
    assert path.read_bytes() != write(name, tmp_path / "other.csv", seed=1).read_bytes()
    # People compare results on these texts: changing them is a decision, not an accident.
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:16] == FROZEN[name]


FROZEN = {"sentiment-contrast": "6938a088f4d3b4bd", "reber": "56c53703d3518e14"}


def test_opening_again_does_not_write_again(tmp_path: Path) -> None:
    path = open_sample("reber", tmp_path, rows=20, distance=10)
    assert path.name == "reber-distance10-rows20.csv"
    path.write_text("mine")
    assert open_sample("reber", tmp_path, rows=20, distance=10).read_text() == "mine"


def test_wrong_requests(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="sentiment-contrast, reber"):
        write("iris", tmp_path / "a.csv")
    with pytest.raises(StudioError, match="no option 'size'"):
        write("reber", tmp_path / "a.csv", size=3)
    for wrong in (9, 1001, True, "12"):
        with pytest.raises(StudioError, match="distance must be a whole number from 10 to 1000"):
            write("reber", tmp_path / "a.csv", distance=wrong)  # type: ignore[arg-type]
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match="cannot be written"):
        write("reber", tmp_path / "file" / "a.csv", rows=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def parse_pair(text: str, distance: int) -> tuple[str, str, str, str]:
    """The four letters of a text, found by parsing it as the grammar demands."""
    symbols = text.split()
    found: list[tuple[str, str, str, str]] = []
    opened = [n for n in range(1, len(symbols) - 1) if symbols[n - 1] == "B" and symbols[n + 1] == "B"]
    closed = [n for n in range(1, len(symbols) - 1) if symbols[n - 1] == "E" and symbols[n + 1] == "E"]
    closed += [len(symbols) - 2] if symbols[-1] == "E" and len(symbols) - 2 not in closed else []
    for one in opened:
        for two in (n for n in opened if n > one):
            for end in (n for n in closed if one < n < two):
                parts = [symbols[: one - 1], symbols[one + 1 : end], symbols[end + 2 : two - 1], symbols[two + 1 : -2]]
                if all(accepted(part) and len(part) <= distance for part in parts):
                    found.append((symbols[one], symbols[end], symbols[two], symbols[-2]))
    assert len(found) == 1, text
    return found[0]


@pytest.mark.parametrize("distance", [10, 24])
def test_reber_labels_follow_the_match_alone(distance: int) -> None:
    ends = Counter()
    lengths = set()
    for text, label in strings(400, 3, distance):
        first, first_end, second, second_end = parse_pair(text, distance)
        assert {first, second} == {first_end, second_end} == {"T", "P"}
        assert label == ("valid" if (first, second) == (first_end, second_end) else "broken")
        ends[label, first] += 1
        lengths.add(len(text.split()))
    assert set(ends.values()) == {100}
    assert min(lengths) >= 4 * SHORTEST + 8
    assert max(lengths) <= 4 * distance + 8
    assert max(lengths) - min(lengths) > 2 * (distance - SHORTEST - SPREAD)


def test_reviews_are_varied() -> None:
    rows = reviews(3000, 1)
    cut = tokenizer("treebank", lowercase=True)
    tokens = [cut(text) for text, _ in rows]
    assert len({token for text in tokens for token in text}) > 600
    assert len({" ".join(text[:6]) for text in tokens}) > 1000
    assert 15 < np.mean([len(text) for text in tokens]) < 35
    for word in ("hardly", "never", "n't", "although", "but", "despite", "yet", "nobody", "far", "not"):
        assert sum(word in text for text in tokens) > 20, word
    for text, _ in rows:
        assert text[0].isupper()
        assert text.endswith(".")
        assert not set("{}") & set(text)
        assert "  " not in text


def test_three_in_a_hundred_labels_are_wrong() -> None:
    # A row is written with label by turns before the wrong ones are chosen; the same seed without noise tells.
    from lstm_studio.data import samples_sentiment as module

    writer = module._Writer(5)
    truth: dict[str, str] = {}
    while len(truth) < 1000:
        truth.setdefault(writer.review(len(truth) % 2 == 0), "positive" if len(truth) % 2 == 0 else "negative")
    wrong = sum(truth[text] != label for text, label in reviews(1000, 5))
    assert wrong == round(1000 * NOISE)


def linear_accuracy(rows: list[tuple[str, str]], longest: int) -> float:
    """Accuracy on a fifth of the rows of a logistic regression on runs of up to ``longest`` words: the best of several
    strengths of weight decay, judged on that very fifth, which flatters it."""
    cut = tokenizer("treebank", lowercase=True)
    texts = [cut(text) for text, _ in rows]
    names = sorted({label for _, label in rows})
    target = np.array([names.index(label) for _, label in rows], np.float32)
    train, test = stratified_split(target, 0.2, 0)
    features: dict[tuple[str, ...], int] = {}
    found = []
    for tokens in texts:
        runs = [tuple(tokens[n : n + size]) for size in range(1, longest + 1) for n in range(len(tokens) - size + 1)]
        found.append([features.setdefault(run, len(features)) for run in runs])
    counts = np.zeros((len(rows), len(features)), np.float32)
    for row, indices in enumerate(found):
        np.add.at(counts[row], indices, 1)
    best = 0.0
    for decay in (1e-4, 1e-3, 1e-2):
        weights, bias = np.zeros(len(features), np.float32), np.float32(0)
        first, second = np.zeros_like(weights), np.zeros_like(weights)
        for step in range(1, 151):
            error = 1 / (1 + np.exp(-(counts[train] @ weights + bias))) - target[train]
            gradient = counts[train].T @ error / len(train) + 2 * decay * weights
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            weights = weights - 0.02 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
            bias -= np.float32(0.1) * error.mean()
        best = max(best, float((((counts[test] @ weights + bias) > 0) == target[test]).mean()))
    return best


def test_counting_words_does_not_solve_the_samples() -> None:
    assert 0.5 < linear_accuracy(reviews(3000, 0), 1) < 0.68
    assert linear_accuracy(strings(2000, 0, 24), 3) < 0.58


@pytest.mark.slow
def test_pairs_of_words_do_not_solve_the_reviews() -> None:
    assert linear_accuracy(reviews(6000, 0), 2) < 0.72
