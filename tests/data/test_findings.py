"""What is noticed in texts agrees with counting by hand, has a remedy that ends it, and healthy sets raise no alarm."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.config import RunConfig
from lstm_studio.data.counted import CountedTokens
from lstm_studio.data.health_types import Health, HealthWarning
from lstm_studio.data.kinds import KINDS, complete, task_of
from lstm_studio.data.leaks import leaks, theils_u
from lstm_studio.data.near_duplicates import near_duplicates
from lstm_studio.data.progress import silent
from lstm_studio.data.table import open_table

WORDS = [a + b for a in "ba du ki lo mu ne pa ri so tu".split() for b in "ran lem tik son var".split()]


def looked_at(path: Path, validation: Path | None = None, **settings) -> Health:
    opened = open_table(path)
    task = task_of(opened)
    given = RunConfig(task=task, data={"path": str(path), "validation": validation and str(validation), **settings})
    data, _ = complete(given.data, opened)
    return KINDS[task].examine(opened, data, silent, open_table(validation) if validation else None)


def finding(health: Health, words: str) -> HealthWarning | None:
    return next((one for one in health.warnings if words in one.text), None)


def written(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows), encoding="utf-8")
    return path


def healthy_rows(count: int = 300) -> list[tuple[str, str]]:
    chance = random.Random(5)
    return [(" ".join(chance.choices(WORDS, k=9)), "yes" if n % 2 else "no") for n in range(count)]


def test_a_healthy_set_has_no_findings(tmp_path):
    assert looked_at(written(tmp_path / "a.csv", healthy_rows())).warnings == []


@pytest.mark.parametrize(
    ("rows", "words", "line"),
    [
        ([("garbled cafÃ© here", "yes"), ("a good cafÃ©", "no")], "In 2 rows letters are garbled", 302),
        ([("so \ufffd lost", "yes")], "In 1 row characters are lost", 302),
        ([("some <b>markup</b> in it", "yes")] * 1 + [("and R&amp;D in it", "no")], "2 rows hold HTML", 302),
        ([("hid\u200bden marks in it", "no")], "1 row holds characters that cannot be seen", 302),
        ([("k", "yes")], "1 row has hardly any text", 302),
        ([("very long " * 300, "no")], "1 row is far longer", 302),
        ([(text, "yes") for text in ("这是中文", "也是中文", "还是中文")], "3 rows are written in another", 302),
        ([("one text that stands there", "yes"), ("one text that stands there", "no")], "more than one label", 302),
        ([("a text that stands there like another", "yes"), ("A text that stands there, like another", "no")],
         "nearly", 302),
        ([(f"{text} zq7", "yes") for text, _ in healthy_rows(150)], "with the token zq7 have the label yes", 302),
        ([("one only", "odd"), ("one more", "strange")], "2 classes have a single text", None),
        ([("big letters", "YES"), ("small ones", "yes")], "differ in upper and lower case only", None),
    ],
)  # fmt: skip
def test_each_is_found_shown_and_ended_by_what_is_offered(tmp_path, rows, words, line):
    path = written(tmp_path / "a.csv", [*healthy_rows(), *rows])
    found = finding(looked_at(path), words)
    assert found is not None
    assert found.offers
    if line is not None:
        assert found.examples[0].line == line
        assert found.examples[0].text
    for remedy in found.offers:
        after = looked_at(path, remedies=[remedy])
        assert finding(after, words) is None
        assert [(done.remedy, done.count > 0) for done in after.mended] == [(remedy, True)]


def test_what_cannot_be_seen_is_named(tmp_path):
    path = written(tmp_path / "a.csv", [*healthy_rows(), ("hid\u200bden", "no")])
    found = finding(looked_at(path), "cannot be seen")
    assert found is not None
    assert found.examples[0].text == "hid[U+200B]den"


def test_near_texts_of_another_file(tmp_path):
    train = written(tmp_path / "a.csv", healthy_rows())
    held = written(tmp_path / "b.csv", [(f"{text}!", label) for text, label in healthy_rows(20)])
    health = looked_at(train, held)
    found = finding(health, "20 validation texts are nearly the same as one to learn from")
    assert found is not None
    assert found.severity == "warning"
    after = looked_at(train, held, remedies=["drop_near_duplicates"])
    assert (after.train_rows, after.validation_rows) == (280, 20)
    assert finding(after, "nearly") is None


def test_pairs_are_those_of_comparing_all_with_all():
    chance = random.Random(2)
    texts = [" ".join(chance.choices(WORDS, k=12)) for _ in range(150)]
    for place in range(0, 150, 2):
        own = texts[place].split()
        own[chance.randrange(12)] = "changed" if place % 4 else own[0]
        texts.append(" ".join(own))

    def grams(text: str) -> set[str]:
        return {text[start : start + 5] for start in range(len(text) - 4)}

    sets = [grams(text) for text in texts]
    expected = {
        (one, other)
        for other in range(len(texts))
        for one in range(other)
        if texts[one] != texts[other] and len(sets[one] & sets[other]) >= 0.8 * len(sets[one] | sets[other])
    }
    found = set(map(tuple, near_duplicates(texts).tolist()))
    assert found <= expected
    assert len(expected) > 20
    assert len(expected - found) <= 1


def test_what_a_token_tells_is_mutual_information():
    chance = np.random.default_rng(1)
    label, token = chance.random(400) < 0.3, chance.random(400) < 0.2
    token |= label & (chance.random(400) < 0.8)
    table = np.array(
        [[(token & label).sum(), (token & ~label).sum()], [(~token & label).sum(), (~token & ~label).sum()]]
    )
    share = table / 400
    mutual = (share * np.log(share / np.outer(share.sum(1), share.sum(0)))).sum()
    entropy = -(share.sum(0) * np.log(share.sum(0))).sum()
    counts = [np.array([number]) for number in (table[0, 0], table[0].sum(), table[:, 0].sum())]
    assert theils_u(*counts, 400) == pytest.approx(mutual / entropy)


def test_a_token_of_few_texts_or_of_all_labels_gives_nothing_away():
    names = ["rare", "common"]
    rows = [[0, 1] if n < 19 else [1] for n in range(200)]
    tokens = CountedTokens(
        names, np.concatenate(rows).astype(np.int32), np.cumsum([0, *map(len, rows)]).astype(np.int64)
    )
    assert leaks(tokens, ["a" if n < 19 else "b" for n in range(200)]) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("sms_spam/sms.tsv", {"HTML", "nearly", "hardly any text", "cannot be seen"}),
        ("waimai_10k/waimai_10k.csv", {"more than one label", "nearly", "cannot be seen"}),
        ("trec_qc/train.txt", {"nearly", "rarer"}),
        ("sst2/train.tsv", {"hardly any text"}),
    ],
)
def test_public_sets(shared_data, name, wanted):
    health = looked_at(shared_data / name)
    possible = {
        "garbled", "lost for good", "HTML", "cannot be seen", "hardly any text", "far longer", "another alphabet",
        "more than one label", "nearly", "with the token", "rarer", "single text",
    }  # fmt: skip
    assert {words for words in possible if finding(health, words)} == wanted


@pytest.mark.slow
def test_a_hundred_thousand_rows(tmp_path):
    path = written(tmp_path / "a.csv", healthy_rows(100_000))
    opened = open_table(path)
    data, _ = complete(RunConfig(data={"path": str(path)}).data, opened)
    began = time.perf_counter()
    assert KINDS["classification"].examine(opened, data, silent, None).rows == 100_000
    assert time.perf_counter() - began < 60
