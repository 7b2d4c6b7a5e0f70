"""``python -m lstm_studio`` is ``lstm-studio``."""

from lstm_studio.cli.main import run

if __name__ == "__main__":
    run()
