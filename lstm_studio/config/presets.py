"""Named starting points for the [model] and [training] sections."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from lstm_studio.config.run import RunConfig


@dataclass(frozen=True)
class Preset:
    """Changes against the defaults; ``data`` holds only fields that every task has.

    ``task`` is the only one that the preset is for, if it is for one only; there it may stand ``instead`` of another.
    """

    name: str
    title: str
    help: str
    model: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    task: str | None = None
    instead: str = ""


PRESETS: tuple[Preset, ...] = (
    Preset("recommended", "Recommended", "Good results on most texts; the place to begin."),
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
        task="classification",
    ),
    Preset(
        "one_direction",
        "One direction",
        "Reads from left to right only, and decides at the last token: the easiest to watch.",
        model={"bidirectional": False, "pooling": "last"},
        task="classification",
    ),
    Preset(
        "each_alone",
        "Each tag alone",
        "No CRF and no spelling: each tag is decided by itself, as the first LSTM taggers did. Fast.",
        model={"crf": False, "spelling": "none"},
        task="tagging",
    ),
    Preset(
        "small_fast",
        "Fast",
        "One layer that reads in one direction and writes the likeliest word each time: shows within minutes "
        "whether the pairs can be learned.",
        model={"hidden_size": 128, "embedding_size": 128, "bidirectional": False, "beams": 1},
        training={"epochs": 8},
        task="translation",
        instead="fast",
    ),
    Preset(
        "luong_2015",
        "Luong 2015",
        "After the paper: two layers of standard LSTM in one direction, attention, input feeding. Slower, since each "
        "word waits for the one before.",
        model={
            "peephole": "none",
            "layers": 2,
            "bidirectional": False,
            "dropout": 0.3,
            "attention": "luong_general",
            "input_feeding": True,
            "tied": "none",
        },
        task="translation",
    ),
    Preset(
        "small_lm",
        "Fast",
        "One small layer: shows within a minute or two whether it catches the sound of the text.",
        model={"hidden_size": 128, "embedding_size": 64},
        training={"epochs": 5},
        task="generation",
        instead="fast",
    ),
    Preset(
        "zaremba_2014",
        "Zaremba 2014, small",
        "After the paper: two layers of 200 standard LSTM units, 20 steps, 13 epochs, no dropout at all.",
        model={
            "peephole": "none",
            "hidden_size": 200,
            "embedding_size": 200,
            "layers": 2,
            "dropout": 0.0,
            "embedding_dropout": 0.0,
            "tied": "none",
        },
        training={"epochs": 13, "batch_size": 20, "steps": 20, "clip_norm": 5.0},
        task="generation",
    ),
    Preset(
        "awd_lstm",
        "AWD-LSTM",
        "After Merity 2018, in small: weight-drop, variational and vocabulary dropout, costs of large and changing "
        "states. For word models that train for long.",
        model={
            "peephole": "none",
            "hidden_size": 400,
            "embedding_size": 400,
            "layers": 3,
            "dropout": 0.4,
            "embedding_dropout": 0.4,
            "row_dropout": 0.1,
            "weight_drop": 0.5,
        },
        training={
            "epochs": 40,
            "batch_size": 40,
            "steps": 70,
            "vary_steps": True,
            "activation_cost": 2.0,
            "change_cost": 1.0,
            "weight_decay": 1.2e-6,
            "clip_norm": 0.25,
        },
        task="generation",
        instead="deep",
    ),
    Preset(
        "deep",
        "Deep",
        "Two layers in both directions, for much data.",
        model={"layers": 2, "hidden_size": 192, "bidirectional": True},
        training={"epochs": 12},
    ),
)


BASE: dict[str, dict[str, dict[str, Any]]] = {
    "classification": {"model": {}, "training": {}},
    # Each word is an example, so small batches learn more from a sentence.
    "tagging": {"model": {}, "training": {"epochs": 20, "batch_size": 16}},
    "translation": {
        "model": {
            "hidden_size": 256,
            "embedding_size": 256,
            "dropout": 0.3,
            "embedding_dropout": 0.2,
            "word_dropout": 0.05,
        },
        "training": {"epochs": 12, "batch_size": 64, "learning_rate": 0.003, "label_smoothing": 0.1},
    },
    "generation": {
        "model": {
            "hidden_size": 256,
            "embedding_size": 128,
            "dropout": 0.2,
            "embedding_dropout": 0.1,
            "word_dropout": 0.0,
            "bidirectional": False,
        },
        "training": {"epochs": 10, "learning_rate": 0.003},
    },
}
"""What the defaults of a task are, where they are not those of all."""
_FREE = ("device", "threads", "seed", "probe_text", "probe_seconds", "checkpoint_seconds", "keep_epochs")
"""Settings of [training] that no preset touches or compares."""
_DATA = ("max_length", "pad_to_max_length", "validation_fraction", "cut", "vocabulary_size", "min_count")


def begun(config: RunConfig, named: Collection[str]) -> RunConfig:
    """The configuration with the defaults of its task for all that was not ``named`` ("training.epochs")."""
    values = {
        f"{section}.{name}": value
        for section, fields in BASE[config.task].items()
        for name, value in fields.items()
        if f"{section}.{name}" not in named
    }
    return config.replace(**values) if values else config


def presets_of(task: str) -> tuple[Preset, ...]:
    """The presets that a task has; the first is the one to begin with."""
    found = [preset for preset in PRESETS if preset.task in {None, task}]
    gone = {preset.instead for preset in found}
    return tuple(preset for preset in found if preset.name not in gone)


def apply(config: RunConfig, name: str) -> RunConfig:
    """The configuration with a preset's model and training; the data's file and columns stay.

    Raises:
        KeyError: the task has no preset of that name.
    """
    preset = {preset.name: preset for preset in presets_of(config.task)}[name]
    base = BASE[config.task]
    values = config.model_dump()
    defaults = type(config.data)()
    values["preset"] = name
    # Which vectors there are belongs to the person's machine, not to the network's shape.
    vectors = {"vectors": config.model.vectors, "target_vectors": config.model.target_vectors}
    values["model"] = {**vectors, **base["model"], **preset.model}
    kept = {key: values["training"][key] for key in ("device", "threads", "seed", "probe_text", "keep_epochs")}
    values["training"] = {**kept, **base["training"], **preset.training}
    for key in _DATA:
        values["data"][key] = preset.data.get(key, getattr(defaults, key))
    return RunConfig(**values)


def matching(config: RunConfig, first: str | None = None) -> str | None:
    """The preset that network and training are, if any; ``first`` is asked first."""
    names = sorted((preset.name for preset in presets_of(config.task)), key=lambda name: name != first)
    for name in names:
        applied = apply(config, name)
        same = applied.training.model_dump(exclude=set(_FREE)) == config.training.model_dump(exclude=set(_FREE))
        padded = applied.data.pad_to_max_length == config.data.pad_to_max_length
        if applied.model == config.model and same and padded:
            return name
    return None


def begin(config: RunConfig, before: RunConfig) -> RunConfig:
    """A configuration whose task has just been changed: the same preset of its own, if ``before`` was a preset.

    What a person has set stays.
    """
    name = before.preset or matching(before)
    if name is None:
        return config
    alike = {name, *(preset.instead for preset in PRESETS if preset.name == name and preset.instead)}
    own = (preset.name for preset in presets_of(config.task) if alike & {preset.name, preset.instead})
    changed = apply(config, next(own, "recommended"))
    # The file's own settings were made for this task already.
    return changed.model_copy(update={"data": config.data})
