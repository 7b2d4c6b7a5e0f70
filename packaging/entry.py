"""Where the frozen program starts."""

import multiprocessing

from lstm_studio.cli.main import run

if __name__ == "__main__":
    multiprocessing.freeze_support()
    run()
