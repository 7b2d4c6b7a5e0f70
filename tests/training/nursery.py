"""Run by test_kill: trains in children that can be killed, and starts each at once, for torch is loaded already.

Reads lines "CONFIG<tab>FOLDER<tab>new|resume"; answers with the child's process id, and later with its exit status.
Nothing may be computed before a fork: threads of torch do not survive it.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import torch  # noqa: F401 - each child would load it again

from lstm_studio.config import load
from lstm_studio.training.loop import train


def _child(config: str, folder: str, how: str) -> None:
    try:
        train(load(config), lambda event: None, folder=Path(folder), resume=how == "resume")
    except BaseException:  # noqa: BLE001 - nothing may come back from a child
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        order = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            _child(*order)
        _answer(child)
        _answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
