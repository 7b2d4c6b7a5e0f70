"""Search paths of the builder's machine, taken out of the libraries of a Linux bundle. Standard library only.

A RUNPATH that names a folder makes the loader look there first, on a computer where it is somebody else's. Layout of
the files: System V ABI, chapters 4 and 5 (64 bit, little-endian).
"""

from __future__ import annotations

import struct
from pathlib import Path

_LOAD, _DYNAMIC = 1, 2
_NULL, _STRINGS, _RPATH, _RUNPATH = 0, 5, 15, 29
_ENTRY = struct.Struct("<qQ")


def drop_search_paths(bundle: Path) -> list[Path]:
    """Take out those that do not begin at the library's own place; returns the files that had one."""
    return [file for file in sorted(bundle.rglob("*")) if file.is_file() and not file.is_symlink() and _drop(file)]


def search_paths(data: bytes) -> list[str]:
    """RPATH and RUNPATH of a library; empty when ``data`` is something else."""
    return [path for _, path in _paths(data)[1]]


def _drop(file: Path) -> bool:
    with file.open("rb") as stream:
        if stream.read(6) != b"\x7fELF\x02\x01":
            return False
    data = bytearray(file.read_bytes())
    entries, paths = _paths(data)
    foreign = {at for at, path in paths if not all(part.startswith("$ORIGIN") for part in path.split(":"))}
    if not foreign:
        return False
    start = entries[0][0]
    kept = [(tag, value) for at, tag, value in entries if at not in foreign]
    kept += [(_NULL, 0)] * len(foreign)
    for number, entry in enumerate(kept):
        _ENTRY.pack_into(data, start + number * _ENTRY.size, *entry)
    file.write_bytes(data)
    return True


def _paths(data: bytes | bytearray) -> tuple[list[tuple[int, int, int]], list[tuple[int, str]]]:
    """The dynamic entries (offset, tag, value), and offset and words of those that are search paths."""
    if data[:6] != b"\x7fELF\x02\x01":
        return [], []
    table, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQ", data, table + number * size) for number in range(count)]
    dynamic = next((header for header in headers if header[0] == _DYNAMIC), None)
    if dynamic is None:
        return [], []
    entries = []
    for at in range(dynamic[2], dynamic[2] + dynamic[5], _ENTRY.size):
        tag, value = _ENTRY.unpack_from(data, at)
        entries.append((at, tag, value))
        if tag == _NULL:
            break
    address = next((value for _, tag, value in entries if tag == _STRINGS), 0)
    strings = next((h[2] + address - h[3] for h in headers if h[0] == _LOAD and h[3] <= address < h[3] + h[5]), 0)
    found = []
    for at, tag, value in entries:
        if tag in (_RPATH, _RUNPATH):
            begin = strings + value
            found.append((at, bytes(data[begin : data.index(b"\0", begin)]).decode()))
    return entries, found
