"""How large a network will be, by arithmetic alone: the Model page asks before torch is there."""

from __future__ import annotations

from lstm_studio.config import ModelConfig

BYTES = 4  # float32


def count_parameters(config: ModelConfig, vocabulary_size: int, classes: int) -> int:
    """Trained numbers of a TextClassifier."""
    hidden = config.hidden_size
    directions = 2 if config.bidirectional else 1
    width = {"embedding": config.embedding_size, "one_hot": vocabulary_size, "index": 1}[config.encoding]
    total = vocabulary_size * config.embedding_size if config.encoding == "embedding" else 0
    for layer in range(config.layers):
        inputs = width if layer == 0 else hidden * directions
        total += directions * _direction(config, inputs)
    features = hidden * directions
    if config.pooling == "attention":
        total += features * features + features + features
    return total + features * classes + classes


def _direction(config: ModelConfig, inputs: int) -> int:
    hidden = config.hidden_size
    if config.cell == "lstm" and config.peephole != "none":
        peephole = 3 * hidden if config.peephole == "diagonal" else 3 * hidden * hidden
        return 4 * hidden * (inputs + hidden + 1) + peephole
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[config.cell]
    return gates * hidden * (inputs + hidden + 2)  # torch keeps two biases


def memory_bytes(
    config: ModelConfig,
    vocabulary_size: int,
    classes: int,
    batch_size: int,
    length: int,
    optimizer: str = "adam",
) -> int:
    """Estimated peak memory of training: weights, gradients, optimiser state and what the backward pass keeps.

    Args:
        length: Tokens of a long batch.
    """
    weights = count_parameters(config, vocabulary_size, classes)
    copies = 2 + {"adam": 2, "adamw": 2, "rmsprop": 1, "sgd": 1}[optimizer]
    directions = 2 if config.bidirectional else 1
    width = {"embedding": config.embedding_size, "one_hot": vocabulary_size, "index": 1}[config.encoding]
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[config.cell]
    per_unit = 2 * gates + 3 if config.cell == "lstm" else gates + 2
    kept = config.layers * directions * config.hidden_size * per_unit + 2 * width
    backward = directions * config.hidden_size * (2 * gates + 2)
    return BYTES * (copies * weights + batch_size * length * (kept + backward))
