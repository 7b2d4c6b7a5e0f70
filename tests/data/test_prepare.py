"""From a file to encoded texts, with and without a cache."""

from __future__ import annotations

import csv
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_studio.config import RunConfig, parse
from lstm_studio.data import prepare as module
from lstm_studio.data.prepare import Prepared, prepare_classification
from lstm_studio.errors import Cancelled, StudioError

NOUNS = "film book meal room phone song".split()
ROWS = [
    (f"the {NOUNS[n % 6]} number {n} was {'good' if n % 3 else 'bad'}", "yes" if n % 3 else "no") for n in range(60)
]


def write(path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def config_for(path: Path, **data: Any) -> RunConfig:
    values = {"tokenizer": "treebank", "max_length": 20, "text": "text", "label": "label", "min_count": 1, **data}
    return parse({"data": {"path": str(path), **values}})


def same(one: Prepared, other: Prepared) -> bool:
    pairs = [(one.train, other.train), (one.validation, other.validation), (one.test, other.test)]
    return (
        one.vocabulary == other.vocabulary
        and one.classes == other.classes
        and one.config == other.config
        and one.notes == other.notes
        and one.key == other.key
        and all(
            (a is None and b is None)
            or (
                np.array_equal(a.ids, b.ids)
                and np.array_equal(a.offsets, b.offsets)
                and np.array_equal(a.labels, b.labels)
            )
            for a, b in pairs
        )
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "reviews.csv", ROWS)


def test_texts_labels_and_ids_belong_together(file: Path) -> None:
    prepared = prepare_classification(config_for(file))
    assert prepared.classes == ("no", "yes")
    assert (len(prepared.train), len(prepared.validation)) == (54, 6)
    known = dict(ROWS)
    seen = set()
    for split, part in (("train", prepared.train), ("validation", prepared.validation)):
        for index in range(len(part)):
            text = prepared.text(split, index)
            assert part.labels is not None
            assert prepared.classes[part.labels[index]] == known[text]
            tokens = prepared.vocabulary.decode(part[index])
            assert all(a in (b, "<unk>") for a, b in zip(tokens, text.split(), strict=True))
            seen.add(text)
    assert seen == set(known)
    assert sorted(np.bincount(prepared.validation.labels)) == [2, 4]


def test_the_vocabulary_knows_only_what_training_reads(file: Path) -> None:
    prepared = prepare_classification(config_for(file, max_length=4))
    read = {token for n in range(len(prepared.train)) for token in prepared.text("train", n).split()[:4]}
    assert set(prepared.vocabulary.tokens[2:]) == read
    assert "good" not in prepared.vocabulary


def test_cutting_either_end(file: Path) -> None:
    end = prepare_classification(config_for(file, max_length=2))
    assert end.vocabulary.decode(end.train[0])[0] == "the"
    start = prepare_classification(config_for(file, max_length=2, cut="start"))
    assert start.vocabulary.decode(start.train[0])[0] == "was"
    assert set(start.train.lengths) == {2}


def test_padding_that_is_read(file: Path) -> None:
    prepared = prepare_classification(config_for(file, max_length=9, pad_to_max_length=True))
    assert set(prepared.train.lengths) == set(prepared.validation.lengths) == {9}
    assert prepared.train[0][-1] == 0


def test_files_of_their_own(tmp_path: Path, file: Path) -> None:
    dev = write(tmp_path / "dev.csv", [("a fine film", "yes"), ("a new thing", "no")])
    test = tmp_path / "test.tsv"
    test.write_text("text\tlabel\nthe book was bad\tno\n", encoding="utf-8")
    prepared = prepare_classification(config_for(file, validation=str(dev), test=str(test)), cache=tmp_path / "cache")
    assert len(prepared.train) == 60
    assert prepared.validation.labels is not None
    assert prepared.validation.labels.tolist() == [1, 0]
    assert prepared.test is not None
    assert prepared.text("test", 0) == "the book was bad"
    assert "new" not in prepared.vocabulary


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_label_that_training_lacks_is_named_with_its_line(tmp_path: Path, file: Path, split: str) -> None:
    other = write(tmp_path / "other.csv", [("a", "yes"), ("b", "no"), ("c", "perhaps")])
    with pytest.raises(StudioError, match=r"other\.csv, line 4: The label 'perhaps' does not occur .* no, yes"):
        prepare_classification(config_for(file, **{split: str(other)}))


def test_rows_without_text_or_label_are_left_out_and_told(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", [*ROWS[:10], ("  ", "yes"), ("words", " "), *ROWS[10:]])
    prepared = prepare_classification(config_for(file))
    assert len(prepared.train) + len(prepared.validation) == 60
    assert any("2 rows without text or label" in note and "line 12" in note for note in prepared.notes)


def test_duplicates_are_dropped_on_request(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", [*ROWS, *ROWS[:5], (ROWS[0][0], "yes")])
    kept = prepare_classification(config_for(file))
    dropped = prepare_classification(config_for(file, remedies=("drop_duplicates",)))
    assert len(kept.train) + len(kept.validation) == 66
    assert len(dropped.train) + len(dropped.validation) == 61
    assert "5 duplicate rows were dropped." in dropped.notes


def test_numbers_as_labels_are_in_their_order(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", [(f"text {n}", str(n % 12)) for n in range(60)])
    assert prepare_classification(config_for(file)).classes == tuple(map(str, range(12)))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("a b", "x"), ("c d", "x")], "All rows have the same label, 'x'"),
        ([("", "x"), ("a", "")], "No row has both a text and a label"),
        ([("a", "x"), ("b", "y")], "too few rows"),
        ([(f"text {n}", f"label {n}") for n in range(30)], "Every row has a label of its own"),
    ],
)
def test_data_that_cannot_be_learned_from(tmp_path: Path, rows: list[tuple[str, str]], words: str) -> None:
    file = write(tmp_path / "a.csv", rows)
    with pytest.raises(StudioError, match=words) as caught:
        prepare_classification(config_for(file, header=True))
    assert caught.value.todo


def test_a_missing_file_and_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"nowhere\.csv"):
        prepare_classification(config_for(tmp_path / "nowhere.csv"), cache=tmp_path / "cache")
    with pytest.raises(StudioError, match="No data is chosen"):
        prepare_classification(RunConfig())


def test_one_column_for_both_and_columns_that_are_not_there(file: Path) -> None:
    with pytest.raises(StudioError, match="must be two columns"):
        prepare_classification(config_for(file, text="label"))
    with pytest.raises(StudioError, match="no column 'stars'"):
        prepare_classification(config_for(file, label="stars"))


def test_what_is_left_open_is_guessed_and_told(file: Path, tmp_path: Path) -> None:
    open_config = parse({"data": {"path": str(file)}})
    first = prepare_classification(open_config, cache=tmp_path / "cache")
    data = first.config.data
    assert (data.text, data.label, data.tokenizer) == ("text", "label", "treebank")  # type: ignore[attr-defined]
    assert data.max_length is not None
    assert first.notes
    assert same(first, prepare_classification(open_config, cache=tmp_path / "cache"))
    # The completed configuration finds the same entry and needs no guessing.
    again = prepare_classification(first.config, cache=tmp_path / "cache")
    assert again.key == first.key
    assert len(list((tmp_path / "cache").glob("*/entry.json"))) == 1


def test_cache_and_memory_hold_the_same(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = write(tmp_path / "test.csv", ROWS[:7])
    config = config_for(file, test=str(test))
    memory = prepare_classification(config)
    written = prepare_classification(config, cache=tmp_path / "cache")

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the file was opened again")

    monkeypatch.setattr(module, "open_for", never)
    read = prepare_classification(config, cache=tmp_path / "cache")
    assert same(memory, written)
    assert same(memory, read)
    assert isinstance(read.train.ids, np.memmap)
    for split in ("train", "validation", "test"):
        assert read.text(split, 3) == memory.text(split, 3)
    with pytest.raises(IndexError):
        read.text("test", 7)


def test_the_key_follows_content_and_settings_only(file: Path, tmp_path: Path) -> None:
    base = prepare_classification(config_for(file))
    copy = write(tmp_path / "copy.csv", ROWS)
    assert prepare_classification(config_for(copy)).key == base.key
    assert prepare_classification(config_for(file).replace(**{"model.hidden_size": 7})).key == base.key
    changed = write(tmp_path / "changed.csv", [*ROWS, ("one more", "yes")])
    keys = {base.key, prepare_classification(config_for(changed)).key}
    for settings in (
        {"lowercase": False},
        {"max_length": 5},
        {"cut": "start"},
        {"min_count": 2},
        {"vocabulary_size": 11},
        {"validation_fraction": 0.2},
        {"split_seed": 1},
        {"tokenizer": "character"},
        {"remedies": ("drop_duplicates",)},
    ):
        keys.add(prepare_classification(config_for(file, **settings)).key)
    assert len(keys) == 11


def test_a_damaged_entry_is_made_anew(file: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    config = config_for(file)
    good = prepare_classification(config)
    prepare_classification(config, cache=cache)
    names = sorted(path.relative_to(cache / good.key) for path in (cache / good.key).rglob("*") if path.is_file())
    assert len(names) == 12
    for name in names:
        path = cache / good.key / name
        for content in (b"", b"damaged", None, path.read_bytes()[:-3] + b"\xff\xff\xff"):
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
            assert same(prepare_classification(config, cache=cache), good)
            assert path.is_file()
    assert not list(cache.glob(".*"))


def test_a_cache_that_cannot_be_written_costs_only_time(file: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    assert same(prepare_classification(config_for(file), cache=blocked), prepare_classification(config_for(file)))


def test_a_changed_file_is_read_again(file: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    prepare_classification(config_for(file), cache=cache)
    write(file, ROWS[:30])
    assert len(prepare_classification(config_for(file), cache=cache).train) == 27


def test_several_at_once(file: Path, tmp_path: Path) -> None:
    good = prepare_classification(config_for(file))
    results: list[Prepared] = []
    threads = [
        threading.Thread(
            target=lambda: results.append(prepare_classification(config_for(file), cache=tmp_path / "cache"))
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert all(same(result, good) for result in results)


def test_progress_rises_and_can_cancel(tmp_path: Path) -> None:
    file = write(tmp_path / "long.csv", [(f"text {n} and more", "ab"[n % 2]) for n in range(3000)])
    seen: list[float] = []
    prepare_classification(config_for(file), lambda fraction, text: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 6

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        prepare_classification(config_for(file), stop, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/entry.json"))


def test_real_data(shared_data: Path, tmp_path: Path) -> None:
    sst2 = shared_data / "sst2"
    config = parse({"data": {"path": str(sst2 / "train.tsv"), "validation": str(sst2 / "dev.tsv")}})
    prepared = prepare_classification(config, cache=tmp_path)
    assert (len(prepared.train), len(prepared.validation), prepared.classes) == (6920, 872, ("0", "1"))
    began = time.perf_counter()
    prepare_classification(config, cache=tmp_path)
    assert time.perf_counter() - began < 1


@pytest.mark.slow
def test_two_hundred_thousand_rows_in_under_a_minute(tmp_path: Path) -> None:
    rows = [(f"{ROWS[n % 60][0]}, review no. {n}! " * 3, ROWS[n % 60][1]) for n in range(200_000)]
    file = write(tmp_path / "big.csv", rows)
    began = time.process_time()
    prepare_classification(config_for(file, max_length=100), cache=tmp_path / "cache")
    assert time.process_time() - began < 40
    began = time.process_time()
    prepare_classification(config_for(file, max_length=100), cache=tmp_path / "cache")
    assert time.process_time() - began < 1
