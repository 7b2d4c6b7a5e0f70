"""Two files that belong together line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_studio.config import ClassificationData
from lstm_studio.data.guess import guess
from lstm_studio.data.readers_parallel import partner_like, partner_of
from lstm_studio.data.source import detect
from lstm_studio.data.table import open_for, open_table
from lstm_studio.errors import StudioError


@pytest.fixture
def slots(tmp_path: Path) -> Path:
    (tmp_path / "seq.in").write_text("fly to boston\nshow fares\n")
    (tmp_path / "seq.out").write_text("O O B-city\nO O\n")
    return tmp_path


def write(folder: Path, **texts: str) -> list[Path]:
    paths = [folder / name.replace("_", ".") for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_folder_or_its_file_opens(slots):
    for path in (slots, slots / "seq.in"):
        table = open_table(path)
        assert table.format.kind == "parallel"
        assert table.columns == ["words", "tags"]
        assert table.row(0) == ["fly to boston", "O O B-city"]
        assert table.line_number(1) == 2
        assert detect(path).kind == "parallel"
    assert open_table(slots / "seq.out").format.kind != "parallel"
    assert open_table(slots, format="parallel").num_rows == 2


def test_intents_beside_it(slots):
    (slots / "label").write_text("flight\nfare\n")
    table = open_table(slots)
    assert table.columns == ["words", "tags", "intent"]
    assert table.row(1) == ["show fares", "O O", "fare"]
    (slots / "label").write_text("flight\n")
    with pytest.raises(StudioError, match=r"label, line 1: The parallel files have different numbers of lines"):
        open_table(slots)


def test_the_hash_covers_every_file(slots):
    hashes = {open_table(slots).content_hash}
    (slots / "seq.out").write_text("O O B-town\nO O\n")
    hashes.add(open_table(slots).content_hash)
    (slots / "label").write_text("a\nb\n")
    hashes.add(open_table(slots).content_hash)
    (slots / "label").write_text("a\nc\n")
    hashes.add(open_table(slots).content_hash)
    assert len(hashes) == 4


def test_partners_by_name(slots, tmp_path):
    write(tmp_path, a_src="x\n", a_tgt="y\n", b_source="x\n", b_target="y\n", c_src="x\n")
    assert partner_of(slots) == slots / "seq.out"
    assert partner_of(slots / "seq.in") == slots / "seq.out"
    assert partner_of(tmp_path / "a.src") == tmp_path / "a.tgt"
    assert partner_of(tmp_path / "b.source") == tmp_path / "b.target"
    for name in ("c.src", "a.tgt", "seq.out", "none"):
        assert partner_of(tmp_path / name) is None
    assert open_table(tmp_path / "a.src").columns == ["source", "target"]


def test_a_partner_that_is_given(tmp_path):
    one, two, val, other = write(tmp_path, train_de="eins\nzwei\n", train_en="one\ntwo\n", val_de="x\n", val_en="y\n")
    table = open_table(one, parallel=two)
    assert table.columns == ["source", "target"]
    assert table.row(1) == ["zwei", "two"]
    assert partner_like(val, one, two) == other
    data = ClassificationData(path=str(one), parallel=str(two))
    assert open_for(data).row(0) == ["eins", "one"]
    assert open_for(data, str(val)).row(0) == ["x", "y"]
    other.unlink()
    with pytest.raises(StudioError, match="No second file"):
        open_for(data, str(val))
    two.rename(two := tmp_path / "train.english")
    with pytest.raises(StudioError, match="one and the same"):
        open_table(one, parallel=one)
    with pytest.raises(StudioError, match="format parallel only"):
        open_table(one, parallel=two, format="csv")
    with pytest.raises(StudioError, match="no such file"):
        open_table(one, parallel=tmp_path / "none.en")
    with pytest.raises(StudioError, match="no such file"):
        open_table(tmp_path / "none.de", format="parallel")
    with pytest.raises(StudioError, match="No second file"):
        open_table(one, format="parallel")


def test_the_other_language_is_found_by_its_name(tmp_path):
    write(tmp_path, train_de="eins\nzwei\n", train_en="one\ntwo\n", val_de="drei\n", val_en="three\n", notes_md="x\n")
    table = open_table(tmp_path / "train.de")
    assert (table.format.kind, table.columns, table.row(1)) == ("parallel", ["source", "target"], ["zwei", "two"])
    assert table.format.second == str(tmp_path / "train.en")
    assert table.format.why == ("Its lines belong to those of train.en.",)
    assert open_table(tmp_path / "train.en").row(0) == ["one", "eins"]
    data = ClassificationData(path=str(tmp_path / "train.de"), format="parallel")
    assert open_for(data, str(tmp_path / "val.de")).row(0) == ["drei", "three"]
    assert open_table(tmp_path / "train.de", format="txt").columns == ["text"]
    for name in ("notes.md", "train", "none.de"):
        assert partner_of(tmp_path / name) is None
    (tmp_path / "val.en").unlink()
    with pytest.raises(StudioError, match="No second file"):
        open_for(data, str(tmp_path / "val.de"))


def test_of_several_languages_one_must_be_named(tmp_path):
    write(tmp_path, train_de="1\n", train_en="one\n", train_fr="un\n", val_de="2\n", val_en="two\n", val_fr="deux\n")
    assert partner_of(tmp_path / "train.de") is None
    assert open_table(tmp_path / "train.de").columns == ["text"]
    data = ClassificationData(path=str(tmp_path / "train.de"), parallel=str(tmp_path / "train.fr"))
    assert open_for(data).row(0) == ["1", "un"]
    assert open_for(data, str(tmp_path / "val.de")).row(0) == ["2", "deux"]
    (tmp_path / "val.fr").unlink()  # val.en is another language, and not what belongs to it
    with pytest.raises(StudioError, match="No second file"):
        open_for(data, str(tmp_path / "val.de"))
    with pytest.raises(StudioError, match=r"one of train\.en, train\.fr"):
        guess(open_table(tmp_path / "train.de"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.deu", "a.eng"), ("a.de.txt", "a.en.txt"), ("a.zh-CN", "a.en"), ("corpus.de-en.de", "corpus.de-en.en")],
)
def test_endings_that_name_a_language(tmp_path, one, other):
    for name in (one, other):
        (tmp_path / name).write_text("x\n")
    assert partner_of(tmp_path / one) == tmp_path / other
    assert partner_of(tmp_path / other) == tmp_path / one


def test_a_folder_of_two_languages_opens(tmp_path):
    write(tmp_path, train_de="eins\n", train_en="one\n", val_de="zwei\n", val_en="two\n", SOURCE_txt="x\n")
    table = open_table(tmp_path)
    assert (table.format.kind, table.row(0)) == ("parallel", ["eins", "one"])
    for name in ("train.de", "train.en"):
        (tmp_path / name).unlink()
    assert open_table(tmp_path).row(0) == ["zwei", "two"]
    (tmp_path / "pos").mkdir()
    (tmp_path / "pos" / "1.txt").write_text("good")
    assert open_table(tmp_path).format.kind == "folder"


def test_partners_in_folders_of_their_own(tmp_path):
    for folder in ("de", "en"):
        (tmp_path / folder).mkdir()
        for name in ("train.txt", "val.txt"):
            (tmp_path / folder / name).write_text(f"{folder}\n")
    example = tmp_path / "de" / "train.txt", tmp_path / "en" / "train.txt"
    assert partner_like(tmp_path / "de" / "val.txt", *example) == tmp_path / "en" / "val.txt"
    assert partner_like(tmp_path / "de" / "test.txt", *example) is None


def test_different_numbers_of_lines(tmp_path):
    write(tmp_path, a_src="1\n2\n3\n", a_tgt="1\n2\n")
    with pytest.raises(StudioError) as error:
        open_table(tmp_path / "a.src")
    assert "a.tgt, line 2" in str(error.value)
    assert "a.src has 3 lines, a.tgt ends at line 2" in str(error.value)


def test_empty_lines(tmp_path):
    write(tmp_path, a_src="1\n\n\n4\n\n\n", a_tgt="a\nb\n\n d \n")
    table = open_table(tmp_path / "a.src")
    assert [table.row(row) for row in range(3)] == [["1", "a"], ["", "b"], ["4", "d"]]
    assert [table.line_number(row) for row in range(3)] == [1, 2, 4]
    assert [(note.severity, note.line) for note in table.notes] == [("warning", 2)]


def test_encodings_of_their_own(tmp_path):
    (tmp_path / "a.src").write_bytes("天气很好，我们去公园\n".encode("gb18030") * 30)
    (tmp_path / "a.tgt").write_text("café\n" * 30, encoding="utf-8")
    table = open_table(tmp_path / "a.src")
    assert table.row(0) == ["天气很好，我们去公园", "café"]
    assert table.format.encoding == ""


def test_a_folder_of_labels_stays_one(tmp_path):
    (tmp_path / "pos").mkdir()
    (tmp_path / "pos" / "1.txt").write_text("good")
    assert open_table(tmp_path).format.kind == "folder"
    with pytest.raises(StudioError, match=r"no seq\.in and seq\.out"):
        open_table(tmp_path, format="parallel")


def test_real_files(shared_data):
    table = open_table(shared_data / "atis" / "train")
    assert table.num_rows == 4478
    assert table.columns == ["words", "tags", "intent"]
    assert not table.notes
    table = open_table(shared_data / "multi30k" / "train.de", parallel=shared_data / "multi30k" / "train.en")
    assert table.num_rows == 29_000
    assert table.columns == ["source", "target"]
