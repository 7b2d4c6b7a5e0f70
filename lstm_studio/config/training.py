"""Section [training]: how the network learns."""

from __future__ import annotations

from typing import Literal

from lstm_studio.config.section import Section, option


class TrainingConfig(Section):
    """Optimiser, schedule, stopping, device."""

    epochs: int = option(
        8,
        "Epochs",
        "How often the network reads all training texts.",
        unit="epochs",
        level="essential",
        ge=1,
        le=10_000,
    )
    batch_size: int = option(
        32,
        "Batch size",
        "How many texts are read before the weights move.",
        unit="texts",
        level="essential",
        ge=1,
        le=4096,
    )
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = option(
        "adam",
        "Optimiser",
        "The rule by which gradients move the weights.",
        level="essential",
        labels={"adam": "Adam", "adamw": "AdamW", "sgd": "SGD with momentum", "rmsprop": "RMSprop"},
    )
    learning_rate: float = option(
        0.002,
        "Learning rate",
        "How far the weights move at each step.",
        level="essential",
        gt=0.0,
        le=10.0,
        logarithmic=True,
    )
    momentum: float = option(
        0.9, "Momentum", "How much of the last move is kept.", ge=0.0, lt=1.0, step=0.05, when={"optimizer": ("sgd",)}
    )
    weight_decay: float = option(
        0.0, "Weight decay", "Pulls all weights towards zero a little at each step.", ge=0.0, le=1.0, logarithmic=True
    )
    schedule: Literal["constant", "cosine", "one_cycle", "plateau"] = option(
        "one_cycle",
        "Learning-rate schedule",
        "How the learning rate changes over the run.",
        labels={
            "constant": "Constant",
            "cosine": "Cosine, down to zero",
            "one_cycle": "One cycle, up and down",
            "plateau": "Lower when it no longer improves",
        },
    )
    warmup_fraction: float = option(
        0.0,
        "Warm-up",
        "Share of the run in which the learning rate rises from zero.",
        ge=0.0,
        le=0.9,
        step=0.05,
        when={"schedule": ("constant", "cosine")},
    )
    plateau_factor: float = option(
        0.5,
        "Plateau factor",
        "What the learning rate is multiplied by.",
        gt=0.0,
        lt=1.0,
        step=0.1,
        when={"schedule": ("plateau",)},
    )
    plateau_patience: int = option(
        1,
        "Plateau patience",
        "Epochs without improvement before it is lowered.",
        unit="epochs",
        ge=0,
        le=1000,
        when={"schedule": ("plateau",)},
    )
    clip_norm: float = option(
        1.0,
        "Gradient clipping",
        "Longer gradients are shortened to this length, so that one odd batch cannot wreck the weights. 0: off.",
        ge=0.0,
        le=1000.0,
        step=0.5,
    )
    class_weights: Literal["none", "balanced"] = option(
        "none",
        "Class weights",
        "Whether errors on rare classes count more.",
        labels={"none": "Every text counts the same", "balanced": "Every class counts the same"},
        tasks=("classification",),
    )
    label_smoothing: float = option(
        0.0,
        "Label smoothing",
        "Share of the target that is spread over all classes or words; keeps the network from being too sure.",
        ge=0.0,
        lt=1.0,
        step=0.05,
        tasks=("classification", "translation"),
    )
    teacher_forcing: float = option(
        1.0,
        "Teacher forcing",
        "Share of the words that are read as they should have been written, not as the network wrote them, at the end.",
        ge=0.0,
        le=1.0,
        step=0.05,
        tasks=("translation",),
    )
    teacher_schedule: Literal["constant", "linear"] = option(
        "linear",
        "Teacher schedule",
        "Whether teacher forcing is so from the start, or comes down to it from all words over the run.",
        labels={"constant": "The same all the time", "linear": "Down over the run"},
        tasks=("translation",),
    )
    steps: int = option(
        35,
        "Steps back in time",
        "So many tokens are read before the weights move; what came earlier is remembered, but not learned from.",
        unit="tokens",
        level="essential",
        ge=1,
        le=2_000,
        step=5,
        tasks=("generation",),
    )
    vary_steps: bool = option(
        False,
        "Vary the steps",
        "Draw how many tokens are read at each step, so that no word always stands at the beginning of a stretch.",
        tasks=("generation",),
    )
    activation_cost: float = option(
        0.0,
        "Cost of large states",
        "How much large states cost (activation regularisation); 2 in AWD-LSTM.",
        ge=0.0,
        le=100.0,
        step=0.5,
        tasks=("generation",),
    )
    change_cost: float = option(
        0.0,
        "Cost of changes",
        "How much it costs when the state changes from token to token (temporal regularisation); 1 in AWD-LSTM.",
        ge=0.0,
        le=100.0,
        step=0.5,
        tasks=("generation",),
    )
    early_stopping: int | None = option(
        None,
        "Early stopping",
        "Stop after this many epochs without improvement on the validation texts.",
        unit="epochs",
        ge=1,
        le=1000,
        automatic="off",
    )
    monitor: str | None = option(
        None,
        "Watched metric",
        "The validation figure that decides which epoch is the best.",
        automatic="the task's main metric",
    )
    seed: int = option(0, "Seed", "The same number gives the same run, to the last bit on a CPU.", ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda", "mps"] = option(
        "auto",
        "Device",
        "Where the numbers are computed.",
        labels={"auto": "Fastest there is", "cpu": "Processor", "cuda": "NVIDIA GPU", "mps": "Apple GPU"},
    )
    threads: int | None = option(
        None,
        "Threads",
        "Processor cores that training may use; the window keeps one for itself.",
        unit="threads",
        ge=1,
        le=256,
        automatic="measured",
    )
    mixed_precision: bool = option(
        False, "Mixed precision", "On a GPU, compute in 16 bits where that is safe: faster, less memory."
    )
    checkpoint_seconds: float = option(
        15.0,
        "Checkpoint every",
        "How much work a power cut may cost; 0 saves after every step.",
        unit="s",
        ge=0.0,
        le=86_400.0,
    )
    keep_epochs: Literal["none", "some", "all"] = option(
        "some",
        "Keep epochs",
        "Of which epochs the weights are kept besides the best ones, so that two moments of a run can be compared. "
        "Some: the first, the last and about eight between, together at most 500 MB.",
        labels={"none": "None", "some": "Some, evenly spread", "all": "All, whatever they take"},
    )
    probe_text: str | None = option(
        None,
        "Probe sentence",
        "The sentence whose gates are watched while the network learns.",
        automatic="a validation text",
        level="hidden",
    )
    probe_seconds: float = option(
        1.0,
        "Look at the gates every",
        "How often the probe sentence is run through the network while it trains; 0 turns it off.",
        unit="s",
        ge=0.0,
        le=3600.0,
        level="hidden",
    )
