"""Encoded texts on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.errors import StudioError


def make(labels: bool = True) -> EncodedTexts:
    return EncodedTexts(
        np.array([5, 6, 7, 8, 9], np.int32),
        np.array([0, 2, 2, 5], np.int64),
        np.array([0, 1, 1], np.int32) if labels else None,
    )


def test_texts_and_lengths() -> None:
    texts = make()
    assert len(texts) == 3
    assert [text.tolist() for text in texts] == [[5, 6], [], [7, 8, 9]]
    assert texts[-1].tolist() == [7, 8, 9]
    assert texts.lengths.tolist() == [2, 0, 3]
    with pytest.raises(IndexError):
        texts[3]


@pytest.mark.parametrize("labels", [True, False])
def test_save_and_load(tmp_path: Path, labels: bool) -> None:
    made = make(labels)
    made.save(tmp_path / "train")
    loaded = EncodedTexts.load(tmp_path / "train")
    assert isinstance(loaded.ids, np.memmap)
    assert not loaded.ids.flags.writeable
    assert np.array_equal(loaded.ids, made.ids)
    assert np.array_equal(loaded.offsets, made.offsets)
    assert (loaded.labels is None) == (made.labels is None)
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_saving_again_replaces_everything(tmp_path: Path) -> None:
    make().save(tmp_path / "train")
    make(labels=False).save(tmp_path / "train")
    assert EncodedTexts.load(tmp_path / "train").labels is None
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_no_texts_at_all(tmp_path: Path) -> None:
    EncodedTexts(np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int32)).save(tmp_path / "none")
    assert len(EncodedTexts.load(tmp_path / "none")) == 0


def test_padding_that_is_read() -> None:
    padded = make().padded(4)
    assert padded.lengths.tolist() == [4, 4, 4]
    assert padded[0].tolist() == [5, 6, 0, 0]
    assert padded.token_lengths.tolist() == [2, 0, 3]
    with pytest.raises(StudioError, match="longer than the 2"):
        make().padded(2)


def test_damage_is_told(tmp_path: Path) -> None:
    folder = make().save(tmp_path / "train")
    whole = (folder / "ids.npy").read_bytes()
    for damaged in (b"", whole[:-4], b"garbage" * 20, whole[:40]):
        (folder / "ids.npy").write_bytes(damaged)
        with pytest.raises(StudioError, match="train"):
            EncodedTexts.load(folder)
    (folder / "ids.npy").write_bytes(whole)
    np.save(folder / "offsets.npy", np.array([0, 3, 2, 5], np.int64))
    with pytest.raises(StudioError, match="damaged"):
        EncodedTexts.load(folder)
    np.save(folder / "offsets.npy", np.array([0.0, 2, 2, 5]))
    with pytest.raises(StudioError, match="int64"):
        EncodedTexts.load(folder)
    (folder / "offsets.npy").unlink()
    with pytest.raises(StudioError, match="cannot be read"):
        EncodedTexts.load(folder)


def test_numbers_that_mean_nothing_are_found() -> None:
    make().check_ranges(10, 2)
    with pytest.raises(StudioError):
        make().check_ranges(9, 2)
    with pytest.raises(StudioError):
        make().check_ranges(10, 1)
