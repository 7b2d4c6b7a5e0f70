"""What may stand in a packed run, and whether a file is what its name says. Nothing here is believed of a file that
somebody else has made."""

from __future__ import annotations

import json
import re
import stat
import struct
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open

from lstm_studio.errors import StudioError
from lstm_studio.runs.folder import CARD, CHECKPOINT, CONFIG, EPOCHS, INFO, METRICS, RESULTS, VOCABULARY, WEIGHTS

MANIFEST, FORMAT = "lstm-studio-run.json", 1
AT_ONCE = 1 << 20
MB = 1_000_000
MOST_FILES = 5_000
MOST_BYTES = 64_000 * MB
MOST_MANIFEST = 2 * MB
MOST_DIRECTORY = 2 * MB
"""Bytes of the ZIP's own list of files, which Python reads whole."""
MOST_RATIO, RATIO_FROM = 200, 10 * MB
"""Nothing larger may have been squeezed to less than this part of it: JSON comes to a tenth, a bomb to a thousandth."""
_DEEP = 100


class Kind(NamedTuple):
    """A kind of file: most bytes, and a look at whether it is one; ``check`` raises ValueError."""

    most: int
    check: Callable[[Path], None]


def kind_of(name: str) -> Kind | None:
    """The kind of a file by its name in the run folder; None for one that no run has."""
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(name)), None)


def folder_of(name: str) -> str:
    """The folder inside the run folder that a file lies in; "" for none."""
    return name.rpartition("/")[0]


# -- the archive ---------------------------------------------------------------------------------------------


def check_directory(file: IO[bytes], where: Path) -> None:
    """Look at the end of a ZIP before anything reads its list of files.

    Raises:
        StudioError: it does not end as one, or its list is too long.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 98))
    tail = file.read(98)
    file.seek(0)
    end = tail[-22:]
    if len(end) < 22 or not end.startswith(b"PK\5\6") or end[-2:] != b"\0\0":
        raise StudioError(
            "This is no packed run, or it was cut short", where=where, todo="Pack the run again, or copy the file again"
        )
    length = struct.unpack("<L", end[12:16])[0]
    if tail[-42:-38] == b"PK\6\7" and tail[-98:-94] == b"PK\6\6":
        length = max(length if length != 0xFFFFFFFF else 0, struct.unpack("<Q", tail[-58:-50])[0])
    if length > MOST_DIRECTORY:
        raise _refused(where, "It lists far more files than a run has")


def check_entries(entries: Sequence[zipfile.ZipInfo], where: Path) -> None:
    """Look at what a ZIP says it holds, before anything is unpacked.

    Raises:
        StudioError: says what is wrong with it.
    """
    if len(entries) > MOST_FILES:
        raise _refused(where, "It holds far more files than a run has")
    seen: set[str] = set()
    total, end = 0, 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        name = entry.orig_filename
        _check_name(name, where)
        if name.casefold() in seen:
            raise _refused(where, f"It holds {name} twice, or two names that some systems take for one")
        seen.add(name.casefold())
        mode = entry.external_attr >> 16
        if entry.is_dir() or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
            raise _refused(where, f"{name} is a link or a folder, not a file")
        kind = Kind(MOST_MANIFEST, _json) if name == MANIFEST else kind_of(name)
        if kind is None:
            raise _refused(where, f"No run has a file called {name}")
        if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(where, f"{name} is encrypted or squeezed in a way that runs are not")
        if entry.file_size > kind.most:
            raise _refused(where, f"{name} would be larger than such a file can be")
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
            raise _refused(where, f"{name} would grow more than {MOST_RATIO} times when it is unpacked")
        if entry.header_offset < end:
            raise _refused(where, f"{name} overlaps the file before it")
        end = entry.header_offset + 30 + len(name.encode()) + entry.compress_size
        total += entry.file_size
    if total > MOST_BYTES:
        raise _refused(where, "It would be larger than any run when it is unpacked")


def read_manifest(text: bytes, where: Path) -> tuple[str, dict[str, tuple[int, str]]]:
    """The run's name, and size and SHA-256 sum of each file.

    Raises:
        StudioError: it is damaged or of another version.
    """
    try:
        values = json.loads(text)
        if not isinstance(values, dict) or not isinstance(values["format"], int):
            raise ValueError("it says nothing of its format")
        if values["format"] != FORMAT:
            raise StudioError(
                "The run was packed by another version of LSTM Studio", where=where, todo="Update LSTM Studio"
            )
        files: dict[str, tuple[int, str]] = {}
        for item in values["files"]:
            name, size, summed = item["path"], item["bytes"], item["sha256"]
            if not (isinstance(name, str) and type(size) is int and isinstance(summed, str)) or name in files:
                raise ValueError("its list of files is damaged")
            files[name] = size, summed
        return str(values.get("name", "")), files
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StudioError(
            "The list of files in the packed run is damaged", where=where, why=str(error), todo="Pack the run again"
        ) from None


def check_listed(entries: Sequence[zipfile.ZipInfo], listed: dict[str, tuple[int, str]], where: Path) -> None:
    """Whether a ZIP holds what its manifest lists, no more and no less.

    Raises:
        StudioError: says what is missing or too much.
    """
    held = {entry.filename: entry.file_size for entry in entries if entry.filename != MANIFEST}
    if extra := sorted(held.keys() - listed.keys()):
        raise _refused(where, f"{extra[0]} is not on its list of files")
    if missing := sorted(listed.keys() - held.keys()):
        raise _refused(where, f"{missing[0]} is on its list of files but is not there")
    for name in (CONFIG, VOCABULARY, WEIGHTS):
        if name not in held:
            raise _refused(where, f"A run needs {name}, which is missing")
    if wrong := next((name for name, size in held.items() if listed[name][0] != size), None):
        raise _refused(where, f"{wrong} is not as large as its list of files says")


def check_content(path: Path, name: str, where: Path) -> None:
    """Whether an unpacked file is what its name says: the formats of runs hold data alone, nothing that is run.

    Raises:
        StudioError: it is something else.
    """
    kind = kind_of(name)
    assert kind is not None
    try:
        kind.check(path)
    except (ValueError, RecursionError, SafetensorError, OSError, KeyError, MemoryError) as error:
        why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise StudioError(
            "The packed run was not opened", where=where, why=f"{name} is not what its name says: {why}"
        ) from None


def _check_name(name: str, where: Path) -> None:
    parts = re.split(r"[\\/]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts or "\0" in name:
        raise _refused(where, f"{name!r} would lie outside of the run's folder")


def _refused(where: Path, why: str) -> StudioError:
    return StudioError(
        "The packed run was not opened",
        where=where,
        why=why,
        todo="Ask who sent it to pack it again",
    )


# -- formats -------------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    text = path.read_bytes().decode("utf-8")
    if "\0" in text:
        raise ValueError("it is no text")
    return text


def _json(path: Path) -> None:
    values = json.loads(_text(path))
    if not isinstance(values, dict):
        raise ValueError("it is no JSON object")
    _shallow(values)


def _shallow(values: object) -> None:
    """Refuse what is nested deeper than anything that is written here."""
    level: list[object] = [values]
    for _ in range(_DEEP):
        inside = [part for one in level for part in (one.values() if isinstance(one, dict) else one)]  # type: ignore[attr-defined]
        level = [part for part in inside if isinstance(part, (dict, list))]
        if not level:
            return
    raise ValueError("it is nested too deeply")


def _lines(path: Path) -> None:
    with path.open("rb") as file:
        while line := file.readline(64 * MB):
            # The last line of a run that was killed may be half a line.
            if not line.startswith(b"{") or b"\0" in line or (len(line) == 64 * MB and not line.endswith(b"\n")):
                raise ValueError("its lines are no JSON objects")


def _toml(path: Path) -> None:
    tomllib.loads(_text(path))


def _markdown(path: Path) -> None:
    _text(path)


def _tensors(path: Path) -> None:
    with safe_open(path, "np") as file:
        file.keys()


def _array(path: Path) -> None:
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in readers:
            raise ValueError("it is no array of numbers")
        shape, _, kind = readers[version](file)
        if kind.hasobject or kind.kind not in "iu" or len(shape) != 1:
            raise ValueError("it is no list of whole numbers")
        if path.stat().st_size - file.tell() != shape[0] * kind.itemsize:
            raise ValueError("it is not as long as it says")


_KINDS: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(pattern), Kind(most, check))
    for pattern, most, check in (
        (re.escape(CONFIG), MB, _toml),
        (re.escape(INFO), 4 * MB, _json),
        (re.escape(VOCABULARY), 200 * MB, _json),
        (re.escape(WEIGHTS), 16_000 * MB, _tensors),
        (re.escape(METRICS), 4_000 * MB, _lines),
        (re.escape(RESULTS), 200 * MB, _json),
        (re.escape(CARD), 4 * MB, _markdown),
        (rf"{CHECKPOINT}/state\.safetensors", 48_000 * MB, _tensors),
        (rf"{EPOCHS}/[0-9]{{3,6}}\.safetensors", 16_000 * MB, _tensors),
        (r"training_text/(?:ids|repeats|repeats_of)\.npy", 16_000 * MB, _array),
    )
)
