"""Texts and tensors written whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from lstm_studio.config.atomic import replace_file


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
