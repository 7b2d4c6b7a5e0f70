"""The most likely words that a decoder would say: beam search over a whole batch at once; one beam is greedy search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from lstm_studio.nn.decoder import END, START
from lstm_studio.nn.encoding import PADDING, UNKNOWN
from lstm_studio.nn.matmul import borrow
from lstm_studio.nn.translator import Translator

NEVER = float("-inf")
_BLOCK = 64
"""Scores of which only the largest is looked at first."""


class Speaker(Protocol):
    """What says the next word; ``Decoder`` is one. State and source have a ``select(rows)``."""

    def step(self, words: Tensor, state: Any, source: Any) -> tuple[Tensor, Any, Tensor | None]:
        """As ``Decoder.step``."""


WORTH = 12
"""Rows that are done are let go of when they are one in so many."""


@dataclass(frozen=True)
class SearchOptions:
    """How to search.

    Attributes:
        beams: Beginnings that are followed at once, for each text; 1 takes the most likely word each time.
        best: Hypotheses wanted, at most as many as there are beams.
        length_penalty: Alpha of Wu et al., "Google's neural machine translation system", 2016, section 7: a
            hypothesis of n words, end mark included, ranks by log p / ((5 + n) / 6)^alpha. 0 prefers short ones.
        length_ratio, length_extra: At most ratio * source words + extra words; then the end mark is forced.
        no_repeat: Sequences of so many words never occur twice in a text; 0 allows all.
        unknown: Whether the unknown word may be said.
        attention: Also return where each word looked.
    """

    beams: int = 5
    best: int = 1
    length_penalty: float = 0.6
    length_ratio: float = 1.5
    length_extra: int = 10
    no_repeat: int = 0
    unknown: bool = True
    attention: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.best <= self.beams:
            raise ValueError("best must lie in 1..beams")
        if self.length_penalty < 0 or self.length_ratio < 0 or self.length_extra < 0 or self.no_repeat < 0:
            raise ValueError("length_penalty, length_ratio, length_extra and no_repeat must not be negative")


@dataclass
class Hypothesis:
    """``words`` without marks; ``log_probability`` of the words and the end mark; ``score`` that it ranks by;
    ``attention`` [words + 1, S] when asked for, the last row at the end mark."""

    words: list[int]
    log_probability: float
    score: float
    attention: Tensor | None = None


def translate(
    network: Translator, source: Tensor, lengths: Tensor, options: SearchOptions | None = None
) -> list[list[Hypothesis]]:
    """The best targets of each source, int64 [B, S] with lengths [B], best first. The network is in eval mode."""
    options = options or SearchOptions()
    with torch.no_grad():
        encoded = network.encode(source, lengths)
    longest = [math.ceil(options.length_ratio * length) + options.length_extra for length in lengths.tolist()]
    return beam_search(network.decoder, encoded.source, encoded.state, longest, options, source.device)


@torch.no_grad()
def beam_search(
    speaker: Speaker,
    source: Any,
    state: Any,
    longest: Sequence[int],
    options: SearchOptions | None = None,
    device: torch.device | None = None,
) -> list[list[Hypothesis]]:
    """Search for the best words of all rows together.

    At each step the 2 * beams best continuations of a row are found. End marks among the first ``beams`` of them
    finish a hypothesis; the best others go on. A row is done when ``beams`` hypotheses have finished, or when none
    that goes on can still rank among the ``best``; done rows leave the batch.

    Args:
        speaker: Says the next word.
        source, state: Of B rows.
        longest: Most words of each row, B numbers of at least 0.
        options: How to search.
        device: Where the speaker computes; None for the processor.

    Returns:
        For each row ``best`` hypotheses, best first; fewer where there are not as many.
    """
    options = options or SearchOptions()
    found: list[list[Hypothesis]] = [[] for _ in longest]
    search = _Search(options, longest, device or torch.device("cpu"))
    words = torch.full((len(longest),), START, dtype=torch.int64, device=device)
    step = 0
    while search.rows:
        width = search.alive.shape[1]
        scores, state, attention = speaker.step(words, state, source)
        if scores.dtype in (torch.float16, torch.bfloat16):
            scores = scores.float()
        origins, words = search.advance(scores, attention, step)
        kept = search.leave(found)
        base = torch.arange(len(origins), device=origins.device).unsqueeze(1) * width
        rows = origins + base
        if kept is not None:
            rows, words = rows[kept], words[kept]
            source = source.select(kept)
        state, words = state.select(rows.flatten()), words.flatten()
        step += 1
    return found


class _Search:
    """All hypotheses of the rows that are not done: b rows, w of them alive in each, t words so far.

    Attributes:
        rows: Their places in the batch.
        alive: log p [b, w]; minus infinity where none is.
        words: [b, w, t].
        slots: [b, w, t]: among the alive ones of each step, which one this goes back to.
        looked: For each step the attention [b, w, S].
        finished: Scores [b, beams], best first, and beside it log p, numbers of words, words and slots.
    """

    _BY_ROW = (
        *("longest", "alive", "words", "slots", "done", "endings"),
        *("finished", "finished_log", "finished_size", "finished_words", "finished_slots"),
    )

    def __init__(self, options: SearchOptions, longest: Sequence[int], device: torch.device) -> None:
        self.options = options
        self.rows = list(range(len(longest)))
        self.limit = max(longest, default=0) + 1
        count, beams = len(longest), options.beams

        def zeros(*shape: int) -> Tensor:
            return torch.zeros(shape, dtype=torch.int64, device=device)

        self.longest = torch.tensor(list(longest), dtype=torch.int64, device=device)
        self.alive = torch.zeros(count, 1, device=device)
        self.words, self.slots = zeros(count, 1, 0), zeros(count, 1, 0)
        self.looked: list[Tensor] = []
        self.done = torch.zeros(count, dtype=torch.bool, device=device)
        self.endings = zeros(count)
        self.finished = torch.full((count, beams), NEVER, device=device)
        self.finished_log = torch.full((count, beams), NEVER, device=device)
        self.finished_size = zeros(count, beams)
        self.finished_words, self.finished_slots = zeros(count, beams, self.limit), zeros(count, beams, self.limit)

    def advance(self, scores: Tensor, attention: Tensor | None, step: int) -> tuple[Tensor, Tensor]:
        """From scores [b * w, V]: what goes on, as origins [b, w'] in 0..w-1 and words [b, w']."""
        count, width = self.alive.shape
        beams = self.options.beams
        log = self._allowed(torch.log_softmax(scores, 1, out=borrow("log", scores, scores.shape)), step)
        values, candidates = _top(log, min(2 * beams, log.shape[1]))
        total = (values.view(count, width, -1) + self.alive.to(log.dtype).unsqueeze(2)).flatten(1)
        best, place = total.topk(min(2 * beams, total.shape[1]), 1)
        origins = place // values.shape[1]
        words = candidates.view(count, -1).gather(1, place)
        if self.options.attention and attention is not None:
            self.looked.append(attention.view(count, width, -1))
        ends = words == END
        ending = ends & ~torch.isneginf(best)
        ending[:, beams:] = False
        if bool(ending.any()):
            self._finish(best, origins, ending, step)
        going, chosen = best.masked_fill(ends, NEVER).topk(min(beams, best.shape[1]), 1)
        origins, words = origins.gather(1, chosen), words.gather(1, chosen)
        self.words = torch.cat([_pick(self.words, origins), words.unsqueeze(2)], 2)
        self.slots = torch.cat([_pick(self.slots, origins), origins.unsqueeze(2)], 2)
        self.alive = going.masked_fill(self.done.unsqueeze(1), NEVER)
        self._judge()
        return origins, words

    def leave(self, found: list[list[Hypothesis]]) -> Tensor | None:
        """Hand out done rows, once they are worth the copying: the rows that stay, None for all."""
        done = int(self.done.sum())
        if done < len(self.rows) and done * WORTH < len(self.rows):
            return None
        for row in self.done.nonzero().flatten().tolist():
            found[self.rows[row]] = self._hypotheses(row)
        kept = (~self.done).nonzero().flatten()
        self.rows = [self.rows[row] for row in kept.tolist()]
        for name in self._BY_ROW:
            setattr(self, name, getattr(self, name)[kept])
        self.looked = [looked[kept] for looked in self.looked]
        return kept

    # -- inside ----------------------------------------------------------------------------------------------

    def _allowed(self, log: Tensor, step: int) -> Tensor:
        """Minus infinity for what must not be said, in place."""
        log[:, [PADDING, START] if self.options.unknown else [PADDING, UNKNOWN, START]] = NEVER
        width = self.alive.shape[1]
        size = self.options.no_repeat
        if size and step >= size:
            so_far = self.words.flatten(0, 1)
            seen = so_far.unfold(1, size, 1)  # [b * w, step - size + 1, size]
            again = (seen[:, :, :-1] == so_far[:, step - size + 1 :].unsqueeze(1)).all(2)
            row, place = again.nonzero(as_tuple=True)
            log[row, seen[row, place, -1]] = NEVER
        last = (self.longest <= step).repeat_interleave(width).nonzero().flatten()
        if len(last):
            end = log[last, END]
            log[last] = NEVER
            log[last, END] = end
        return log

    def _finish(self, best: Tensor, origins: Tensor, ending: Tensor, step: int) -> None:
        """Rank what ends now among what has ended before."""
        count, beams = self.finished.shape
        self.endings = self.endings + (ending & ~self.done.unsqueeze(1)).sum(1)
        log = best.masked_fill(~ending, NEVER)
        score = log / self._penalty(torch.tensor(step + 1.0, dtype=torch.float64)).to(log)
        self.finished, order = torch.cat([self.finished.to(score.dtype), score], 1).topk(beams, 1)
        self.finished_log = torch.cat([self.finished_log.to(log.dtype), log], 1).gather(1, order)
        size = torch.full((count, log.shape[1]), step, dtype=torch.int64, device=log.device)
        self.finished_size = torch.cat([self.finished_size, size], 1).gather(1, order)
        room = torch.zeros(count, log.shape[1], self.limit, dtype=torch.int64, device=log.device)
        room[:, :, :step] = _pick(self.words, origins)
        self.finished_words = _pick(torch.cat([self.finished_words, room], 1), order)
        room[:, :, :step] = _pick(self.slots, origins)
        room[:, :, step] = origins
        self.finished_slots = _pick(torch.cat([self.finished_slots, room], 1), order)

    def _judge(self) -> None:
        """Which rows are done; of those nothing goes on."""
        # log p only falls, and the longest text gets the mildest penalty.
        hope = self.alive.amax(1) / self._penalty(self.longest + 1.0).to(self.alive)
        safe = self.finished[:, self.options.best - 1].to(hope.dtype) >= hope
        self.done = self.done | (self.endings >= self.options.beams) | safe
        self.alive = self.alive.masked_fill(self.done.unsqueeze(1), NEVER)

    def _penalty(self, words: Tensor) -> Tensor:
        return ((5 + words) / 6) ** self.options.length_penalty

    def _hypotheses(self, row: int) -> list[Hypothesis]:
        found = []
        for slot in range(self.options.best):
            score = float(self.finished[row, slot])
            if score == NEVER:
                break
            size = int(self.finished_size[row, slot])
            attention: Tensor | None = None
            if self.looked:
                slots = self.finished_slots[row, slot, : size + 1].tolist()
                attention = torch.stack([self.looked[step][row, at] for step, at in enumerate(slots)])
            words = self.finished_words[row, slot, :size].tolist()
            found.append(Hypothesis(words, float(self.finished_log[row, slot]), score, attention))
        return found


def replace_unknown(words: Sequence[str], ids: Sequence[int], attention: Tensor, source: Sequence[str]) -> list[str]:
    """Words in which each unknown one gave way to the source word that its step looked at most.

    After Jean et al., "On using very large target vocabularies", 2015, section 4.1.

    Args:
        words, ids: Of one hypothesis, as many of each.
        attention: [at least as many, S].
        source: The source's own words, at most S; a longer source keeps its unread words out.
    """
    best = attention[: len(ids), : len(source)].argmax(1).tolist()
    return [source[at] if number == UNKNOWN else word for word, number, at in zip(words, ids, best, strict=True)]


def _pick(values: Tensor, places: Tensor) -> Tensor:
    """values [b, w, t], places [b, n] in 0..w-1 -> [b, n, t]."""
    return values.gather(1, places.unsqueeze(2).expand(-1, -1, values.shape[2]))


def _top(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The largest ``count`` of each row, [R, V] -> values and places [R, count].

    They stand in those blocks whose own largest are the largest; to look for blocks first is several times faster.
    """
    rows, words = values.shape
    blocks = words // _BLOCK
    if values.device.type != "cpu" or blocks < 4 * count:
        return values.topk(count, 1)
    even = values[:, : blocks * _BLOCK].unflatten(1, (blocks, _BLOCK))
    chosen = even.amax(2).topk(count, 1).indices
    places = (chosen.unsqueeze(2) * _BLOCK + torch.arange(_BLOCK)).flatten(1)
    if words > blocks * _BLOCK:
        places = torch.cat([places, torch.arange(blocks * _BLOCK, words).expand(rows, -1)], 1)
    best, at = values.gather(1, places).topk(count, 1)
    return best, places.gather(1, at)
