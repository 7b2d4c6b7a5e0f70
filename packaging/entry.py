"""Where the frozen program starts."""

import multiprocessing
import os
import sys


def give_paths_back() -> None:
    """Let programs of the system that this one opens (a browser, a file manager) find their own libraries.

    The start-up program has put the bundle's folder before them. This process has read that already; another of the
    same program is told to set it anew, which it would leave to its parent otherwise.
    """
    if sys.platform.startswith("linux"):
        before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
        os.environ.pop("LD_LIBRARY_PATH", None)
        if before is not None:
            os.environ["LD_LIBRARY_PATH"] = before
        os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


if __name__ == "__main__":
    multiprocessing.freeze_support()
    give_paths_back()
    if sys.argv[1:2] == ["--cut-blocks"]:  # the program as a worker of its own
        from lstm_studio.data.large.worker import main

        sys.exit(main(sys.argv[2:]))
    from lstm_studio.cli.main import run

    run()
