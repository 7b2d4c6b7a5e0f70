"""The studio's networks as ONNX graphs: what each is given, what it gives back, and how that is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.decoder import END, START, Decoder
from lstm_studio.nn.language_model import LanguageModel
from lstm_studio.nn.recurrent import Recurrent
from lstm_studio.nn.tagger import SequenceTagger
from lstm_studio.nn.translator import Translator
from lstm_studio.runs import onnx_crf
from lstm_studio.runs.onnx_graph import BOOL, FLOAT, INT, Graph, Value
from lstm_studio.runs.onnx_layers import Rows, attend, encode, final, keys, pool, recurrent, rows_of, spelled


@dataclass(frozen=True)
class Exported:
    """One graph of a network.

    Attributes:
        part: "" where the network is one graph; else its name, which stands in the file's name.
        graph: The graph.
        use: Lines for the readme: what to do with it.
        tokens: Tokens in the order of their ids.
        labels: Names of what the outputs stand for, where they have names.
        more: Further metadata by name.
    """

    part: str
    graph: Graph
    use: tuple[str, ...]
    tokens: tuple[str, ...]
    labels: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)


def graphs_of(model: nn.Module, meta: Any) -> list[Exported]:
    """A network in evaluation mode as graphs.

    Args:
        model: The network.
        meta: What its task keeps of the data.

    Raises:
        TypeError: there is no rule for this kind of network.
        StudioError: the package onnx is not installed.
    """
    for kind, rule in NETWORKS.items():
        if isinstance(model, kind):
            return rule(model, meta)
    raise TypeError(f"{type(model).__name__} cannot be written as ONNX")


def _given(g: Graph) -> tuple[Value, Rows]:
    """The inputs that all readers of texts have."""
    ids = g.input("ids", INT, ("batch", "length"), "ids of the tokens, 0 behind a row's end")
    lengths = g.input("lengths", INT, ("batch",), "tokens of each row, at least 1")
    return ids, rows_of(g, lengths, g.size(ids, 1))


def _timed(g: Graph, values: Value) -> Value:
    """[B, T, F] -> [T, B, F], and back."""
    return g.op("Transpose", values, perm=[1, 0, 2])


def _classifier(model: TextClassifier, meta: Any) -> list[Exported]:
    g = Graph()
    ids, rows = _given(g)
    read = recurrent(g, model.recurrent, _timed(g, encode(g, model.encoder, ids)), rows)
    pooled, weights = pool(g, model.pooling, read.outputs, rows, final(g, model.recurrent, read.h))
    logits = g.linear(pooled, model.output.weight, model.output.bias)
    classes = len(meta.classes)
    g.output("logits", logits, FLOAT, ("batch", classes), "scores before softmax")
    g.output("probabilities", g.op("Softmax", logits, axis=1), FLOAT, ("batch", classes), "of each label")
    if weights is not None:
        g.output("attention", weights, FLOAT, ("batch", "length"), "how much each token counts")
    use = ("The answer to a row is the label at the largest of its probabilities.",)
    return [Exported("", g, use, tuple(meta.vocabulary.tokens), tuple(meta.classes))]


def _tagger(model: SequenceTagger, meta: Any) -> list[Exported]:
    g = Graph()
    ids, rows = _given(g)
    use = ["tags are numbers of labels, one for each token; what stands behind a row's end is 0 and means nothing."]
    parts = [encode(g, model.encoder, ids)]
    if model.characters is not None:
        what = "ids of the letters of each token, 0 behind its end"
        letters = g.input("characters", INT, ("batch", "length", "letters"), what)
        sizes = g.input("sizes", INT, ("batch", "length"), "letters of each token, 0 behind a row's end")
        parts.append(spelled(g, model.characters, letters, sizes))
        use.append("Letters have the ids 2, 3, ... in the order of the metadata 'characters'; others have the id 1.")
    if model.marks is not None:
        marks = g.input("marks", INT, ("batch", "length"), "1 at the word that is asked about, else 0")
        parts.append(g.op("Gather", g.constant(model.marks.weight), marks))
    vectors = parts[0] if len(parts) == 1 else g.op("Concat", *parts, axis=2)
    read = recurrent(g, model.recurrent, _timed(g, vectors), rows)
    nothing, there = g.constant(0.0, FLOAT), g.unsqueeze(rows.there, 2)
    scored = g.linear(read.outputs, model.output.weight, model.output.bias)
    emissions = g.op("Where", there, scored, nothing)
    if model.crf is not None:
        tags, scores = onnx_crf.decode(g, model.crf, emissions, rows)
        shares = onnx_crf.marginals(g, model.crf, emissions, rows)
        use.append("tags are the best sequence that the rules of the tags allow (Viterbi).")
    else:
        best = g.op("ArgMax", emissions, axis=2, keepdims=0)
        tags = g.op("Where", rows.there, best, g.constant(0, INT))
        shares = g.op("Where", there, g.op("Softmax", emissions, axis=2), nothing)
        scores = None
    count = len(meta.inventory.tags)
    wide = ("batch", "length", count)
    g.output("tags", g.op("Transpose", tags, perm=[1, 0]), INT, ("batch", "length"), "the best tags")
    g.output("probabilities", _timed(g, shares), FLOAT, wide, "of each tag given the whole row")
    g.output("emissions", _timed(g, emissions), FLOAT, wide, "scores of each tag at each token")
    if scores is not None:
        g.output("scores", scores, FLOAT, ("batch",), "of the best sequences")
    more = {"characters": json.dumps(list(meta.inventory.characters))} if model.characters is not None else {}
    return [Exported("", g, tuple(use), tuple(meta.vocabulary.tokens), tuple(meta.inventory.tags), more)]


def _states(g: Graph, stack: Recurrent, when: str) -> tuple[Value, Value | None]:
    """Inputs for the state of layers that read from left to right."""
    dims = (len(stack.layers), "batch", stack.hidden_size)
    h = g.input("h", FLOAT, dims, f"hidden states {when}")
    return h, g.input("c", FLOAT, dims, f"memory cells {when}") if stack.cell == "lstm" else None


def _give_states(g: Graph, stack: Recurrent, h: Value, c: Value | None, names: tuple[str, str], when: str) -> None:
    dims = (len(stack.layers), "batch", stack.hidden_size)
    g.output(names[0], h, FLOAT, dims, f"hidden states {when}")
    if c is not None:
        g.output(names[1], c, FLOAT, dims, f"memory cells {when}")


def _language_model(model: LanguageModel, meta: Any) -> list[Exported]:
    g = Graph()
    ids, rows = _given(g)
    h, c = _states(g, model.recurrent, "to begin with, zeros for a new text")
    read = recurrent(g, model.recurrent, _timed(g, encode(g, model.encoder, ids)), rows, h, c)
    outputs = _timed(g, read.outputs)
    if model.project is not None:
        outputs = g.linear(outputs, model.project.weight)
    logits = g.linear(outputs, model.output, model.output_bias)
    tokens = tuple(meta.vocabulary.tokens)
    what = "scores of the token after each one, before softmax"
    g.output("logits", logits, FLOAT, ("batch", "length", len(tokens)), what)
    _give_states(g, model.recurrent, read.h, read.c, ("next_h", "next_c"), "after each row's last token")
    use = [
        "To write on: read the beginning, choose the next token by the last scores (softmax of logits), read it alone "
        "with h and c as next_h and next_c were given, and so on.",
    ]
    if getattr(meta, "ends", False):
        use.append(f"A text begins behind the id {END}, and ends where that is chosen.")
    return [Exported("", g, tuple(use), tokens)]


def _translator(model: Translator, meta: Any) -> list[Exported]:
    return [
        Exported("encoder", _encoder(model), _ENCODER_USE, tuple(meta.vocabulary.tokens)),
        Exported("decoder", _decoder(model.decoder, model.recurrent.output_size), _DECODER_USE, _targets(meta)),
    ]


_ENCODER_USE = (
    "It reads the sources; what it gives goes to the decoder's inputs of the same names, and lengths too where the "
    "decoder has them.",
)
_DECODER_USE = (
    f"It writes one token a step. Begin with word = {START} and the encoder's outputs; then choose the next word by "
    f"logits (the largest one: greedy search), and go on with h, c and fed as next_h, next_c and next_fed were given. "
    f"The text ends where {END} is chosen.",
)


def _targets(meta: Any) -> tuple[str, ...]:
    return tuple(meta.units.target.pieces)


def _encoder(model: Translator) -> Graph:
    g = Graph()
    ids, rows = _given(g)
    stack, decoder = model.recurrent, model.decoder
    read = recurrent(g, stack, _timed(g, encode(g, model.encoder, ids)), rows)
    layers, directions = len(stack.layers), len(stack.directions)
    h = g.op("Tanh", _bridged(g, decoder.bridge_h, read.h, layers, directions))
    c = None if read.c is None else _bridged(g, decoder.bridge_c, read.c, layers, directions)
    _give_states(g, decoder.recurrent, h, c, ("h", "c"), "that the decoder begins with")
    if decoder.attention is not None:
        memory = _timed(g, read.outputs)
        dims = ("batch", "length", stack.output_size)
        g.output("memory", memory, FLOAT, dims, "what was read at each token, zero behind a row's end")
        if decoder.attention.project_key is not None:
            width = decoder.attention.project_key.shape[0]
            found = keys(g, decoder.attention, memory)
            g.output("keys", found, FLOAT, ("batch", "length", width), "the same, as queries are compared with it")
    else:
        g.output("last", final(g, stack, read.h), FLOAT, ("batch", stack.output_size), "the last state")
    if decoder.options.input_feeding:
        empty = g.zeros(g.size(ids, 0), decoder.output_size)
        g.output("fed", empty, FLOAT, ("batch", decoder.output_size), "zeros")
    return g


def _bridged(g: Graph, bridges: nn.ModuleList, states: Value, layers: int, directions: int) -> Value:
    """[layers * directions, B, H] -> [layers, B, H]."""
    per_layer = [states] if layers == 1 else g.op("Split", states, outputs=layers, axis=0)
    found = []
    for bridge, part in zip(bridges, per_layer, strict=True):
        side_by_side = g.op("Flatten", g.op("Transpose", part, perm=[1, 0, 2]), axis=1) if directions > 1 else None
        joined = g.squeeze(part, 0) if side_by_side is None else side_by_side
        found.append(g.unsqueeze(g.linear(joined, bridge.weight, bridge.bias), 0))  # type: ignore[arg-type]
    return g.op("Concat", *found, axis=0)


def _decoder(model: Decoder, size: int) -> Graph:
    g = Graph()
    word = g.input("word", INT, ("batch",), "the word before")
    stack, attention = model.recurrent, model.attention
    h, c = _states(g, stack, "after the step before")
    vectors = encode(g, model.words, word)
    fed = None
    if model.options.input_feeding:
        fed = g.input("fed", FLOAT, ("batch", model.output_size), "the attentional state of the step before")
        vectors = g.op("Concat", vectors, fed, axis=1)
    ones = g.op("Expand", g.constant(1, INT), g.op("Shape", word))
    read = recurrent(g, stack, g.unsqueeze(vectors, 0), Rows(ones, g.ints(1), _all_there(g, word)), h, c)
    top = g.squeeze(read.outputs, 0)
    weights = None
    if attention is not None:
        memory = g.input("memory", FLOAT, ("batch", "length", size), "from the encoder")
        known = memory
        if attention.project_key is not None:
            known = g.input("keys", FLOAT, ("batch", "length", attention.project_key.shape[0]), "from the encoder")
        lengths = g.input("lengths", INT, ("batch",), "tokens of each source")
        there = g.op("Transpose", rows_of(g, lengths, g.size(memory, 1)).there, perm=[1, 0])
        context, weights = attend(g, attention, top, memory, known, there)
    else:
        context = g.input("last", FLOAT, ("batch", size), "from the encoder")
    attended = g.op("Tanh", g.linear(g.op("Concat", context, top, axis=1), model.combine.weight))
    logits = g.linear(attended, model.output, model.output_bias)
    g.output("logits", logits, FLOAT, ("batch", len(model.output_bias)), "scores of the next word, before softmax")
    _give_states(g, stack, read.h, read.c, ("next_h", "next_c"), "after this step")
    if fed is not None:
        g.output("next_fed", attended, FLOAT, ("batch", model.output_size), "the attentional state of this step")
    if weights is not None:
        g.output("attention", weights, FLOAT, ("batch", "length"), "where this step looked")
    return g


def _all_there(g: Graph, word: Value) -> Value:
    """bool [1, B], all True."""
    shape = g.op("Concat", g.ints(1), g.op("Shape", word), axis=0)
    return g.op("Expand", g.constant(True, BOOL), shape)


NETWORKS: dict[type[nn.Module], Callable[[Any, Any], list[Exported]]] = {
    TextClassifier: _classifier,
    SequenceTagger: _tagger,
    LanguageModel: _language_model,
    Translator: _translator,
}
"""A rule for each kind of network; a task with another network adds its own."""
