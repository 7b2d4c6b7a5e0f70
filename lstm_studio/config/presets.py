"""Named starting points for the [model] and [training] sections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lstm_studio.config.run import RunConfig


@dataclass(frozen=True)
class Preset:
    """Changes against the defaults; ``data`` holds only fields that every task has."""

    name: str
    title: str
    help: str
    model: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


PRESETS: tuple[Preset, ...] = (
    Preset("recommended", "Recommended", "Good results on most texts in a minute or two."),
    Preset(
        "fast",
        "Fast",
        "A small network that shows within seconds whether the data can be learned.",
        model={"hidden_size": 48, "embedding_size": 50, "bidirectional": False},
        training={"epochs": 6},
    ),
    Preset(
        "keras_tutorial",
        "Keras tutorial",
        "The classic tutorial, faithfully: bare token numbers, one LSTM of 128 units, texts padded to 100. "
        "See why embeddings matter.",
        model={
            "encoding": "index",
            "peephole": "none",
            "hidden_size": 128,
            "layers": 1,
            "bidirectional": False,
            "dropout": 0.5,
            "pooling": "last",
            "word_dropout": 0.0,
            "embedding_dropout": 0.0,
        },
        training={
            "epochs": 10,
            "batch_size": 32,
            "optimizer": "adam",
            "learning_rate": 0.001,
            "clip_norm": 0.0,
            "schedule": "constant",
        },
        data={"max_length": 100, "pad_to_max_length": True, "validation_fraction": 0.1, "min_count": 1},
    ),
    Preset(
        "one_direction",
        "One direction",
        "Reads from left to right only, and decides at the last token: the easiest to watch.",
        model={"bidirectional": False, "pooling": "last"},
    ),
    Preset(
        "deep",
        "Deep",
        "Two layers in both directions, for much data.",
        model={"layers": 2, "hidden_size": 192, "bidirectional": True},
        training={"epochs": 12},
    ),
)


def apply(config: RunConfig, name: str) -> RunConfig:
    """The configuration with a preset's model and training; the data's file and columns stay.

    Raises:
        KeyError: there is no preset of that name.
    """
    preset = {preset.name: preset for preset in PRESETS}[name]
    values = config.model_dump()
    defaults = type(config.data)()
    values["preset"] = name
    values["model"] = dict(preset.model)
    device = {key: values["training"][key] for key in ("device", "threads", "seed", "probe_text")}
    values["training"] = {**device, **preset.training}
    for key in ("max_length", "pad_to_max_length", "validation_fraction", "cut", "vocabulary_size", "min_count"):
        values["data"][key] = preset.data.get(key, getattr(defaults, key))
    return RunConfig(**values)
