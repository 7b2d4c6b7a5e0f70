"""The tool for translators: what it finds in code, what it says of catalogues, and the way through a .ts and back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import words  # noqa: E402

CODE = '''
"""A file."""

TODO = "Choose another file"


def f(name, rows, bad):
    """Not this."""
    print(tr("Plain"), ntr("{n} row", "{n} rows", rows))
    has = "1 column" if rows == 1 else f"{len(rows)} columns"
    raise StudioError(f"The line has {has}", why=_why(bad), todo=TODO if bad else "")


def _why(bad):
    return "It is bad" if bad else f"{bad.code!r} is odd"
'''


@pytest.fixture
def found(tmp_path: Path) -> words.Found:
    (tmp_path / "a.py").write_text(CODE, encoding="utf-8")
    return words.collect(tmp_path)


def test_it_finds_what_people_read(found: words.Found) -> None:
    assert set(found.said) == {"Plain", "{n} row", "{n} rows"}
    assert found.plurals == [("{n} row", "{n} rows", "a.py:9")]
    assert set(found.errors) == {
        "The line has 1 column.",
        "The line has {rows} columns.",
        "It is bad.",
        "{code} is odd.",
        "Choose another file.",
    }
    assert found.errors["It is bad."] == "a.py:11"


def test_it_tells_what_is_missing_and_wrong(found: words.Found) -> None:
    there = {
        "Plain": "",
        "{n} row": "{n} 行",
        "The line has {x} columns.": "有 {x} 列。",
        "The line has 1 column": "有 1 列",
        "Choose another file.": "请另选{file}。",
        "Gone with the wind.": "飘,散",
    }
    assert set(words.missing(found, there)) == {"Plain", "{n} rows", "It is bad.", "{code} is odd."}
    odd = words.wrong(found, there)
    assert "only one" in odd["{n} row"]
    assert "fills in" in odd["Choose another file."]
    assert "punctuation" in odd["Gone with the wind."]
    assert words.unused(found, there) == ["Gone with the wind."]


def test_no_sentence_of_an_error_is_missing_and_none_is_wrong() -> None:
    found, there = words.collect(), words.merged()
    assert not words.missing(found, there)
    assert not words.wrong(found, there)
    assert not words.unused(found, there)
    assert not words.doubtful(found, there), "translate it, or say in UNREAD why nobody reads it"
    assert all(there.values())


def test_there_and_back_through_a_ts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(words.CATALOGUES, tmp_path / "there")
    monkeypatch.setattr(words, "CATALOGUES", tmp_path / "there")
    words._all.cache_clear()
    target = tmp_path / "all.ts"
    assert words.export_ts(target) >= len(words.merged())
    assert words.import_ts(target) == 0
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace(">数据<", ">资料<"), encoding="utf-8")
    assert words.import_ts(target) >= 1
    assert words.merged()["Data"] == "资料"
    target.write_text("<TS><context><name>no such</name></context></TS>", encoding="utf-8")
    with pytest.raises(ValueError, match="no catalogue"):
        words.import_ts(target)
    target.write_text("no xml", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be read"):
        words.import_ts(target)
    (tmp_path / "there" / "zh_CN.frame.json").write_text('{"Settings": "设置"}', encoding="utf-8")
    words._all.cache_clear()
    made = json.loads(words.write_skeleton("new").read_text(encoding="utf-8"))
    assert made["Open a file"] == ""
    words._all.cache_clear()


def test_qt_reads_the_ts(tmp_path: Path) -> None:
    import PySide6

    tool = Path(PySide6.__file__).parent / "lrelease"
    if not tool.exists():
        pytest.skip("lrelease is not here")
    target = tmp_path / "all.ts"
    count = words.export_ts(target)
    done = subprocess.run([tool, target, "-qm", tmp_path / "all.qm"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert f"Generated {count} translation(s)" in done.stdout
