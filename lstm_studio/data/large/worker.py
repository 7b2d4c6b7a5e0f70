"""A process that cuts its share of the blocks of a table into tokens: ``python -m lstm_studio.data.large.worker FILE``.

It is a program of its own and not a child of ``multiprocessing``: it needs nothing of the program that starts it, which
may be a window, a notebook or a frozen bundle, and ends with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path

from lstm_studio.data.large.blocks import Block, Cutting
from lstm_studio.data.table import Stored


def block_file(folder: Path, number: int) -> Path:
    """Where the tokens of a block lie."""
    return folder / f"{number:06d}.npz"


def cut_blocks(stored: Stored, column: int, cutting: Cutting, folder: Path, first: int, step: int) -> None:
    """Cut every ``step``-th block from ``first`` on, but those that are there already."""
    cut = cutting.function()
    numbers = range(first, len(stored.ends), step)
    for number in numbers:
        path = block_file(folder, number)
        if path.exists():
            continue
        block = next(stored.blocks(number))
        Block.of(block.column(column).to_pylist(), cut).save(path)


def _end_with_parent() -> None:
    """Nobody reads what is made once the program that asked for it is gone: then its end of the pipe is closed."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(arguments: list[str]) -> int:
    """Do what a file says that ``cutting`` wrote."""
    told = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    _end_with_parent()
    for heavy in ("scipy", "sklearn", "matplotlib"):  # NLTK imports them where they are, to no use here
        sys.modules.setdefault(heavy, None)  # type: ignore[arg-type]
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)  # a window may want a core now and then
    stored = Stored(Path(told["table"]), "", ())
    cut_blocks(stored, told["column"], Cutting.of(told["cutting"]), Path(told["folder"]), told["first"], told["step"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
