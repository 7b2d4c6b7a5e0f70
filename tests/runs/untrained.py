"""A whole run folder around a network that has learned nothing: made in milliseconds."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from lstm_studio.config import parse, save
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.runs.folder import CARD, CONFIG, INFO, METRICS, RESULTS, VOCABULARY, WEIGHTS, RunInfo
from lstm_studio.tasks import registry
from lstm_studio.tasks.classification import ClassificationMeta

WORDS = "the film was not good bad today , 好 很".split()


def make(folder: Path, name: str = "films 1", data: str = "/home/somebody/films.csv") -> Path:
    """A classifier of films with every file that a finished run has."""
    config = parse(
        {
            "data": {"path": data, "text": "text", "label": "label", "tokenizer": "whitespace", "max_length": 40},
            "model": {"hidden_size": 6, "embedding_size": 5, "bidirectional": True},
        }
    )
    meta = ClassificationMeta(Vocabulary(["<pad>", "<unk>", *WORDS]), ("negative", "positive"))
    torch.manual_seed(0)
    model = registry.get(config.task).build_model(config, meta)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, 0.5)
    (folder / "checkpoint").mkdir(parents=True)
    (folder / "epochs").mkdir()
    save(config, folder / CONFIG)
    for place in (WEIGHTS, "checkpoint/state.safetensors", "epochs/001.safetensors"):
        save_file(model.state_dict(), folder / place)
    info = RunInfo(
        name=name, created="2026-01-02T03:04:05+00:00", status="finished", best={"accuracy": 0.5}, version="0.1"
    )
    texts = {
        INFO: info.to_json(),
        VOCABULARY: meta.to_json(),
        METRICS: '{"event": "run_started"}\n{"event": "half a li',
        RESULTS: json.dumps({"parts": {}}),
        CARD: f'# {name}\n\nlstm-studio predict "{folder}" --text "..."\nPredictor({str(folder)!r})\n',
    }
    for place, text in texts.items():
        (folder / place).write_text(text, encoding="utf-8")
    return folder
