"""Run by test_parallel: trains in several children that find each other, and starts them at once, for torch is loaded
already.

Reads lines of JSON {"jobs": [[CONFIG, FOLDER, resume], ...], "size", "die"}; answers with the children's exit statuses.
Nothing may
be computed before a fork: threads of torch do not survive it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

import torch  # noqa: F401 - each child would load it again

from lstm_studio.config import RunConfig, load
from lstm_studio.training.events import StepEnded
from lstm_studio.training.loop import train
from lstm_studio.training.parallel import World
from lstm_studio.training.place import Place
from tests.training.steering import quiet


def _child(rank: int, port: int, order: dict) -> None:
    size = order["size"]
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(size), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))

    def listening(event: object) -> None:
        if isinstance(event, StepEnded) and event.step == order["die"]:
            os.kill(os.getpid(), signal.SIGKILL)

    dies = order["die"] is not None and rank == size - 1
    try:
        world = World(Place(rank, size, rank, size)) if size > 1 else None
        for file, folder, resume in order["jobs"]:
            config = load(file) if rank == 0 else RunConfig()
            sink = listening if dies else quiet
            train(config, sink, folder=Path(folder) if rank == 0 else None, resume=resume and rank == 0, world=world)
    except BaseException:  # noqa: BLE001 - nothing may come back from a child
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Serve until the input ends."""
    for heavy in ("scipy", "sklearn", "matplotlib"):  # NLTK imports them where they are, to no use here
        sys.modules.setdefault(heavy, None)
    for line in sys.stdin:
        order = json.loads(line)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        children = []
        for rank in range(order["size"]):
            child = os.fork()
            if child == 0:
                _child(rank, port, order)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(json.dumps(codes) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
