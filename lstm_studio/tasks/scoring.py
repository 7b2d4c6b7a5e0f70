"""How well a network does on one batch whose answers are known: alone, or in many copies that differ inside.

Each kind of network says here how it is scored. Copies are made by ``nn.clamping``: what they share is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.language_model import LanguageModel
from lstm_studio.nn.pooling import padding_mask
from lstm_studio.nn.tagger import SequenceTagger
from lstm_studio.nn.translator import Translator, with_end
from lstm_studio.nn.types import LSTMState, LSTMTrace

_CELLS = 1 << 22
"""Scores of output layers that are held at once."""


@dataclass(eq=False)
class Score:
    """Of one batch, in K copies.

    Attributes:
        loss: Sums of -log p of what is right, float64 [K].
        right: How much was answered rightly, int64 [K].
        counted: How much there was to answer.
        what: What is counted: "texts", "words" or "tokens".
        examples: How many were read; 0 where a running text is read in pieces.
        traces: By part, when asked for, of the first copy.
        lengths: Steps of each row, by part.
        state: What the next batch of a running text begins with.
        decided: What was decided about each step, int64 [R, K, T]; of networks alone whose decisions are judged
            together.
    """

    loss: Tensor
    right: Tensor
    counted: int
    what: str
    examples: int
    traces: dict[str, Sequence[LSTMTrace]] = field(default_factory=dict)
    lengths: dict[str, Tensor] = field(default_factory=dict)
    state: LSTMState | None = None
    decided: Tensor | None = None


@singledispatch
def score(
    model: nn.Module, batch: Any, copies: int = 1, *, part: str = "", state: Any = None, trace: bool = False
) -> Score:
    """Score a network in evaluation mode, without gradient.

    Args:
        model: Of a task; what differs between the copies is held in it.
        batch: What the task's ``collate`` made.
        copies: K.
        part: Which of the model's stacks differs.
        state: What the batch before has left, of all copies; only running texts have one.
        trace: Also keep what happens inside.
    """
    raise NotImplementedError(f"{type(model).__name__} cannot be scored")


@score.register
def _classifier(
    model: TextClassifier, batch: Any, copies: int = 1, *, part: str = "", state: Any = None, trace: bool = False
) -> Score:
    lengths = batch.lengths.repeat_interleave(copies)
    targets = batch.targets.repeat_interleave(copies)
    output = model.classify(model.encoder(batch.ids), lengths, trace)
    logits = output.logits.float()
    loss, right = cross_entropy(logits, targets, reduction="none"), logits.argmax(1) == targets
    rows = len(batch.lengths)
    found = _summed(loss, right, rows, copies)
    return Score(*found, rows, "texts", rows, {"": output.traces or ()}, {"": batch.lengths})


@score.register
def _tagger(
    model: SequenceTagger, batch: Any, copies: int = 1, *, part: str = "", state: Any = None, trace: bool = False
) -> Score:
    """Sentences with tags that training did not know are left out."""
    spelling = batch.spelling if model.characters is not None else None
    vectors = model.vectors(batch.ids, batch.lengths, spelling, batch.marks if model.marks is not None else None)
    on = batch.known.to(vectors.device)
    vectors, tags, lengths = vectors[on], batch.tags[on], batch.lengths[batch.known.cpu()]
    if not len(lengths):
        nothing = torch.zeros(copies, device=vectors.device)
        return Score(nothing.double(), nothing.long(), 0, "words", 0)
    own = lengths.repeat_interleave(copies)
    output = model.tag(vectors, own, trace)
    gold = tags.repeat_interleave(copies, 0)
    loss = model.negative_log_likelihood(output.emissions, gold, own)
    there = padding_mask(own, gold.shape[1], gold.device)
    decided = model.decode(output.emissions, own)
    found = _summed(loss, ((decided == gold) & there).sum(1), len(lengths), copies)
    each = decided.view(len(lengths), copies, -1)
    words = int(lengths.sum())
    return Score(*found, words, "words", len(lengths), {"": output.traces or ()}, {"": lengths}, decided=each)


@score.register
def _translator(
    model: Translator, batch: Any, copies: int = 1, *, part: str = "", state: Any = None, trace: bool = False
) -> Score:
    """Each token of the right answer, given those before it."""
    vectors, lengths = model.encoder(batch.source), batch.source_lengths
    rows = torch.arange(len(lengths), device=vectors.device).repeat_interleave(copies)
    if part == "decoder":  # what is read is the same in all copies
        encoded = model.encode_vectors(vectors, lengths, trace)
        shared = encoded.select(rows) if copies > 1 else encoded
    else:
        encoded = shared = model.encode_vectors(vectors, lengths.repeat_interleave(copies), trace)
    target, counts = batch.target, batch.target_lengths.repeat_interleave(copies)
    if part != "decoder" or model.decoder.options.input_feeding:
        target = target[rows]
    output = model.read(shared, target, counts, trace=trace)
    gold = with_end(batch.target[rows], counts)
    there = padding_mask(counts + 1, gold.shape[1], gold.device)
    loss, right = _told(model.decoder.scores, output.states, gold, there)
    words = int(batch.target_lengths.sum()) + len(lengths)
    traces: dict[str, Sequence[LSTMTrace]] = {"": encoded.traces or (), "decoder": output.traces or ()}
    sizes = {"": lengths, "decoder": batch.target_lengths + 1}
    return Score(*_summed(loss, right, len(lengths), copies), words, "tokens", len(lengths), traces, sizes)


@score.register
def _language_model(
    model: LanguageModel, batch: Any, copies: int = 1, *, part: str = "", state: Any = None, trace: bool = False
) -> Score:
    """Each token, given those before it."""
    rows, steps = batch.inputs.shape
    lengths = batch.lengths if batch.lengths is not None else torch.full((rows,), steps)
    read = model.read_vectors(
        model.vectors(batch.inputs), None if batch.first else state, lengths.repeat_interleave(copies), trace
    )
    gold = batch.targets.repeat_interleave(copies, 0)
    there = padding_mask(lengths.repeat_interleave(copies), steps, gold.device)
    loss, right = _told(model.scores, read.outputs, gold, there)
    tokens = int(lengths.sum())
    found = _summed(loss, right, rows, copies)
    return Score(*found, tokens, "tokens", 0, {"": read.traces or ()}, {"": lengths}, read.state)


def _told(scores: Callable[[Tensor], Tensor], states: Tensor, gold: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """States [R, U, A], true ids and where there are some [R, U] -> loss and right ones of each row, [R]."""
    places = there.flatten().nonzero().squeeze(1)
    packed, wanted = states.flatten(0, 1)[places], gold.flatten()[places]
    loss, right = states.new_zeros(gold.numel(), dtype=torch.float32), gold.new_zeros(gold.numel())
    first = 0
    size = 1
    while first < len(places):
        some = slice(first, first + size)
        found = scores(packed[some]).float()
        loss[places[some]] = cross_entropy(found, wanted[some], reduction="none")
        right[places[some]] = (found.argmax(1) == wanted[some]).to(right.dtype)
        first += size
        size = max(1, _CELLS // found.shape[1])
    return loss.view_as(gold).sum(1), right.view_as(gold).sum(1)


def _summed(loss: Tensor, right: Tensor, rows: int, copies: int) -> tuple[Tensor, Tensor]:
    """Of each copy: [R * K] -> [K]."""
    return loss.double().view(rows, copies).sum(0), right.long().view(rows, copies).sum(0)
