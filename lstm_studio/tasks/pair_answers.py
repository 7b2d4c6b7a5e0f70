"""Translation and summaries at work: texts written for typed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import RunConfig
from lstm_studio.data.encoded_pairs import EncodedPairs
from lstm_studio.data.mending import rewriter
from lstm_studio.data.pairs import source_text
from lstm_studio.data.prepare_pairs import PairUnits, as_measured, encode_pairs, read_pairs, section
from lstm_studio.data.progress import Progress
from lstm_studio.data.remedies import mend_other_pairs
from lstm_studio.data.subwords import MARK, UNKNOWN_ID
from lstm_studio.data.table import Table
from lstm_studio.errors import StudioError
from lstm_studio.nn.beam import Hypothesis, SearchOptions, beam_search
from lstm_studio.nn.dense import softmax_loss
from lstm_studio.nn.pooling import padding_mask
from lstm_studio.nn.translator import Encoded, Translator, with_end
from lstm_studio.nn.types import LSTMTrace
from lstm_studio.tasks.answers import Foretold, Inside, Question, batched, log_odds
from lstm_studio.tasks.check_written import check_pairs
from lstm_studio.tasks.checked import Checking
from lstm_studio.tasks.reading import Reading
from lstm_studio.tasks.text_answers import likeliest_column
from lstm_studio.tasks.written import Version, WrittenText

CELLS = 4_000
"""Texts times source tokens of one batch; each is followed by several beams."""
AT_ONCE = 64
LIKELIEST = 5
"""Words that are named of each step when one looks inside."""
BEAMS = 64
END = "</s>"
"""Stands for the end of what was written among its tokens."""
_RATIO, _EXTRA, _BEYOND = 2.0, 10, 10
"""A text gets at most twice as many tokens as its source and ten; and ten more than any that was learned."""


@dataclass(frozen=True, eq=False)
class PairReading(Reading):
    """One text as the network reads it, and how it is to be answered.

    Attributes:
        beams, length_penalty: Of the search.
        best: Versions wanted.
    """

    beams: int = 1
    length_penalty: float = 0.0
    best: int = 1


class Writer:
    """From ids that were found to texts that people read.

    Args:
        config: The run, complete.
        units: What its texts are cut into.
    """

    def __init__(self, config: RunConfig, units: PairUnits) -> None:
        self._units, self._model = units, config.model
        self._most = section(config).max_target_length
        self._copies = config.model.replace_unknown and config.model.attention != "none"

    def options(self, beams: int, length_penalty: float, best: int) -> SearchOptions:
        """How to search."""
        return SearchOptions(
            beams=beams,
            best=best,
            length_penalty=length_penalty,
            no_repeat=self._model.no_repeat,
            unknown=self._copies,
            attention=self._copies,
        )

    def longest(self, source_lengths: Sequence[int] | np.ndarray) -> list[int]:
        """Most tokens that are written for sources of such lengths."""
        most = None if self._most is None else self._most + _BEYOND
        found = [int(_RATIO * int(length)) + _EXTRA for length in source_lengths]
        return found if most is None else [min(most, length) for length in found]

    def tokens(
        self, ids: Sequence[int], attention: Tensor | None, source: Callable[[], str]
    ) -> tuple[list[str], list[bool]]:
        """Tokens of what was written, and which of them are copied.

        Args:
            ids: Without marks.
            attention: [at least as many, S]; the source token that was looked at most takes an unknown one's place.
            source: The source as it was written; asked for only when something is copied.
        """
        tokens = self._units.target.tokens(ids)
        copied = [number == UNKNOWN_ID and self._copies and attention is not None for number in ids]
        if any(copied) and attention is not None:
            read = self._units.source.cut(source())
            looked = attention[: len(ids), : len(read)].argmax(1).tolist()
            for place, copy in enumerate(copied):
                if copy and read:
                    tokens[place] = self._as_target(read[looked[place]])
        return tokens, copied

    def _as_target(self, token: str) -> str:
        """A source token as it stands among target tokens."""
        source, target = self._units.source.kind, self._units.target.kind
        if source == target:
            return token
        starts = token.startswith(MARK) or source == "word"
        return (MARK if starts and target == "bpe" else "") + token.removeprefix(MARK)

    def text(self, hypotheses: Sequence[Hypothesis], source: Callable[[], str]) -> str:
        """The best hypothesis as a text; empty where the search found none."""
        if not hypotheses:
            return ""
        best = hypotheses[0]
        return self.join(self.tokens(best.words, best.attention, source)[0])

    def join(self, tokens: Sequence[str]) -> str:
        """Tokens as a text."""
        return self._units.target.join(tokens)


class PairAnswers:
    """See ``tasks.answers.Answers``."""

    asked: ClassVar[tuple[str, ...]] = ("beams", "length_penalty", "best")
    classes: tuple[str, ...] = ()

    def __init__(self, config: RunConfig, units: PairUnits) -> None:
        self._data, self._model = section(config), config.model
        self.units = units
        self._rewrite = rewriter(self._data.remedies)
        self._writer = Writer(config, units)

    def read(self, text: str, **asked: Any) -> PairReading:
        """Tokens and ids of a text.

        Args:
            text: As it was typed.
            asked: ``beams``, ``length_penalty`` and ``best`` (versions wanted); the run's own, and one version.

        Raises:
            StudioError: there is nothing to read, or no such search.
        """
        if not text.strip():
            raise StudioError("The text is empty", todo="Type at least one word")
        best = _whole("best", asked.get("best", 1), BEAMS)
        beams = max(best, _whole("beams", asked.get("beams", self._model.beams), BEAMS))
        penalty = asked.get("length_penalty", self._model.length_penalty)
        if not isinstance(penalty, (int, float)) or not 0 <= penalty <= 5:
            raise StudioError(f"length_penalty must lie in 0 to 5, not {penalty!r}")
        source = self.units.source
        if self._rewrite is not None:
            text = self._rewrite(text)
        tokens, ids = source.cut(text), source.encode(text)
        if not ids:
            tokens, ids = [text.strip()], [UNKNOWN_ID]
        longest = self._data.max_length or len(ids)
        kept = np.array(ids[:longest], np.int64)
        known = tuple(bool(number != UNKNOWN_ID) for number in kept)
        cut = len(ids) - len(kept)
        return PairReading(text, tuple(tokens[:longest]), known, kept, cut, beams, float(penalty), best)

    def answer(self, model: nn.Module, readings: Sequence[PairReading], device: torch.device) -> list[WrittenText]:
        """What is written for each text."""
        network = cast("Translator", model)
        found: dict[int, WrittenText] = {}
        searches: dict[tuple[int, float, int], list[int]] = {}
        for place, reading in enumerate(readings):
            searches.setdefault((reading.beams, reading.length_penalty, reading.best), []).append(place)
        for places in searches.values():
            for rows in batched([readings[place] for place in places], CELLS, AT_ONCE):
                chosen = [places[row] for row in rows]
                answers = self._write(network, [readings[place] for place in chosen], device)
                found.update(zip(chosen, answers, strict=True))
        return [found[place] for place in range(len(readings))]

    def _write(self, network: Translator, readings: Sequence[PairReading], device: torch.device) -> list[WrittenText]:
        """Texts that are searched for alike."""
        with torch.inference_mode():
            encoded = _encode(network, readings, device)
            found = self._search(network, encoded, readings, device)
            rows = [row for row, several in enumerate(found) for _ in several]
            again = self._read_back(network, encoded, rows, [one for several in found for one in several], device)
        answers, place = [], 0
        for reading, several in zip(readings, found, strict=True):
            versions = []
            for one in several:
                versions.append(self._version(reading, one, again[place]))
                place += 1
            answers.append(
                WrittenText(
                    reading.text,
                    reading.tokens,
                    tuple(not known for known in reading.known),
                    tuple(versions) or (Version("", (), (), float("-inf"), float("-inf")),),
                    reading.cut,
                )
            )
        return answers

    def _search(
        self, network: Translator, encoded: Encoded, readings: Sequence[PairReading], device: torch.device
    ) -> list[list[Hypothesis]]:
        first = readings[0]
        options = self._writer.options(first.beams, first.length_penalty, first.best)
        longest = self._writer.longest([len(reading.ids) for reading in readings])
        return beam_search(network.decoder, encoded.source, encoded.state, longest, options, device)

    def _read_back(
        self,
        network: Translator,
        encoded: Encoded,
        rows: Sequence[int],
        found: Sequence[Hypothesis],
        device: torch.device,
    ) -> list[tuple[np.ndarray, np.ndarray | None]]:
        """Of each hypothesis, for the row of the batch that it belongs to: the probability of each token and the end
        mark, [U + 1], and where each step looked, [U + 1, S]."""
        if not found:
            return []
        target, lengths = _padded([one.words for one in found], device)
        out = network.read(encoded.select(torch.tensor(rows, device=device)), target, lengths)
        gold = with_end(target, lengths)
        there = padding_mask(lengths + 1, gold.shape[1], device)
        decoder = network.decoder
        _, nll = softmax_loss(out.states[there], decoder.output, decoder.output_bias, gold[there])
        sizes = (lengths + 1).tolist()
        shares = [part.cpu().numpy() for part in nll.neg().exp().float().split(sizes)]
        looked: list[np.ndarray | None] = [None] * len(sizes)
        if out.attention is not None:
            weights = out.attention.float().cpu().numpy()
            looked = [weights[row, :size] for row, size in enumerate(sizes)]
        return list(zip(shares, looked, strict=True))

    def _version(
        self, reading: PairReading, found: Hypothesis, inside: tuple[np.ndarray, np.ndarray | None]
    ) -> Version:
        shares, looked = inside
        seen = len(reading.tokens)
        looked = None if looked is None else looked[:, :seen].copy()
        attention = None if looked is None else torch.from_numpy(looked)
        tokens, copied = self._writer.tokens(found.words, attention, lambda: reading.text)
        return Version(
            self._writer.join(tokens),
            tuple(tokens),
            tuple(shares.tolist()),
            found.log_probability,
            found.score,
            looked,
            tuple(copied),
        )

    def inside(self, model: nn.Module, reading: PairReading, device: torch.device, *, steps: bool = True) -> Inside:
        """Gates of reader and writer, what is written and where each step looked."""
        network = cast("Translator", model)
        with torch.inference_mode():
            encoded = _encode(network, [reading], device, trace=True)
            several = self._search(network, encoded, [reading], device)[0]
            words = several[0].words if several else []
            target, lengths = _padded([words], device)
            out = network.read(encoded, target, lengths, trace=True)
            weights = None if out.attention is None else out.attention[0, : len(words) + 1, : len(reading.tokens)]
            foretold = self._foretold(network, out.states[0], with_end(target, lengths)[0]) if steps else None
        tokens, _ = self._writer.tokens(words, weights, lambda: reading.text)
        traces: Sequence[LSTMTrace] = encoded.traces or ()
        return Inside(
            traces,
            self._writer.join(tokens),
            (),
            np.empty((0, 0), np.float32),
            "token",
            decoder=out.traces or (),
            output=(*tokens, END),
            alignment=None if weights is None else weights.float().cpu().numpy().copy(),
            foretold=foretold,
        )

    def _foretold(self, network: Translator, states: Tensor, gold: Tensor) -> Foretold:
        """Of each step, from attentional states [U, A] and what was written at them, ids [U]."""
        shares = network.decoder.scores(states).float().softmax(1)
        best = shares.topk(min(LIKELIEST, shares.shape[1]))
        pieces = self.units.target.pieces
        return Foretold(
            tuple(tuple(pieces[number] for number in row) for row in best.indices.tolist()),
            best.values.cpu().numpy().copy(),
            shares.gather(1, gold.unsqueeze(1)).squeeze(1).cpu().numpy().copy(),
            ahead=False,
        )

    def question(
        self, model: nn.Module, reading: PairReading, device: torch.device, label: str | None, word: int | None
    ) -> Question:
        """Log-odds of a token that was written (or of another one in its place), given those before it: the
        first one when None; one more than there are asks about the end."""
        network = cast("Translator", model)
        size = torch.tensor([len(reading.ids)])
        with torch.no_grad():
            encoded = _encode(network, [reading], device)
            several = self._search(network, encoded, [reading], device)[0]
            ids = torch.from_numpy(reading.ids).to(device).unsqueeze(0)
            vectors = network.encoder(ids).float()
        words = several[0].words if several else []
        word = 0 if word is None else word
        if not 0 <= word <= len(words):
            raise StudioError(f"There is no token {word}", todo=f"Name one from 0 to {len(words)}")
        pieces = self.units.target.pieces
        chosen = int(with_end(*_padded([words], device))[0, word])
        if label is not None:
            if label not in pieces:
                raise StudioError(f"{label} is no token that the network can write")
            chosen = pieces.index(label)
        before, count = _padded([words[:word]], device)

        def odds(read: Encoded, rows: int) -> Tensor:
            states = network.read(read, before.expand(rows, -1), count.expand(rows)).states[:, word]
            return log_odds(network.decoder.scores(states).float(), chosen)

        def score(points: Tensor) -> Tensor:
            return odds(network.encode_vectors(points, size.expand(len(points))), len(points))

        def hide(hidden: Tensor) -> Tensor:
            rows = ids.expand(len(hidden), -1).masked_fill(hidden, UNKNOWN_ID)
            return odds(network.encode(rows, size.expand(len(hidden))), len(hidden))

        name = pieces[chosen] if word < len(words) or label is not None else END
        return Question(vectors, score, hide, network.encoder.embedding is not None, name, chosen, word)

    def checked(self, model: nn.Module, part: EncodedPairs, device: torch.device) -> Checking:
        """Texts with right answers, one by one."""
        return check_pairs(model, part, self.units, self._writer, self._data.lowercase, device)

    # -- files -----------------------------------------------------------------------------------------------

    def part(self, table: Table, notes: list[str], progress: Progress) -> EncodedPairs:
        """Texts with right answers, laid out like the training file."""
        pairs = as_measured(mend_other_pairs(read_pairs(table, self._data, notes), self._data), table)
        return encode_pairs(pairs, self.units, self._data, progress)

    def column(self, table: Table, named: str | int | None) -> int:
        """Where the sources are."""
        return likeliest_column(table, named, self._data.source, self._data.header, "texts to read")

    def rows(self, table: Table, place: int, first: int, last: int, **asked: Any) -> list[PairReading | None]:
        """Readings of the cells."""
        texts = (source_text(row[place]) for row in table.rows(first, last))
        return [self.read(text, **asked) if text.strip() else None for text in texts]

    def columns(self, lines: bool) -> list[str]:
        """What is written, and the logarithm of its probability."""
        return ["prediction", "log_probability"]


def _whole(name: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise StudioError(f"{name} must be a whole number from 1 to {most}, not {value!r}")
    return value


def _padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Lists of ids -> int64 [B, longest] on the device, lengths [B] on the CPU."""
    lengths = torch.tensor([len(row) for row in rows])
    found = torch.zeros(len(rows), int(lengths.max()) if len(rows) else 0, dtype=torch.int64)
    for place, row in enumerate(rows):
        found[place, : len(row)] = torch.tensor(row, dtype=torch.int64)
    return found.to(device), lengths


def _encode(network: Translator, readings: Sequence[PairReading], device: torch.device, trace: bool = False) -> Encoded:
    ids, lengths = _padded([reading.ids.tolist() for reading in readings], device)
    return network.encode(ids, lengths, trace)
