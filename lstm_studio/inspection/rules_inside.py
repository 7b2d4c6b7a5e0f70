"""Rules over what a network is like inside, what it answers, and what it reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_studio.config.describe import options
from lstm_studio.config.section import Section
from lstm_studio.inspection.evidence import Evidence, Finding, Words, figure, percent, rounded
from lstm_studio.training.events import LayerFlow, LayerGates

LOW, HIGH = 0.05, 0.95
"""Beyond these a sigmoid passes less than a fifth of the gradient that it passes in the middle (0.0475 of 0.25)."""
SATURATED = 0.7
"""Share of such values. A trained gate may well be open most of the time (Karpathy, Johnson & Fei-Fei 2016 found many
units nearly always open), but not all units at nearly all tokens."""
STILL = 0.02
"""A unit whose output moves less than this over all tokens of all texts, of -1..1, tells nothing."""
DEAD = 0.2
"""Share of such units; a few cost nothing."""
FEW_TOKENS = 20
LEFT = 0.01
NEAR = 8
"""Tokens back after which 1 % of the gradient is left: phrases are longer. Bengio, Simard & Frasconi 1994."""
UNKNOWN = 0.2
"""Every fifth token unread: the same bound as on the Data page."""
UNMOVED = 0.5
"""Share of word vectors that training has left as they were drawn; a few are padding and words of no training text."""
MUCH = 4.0
"""The largest class has so many times the texts of the smallest."""
POOR = 0.5
"""Recall of a rare class below which more than half of it is missed."""
FEW_TEXTS = 3
GATES = {"i": "input gate", "f": "forget gate", "o": "output gate", "r": "reset gate", "z": "update gate"}

SATURATION = Words(
    "Gates are saturated",
    "{share} of the values of the {gate} in layer {layer} lie below 0.05 or above 0.95, over {tokens} tokens: where a "
    "gate is that sure, hardly any gradient gets through.",
    "Lower the learning rate to {rate}",
)
SATURATION_BIAS = Words(
    SATURATION.title,
    SATURATION.sentence,
    "Start the forget gate's bias at 1 instead of {bias}",
)
DEAD_UNITS = Words(
    "Units are dead",
    "{dead} of {all} units of layer {layer} never move: over {tokens} tokens their output stays within {width}.",
    "Make the layers smaller: {size} units",
)
DEAD_DECAY = Words(DEAD_UNITS.title, DEAD_UNITS.sentence, "Turn weight decay off; it is {decay}")
SHORT = Words(
    "The gradient vanishes over {steps} tokens",
    "Of the gradient that the answer sends back through layer {layer}, less than 1 % is left {steps} tokens before it; "
    "the texts have {tokens} tokens: what stands further back is not learned from.",
    "Start the forget gate's bias at 1, so that a fresh network remembers",
)
SHORT_CELL = Words(SHORT.title, SHORT.sentence, "Use an LSTM, whose memory lets the gradient through")
SHORT_POOL = Words(SHORT.title, SHORT.sentence, "Decide on the maximum over all tokens, not on the last state")
SHORT_ATTEND = Words(SHORT.title, SHORT.sentence, "Let each written word look back at what was read")
NEVER = Words(
    "Classes are never predicted: {names}",
    "None of {texts} validation examples was read as {names}, though {count} of them are.",
    "Let every class count the same",
)
NEVER_BARE = Words(NEVER.title, NEVER.sentence)
IMBALANCE = Words(
    "The classes are out of balance",
    "{large} has {most} validation texts, {small} only {least}; of these the network finds {recall}.",
    "Let every class count the same",
)
UNREAD = Words(
    "Too many unknown tokens",
    "{share} of the validation tokens are not in the vocabulary of {size}; they are all read as one unknown word.",
    "Keep rarer tokens too: those that occur once",
)
UNREAD_SIZE = Words(UNREAD.title, UNREAD.sentence, "Allow a vocabulary of {larger}")
UNREAD_BARE = Words(UNREAD.title, UNREAD.sentence)
UNMOVED_VECTORS = Words(
    "The embedding never moved",
    "{share} of the {size} word vectors are still the random numbers that they began as: no step has changed them.",
    "Let the vectors go on learning",
)
UNMOVED_BARE = Words(UNMOVED_VECTORS.title, UNMOVED_VECTORS.sentence)


def saturated(evidence: Evidence) -> Finding | None:
    """A gate of some layer is shut or open at most tokens of the texts that were looked at."""
    worst: tuple[float, str, int, int, float] | None = None
    for layer, values in _stacked(evidence):
        for gate in GATES.keys() & values.keys():
            own = values[gate]
            share = float(((own < LOW) | (own > HIGH)).mean()) if len(own) >= FEW_TOKENS else 0.0
            if worst is None or share > worst[0]:
                worst = (share, gate, layer.layer, len(own), float(own.mean()))
    if worst is None or worst[0] < SATURATED:
        return None
    share, gate, number, tokens, _ = worst
    config = evidence.config
    rate = rounded(config.training.learning_rate / 3)
    values_ = {
        "share": percent(share),
        "gate": GATES[gate],
        "layer": str(number + 1),
        "tokens": f"{tokens:,}",
        "rate": f"{rate:g}",
        "bias": f"{config.model.forget_bias:g}",
    }
    biased = gate in ("i", "f") and config.model.cell == "lstm" and not -1 <= config.model.forget_bias <= 3
    words = SATURATION_BIAS if biased else SATURATION
    remedy = {"model.forget_bias": 1.0} if biased else {"training.learning_rate": rate}
    return Finding("saturated", "warning", words, values_, ("gate",), remedy)


def dead(evidence: Evidence) -> Finding | None:
    """Many units of a layer have the same output at every token of every text that was looked at."""
    worst: tuple[float, int, int, int, int, float] | None = None
    for layer, values in _stacked(evidence):
        h = values.get("h")
        if h is None or len(h) < FEW_TOKENS:
            continue
        widths = h.max(0) - h.min(0)
        still = widths < STILL
        share = float(still.mean())
        if share >= DEAD and (worst is None or share > worst[0]):
            width = float(widths[still].max())
            worst = (share, int(still.sum()), h.shape[1], layer.layer, len(h), width)
    if worst is None:
        return None
    share, count, units, number, tokens, width = worst
    config = evidence.config
    decay = config.training.weight_decay
    size = max(1, round(config.model.hidden_size * (1 - share)))
    values_ = {
        "dead": f"{count:,}",
        "all": f"{units:,}",
        "layer": str(number + 1),
        "tokens": f"{tokens:,}",
        "width": figure(width),
        "size": f"{size:,}",
        "decay": f"{decay:g}",
    }
    if decay:
        return Finding("dead", "fault", DEAD_DECAY, values_, remedy={"training.weight_decay": 0.0})
    return Finding("dead", "warning", DEAD_UNITS, values_, remedy={"model.hidden_size": size})


def short_sighted(evidence: Evidence) -> Finding | None:
    """The gradient of an answer comes to nothing within a few tokens, in every layer and direction of each text, of a
    network all of whose knowledge passes through its last state. (Elsewhere an answer may well be a matter of the
    nearest words.)"""
    narrow = _narrow(evidence)
    if not narrow:
        return None
    found: list[tuple[int, int, int]] = []
    for look in evidence.looks:
        reaches = [(reach(flow), flow.layer, len(flow.h)) for flow in look.flow if flow.part == ""]
        reaches = [own for own in reaches if own[2] > 2 * NEAR]
        if reaches:
            found.append(max(reaches))
    if not found or max(steps for steps, _, _ in found) > NEAR:
        return None
    model = evidence.config.model
    steps, layer, _ = max(found)
    values = {
        "steps": str(max(1, steps)),
        "layer": str(layer + 1),
        "tokens": str(round(float(np.median([size for _, _, size in found])))),
    }
    if model.cell == "lstm" and model.forget_bias < 1:
        return Finding("short_sighted", "warning", SHORT, values, remedy={"model.forget_bias": 1.0})
    if model.cell != "lstm":
        return Finding("short_sighted", "warning", SHORT_CELL, values, remedy={"model.cell": "lstm"})
    words = SHORT_POOL if "model.pooling" in narrow else SHORT_ATTEND
    return Finding("short_sighted", "warning", words, values, remedy=narrow)


def reach(flow: LayerFlow) -> int:
    """Tokens from the answer to the farthest one at which 1 % of the largest gradient is left."""
    norms = np.nan_to_num(flow.h)
    if flow.c is not None:
        norms = np.maximum(norms / max(norms.max(), 1e-300), np.nan_to_num(flow.c) / max(flow.c.max(), 1e-300))
    there = np.flatnonzero(norms >= LEFT * max(float(norms.max()), 1e-300))
    return int(np.abs(there - flow.answer).max()) if len(there) else 0


def never_predicted(evidence: Evidence) -> Finding | None:
    """A class of the validation part that no example was read as."""
    if evidence.confusion is None or not evidence.confusion.size:
        return None
    true, said = evidence.confusion.sum(1), evidence.confusion.sum(0)
    gone = [k for k, name in enumerate(evidence.classes) if name and true[k] >= FEW_TEXTS and said[k] == 0]
    if not gone:
        return None
    names = ", ".join(evidence.classes[k] for k in gone[:3]) + (f" + {len(gone) - 3}" if len(gone) > 3 else "")
    values = {"names": names, "texts": f"{int(true.sum()):,}", "count": f"{int(true[gone].sum()):,}"}
    if _weighs(evidence):
        remedy = {"training.class_weights": "balanced"}
        return Finding("never_predicted", "fault", NEVER, values, remedy=remedy)
    return Finding("never_predicted", "fault", NEVER_BARE, values)


def imbalance(evidence: Evidence) -> Finding | None:
    """Some class has many times the texts of another, and the rare one is mostly missed."""
    if evidence.confusion is None or not _weighs(evidence) or len(evidence.classes) < 2:
        return None
    true = evidence.confusion.sum(1)
    there = np.flatnonzero(true > 0)
    if len(there) < 2:
        return None
    most = int(there[np.argmax(true[there])])
    rare = [int(k) for k in there if true[most] >= MUCH * true[k]]
    recalls = {k: float(evidence.confusion[k, k] / true[k]) for k in rare}
    if not rare or min(recalls.values()) > POOR:
        return None
    least = min(rare, key=lambda k: (recalls[k], true[k]))
    values = {
        "large": evidence.classes[most],
        "most": f"{int(true[most]):,}",
        "small": evidence.classes[least],
        "least": f"{int(true[least]):,}",
        "recall": percent(recalls[least]) if recalls[least] else "0 %",
    }
    return Finding("imbalance", "warning", IMBALANCE, values, remedy={"training.class_weights": "balanced"})


def unread(evidence: Evidence) -> Finding | None:
    """Much of what is read is not in the vocabulary."""
    if evidence.unknown is None or evidence.unknown < UNKNOWN:
        return None
    data = evidence.config.data
    values = {
        "share": percent(evidence.unknown),
        "size": f"{evidence.vocabulary:,}" if evidence.vocabulary else "–",
        "larger": f"{min(1_000_000, 4 * data.vocabulary_size):,}",
    }
    if evidence.vocabulary and evidence.vocabulary >= data.vocabulary_size:
        larger = min(1_000_000, 4 * data.vocabulary_size)
        return Finding("unread", "warning", UNREAD_SIZE, values, remedy={"data.vocabulary_size": larger})
    if data.min_count > 1:
        return Finding("unread", "warning", UNREAD, values, remedy={"data.min_count": 1})
    return Finding("unread", "warning", UNREAD_BARE, values)


def unmoved(evidence: Evidence) -> Finding | None:
    """Word vectors that began as random numbers, and stayed so."""
    model = evidence.config.model
    if evidence.unmoved is None or evidence.unmoved < UNMOVED or not evidence.epochs:
        return None
    values = {"share": percent(evidence.unmoved), "size": f"{evidence.vocabulary:,}"}
    if model.vectors_learn == "frozen":
        remedy = {"model.vectors_learn": "tuned"}
        return Finding("unmoved", "fault", UNMOVED_VECTORS, values, remedy=remedy)
    return Finding("unmoved", "warning", UNMOVED_BARE, values)


def _weighs(evidence: Evidence) -> bool:
    """Whether the run has a setting that makes classes count the same, and does not use it."""
    training = evidence.config.training
    return _has(evidence, training, "class_weights") and training.class_weights == "none"


def _narrow(evidence: Evidence) -> dict[str, str]:
    """What would let more than the last state through; nothing where more gets through already."""
    model = evidence.config.model
    if _has(evidence, model, "pooling") and model.pooling == "last":
        return {"model.pooling": "max"}
    if _has(evidence, model, "attention") and model.attention == "none":
        return {"model.attention": "luong_general"}
    return {}


def _has(evidence: Evidence, section: Section, name: str) -> bool:
    """Whether the run's task has a setting."""
    return any(option.name == name for option in options(type(section), evidence.config.task))


def _stacked(evidence: Evidence) -> Iterator[tuple[LayerGates, dict[str, np.ndarray]]]:
    """Each layer and direction with its gates over all tokens of all looks: name -> [T, H]."""
    by_name: dict[str, list[LayerGates]] = {}
    for look in evidence.looks:
        for layer in look.layers:
            by_name.setdefault(layer.name, []).append(layer)
    for layers in by_name.values():
        keys = layers[0].values
        yield layers[0], {key: np.concatenate([layer.values[key] for layer in layers]) for key in keys}
