"""Files that are complete or untouched, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Have ``write`` fill a file beside ``path``, make it safe on the disk, and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        write(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Replace a text file."""

    def write(beside: Path) -> None:
        beside.write_text(text, encoding="utf-8", newline="\n")

    replace_file(path, write)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Replace a safetensors file; the tensors are taken to the CPU.

    Raises:
        OSError: it cannot be written; the old file is still there.
    """
    plain = {name: tensor.detach().to("cpu").contiguous() for name, tensor in tensors.items()}

    def write(beside: Path) -> None:
        try:
            save_file(plain, beside, metadata)
        except SafetensorError as error:  # a full disk comes as this
            raise OSError(errno.EIO, str(error), str(path)) from None

    replace_file(path, write)


def clear_parts(folder: Path) -> None:
    """Remove what a killed writer left behind."""
    for leftover in folder.glob(".*.part"):
        leftover.unlink(missing_ok=True)
