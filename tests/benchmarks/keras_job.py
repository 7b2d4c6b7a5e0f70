"""The tutorial's network in Keras 3, as its users write it; run by bench_job in an environment of its own.

Texts to numbers, padded in front to 100, Embedding(mask_zero) - LSTM - Dropout - Dense; KERAS_BACKEND says on what.
Prints one JSON line: seconds of the imports, of the preparation and of each epoch; test accuracy after each, and
how long after the process was started it was known.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any


def read(path: Path) -> tuple[list[list[str]], list[int]]:
    """Words and labels of a table with a header."""
    rows = [line.rsplit("\t", 1) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [text.lower().split() for text, _ in rows], [int(label) for _, label in rows]


def limit(threads: int) -> None:
    """Before anything is imported that makes threads."""
    os.environ |= {"OMP_NUM_THREADS": str(threads), "TF_NUM_INTRAOP_THREADS": str(threads)}
    os.environ |= {"TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def network(keras: Any, words: int, chosen: argparse.Namespace) -> Any:
    """Compiled, with Adam."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((chosen.length,), dtype="int32"),
            layers.Embedding(words, 100, mask_zero=not chosen.no_mask),
            layers.LSTM(128, unroll=chosen.unroll),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    jit: Any = {"auto": "auto", "yes": True, "no": False}[chosen.jit]
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"], jit_compile=jit)
    return model


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--began", type=float, required=True, help="time.monotonic() when the process was started")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batches", type=int, default=0, help="of an epoch; 0 for all")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--length", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jit", choices=["auto", "yes", "no"], default="auto")
    parser.add_argument("--unroll", action="store_true")
    parser.add_argument("--no-mask", action="store_true")
    chosen = parser.parse_args()
    limit(chosen.threads)
    began = time.monotonic()
    import keras
    import numpy as np

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(chosen.threads)
    imported = time.monotonic()
    keras.utils.set_random_seed(chosen.seed)
    texts, labels = read(chosen.train)
    number = {word: place for place, (word, _) in enumerate(Counter(w for t in texts for w in t).most_common(), 2)}
    tests, test_labels = read(chosen.test)

    def padded(found: list[list[str]]) -> Any:
        return keras.utils.pad_sequences([[number.get(word, 1) for word in text] for text in found], chosen.length)

    x, y, x_test, y_test = padded(texts), np.array(labels), padded(tests), np.array(test_labels)
    if chosen.batches:
        x, y = x[: 32 * chosen.batches], y[: 32 * chosen.batches]
    model = network(keras, len(number) + 2, chosen)
    told: dict[str, Any] = {"imports": imported - began, "preparation": time.monotonic() - imported}
    told |= {"seconds": [], "accuracy": [], "known": [], "batches": -(-len(x) // 32), "keras": keras.__version__}
    for _ in range(chosen.epochs):
        start = time.monotonic()
        model.fit(x, y, batch_size=32, epochs=1, verbose=0)
        told["seconds"].append(time.monotonic() - start)
        if not chosen.batches:
            told["accuracy"].append(float(model.evaluate(x_test, y_test, batch_size=128, verbose=0)[1]))
            told["known"].append(time.monotonic() - chosen.began)
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
