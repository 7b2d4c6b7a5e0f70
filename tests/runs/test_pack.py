"""Runs as one file: there and back, and files that mean harm."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.errors import Cancelled, StudioError
from lstm_studio.runs import pack_rules
from lstm_studio.runs.folder import RunFolder
from lstm_studio.runs.pack import is_packed, pack_run
from lstm_studio.runs.pack_rules import MANIFEST
from lstm_studio.runs.predictor import Predictor
from lstm_studio.runs.store import RunStore
from lstm_studio.runs.unpack import unpack_run
from tests.runs import untrained


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return untrained.make(tmp_path_factory.mktemp("made") / "films-1")


@pytest.fixture(scope="module")
def packed(run, tmp_path_factory) -> Path:
    return pack_run(run, tmp_path_factory.mktemp("packed") / "films.zip")


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_there_and_back(run, packed, store):
    path = unpack_run(packed, store)
    text = "the film was not bad"
    assert Predictor(path).predict([text])[0].probabilities == Predictor(run).predict([text])[0].probabilities
    assert RunFolder(path).name == "films 1"
    assert not (path / "checkpoint").exists()
    assert str(run) not in (path / "model_card.md").read_text(encoding="utf-8")
    assert f'predict "{path}"' in (path / "model_card.md").read_text(encoding="utf-8")
    again = unpack_run(packed, store)
    assert RunFolder(again).name == "films 1 (2)"
    assert {summary.path for summary in store.list()} == {path, again}
    assert [entry.name for entry in store.folder.iterdir() if entry.name.startswith(".")] == []


def test_the_same_run_makes_the_same_file(run, packed, tmp_path):
    assert pack_run(run, tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_everything_goes_along_when_asked_for(run, tmp_path):
    whole = pack_run(run, tmp_path / "whole.zip", everything=True)
    assert is_packed(whole)
    path = unpack_run(whole, out=tmp_path / "here")
    assert path == tmp_path / "here"
    assert RunFolder(path).epochs == (1,)
    assert RunFolder(path).has_checkpoint
    with pytest.raises(StudioError, match="not empty"):
        unpack_run(whole, out=path)


def test_cancelled_halfway_leaves_nothing(run, packed, store, tmp_path):
    def stop(share, words):
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        unpack_run(packed, store, progress=stop)
    with pytest.raises(Cancelled):
        pack_run(run, tmp_path / "out" / "films.zip", progress=stop)
    assert not list(store.folder.iterdir())
    assert not list((tmp_path / "out").iterdir())


def test_addresses_of_other_computers_leave_the_settings(store, tmp_path):
    made = untrained.make(tmp_path / "made", data="//evil.example/share/films.csv")
    path = unpack_run(pack_run(made, tmp_path / "films.zip"), store)
    assert RunFolder(path).config.data.path == "films.csv"


# -- harm ----------------------------------------------------------------------------------------------------


class Box:
    """A packed run taken apart, to be put together otherwise."""

    def __init__(self, packed: Path) -> None:
        with zipfile.ZipFile(packed) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}
            self.manifest = json.loads(archive.read(MANIFEST))
        self.lies: dict[str, bytes] = {}
        """What the manifest says is in a file, where that is something else."""
        self.more: list[tuple[zipfile.ZipInfo, bytes]] = []

    def write(self, path: Path, change=lambda content: content) -> Path:
        listed = []
        for name, content in self.files.items():
            told = self.lies.get(name, content)
            listed.append({"path": name, "bytes": len(told), "sha256": hashlib.sha256(told).hexdigest()})
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                archive.writestr(name, content)
            for entry, content in self.more:
                archive.writestr(entry, content)
            archive.writestr(MANIFEST, json.dumps({**self.manifest, "files": listed}))
        path.write_bytes(change(stream.getvalue()))
        return path


def named(box: Box, name: str) -> None:
    box.files[name] = b"{}"


def link(box: Box) -> None:
    entry = zipfile.ZipInfo("results.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    del box.files["results.json"]
    box.more.append((entry, b"/etc/passwd"))


def twice(box: Box, name: str) -> None:
    box.more.append((zipfile.ZipInfo(name), b"{}"))


def bomb(box: Box) -> None:
    box.files["metrics.jsonl"] = b"{" + b" " * 20_000_000


def many(box: Box) -> None:
    for number in range(pack_rules.MOST_FILES):
        box.files[f"epochs/{number:05d}.safetensors"] = b""


def hidden_pickle(box: Box) -> None:
    box.files["model.safetensors"] = pickle.dumps({"weights": [1, 2, 3]})


def objects(box: Box) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], object), allow_pickle=True)
    box.files["training_text/ids.npy"] = stream.getvalue()


def deep(box: Box) -> None:
    box.files["results.json"] = b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"


def changed(box: Box) -> None:
    content = box.files["vocabulary.json"]
    box.lies["vocabulary.json"] = content.replace(b"good", b"evil")


def longer(box: Box) -> None:
    box.lies["results.json"] = box.files["results.json"][:-1]


def other_network(box: Box) -> None:
    box.files["config.toml"] = box.files["config.toml"].replace(b"hidden_size = 6", b"hidden_size = 7")


def broken_toml(box: Box) -> None:
    box.files["config.toml"] = b"data = = 1"


def without_weights(box: Box) -> None:
    del box.files["model.safetensors"]


def later_version(box: Box) -> None:
    box.manifest["format"] = 2


HARM = [
    (lambda box: named(box, "../evil.json"), "outside"),
    (lambda box: named(box, "/etc/evil.json"), "outside"),
    (lambda box: named(box, "C:evil.json"), "outside"),
    (lambda box: named(box, "epochs\\..\\..\\evil.json"), "outside"),
    (lambda box: named(box, "evil.py"), "No run has a file called"),
    (lambda box: named(box, "epochs/evil.pt"), "No run has a file called"),
    (lambda box: named(box, "epochs/"), "folder"),
    (link, "link"),
    (lambda box: twice(box, "results.json"), "twice"),
    (lambda box: twice(box, "Results.json"), "twice"),
    (lambda box: twice(box, "epochs/002.safetensors"), "not on its list"),
    (bomb, "grow more than"),
    (many, "far more files"),
    (hidden_pickle, "model.safetensors is not what its name says"),
    (objects, "ids.npy is not what its name says"),
    (deep, "results.json is not what its name says"),
    (broken_toml, "config.toml is not what its name says"),
    (changed, "changed after it was packed"),
    (longer, "not as large"),
    (other_network, "cannot be used"),
    (without_weights, "needs model.safetensors"),
    (later_version, "another version"),
]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("harm", "said"), HARM, ids=[f"{n}-{said[:20]}" for n, (_, said) in enumerate(HARM)])
def test_harm_is_refused_and_leaves_nothing(harm, said, packed, store, tmp_path):
    box = Box(packed)
    harm(box)
    _refused(box.write(tmp_path / "harm.zip"), said, store)


def _refused(path: Path, said: str, store: RunStore) -> None:
    with pytest.raises(StudioError, match=said) as told:
        unpack_run(path, store)
    assert "Traceback" not in str(told.value)
    assert not store.folder.exists() or not list(store.folder.iterdir())


def _central(content: bytes, name: bytes) -> int:
    """Where the list of files speaks of a file."""
    return content.rindex(name) - 46


def _put(content: bytes, at: int, value: int, form: str = "<L") -> bytes:
    return content[:at] + struct.pack(form, value) + content[at + struct.calcsize(form) :]


def test_what_the_list_of_files_says_is_not_believed(packed, store, tmp_path):
    box = Box(packed)
    whole = box.write(tmp_path / "whole.zip").read_bytes()
    size = len(box.files["results.json"])
    at = _central(whole, b"results.json")
    lies = {
        "shorter than it is": (_put(whole, at + 24, size - 1), "not as large"),
        "encrypted": (_put(whole, at + 8, 1, "<H"), "encrypted"),
        "another method": (_put(whole, at + 10, 14, "<H"), "squeezed"),
        "huge": (_put(whole, at + 24, 0x7FFFFFFF), "larger than such a file"),
        "overlapping": (_put(whole, at + 42, 0), "overlaps|damaged"),
        "a long list": (_put(whole, len(whole) - 10, 0x7FFFFFFF), "far more files"),
        "cut short": (whole[:-30], "cut short"),
        "no ZIP": (b"no zip at all" * 20, "no packed run"),
        "empty": (b"", "no packed run"),
    }
    for name, (content, said) in lies.items():
        path = tmp_path / f"{name}.zip"
        path.write_bytes(content)
        _refused(path, said, store)
    box.lies["results.json"] = box.files["results.json"][:-1]
    path = tmp_path / "both lists lie.zip"
    box.write(path, lambda content: _put(content, _central(content, b"results.json") + 24, size - 1))
    _refused(path, "damaged", store)


def test_other_files_are_told_apart(store, tmp_path):
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("results.json", "{}")
    assert not is_packed(other)
    _refused(other, "no packed run", store)
    _refused(tmp_path / "missing.zip", "no such file", store)
    with pytest.raises(StudioError, match=r"ends in \.zip"):
        pack_run(tmp_path, tmp_path / "x.tar")


def test_the_card_tells_licence_and_ways_out(run):
    from lstm_studio.runs.card import model_card, with_folder

    folder = RunFolder(run)
    card = model_card(folder.config, folder.info, run)
    assert "trained with LSTM Studio 0.1 on 2026-01-02" in card
    assert "## Licence" in card
    assert f'export "{run}" network.onnx' in card
    moved = with_folder(card, Path("/new/place"))
    assert str(run) not in moved
    assert "Predictor('/new/place')" in moved
    corpus = folder.config.replace(**{"data.path": "nltk:movie_reviews"})
    assert "(`nltk:movie_reviews`):" in model_card(corpus, folder.info, run)
