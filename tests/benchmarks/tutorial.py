"""The network that tutorials build, and real sentences for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from figures import DATA

NETWORK = {"embedding_size": 100, "hidden_size": 128, "layers": 1, "bidirectional": False, "dropout": 0.5}
PLAIN = {"pooling": "last", "word_dropout": 0.0, "embedding_dropout": 0.0}
LENGTH, BATCH, RATE = 100, 32, 1e-3


def sentences(name: str, part: str, folder: Path) -> Path | None:
    """A table (text, label) of a part, "train" or "test", of sst2 or trec; None where it is absent."""
    if name == "sst2":
        source = DATA / "sst2" / f"{part}.tsv"
        pairs = [line.rsplit("\t", 1) for line in _lines(source)]
    else:
        source = DATA / "trec_qc" / f"{part}.txt"
        pairs = [[text, label.partition(":")[0]] for label, _, text in (line.partition(" ") for line in _lines(source))]
    if not pairs:
        return None
    path = folder / f"{name}-{part}.tsv"
    path.write_text("\n".join(["text\tlabel", *("\t".join(pair) for pair in pairs)]) + "\n", encoding="utf-8")
    return path


def settings(train: Path, test: Path | None = None, **more: Any) -> dict[str, Any]:
    """A configuration, in sections, of that network; ``more`` as "section.field": value."""
    told: dict[str, Any] = {
        "task": "classification",
        "data": {"path": str(train), "format": "tsv", "header": True, "quoting": False, "text": "text"},
        "model": {"cell": "lstm", "peephole": "diagonal", **NETWORK, **PLAIN},
        "training": {
            "batch_size": BATCH,
            "optimizer": "adam",
            "learning_rate": RATE,
            "schedule": "constant",
            "clip_norm": 0.0,
            "device": "cpu",
            "keep_epochs": "none",
        },
    }
    told["data"] |= {"label": "label", "max_length": LENGTH, "tokenizer": "whitespace", "min_count": 1}
    if test is not None:
        told["data"]["validation"] = str(test)
    for name, value in more.items():
        section, _, field = name.partition(".")
        told[section][field] = value
    return told


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_bytes().decode("utf-8", "replace").splitlines() if line]
    except OSError:
        return []
