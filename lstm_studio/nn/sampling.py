"""Texts that a language model writes: words drawn one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from lstm_studio.errors import StudioError
from lstm_studio.nn.language_model import LanguageModel, select
from lstm_studio.nn.one_step import OneStep
from lstm_studio.nn.types import LSTMState

NEVER = float("-inf")
_STRETCH = 1024
"""Words of a prompt that are read at once."""
_REACHED = 1e-12
"""Sums of probabilities that fall short of top_p by less have reached it: rounding must not let one word more in."""


class Choice(NamedTuple):
    """Of R rows, on the CPU: ``ids`` int64 [R]; the probability of each, float64 [R], as the network gives it
    (``plain``) and among the words that it was drawn from (``filtered``)."""

    ids: Tensor
    plain: Tensor
    filtered: Tensor


class Sampler:
    """Draws words from scores.

    First the scores are divided by the temperature, then top_k keeps the likeliest words, then top_p keeps the fewest
    of those whose probabilities sum to it. Among words of equal score the one with the lower id comes first.
    Everything is computed in float64 on the CPU with a generator of its own: the same scores and the same seed give
    the same words, on any machine and whatever else draws random numbers.

    Args:
        temperature: Below 1 likely words become likelier, above 1 less so; 0 always takes the likeliest.
        top_k: Words to draw from (Fan, Lewis & Dauphin, "Hierarchical neural story generation", 2018); 0 for all.
        top_p: Probability to draw from, 0 < p <= 1 (nucleus sampling; Holtzman et al., "The curious case of neural
            text degeneration", 2020); 1 for all.
        seed: Of the generators. Each sample has its own, so that asking for more samples does not change the first.
        forbidden: Ids that are never drawn, e.g. padding and the unknown word.

    Raises:
        ValueError: a number out of its bounds.
    """

    def __init__(
        self,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        forbidden: Collection[int] = (),
    ) -> None:
        if not 0 <= temperature < float("inf"):
            raise ValueError("temperature must be a number of at least 0")
        if top_k < 0 or not 0 < top_p <= 1:
            raise ValueError("top_k must not be negative, and top_p must lie in 0 < p <= 1")
        self.temperature, self.top_k, self.top_p, self.seed = temperature, top_k, top_p, seed
        self.forbidden = sorted(set(forbidden))
        self._generators: dict[int, torch.Generator] = {}

    def restart(self) -> None:
        """Draw from the beginning again."""
        self._generators.clear()

    def distribution(self, scores: Tensor) -> Tensor:
        """What words are drawn from: scores [R, V] -> probabilities [R, V], float64 on the CPU.

        Raises:
            StudioError: a score is not a number.
            ValueError: no word is left to be drawn.
        """
        return self._distribution(_numbers(scores))

    def _distribution(self, scores: Tensor) -> Tensor:
        """The same for what ``_numbers`` has seen."""
        allowed = scores.clone()
        if self.forbidden:
            allowed[:, self.forbidden] = NEVER
        best, first = allowed.max(1, keepdim=True)
        if bool(torch.isneginf(best).any()):
            raise ValueError("every word is forbidden")
        if self.temperature == 0:
            return torch.zeros_like(allowed).scatter_(1, first, 1.0)
        # The largest becomes 0, so that no temperature, however small, makes infinities.
        scaled = (allowed - best) / self.temperature
        if 0 < self.top_k < allowed.shape[1]:
            scaled = scaled.masked_fill(~_largest(allowed, self.top_k), NEVER)
        shares = scaled.softmax(1)
        if self.top_p < 1:
            shares = shares * _nucleus(allowed, shares, self.top_p)
            shares = shares / shares.sum(1, keepdim=True)
        return shares

    def choose(self, scores: Tensor, samples: Sequence[int] | None = None) -> Choice:
        """Draw one word for each row.

        Args:
            scores: [R, V], before softmax.
            samples: Which sample each row belongs to, and so whose generator draws; None for 0..R-1.

        Raises:
            StudioError, ValueError: as of ``distribution``.
        """
        scores = _numbers(scores)
        shares = self._distribution(scores)
        drawn = [self._draw(sample) for sample in (range(len(scores)) if samples is None else samples)]
        sums = shares.cumsum(1)
        total = sums[:, -1:].contiguous()
        level = torch.tensor(drawn, dtype=torch.float64).unsqueeze(1) * total
        # The first word whose sum exceeds the level: it has a probability above 0. A level that was rounded up to the
        # total has none, and takes the word that reaches it.
        ids = torch.minimum(torch.searchsorted(sums, level, right=True), torch.searchsorted(sums, total))
        return Choice(ids.squeeze(1), scores.softmax(1).gather(1, ids).squeeze(1), shares.gather(1, ids).squeeze(1))

    def _draw(self, sample: int) -> float:
        generator = self._generators.get(sample)
        if generator is None:
            digest = hashlib.blake2b(f"{self.seed} {sample}".encode(), digest_size=4).digest()
            generator = self._generators[sample] = torch.Generator().manual_seed(int.from_bytes(digest, "big"))
        return float(torch.rand((), dtype=torch.float64, generator=generator))


class Token(NamedTuple):
    """A word as it is written: of which sample (0, 1, ...), its id, its probabilities as in ``Choice``."""

    sample: int
    id: int
    plain: float
    filtered: float


@dataclass
class Sample:
    """A text that was written, without prompt and without the word that stopped it.

    Attributes:
        ids: Its words.
        plain, filtered: Their probabilities, as in ``Choice``.
        ended: By a stop word, at its longest, or halted by the caller.
    """

    ids: list[int] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    filtered: list[float] = field(default_factory=list)
    ended: Literal["stop", "longest", "halted"] = "longest"


@torch.no_grad()
def generate(
    network: LanguageModel,
    prompt: Sequence[int],
    longest: int,
    sampler: Sampler,
    *,
    stop: Collection[int] = (),
    samples: int = 1,
    on_token: Callable[[Token], object] | None = None,
) -> list[Sample]:
    """Go on writing behind a prompt, which is read once for all samples.

    The sampler starts from its beginning, so that calling again gives the same.

    Args:
        network: In eval mode.
        prompt: Ids, at least one; where a text should begin from nothing, the mark that stands before texts.
        longest: Most words of each sample.
        sampler: How words are drawn.
        stop: Ids that end a sample.
        samples: How many are written at once.
        on_token: Called with each word as soon as it is there, sample by sample; if it returns True, all halts.

    Raises:
        ValueError: the prompt is empty, or nothing is asked for.
        StudioError, ValueError: as of ``Sampler.distribution``.
    """
    if not len(prompt) or samples < 1 or longest < 0:
        raise ValueError("writing needs a prompt of at least one word, a sample and a length of at least 0")
    sampler.restart()
    found = [Sample() for _ in range(samples)]
    words = torch.tensor(list(prompt), dtype=torch.int64, device=network.device)
    state = None
    for stretch in words[:-1].split(_STRETCH) if len(words) > 1 else ():
        state = network.read(stretch.unsqueeze(0), state).state
    scores, state = network.step(words[-1:], state)
    scores, state = scores.expand(samples, -1), select(state, words.new_zeros(samples))
    going = list(range(samples))
    quick = OneStep.of(network.recurrent)
    for count in range(1, longest + 1):
        choice = sampler.choose(scores, going)
        kept = []
        for place, token in enumerate(map(Token, going, *(part.tolist() for part in choice))):
            sample = found[token.sample]
            if token.id in stop:
                sample.ended = "stop"
                continue
            sample.ids.append(token.id)
            sample.plain.append(token.plain)
            sample.filtered.append(token.filtered)
            kept.append(place)
            if on_token is not None and on_token(token) is True:
                for number in {*(going[at] for at in kept), *going[place + 1 :]}:
                    found[number].ended = "halted"
                return found
        if not kept or count == longest:
            break
        rows = torch.tensor(kept)
        if len(kept) < len(going):
            going = [going[place] for place in kept]
            state = select(state, rows.to(network.device))
        scores, state = _step(network, quick, choice.ids[rows].to(network.device), state)
    return found


def _step(network: LanguageModel, quick: OneStep | None, ids: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
    """As ``network.step``."""
    if quick is None:
        return network.step(ids, state)
    outputs, state = quick(network.vectors(ids.unsqueeze(1)).squeeze(1), state)
    return network.scores(outputs), state


def _numbers(scores: Tensor) -> Tensor:
    """[R, V] in float64 on the CPU."""
    found = scores.detach().to("cpu", torch.float64)
    if bool((found.isnan() | found.isposinf()).any()):
        raise StudioError(
            "The network's scores are not numbers",
            why="Its weights ran out of bounds while it was trained",
            todo="Train it again with a lower training.learning_rate, or with training.clip_norm on",
        )
    return found


def _largest(scores: Tensor, count: int) -> Tensor:
    """Which are the ``count`` largest of each row, [R, V] -> bool [R, V]; of equal ones those with the lower ids."""
    least = scores.topk(count, 1).values[:, -1:]
    above, level = scores > least, scores == least
    room = count - above.sum(1, keepdim=True)
    return above | (level & (level.cumsum(1) <= room))


def _nucleus(scores: Tensor, shares: Tensor, top_p: float) -> Tensor:
    """Which are the fewest words whose shares sum to top_p, likeliest first, [R, V] -> bool [R, V]."""
    order = scores.sort(dim=1, descending=True, stable=True).indices
    sums = shares.gather(1, order).cumsum(1)
    before = torch.cat([sums.new_zeros(len(sums), 1), sums[:, :-1]], 1)
    return torch.zeros_like(shares, dtype=torch.bool).scatter_(1, order, before < top_p - _REACHED)
