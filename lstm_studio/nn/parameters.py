"""How large a network will be, by arithmetic alone: the Model page asks before torch is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lstm_studio.config import ModelConfig
from lstm_studio.config.model import WEIGHTLESS

BYTES = 4  # float32


@dataclass(frozen=True)
class Sizes:
    """What the size of a network depends on besides its configuration.

    Attributes:
        words: Tokens known, padding and unknown included.
        outputs: Classes; in tagging the different tags.
        length: Tokens of a typical text.
        characters: That words are spelled with, padding and unknown included; 0 where words are single characters.
        marks: Different marks a word can carry; 0 for none.
    """

    words: int
    outputs: int
    length: int
    characters: int = 0
    marks: int = 0

    def spelled(self, config: ModelConfig) -> bool:
        """Whether a tagger reads words letter by letter."""
        return config.spelling == "lstm" or (config.spelling == "auto" and self.characters > 0)


def count(task: str, config: ModelConfig, sizes: Sizes) -> int:
    """Trained numbers of a task's network."""
    return _COUNTS[task](config, sizes)


def memory(task: str, config: ModelConfig, sizes: Sizes, batch_size: int, optimizer: str = "adam") -> int:
    """Estimated peak memory of training a task's network, in bytes: what it has more than a TextClassifier needs its
    weights, gradient and optimiser state too, and its head keeps numbers for each batch."""
    found = memory_bytes(config, sizes.words, sizes.outputs, batch_size, sizes.length, optimizer)
    more = count(task, config, sizes) - count_parameters(config, sizes.words, sizes.outputs)
    return found + BYTES * (4 * more + batch_size * sizes.length * _HEADS[task](config, sizes))


def _count_classifier(config: ModelConfig, sizes: Sizes) -> int:
    return count_parameters(config, sizes.words, sizes.outputs)


def _count_tagger(config: ModelConfig, sizes: Sizes) -> int:
    """Of a SequenceTagger."""
    hidden = config.hidden_size
    directions = 2 if config.bidirectional else 1
    width = {"embedding": config.embedding_size, "one_hot": sizes.words, "index": 1}[config.encoding]
    total = sizes.words * config.embedding_size if config.encoding == "embedding" else 0
    if sizes.spelled(config):
        small = config.model_copy(update={"hidden_size": config.spelling_size})
        total += max(3, sizes.characters) * config.spelling_size + 2 * _direction(small, config.spelling_size)
        width += 2 * config.spelling_size
    if sizes.marks:
        total += sizes.marks * config.mark_size
        width += config.mark_size
    for layer in range(config.layers):
        total += directions * _direction(config, width if layer == 0 else hidden * directions)
    tags = sizes.outputs
    total += hidden * directions * tags + tags
    return total + (tags * tags + 2 * tags if config.crf else 0)


def _count_translator(config: ModelConfig, sizes: Sizes) -> int:
    """Of a Translator; ``outputs`` are the tokens of the target."""
    hidden, embedded, layers = config.hidden_size, config.embedding_size, config.layers
    directions = 2 if config.bidirectional else 1
    read = hidden * directions
    shared = config.tied == "all"
    source, target = (max(sizes.words, sizes.outputs),) * 2 if shared else (sizes.words, sizes.outputs)
    width = {"embedding": embedded, "one_hot": source, "index": 1}[config.encoding]
    total = source * embedded if config.encoding == "embedding" else 0
    total += 0 if shared else target * embedded
    tied = config.tied != "none" and not config.frozen("vectors" if shared else "target_vectors")
    written = embedded if tied else hidden
    total += 0 if tied else target * written
    total += target
    for layer in range(layers):
        total += directions * _direction(config, width if layer == 0 else read)
        first = embedded + (written if config.input_feeding else 0)
        total += _direction(config, first if layer == 0 else hidden)
    total += (2 if config.cell == "lstm" else 1) * layers * (read * hidden + hidden)
    total += {
        "none": 0,
        "luong_dot": 0,
        "luong_general": hidden * read,
        "bahdanau": hidden * hidden + hidden * read + hidden,
    }[config.attention]
    return total + (read + hidden) * written


def _count_language_model(config: ModelConfig, sizes: Sizes) -> int:
    """Of a LanguageModel: one direction; where tied, words are written with the vectors they are read with."""
    hidden, embedded = config.hidden_size, config.embedding_size
    read = config.encoding == "embedding"
    width = {"embedding": embedded, "one_hot": sizes.words, "index": 1}[config.encoding]
    total = sizes.words * (embedded if read else 0) + sizes.words
    for layer in range(config.layers):
        total += _direction(config, width if layer == 0 else hidden)
    if config.tied == "none" or not read or config.frozen("vectors"):
        return total + sizes.words * hidden
    return total + (hidden * embedded if hidden != embedded else 0)


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
    if config.cell == "lstm" and (config.peephole != "none" or config.variant != "none"):
        gone = config.variant in WEIGHTLESS
        looking = 0 if config.peephole == "none" else 2 if gone else 3
        peephole = looking * hidden * (1 if config.peephole == "diagonal" else hidden)
        return (3 if gone else 4) * hidden * (inputs + hidden + 1) + peephole
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


_COUNTS = {
    "classification": _count_classifier,
    "tagging": _count_tagger,
    "translation": _count_translator,
    "generation": _count_language_model,
}
_HEADS: dict[str, Callable[[ModelConfig, Sizes], int]] = {
    "classification": lambda config, sizes: 0,
    "tagging": lambda config, sizes: 2 * sizes.outputs**2 if config.crf else 0,
    "translation": lambda config, sizes: 12 * config.hidden_size + 2 * sizes.length,
    "generation": lambda config, sizes: 3 * config.hidden_size,
}
"""Numbers that the layers behind the recurrent ones keep of each token; a CRF keeps the scores of all pairs of tags, a
decoder its own gates, what it looked at and where."""
