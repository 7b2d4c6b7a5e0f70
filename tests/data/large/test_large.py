"""What a large file gives is what the same file gives in memory, to the last id."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lstm_studio.config import RunConfig
from lstm_studio.data import table as table_module
from lstm_studio.data.large import convert, cutting
from lstm_studio.data.places import cache_folder
from lstm_studio.data.prepare import Prepared, prepare_classification
from lstm_studio.data.raw import Limits
from lstm_studio.data.table import open_table
from lstm_studio.errors import Cancelled, StudioError
from tests.data.test_prepare import config_for, same, write

WORDS = "the film was good bad slow Ünlü 很好 café, “so” it's a <b>bold</b> text &amp; more".split()


def texts(count: int, seed: int = 0) -> list[tuple[str, str]]:
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        words = [WORDS[int(place)] for place in random.integers(0, len(WORDS), int(random.integers(1, 14)))]
        text = " ".join(words) + ("\nand a second line" if number % 9 == 0 else "")
        rows.append((text, ("yes", "no", "Yes ", "maybe")[int(random.integers(0, 4))]))
    rows[5], rows[11], rows[17] = rows[4], ("", "yes"), ("no label", " ")
    rows[23] = (rows[4][0], "other answer")
    rows[30:33] = [rows[29]] * 3
    return rows


def in_memory(config: RunConfig, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    with monkeypatch.context() as patch:
        patch.setattr(table_module, "LARGE", 2**40)
        return prepare_classification(config)


def check(config: RunConfig, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Prepared:
    small, large = in_memory(config, monkeypatch), prepare_classification(config)
    kept = prepare_classification(config, cache=cache)
    again = prepare_classification(config, cache=cache)
    for other in (large, kept, again):
        assert same(small, other)
        for split in ("train", "validation", "test"):
            part = getattr(small, split)
            if part is not None:
                assert [other.text(split, row) for row in range(len(part))] == [  # type: ignore[arg-type]
                    small.text(split, row)  # type: ignore[arg-type]
                    for row in range(len(part))
                ]
    assert isinstance(again.train.ids, np.memmap)
    return again


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tokenizer": "character", "max_length": 5, "cut": "start", "lowercase": True, "min_count": 2},
        {"tokenizer": "chinese words", "normalize_width": True, "vocabulary_size": 10, "pad_to_max_length": True},
        {"remedies": ["strip_html", "drop_duplicates", "drop_conflicts", "merge_label_case"]},
        {"remedies": ["remove_token:good", "merge_conflicts", "drop_short:8", "merge_rare_classes:9"]},
        {"remedies": ["merge_label_case", "drop_rare_classes:9", "drop_long:60", "keep_script:latin"]},
    ],
)
def test_it_is_what_memory_gives(all_large: None, settings: Any, monkeypatch: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", texts(120))
    check(config_for(path, **settings), monkeypatch, tmp_path / "cache")


def test_files_of_their_own(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", texts(90))
    rows = [(text, label if label.strip() != "other answer" else "no") for text, label in texts(40, seed=3)]
    held, test = write(tmp_path / "held.csv", rows), write(tmp_path / "test.csv", rows[::-1])
    settings = {"validation": str(held), "test": str(test), "remedies": ["drop_leaked", "merge_label_case"]}
    prepared = check(config_for(path, **settings), monkeypatch, tmp_path / "cache")
    assert prepared.test is not None
    # A small file beside a large one goes the same way.
    size = path.stat().st_size
    monkeypatch.setattr(table_module, "LARGE", size)
    check(config_for(path, **settings), monkeypatch, tmp_path / "another")


def jsonl(rows: list[tuple[str, str]], encoding: str) -> bytes:
    lines = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in rows]
    return ("\n".join(lines) + "\n").encode(encoding)


def separated(rows: list[tuple[str, str]], mark: str) -> str:
    quoted = [mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join([mark.join(("text", "label")), *quoted]) + "\n"


@pytest.mark.parametrize("layout", ["tsv", "gb18030", "utf-16", "stray", "nul", "uneven", "jsonl", "fasttext", "bom"])
def test_layouts(all_large: None, layout: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = texts(80)
    flat = [(" ".join(text.split()), label.strip()) for text, label in rows if text and label.strip()]
    path = tmp_path / f"file.{layout if layout in {'tsv', 'jsonl'} else 'txt' if layout == 'fasttext' else 'csv'}"
    content = {
        "tsv": separated(rows, "\t").replace("\n", "\r\n").encode(),
        "gb18030": separated([(f"这部电影很好看，音乐也不错。{text}", label) for text, label in rows], ",").encode(
            "gb18030"
        ),
        "utf-16": separated(rows, ",").encode("utf-16"),
        "stray": separated(rows, ",").encode().replace(b"bad slow", b"bad \x93slow\x94"),
        "nul": separated(rows, ",").replace("bad slow", "bad\0 slow").encode(),
        "uneven": (separated(rows, ",") + "a text, with commas,yes\nalone\n\n\nx,yes,,\n").encode(),
        "jsonl": jsonl(rows, "utf-8"),
        "fasttext": "".join(f"__label__{label.split()[0]} {text}\n" for text, label in flat).encode(),
        "bom": b"\xef\xbb\xbf" + separated(rows, ",").encode(),
    }[layout]
    path.write_bytes(content)
    if layout == "uneven":  # rows are mended by what their block holds
        monkeypatch.setattr(convert, "LIMITS", Limits(1_000, 100_000))
    check(config_for(path), monkeypatch, tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(table_module, "LARGE", 2**40)
        small = open_table(path)
    large = open_table(path)
    assert large.stored is not None
    assert large.columns == small.columns
    assert large.rows(0, large.num_rows) == small.rows(0, small.num_rows)
    assert [large.line_number(row) for row in range(large.num_rows)] == [
        small.line_number(row) for row in range(small.num_rows)
    ]
    assert large.notes == small.notes
    assert large.format == small.format
    assert large.sample("text", 10) == small.sample("text", 10)
    some = large.some(10)
    assert some.rows(0, 10) == small.some(10).rows(0, 10)
    assert some.line_number(3) == small.some(10).line_number(3)


def test_parquet(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = texts(60)
    path = tmp_path / "file.parquet"
    columns = {"text": [text for text, _ in rows], "label": [label for _, label in rows], "n": list(range(60))}
    pq.write_table(pa.table(columns), path)
    prepared = check(config_for(path), monkeypatch, tmp_path / "cache")
    assert len(prepared.train) > 30
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StudioError, match="not a valid Parquet file"):
        open_table(path)


def test_a_list_in_one_json_value_is_read_in_memory(all_large: None, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps([{"text": text, "label": label} for text, label in texts(40)]), encoding="utf-8")
    table = open_table(path)
    assert table.stored is None
    assert table.num_rows == 40


def test_odd_bytes_far_below_the_beginning(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from lstm_studio.data.large import survey

    monkeypatch.setattr(survey, "HEAD", 2_000)
    monkeypatch.setattr(survey, "_BLOCK", 700)
    plain = separated([(f"the film number {n}", "yes" if n % 2 else "no") for n in range(200)], ",")
    chinese = separated([(f"这部电影很好看而且音乐也非常好听 {n}", "yes") for n in range(300)], ",").split("\n", 1)[1]
    path = tmp_path / "late.csv"
    path.write_bytes(plain.encode() + chinese.encode("gb18030"))
    table = open_table(path)
    assert table.format.encoding == "gb18030"
    assert table.row(250)[0].startswith("这部电影")
    path.write_bytes(plain.encode() + b"a stray \x92 one,yes\n" + plain.split("\n", 1)[1].encode())
    table = open_table(path)
    assert table.format.encoding == "utf-8"
    assert table.row(200)[0] == "a stray ’ one"
    assert [note.line for note in table.notes] == [202]


def test_a_part_that_was_done_is_not_done_again(
    all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = config_for(write(tmp_path / "reviews.csv", texts(120)))

    def stop(fraction: float, words: str) -> None:
        if words == "Cutting texts into tokens: 42 of 120":
            raise Cancelled

    with pytest.raises(Cancelled):
        prepare_classification(config, stop)
    (folder,) = (cache_folder() / "tokens").iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.npz")}
    assert len(before) == 6
    table = next((cache_folder() / "tables").iterdir()) / "table.arrow"
    made = table.stat().st_mtime_ns
    next(iter(before)).write_bytes(b"damaged")
    damaged = next(iter(before))
    good = prepare_classification(config)
    assert same(in_memory(config, monkeypatch), good)
    assert table.stat().st_mtime_ns == made
    assert all(path.stat().st_mtime_ns == at for path, at in before.items() if path != damaged)
    # Another length cuts nothing anew: all tokens are there.
    monkeypatch.setattr(cutting, "cut_blocks", None)
    prepare_classification(config_for(tmp_path / "reviews.csv", max_length=3, split_seed=5))


def test_processes_share_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(table_module, "LARGE", 1)
    monkeypatch.setattr(convert, "LIMITS", Limits(20, 100_000))
    monkeypatch.setattr(cutting, "cores", lambda: 2)
    here: list[int] = []
    cut = cutting.cut_blocks
    monkeypatch.setattr(cutting, "cut_blocks", lambda *given: (here.append(given[4]), cut(*given)))
    config = config_for(write(tmp_path / "reviews.csv", texts(160)), remedies=["strip_html"])
    assert same(in_memory(config, monkeypatch), prepare_classification(config))
    assert not here, "the processes have done it all"


def test_what_cannot_be_done_is_said(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", texts(60))
    with pytest.raises(StudioError, match="Near duplicates cannot be looked for"):
        prepare_classification(config_for(path, remedies=["drop_near_duplicates"]))
    with pytest.raises(StudioError, match="There is no column 'words'"):
        prepare_classification(config_for(path, text="words"))
    other = write(tmp_path / "other.csv", [("a", "yes"), ("b", "perhaps"), ("c", "no")])
    with pytest.raises(StudioError, match="does not occur in the training texts"):
        prepare_classification(config_for(path, test=str(other)))
    open_here = Path.open

    def full(self: Path, mode: str = "r", *given: Any, **named: Any) -> Any:
        if "w" in mode and "tables" in str(self):
            raise OSError(28, "No space left on device")
        return open_here(self, mode, *given, **named)

    monkeypatch.setattr(convert.np, "save", lambda *given, **named: full(Path("tables"), "w"))
    with pytest.raises(StudioError, match="There is no room"):
        open_table(write(tmp_path / "third.csv", texts(50, seed=9)))


def test_a_sample_is_looked_at(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from lstm_studio.data.kinds import complete, kind_of
    from lstm_studio.data.large import health as module

    table = open_table(write(tmp_path / "reviews.csv", texts(300)))
    data, _ = complete(config_for(table.path).data, table)
    whole = kind_of(data).examine(table, data, lambda *_: None, None)
    monkeypatch.setattr(module, "SAMPLE", 100)
    health = kind_of(data).examine(table, data, lambda *_: None, None)
    assert health.rows == 300
    assert health.warnings[-1].text == "The file is large: 100 of its 300 rows, evenly spread, were looked at."
    assert health.warnings[-1].severity == "info"
    assert health.used_rows == pytest.approx(whole.used_rows, rel=0.05)
    assert health.tokens == pytest.approx(whole.tokens, rel=0.15)
    assert {name for name, _ in health.classes} <= {name for name, _ in whole.classes}
    assert sum(count for _, count in health.classes) == pytest.approx(health.used_rows, abs=5)


def test_pretrained_vectors(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("good 1 2 3\nfilm 4 5 6\nelsewhere 7 8 9\n", encoding="utf-8")
    config = config_for(write(tmp_path / "reviews.csv", texts(60))).replace(**{"model.vectors": str(file)})
    prepared = check(config, monkeypatch, tmp_path / "cache")
    small, large = in_memory(config, monkeypatch).starts["vectors"], prepared.starts["vectors"]
    assert np.array_equal(small.matrix, large.matrix)
    assert np.array_equal(small.covered, large.covered)
    assert int(large.covered.sum()) == 3


def test_old_tokens_make_room(all_large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cutting, "_MOST_FOLDERS", 2)
    path = write(tmp_path / "reviews.csv", texts(40))
    root = cache_folder() / "tokens"
    for place, kind in enumerate(("treebank", "wordpunct", "whitespace")):
        prepare_classification(config_for(path, tokenizer=kind))
        for folder in root.iterdir():
            times = folder.stat().st_mtime - 10
            os.utime(folder, (times, times))
        assert len(list(root.iterdir())) == min(2, place + 1)
    kept = max(root.iterdir(), key=lambda folder: folder.stat().st_mtime)
    left = kept / ".ids-killed"
    left.mkdir()
    os.utime(left, (1, 1))
    prepare_classification(config_for(path, tokenizer="whitespace", max_length=3))
    assert not left.exists()
    assert not list(kept.glob(".ids-*")), "what is written for a run goes with it"
