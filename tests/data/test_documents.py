"""Running text out of files, folders and tables, kept to the letter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_studio.data.documents import Documents, read_documents
from lstm_studio.errors import Cancelled, StudioError

POEMS = "《導引》和岘\n氣和玉燭,\n睿化著鴻明。\n\n《六州》和岘\n嚴夜警,\n\n \n\t\n銅蓮漏遲遲。\n"


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_text_is_kept_to_the_letter(tmp_path):
    text = "  Indented\n\n\n\tTab  two spaces \nlast without end 🙂"
    found = read_documents(written(tmp_path / "a.txt", text))
    assert list(found) == [text]
    assert found.characters.tolist() == [len(text)]
    assert len(found.content_hash) == 64
    assert found.where(0, text.index("last")) == f"{tmp_path / 'a.txt'}, line 5"


def test_line_ends_of_all_systems_are_one(tmp_path):
    found = read_documents(written(tmp_path / "a.txt", "one\r\ntwo\rthree\n"))
    assert found[0] == "one\ntwo\nthree\n"


def test_poems_stand_between_blank_lines(tmp_path):
    path = written(tmp_path / "poems.txt", "\n  \n" + POEMS)
    found = read_documents(path, cut="paragraphs")
    assert list(found) == ["《導引》和岘\n氣和玉燭,\n睿化著鴻明。", "《六州》和岘\n嚴夜警,", "銅蓮漏遲遲。"]
    assert found.where(2) == f"{path}, line 12"
    assert list(found[1:]) == list(found)[1:]
    assert found[-1] == "銅蓮漏遲遲。"
    with pytest.raises(IndexError):
        found[3]


def test_an_indented_first_line_stays(tmp_path):
    found = read_documents(written(tmp_path / "a.txt", "  one\n\n\n  two\n   \n"), cut="paragraphs")
    assert list(found) == ["  one", "  two"]


def test_lines_as_documents(tmp_path):
    found = read_documents(written(tmp_path / "names.txt", "anna\n\n  \nbert \ncarl"), cut="lines")
    assert list(found) == ["anna", "bert ", "carl"]


def test_a_folder_with_other_encodings_blank_and_hidden_files(tmp_path):
    written(tmp_path / "b.txt", "second\n")
    written(tmp_path / "a" / "z.txt", "café au lait, déjà vu, garçon\n".encode("latin-1"))
    written(tmp_path / "a" / "deep" / "x.TXT", "deep\n")
    written(tmp_path / "c.txt", "")
    written(tmp_path / "d.txt", " \n")
    written(tmp_path / ".hidden.txt", "no")
    written(tmp_path / "picture.png", b"\x89PNG")
    found = read_documents(tmp_path)
    assert list(found) == ["second\n", "café au lait, déjà vu, garçon\n", "deep\n"]
    assert found.where(1) == f"{tmp_path}, a/z.txt, line 1"
    notes = " ".join(note.text for note in found.notes)
    assert "2 files (the first is c.txt) hold no text and are left out" in notes
    assert "different encodings" in notes
    before = found.content_hash
    written(tmp_path / "b.txt", "changed\n")
    assert read_documents(tmp_path).content_hash != before


def test_a_folder_of_poems(tmp_path):
    written(tmp_path / "1.txt", POEMS)
    written(tmp_path / "2.txt", "one\n\ntwo")
    found = read_documents(tmp_path, cut="paragraphs")
    assert len(found) == 5
    assert found[4] == "two"


@pytest.mark.parametrize("column", [None, "body", 1])
def test_a_column_of_a_table(tmp_path, column):
    path = written(tmp_path / "a.csv", 'id,body\n1,"a long text, with\ntwo lines"\n2,\n3,another long text\n')
    found = read_documents(path, column=column)
    assert list(found) == ["a long text, with\ntwo lines", "another long text"]
    assert found.where(1) == f"{path}, line 5"
    assert "One row has no text" in " ".join(note.text for note in found.notes)
    with pytest.raises(StudioError, match="no column 'text'"):
        read_documents(path, column="text")


def test_verses_in_a_json_list_are_lines(tmp_path):
    rows = [
        {"author": "和岘", "paragraphs": ["氣和玉燭,", "睿化。"]},
        {"author": "x", "paragraphs": ["嚴夜警,漏遲遲。"]},
    ]
    path = written(tmp_path / "ci.json", json.dumps(rows, ensure_ascii=False))
    assert list(read_documents(path)) == ["氣和玉燭,\n睿化。", "嚴夜警,漏遲遲。"]
    lines = written(tmp_path / "a.jsonl", '{"text": "[not a list"}\n{"text": "[1, 2]"}\n')
    assert list(read_documents(lines)) == ["[not a list", "[1, 2]"]


def test_what_holds_no_text_is_refused(tmp_path):
    for content, words in (("", "empty"), (" \n\n", "empty"), (b"\x89PNG\r\n\x1a\n1234", "PNG")):
        with pytest.raises(StudioError, match=words):
            read_documents(written(tmp_path / "a.txt", content))
    with pytest.raises(StudioError, match="no such file"):
        read_documents(tmp_path / "none.txt")
    with pytest.raises(StudioError, match="No file is chosen"):
        read_documents("")
    with pytest.raises(StudioError, match="conll"):
        read_documents(written(tmp_path / "b.txt", "x"), format="conll")
    with pytest.raises(StudioError, match="not a folder"):
        read_documents(tmp_path / "b.txt", format="folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StudioError, match=r"no \.txt files"):
        read_documents(tmp_path / "folder")
    written(tmp_path / "folder" / "a.txt", "\n")
    with pytest.raises(StudioError, match="no text"):
        read_documents(tmp_path / "folder")
    with pytest.raises(StudioError, match="a folder, not a file"):
        read_documents(tmp_path / "folder", format="txt")


def test_odd_bytes_are_told(tmp_path):
    raw = b"good line\n" * 50 + b"bad \x93 byte\n" + "é\n".encode() * 3 + b"nul\0here\n"
    found = read_documents(written(tmp_path / "a.txt", raw))
    notes = [(note.text, note.line) for note in found.notes]
    assert notes[0] == ("a.txt holds bytes that are not valid UTF-8; they were read as Windows-1252.", 51)
    assert "One NUL byte" in notes[1][0]
    assert "nulhere" in found[0]


@pytest.mark.parametrize("stop_at", [1, 2, 4])
@pytest.mark.parametrize("kind", ["file", "folder", "table"])
def test_cancelling(tmp_path, kind, stop_at):
    if kind == "file":
        path = written(tmp_path / "a.txt", "some line\n" * 90_000)
    elif kind == "folder":
        path = tmp_path
        for number in range(301):
            written(tmp_path / f"{number}.txt", "x")
    else:
        path = written(tmp_path / "a.csv", "text\n" + "some text\n" * 50_000)
    seen = []

    def progress(fraction, words):
        seen.append(fraction)
        if len(seen) == stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_documents(path, cut="lines", progress=progress)
    assert seen == sorted(seen)


def test_texts_in_memory():
    found = Documents.of(["one", "two\n"])
    assert list(found) == ["one", "two\n"]
    assert found.characters.tolist() == [3, 4]


def test_the_real_poems(shared_data):
    found = read_documents(shared_data / "chinese_poetry" / "tang.train.txt", cut="paragraphs")
    assert len(found) == 1801
    assert len(read_documents(shared_data / "chinese_poetry" / "ci.song.0.json", column="paragraphs")) == 1000
