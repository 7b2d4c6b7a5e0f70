"""Texts that are written, and text that is foretold, checked one by one; see ``tasks.checked``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.data.batches import bucketed
from lstm_studio.data.encoded_pairs import EncodedPairs
from lstm_studio.data.likelihood import perplexity
from lstm_studio.data.prepare_pairs import PairUnits
from lstm_studio.data.streams import EncodedStream
from lstm_studio.data.stretches import Stretch, read_stretch, stretches
from lstm_studio.data.text_units import TextUnits
from lstm_studio.data.units import UNKNOWN_ID, Units
from lstm_studio.data.width import narrow
from lstm_studio.nn.beam import beam_search
from lstm_studio.nn.language_model import LanguageModel
from lstm_studio.nn.pooling import padding_mask
from lstm_studio.nn.translator import Translator, with_end
from lstm_studio.nn.types import LSTMState
from lstm_studio.tasks.checked import CheckedRow, Checking
from lstm_studio.tasks.text_figures import sentence_chrf

if TYPE_CHECKING:
    from lstm_studio.tasks.pair_answers import Writer

BATCH = 64
"""Pairs at once."""
_ROWS, _STEPS, _EACH = 64, 64, 10_000
"""Rows of running text that are read side by side at most, tokens of a step, and the least of a row."""
_WINDOW, _OF_CHARACTERS = 60, 160
"""Tokens of a passage; characters say less each."""
_MOST = 100_000
"""Passages; of a longer text each is longer."""
_SCORES = 4_000_000
"""Scores that stand in memory at once."""


def gold_figures(
    states: Tensor, gold: Tensor, scores: Callable[[Tensor], Tensor], words: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a network thought of true tokens, some at a time so that N * V scores never stand in memory.

    Args:
        states: [N, A].
        gold: int64 [N].
        scores: States [n, A] -> scores before softmax [n, V].
        words: V.

    Returns:
        -log p of each true token float32 [N], the probability of the likeliest one float32 [N], and whether that is the
        true one bool [N].
    """
    losses, sure, hits = (np.empty(len(gold), kind) for kind in (np.float32, np.float32, bool))
    step = max(1, _SCORES // max(1, words))
    for first in range(0, len(gold), step):
        here = slice(first, first + step)
        logs = scores(states[here]).float().log_softmax(-1)
        best, place = logs.max(-1)
        losses[here] = -logs.gather(-1, gold[here].unsqueeze(-1)).squeeze(-1).cpu().numpy()
        sure[here] = best.exp().cpu().numpy()
        hits[here] = (place == gold[here]).cpu().numpy()
    return losses, sure, hits


# -- pairs ------------------------------------------------------------------------------------------------------


def check_pairs(
    model: nn.Module, part: EncodedPairs, units: PairUnits, writer: Writer, folded: bool, device: torch.device
) -> Checking:
    """What is written when the likeliest token is taken each time; chrF; the loss a token under true beginnings.

    Right is what equals one of the right answers. Confidence is the geometric mean of the probabilities of the tokens
    that were written, their end included. Decisions are those at each token under true beginnings.

    Args:
        folded: Whether capitals count for nothing.
    """
    batches = bucketed(part.lengths, BATCH, 0, 0, shuffle=False)

    def ask(place: int) -> dict[str, Any]:
        return {"text": part.source(place)}

    rows = _pairs(cast("Translator", model), part, writer, folded, batches, units.target, device)
    return Checking("chrf", rows, len(batches), ask, decides="token")


def _pairs(
    network: Translator,
    part: EncodedPairs,
    writer: Writer,
    folded: bool,
    batches: Sequence[np.ndarray],
    units: Units,
    device: torch.device,
) -> Iterator[list[CheckedRow]]:
    options = writer.options(1, 0.0, 1)
    for handle in batches:
        arrays = part.padded(handle)
        source, source_lengths, target, target_lengths = (torch.from_numpy(array) for array in arrays)
        source, target = source.to(device), target.to(device)
        with torch.inference_mode():
            encoded = network.encode(source, source_lengths)
            states = network.read(encoded, target, target_lengths).states
            gold = with_end(target, target_lengths)
            there = padding_mask(target_lengths + 1, gold.shape[1], device)
            losses, sure, hits = gold_figures(states[there], gold[there], network.decoder.scores, len(units))
            longest = writer.longest(part.source_lengths[handle])
            found = beam_search(network.decoder, encoded.source, encoded.state, longest, options, device)
        said = [
            writer.text(several, partial(part.source, place))
            for several, place in zip(found, handle.tolist(), strict=True)
        ]
        right = [part.references(place) for place in handle.tolist()]
        if units.narrow:
            right = [tuple(map(narrow, several)) for several in right]
        scores = sentence_chrf(said, right, lowercase=folded)
        ends = np.cumsum(target_lengths.numpy() + 1)
        rows = []
        for row, place in enumerate(handle.tolist()):
            own = slice(int(ends[row] - target_lengths[row] - 1), int(ends[row]))
            best = found[row][0] if found[row] else None
            rows.append(
                CheckedRow(
                    place,
                    part.source(place),
                    right[row][0] if right[row] else "",
                    said[row],
                    float(losses[own].mean()),
                    float(scores[row]),
                    right=_plain(said[row], folded) in {_plain(text, folded) for text in right[row]},
                    confidence=math.nan if best is None else math.exp(best.log_probability / (len(best.words) + 1)),
                    length=int(source_lengths[row]),
                    unknown=int((arrays[0][row, : source_lengths[row]] == UNKNOWN_ID).sum()),
                    sure=sure[own],
                    hits=hits[own],
                )
            )
        yield rows


def _plain(text: str, folded: bool) -> str:
    text = " ".join(text.split())
    return text.casefold() if folded else text


# -- running text -----------------------------------------------------------------------------------------------


def check_running(model: nn.Module, stream: EncodedStream, units: TextUnits, device: torch.device) -> Checking:
    """Passages of equal length one after the other, and what their tokens cost.

    There is no answer that would be right or wrong: a passage has its perplexity alone. Decisions are those at each
    token.
    """
    rows = int(np.clip(len(stream) // _EACH, 1, _ROWS))
    read = stretches(len(stream), rows, _STEPS)
    edges = passages(len(stream), units)

    def text(place: int) -> str:
        return units.decode(np.asarray(stream.ids[edges[place] : edges[place + 1]]).tolist())

    def ask(place: int) -> dict[str, Any]:
        return {"text": text(place)}

    found = _running(cast("LanguageModel", model), stream, edges, text, read, len(units), device)
    return Checking("perplexity", found, len(read), ask, decides="token", told=False)


def passages(tokens: int, units: TextUnits) -> np.ndarray:
    """Where passages begin, and the end: int64 [N + 1]. About 60 words or pieces, 160 characters, each."""
    long = _OF_CHARACTERS if units.kind == "character" else _WINDOW
    count = min(_MOST, max(1, round(tokens / long))) if tokens else 0
    return np.arange(count + 1) * tokens // max(1, count)


def _running(
    network: LanguageModel,
    stream: EncodedStream,
    edges: np.ndarray,
    text: Callable[[int], str],
    read: Sequence[Stretch],
    words: int,
    device: torch.device,
) -> Iterator[list[CheckedRow]]:
    losses, sure, hits = (np.zeros(len(stream), kind) for kind in (np.float32, np.float32, bool))
    state: LSTMState | None = None
    for number, stretch in enumerate(read):
        batch = read_stretch(stream.ids, stretch)
        lengths = torch.from_numpy(batch.lengths)
        with torch.inference_mode():
            out = network.read(torch.from_numpy(batch.inputs).to(device), None if stretch.first else state, lengths)
            there = np.arange(batch.inputs.shape[1]) < stretch.lengths[:, None]
            on = torch.from_numpy(there).to(device)
            gold = torch.from_numpy(batch.targets).to(device)[on]
            found = gold_figures(out.outputs[on], gold, network.scores, words)
        state = out.state
        places = (stretch.begins[:, None] + np.arange(there.shape[1]))[there]
        losses[places], sure[places], hits[places] = found
        if number < len(read) - 1:
            yield []
    rows = []
    for place in range(len(edges) - 1):
        own = slice(int(edges[place]), int(edges[place + 1]))
        loss = float(losses[own].mean(dtype=np.float64))
        rows.append(
            CheckedRow(
                place,
                text(place),
                loss=loss,
                score=perplexity(loss),
                weight=float(own.stop - own.start),
                length=own.stop - own.start,
                unknown=int((np.asarray(stream.ids[own]) == UNKNOWN_ID).sum()),
                sure=sure[own],
                hits=hits[own],
            )
        )
    yield rows
