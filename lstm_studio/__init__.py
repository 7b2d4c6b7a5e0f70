"""LSTM Studio: load text, train an LSTM, watch its gates, understand it, use it.

>>> from lstm_studio import Predictor
>>> Predictor("runs/reviews").predict(["not a good film"])
"""

import os
from typing import TYPE_CHECKING, Any

from lstm_studio.version import __version__

if TYPE_CHECKING:
    from lstm_studio.runs.predictor import Predictor

# Before torch is loaded: its threads, once idle, should spin for microseconds only. Left alone they do so for
# milliseconds, and take the core from the threads that share out the rows of a layer, and from the window.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__all__ = ["Predictor", "__version__"]


def __getattr__(name: str) -> Any:
    # Lazy: importing the package must not import torch, or the window would open late.
    if name == "Predictor":
        from lstm_studio.runs.predictor import Predictor

        return Predictor
    raise AttributeError(f"module 'lstm_studio' has no attribute {name!r}")
