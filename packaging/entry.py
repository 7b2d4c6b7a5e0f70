"""Where the frozen program starts."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--cut-blocks"]:  # the program as a worker of its own
        from lstm_studio.data.large.worker import main

        sys.exit(main(sys.argv[2:]))
    from lstm_studio.cli.main import run

    run()
