"""From tokens of blocks to ids on disk: the vocabulary of the training rows, then the ids of each part, in one pass."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

import numpy as np

from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.large.blocks import Block
from lstm_studio.data.large.cutting import Tokens
from lstm_studio.data.large.rows import LargeRows
from lstm_studio.data.progress import Progress
from lstm_studio.data.vocabulary import Vocabulary

MOST_TOKENS = 4_000_000
"""Different tokens that are counted at a time; those seen once by then are forgotten."""

Parts = Mapping[str, tuple[Tokens, LargeRows]]


def encode(
    parts: Parts,
    targets: Mapping[str, np.ndarray],
    most: int,
    cut: str,
    vocabulary_of: Callable[[dict[str, int]], Vocabulary],
    progress: Progress,
) -> tuple[dict[str, EncodedTexts], Vocabulary]:
    """Ids of each part, mapped from disk.

    Args:
        parts: "train" and others: tokens of a table, and which of its rows belong to the part.
        targets: Class of each row of each part: int32 [N].
        most: Tokens that are read of a text.
        cut: Which end is cut off when there are more: "end" or "start".
        vocabulary_of: The vocabulary for how often each token occurs in the training part.
        progress: May raise ``Cancelled``.
    """
    folder = parts["train"][0].folder
    counts: dict[str, int] = {}
    totals = dict.fromkeys(parts, 0)
    for share, name, block, texts in _texts(parts):
        progress(0.4 * share, "Counting tokens")
        ids, _ = block.taken(texts, most, cut)
        totals[name] += len(ids)
        if name == "train":
            found = np.bincount(ids, minlength=len(block.names)).tolist()
            for token, count in zip(block.names, found, strict=True):
                if count:
                    counts[token] = counts.get(token, 0) + count
            if len(counts) > MOST_TOKENS:
                counts = {token: count for token, count in counts.items() if count > 1}
    vocabulary = vocabulary_of(counts)
    del counts
    work = Work(folder)
    _write(parts, totals, targets, most, cut, vocabulary, work.folder, progress)
    found = {name: EncodedTexts.load(work.folder / name) for name in parts}
    for part in found.values():
        part.texts = work
    return found, vocabulary


class Work:
    """A folder that goes when nobody holds this any more; what is linked elsewhere stays."""

    def __init__(self, place: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=".ids-", dir=place))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def _texts(parts: Parts) -> Iterator[tuple[float, str, Block, np.ndarray]]:
    """How far it is, a part, a block of its table and its texts there; parts of one table share the block."""
    tables = {id(tokens): tokens for tokens, _ in parts.values()}
    whole = sum(tokens.table.num_rows for tokens in tables.values())
    before = 0
    for one, tokens in tables.items():
        start = 0
        own = [(name, rows) for name, (other, rows) in parts.items() if id(other) == one]
        for block in tokens.blocks():
            stop = start + len(block.ends) - 1
            for name, part in own:
                first, last = np.searchsorted(part.rows, (start, stop))
                yield (before + stop) / max(1, whole), name, block, part.rows[first:last] - start
            start = stop
        before += tokens.table.num_rows


def _write(
    parts: Parts,
    totals: Mapping[str, int],
    targets: Mapping[str, np.ndarray],
    most: int,
    cut: str,
    vocabulary: Vocabulary,
    folder: Path,
    progress: Progress,
) -> None:
    """The files that ``EncodedTexts.load`` maps."""
    lengths: dict[str, list[np.ndarray]] = {name: [np.zeros(1, np.int64)] for name in parts}
    files: dict[str, IO[bytes]] = {}
    try:
        for name, total in totals.items():
            (folder / name).mkdir()
            files[name] = file = (folder / name / "ids.npy").open("wb")
            header = {"descr": "<i4", "fortran_order": False, "shape": (total,)}
            np.lib.format.write_array_header_1_0(file, header)
        seen, exchange = None, np.zeros(0, np.int32)
        for share, name, block, texts in _texts(parts):
            progress(0.4 + 0.6 * share, "Writing the ids")
            if block is not seen:
                seen, exchange = block, vocabulary.encode(block.names)
            ids, sizes = block.taken(texts, most, cut)
            files[name].write(exchange[ids].astype("<i4", copy=False).tobytes())
            lengths[name].append(sizes)
    finally:
        for opened in files.values():
            opened.close()
    for name in parts:
        np.save(folder / name / "offsets.npy", np.cumsum(np.concatenate(lengths[name])), allow_pickle=False)
        np.save(folder / name / "labels.npy", np.asarray(targets[name], np.int32), allow_pickle=False)
