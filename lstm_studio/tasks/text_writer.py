"""A language model at work: texts that it writes on, and what it saw coming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import RunConfig
from lstm_studio.data.documents import as_text
from lstm_studio.data.encoded_words import load_array
from lstm_studio.data.mending import rewriter
from lstm_studio.data.prepare_texts import WRITTEN, documents_of, section
from lstm_studio.data.progress import Progress
from lstm_studio.data.remedies import mend_other_documents
from lstm_studio.data.repeats import RepeatIndex
from lstm_studio.data.streams import EncodedStream, encode_stream
from lstm_studio.data.table import Table
from lstm_studio.data.text_units import TextUnits
from lstm_studio.data.units import BEGIN_ID, END_ID, PADDING_ID, UNKNOWN_ID
from lstm_studio.data.written import Sample
from lstm_studio.errors import StudioError
from lstm_studio.nn.language_model import LanguageModel
from lstm_studio.nn.sampling import Sampler, Token, generate
from lstm_studio.tasks.answers import Foretold, Inside, Question, log_odds
from lstm_studio.tasks.check_written import check_running
from lstm_studio.tasks.checked import Checking
from lstm_studio.tasks.continued import Continuation, Copied, WrittenToken
from lstm_studio.tasks.reading import Reading
from lstm_studio.tasks.text_answers import likeliest_column

Until = Literal["end", "line", "never"]
END = "</s>"
LIKELIEST = 5
_SAMPLE = {"character": 160, "word": 40, "bpe": 50}
"""Tokens of the texts that are written while a network learns."""
_PROMPT = {"character": 30, "word": 5, "bpe": 7}
_NEAR = 500
"""Tokens in which the beginning of a line is looked for."""
_LONGER = 1.25
"""A stretch is worth a warning that is so much longer than the longest one in unseen text."""
_STRETCH = 512
_TAIL, _CONTEXT = 100, 20
"""Tokens that are put together anew at each token, and those before them that are heeded."""
_FORETOLD = 1 << 24
"""Scores of the next token that are computed to look inside; of longer texts and vocabularies none are."""
_MOST = {"temperature": 5.0, "top_k": 1_000_000, "longest": 10_000, "seed": 2**31 - 1}


@dataclass(frozen=True, eq=False)
class Beginning(Reading):
    """A beginning as the network reads it, and how it is to be gone on with.

    Attributes:
        temperature, top_k, top_p, seed: See ``nn.sampling.Sampler``.
        longest: Most tokens that are written.
        until: What ends it besides: the text's end, a line's end, nothing.
        stop: A text that ends it as soon as it has been written; empty for none.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    longest: int = WRITTEN
    until: Until = "end"
    stop: str = ""


class TextWriter:
    """See ``tasks.answers.Answers``.

    Args:
        config: The run, complete.
        units: What its text is cut into.
        ends: Whether its documents are closed by an end mark; a typed text is then read as the start of one.
        usual: Tokens of the longest repeat in unseen text.
        compared: Folder that holds the training text in order; None where there is none.
    """

    asked: ClassVar[tuple[str, ...]] = ("temperature", "top_k", "top_p", "longest", "seed", "until", "stop")
    classes: tuple[str, ...] = ()

    def __init__(
        self, config: RunConfig, units: TextUnits, *, ends: bool, usual: int, compared: Path | None = None
    ) -> None:
        self._data, self._model = section(config), config.model
        self._steps = config.training.steps
        self.units, self.ends, self.usual = units, ends, usual
        self._rewrite = rewriter(self._data.remedies)
        self._compared = compared
        self._index: RepeatIndex | None = None
        self._between = "\n" if self._data.documents == "lines" else "\n\n"

    # -- reading ---------------------------------------------------------------------------------------------

    def read(self, text: str, **asked: Any) -> Beginning:
        """Tokens and ids of a beginning, which may be empty.

        Raises:
            StudioError: a number is out of its bounds.
        """
        model = self._model
        if self._rewrite is not None:
            text = self._rewrite(text)
        tokens, ids = self.units.cut(text), self.units.encode(text)
        if len(tokens) != len(ids):
            tokens = self.units.tokens(ids)
        kept = np.array(ids, np.int64)
        known = tuple(bool(number != UNKNOWN_ID) for number in ids)
        until, stop = asked.get("until", "end"), asked.get("stop", "")
        if until not in {"end", "line", "never"}:
            raise StudioError(f"until must be end, line or never, not {until!r}")
        if not isinstance(stop, str):
            raise StudioError(f"stop must be a text, not {stop!r}")
        top_p = _number("top_p", asked.get("top_p", model.top_p), 0.0, 1.0)
        if top_p == 0:
            raise StudioError("top_p must be above 0")
        return Beginning(
            text,
            tuple(shown(token) for token in tokens),
            known,
            kept,
            temperature=_number("temperature", asked.get("temperature", model.temperature), 0.0, _MOST["temperature"]),
            top_k=_whole("top_k", asked.get("top_k", model.top_k), 0),
            top_p=top_p,
            seed=_whole("seed", asked.get("seed", 0), 0),
            longest=_whole("longest", asked.get("longest", model.longest), 1),
            until=until,
            stop=stop,
        )

    def _with_lead(self, ids: Sequence[int]) -> list[int]:
        """What is read for ids: the mark that ends the text before, where texts end; never nothing."""
        if self.ends:
            return [END_ID, *ids]
        return list(ids) or [self.units.line_id if self.units.line_id is not None else END_ID]

    # -- writing ---------------------------------------------------------------------------------------------

    def answer(self, model: nn.Module, readings: Sequence[Beginning], device: torch.device) -> list[Continuation]:
        """What is written behind each beginning."""
        return [self.write(model, reading, device) for reading in readings]

    def write(
        self,
        model: nn.Module,
        reading: Beginning,
        device: torch.device,
        on_token: Callable[[WrittenToken], bool | None] | None = None,
    ) -> Continuation:
        """Write behind a beginning.

        Args:
            on_token: Told each token as soon as it is there; if it returns True, writing halts.
        """
        network, ids = cast("LanguageModel", model), reading.ids.tolist()
        stopped = False
        text = _Growing(self, ids, reading.text)

        def told(token: Token) -> bool:
            nonlocal stopped
            piece = self._piece(token.id)
            so_far = text.add(token.id)
            halt = on_token is not None and on_token(WrittenToken(piece, token.plain, so_far)) is True
            stopped = bool(reading.stop) and reading.stop in so_far
            return halt or stopped

        with torch.inference_mode():
            given = self._given(network, ids, device)
            sample = generate(
                network,
                self._with_lead(ids),
                reading.longest,
                self._sampler(reading),
                stop=self._stops(reading.until),
                on_token=told,
            )[0]
        return Continuation(
            reading.text,
            reading.tokens,
            tuple(not known for known in reading.known),
            given,
            tuple(map(self._piece, sample.ids)),
            tuple(sample.plain),
            tuple(sample.filtered),
            text.text,
            "stop" if stopped else sample.ended,
            reading.seed,
            self.copied(sample.ids),
        )

    def sample(self, network: LanguageModel, ids: Sequence[int], seed: int, device: torch.device) -> Sample:
        """What the network writes behind some tokens of a text with the run's settings, to be watched."""
        text = self.units.decode(ids)
        reading = replace(self.read(text, seed=seed), longest=min(self._model.longest, _SAMPLE[self.units.kind]))
        with torch.inference_mode():
            found = generate(
                network,
                self._with_lead(ids) if self.ends else ids,
                reading.longest,
                self._sampler(reading),
                stop=self._stops("end"),
            )[0]
        return Sample(text, self.behind(ids, found.ids, text))

    def _sampler(self, reading: Beginning) -> Sampler:
        forbidden = [PADDING_ID, UNKNOWN_ID, BEGIN_ID] + ([] if self.ends else [END_ID])
        return Sampler(reading.temperature, reading.top_k, reading.top_p, reading.seed, forbidden)

    def _stops(self, until: Until) -> set[int]:
        if until == "never":
            return set()
        line = {self.units.line_id} if until == "line" and self.units.line_id is not None else set()
        return {END_ID, *line}

    def _piece(self, number: int) -> str:
        return "↵" if number == END_ID else self.units.tokens([number])[0]

    def _given(self, network: LanguageModel, ids: Sequence[int], device: torch.device) -> tuple[float, ...]:
        """The probability of each token of a beginning, given those before it; of the very first where nothing stands
        before it that of any."""
        if not ids:
            return ()
        words = torch.tensor(self._with_lead(ids), device=device)
        found: list[float] = [] if self.ends else [1.0 / len(self.units)]
        state = None
        for start in range(0, len(words) - 1, _STRETCH):
            last = min(len(words) - 1, start + _STRETCH)
            read = network.loss(words[None, start:last], words[None, start + 1 : last + 1], state)
            state = read.state
            found += read.each[0].neg().exp().tolist()
        return tuple(found)

    def behind(self, ids: Sequence[int], written: Sequence[int], text: str, before: str | None = None) -> str:
        """Tokens that were written, readable, to be put right behind ``text``, whose tokens are ``ids``; ``before`` is
        what ``readable`` makes of these, where that is known."""
        if before is None:
            before = self.readable(ids)
        whole = self.readable([*ids, *written])
        if self.units.kind == "character":  # kept to the letter: indents are text
            return whole[len(before) :]
        found = whole[len(before) :] if whole.startswith(before) else f" {self.readable(written)}"
        return found.lstrip(" ") if text[-1:].isspace() or not text else found

    def readable(self, ids: Sequence[int]) -> str:
        """As ``decode``, with a line's end or a blank line where one text ends and the next begins."""
        texts: list[list[int]] = [[]]
        for number in ids:
            if number == END_ID:
                texts.append([])
            else:
                texts[-1].append(number)
        return self._between.join(map(self.units.decode, texts))

    def copied(self, ids: Sequence[int]) -> Copied | None:
        """The longest stretch of written tokens that stands in the training text; None where that is not there."""
        index = self._repeats()
        if index is None:
            return None
        found = index.longest_repeat(ids)
        return Copied(found.start, found.length, self.usual, found.length > _LONGER * self.usual + 1)

    def _repeats(self) -> RepeatIndex | None:
        if self._index is None and self._compared is not None:
            try:
                self._index = RepeatIndex.load(self._compared, load_array(self._compared / "ids.npy"))
            except (OSError, ValueError):
                self._compared = None
        return self._index

    # -- inside ----------------------------------------------------------------------------------------------

    def inside(self, model: nn.Module, reading: Beginning, device: torch.device, *, steps: bool = True) -> Inside:
        """Gates while a text is read, and what is likeliest to come next. The mark before the text is read too, and
        not shown."""
        if not len(reading.ids):
            raise StudioError("The text is empty", todo="Type at least one word")
        network = cast("LanguageModel", model)
        ids = torch.tensor([self._with_lead(reading.ids.tolist())], device=device)
        with torch.inference_mode():
            read = network.read(ids, trace=True)
            shares = network.scores(read.outputs[0, -1]).float().softmax(0)
            foretold = self._foretold(network, ids[0], read.outputs[0], len(reading.ids)) if steps else None
        likeliest = shares.topk(min(LIKELIEST, len(shares)))
        verdict = " · ".join(
            f"{self._piece(number)} {100 * share:.0f} %"
            for number, share in zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
        )
        lead = ids.shape[1] - len(reading.ids)
        traces = [
            replace(trace, values={name: values[:, lead:] for name, values in trace.values.items()})
            for trace in read.traces or ()
        ]
        return Inside(traces, verdict, (), np.empty((0, 0), np.float32), "token", foretold=foretold)

    def _foretold(self, network: LanguageModel, ids: Tensor, outputs: Tensor, count: int) -> Foretold | None:
        """Of the last ``count`` of the tokens ids [n] that were read, from the outputs [n, H] behind them."""
        words = len(self.units)
        if len(ids) * words > _FORETOLD:
            return None
        came = torch.full((len(ids),), torch.nan, device=ids.device)
        shares, likely = [], []
        block = max(1, (1 << 22) // words)
        for start in range(0, len(ids), block):
            found = network.scores(outputs[start : start + block]).float().softmax(1)
            best = found.topk(min(LIKELIEST, words))
            shares.append(best.values)
            likely.append(best.indices)
            gold = ids[start + 1 : start + block + 1]
            came[start + 1 : start + block + 1] = found[: len(gold)].gather(1, gold.unsqueeze(1)).squeeze(1)
        named = torch.cat(likely)[-count:].tolist()
        return Foretold(
            tuple(tuple(map(self._piece, row)) for row in named),
            torch.cat(shares)[-count:].cpu().numpy().copy(),
            came[-count:].cpu().numpy().copy(),
            ahead=True,
        )

    def question(
        self, model: nn.Module, reading: Beginning, device: torch.device, label: str | None, word: int | None
    ) -> Question:
        """Log-odds of a token of the text given those before it, or of the one that follows the text when None; of
        another token in its place where ``label`` names one."""
        network = cast("LanguageModel", model)
        ids = reading.ids.tolist()
        place = len(ids) if word is None else word
        if not 0 <= place <= len(ids) or not ids:
            raise StudioError(f"There is no token {place}", todo=f"Name one from 0 to {len(ids)}")
        read = self._with_lead(ids)
        lead = len(read) - len(ids)
        if place + lead == 0:
            raise StudioError("Nothing stands before the first token", todo="Ask about a later one")
        words = torch.tensor([read], device=device)
        with torch.no_grad():
            vectors = network.encoder(words).float()
            scores = network.scores(network.read(words).outputs[0, place + lead - 1])
        chosen = int(scores.argmax()) if place == len(ids) else ids[place]
        if label is not None:
            if label not in self.units.pieces:
                raise StudioError(f"{label} is no token that the network can write")
            chosen = self.units.pieces.index(label)

        def odds(outputs: Tensor) -> Tensor:
            return log_odds(network.scores(outputs[:, place + lead - 1]).float(), chosen)

        def score(points: Tensor) -> Tensor:
            first = vectors[:, :lead].expand(len(points), -1, -1)
            return odds(network.read_vectors(torch.cat([first, points], 1)).outputs)

        def hide(hidden: Tensor) -> Tensor:
            rows = words.expand(len(hidden), -1).clone()
            rows[:, lead:].masked_fill_(hidden, UNKNOWN_ID)
            return odds(network.read(rows).outputs)

        name = self._piece(chosen)
        return Question(vectors[:, lead:], score, hide, network.encoder.embedding is not None, name, chosen, word)

    def checked(self, model: nn.Module, part: Any, device: torch.device) -> Checking:
        """Passages of running text, one by one."""
        return check_running(model, part.stream, self.units, device)

    # -- files -----------------------------------------------------------------------------------------------

    def part(self, table: Table, notes: list[str], progress: Progress) -> Any:
        """A text to be foretold, laid out like the training text."""
        from lstm_studio.tasks.generation import TextPart

        documents = mend_other_documents(documents_of(table, self._data), self._data)
        notes += [note.text for note in documents.notes]
        return TextPart(encode_stream(documents, self.units, ends=self.ends, progress=progress), self._steps)

    def column(self, table: Table, named: str | int | None) -> int:
        """Where the beginnings are."""
        return likeliest_column(table, named, self._data.text, self._data.header, "beginnings")

    def rows(self, table: Table, place: int, first: int, last: int, **asked: Any) -> list[Beginning | None]:
        """Readings of the cells."""
        texts = (as_text(row[place]) for row in table.rows(first, last))
        return [self.read(text, **asked) if text.strip() else None for text in texts]

    def columns(self, lines: bool) -> list[str]:
        """What is written."""
        return ["prediction"]


class _Growing:
    """A text while it is written. What is far behind is done with, so that a long text is not put together again at
    each token."""

    def __init__(self, writer: TextWriter, ids: Sequence[int], text: str) -> None:
        self._writer = writer
        self._done = self.text = ""
        self._begin(ids, text)

    def add(self, number: int) -> str:
        """All that was written, with one more token."""
        writer = self._writer
        self._tail.append(number)
        self.text = self._done + writer.behind(self._ids, self._tail, self._before, self._readable)
        if number in {END_ID, writer.units.line_id}:
            self._done = self.text
            self._begin([], "\n")
        elif len(self._tail) >= _TAIL:
            self._done = self.text
            self._begin(self._tail[-_CONTEXT:], self.text)
        return self.text

    def _begin(self, ids: Sequence[int], before: str) -> None:
        """Go on behind these tokens of the text ``before``."""
        self._ids, self._before = list(ids), before
        self._readable = self._writer.readable(ids)
        self._tail: list[int] = []


def beginnings(stream: EncodedStream, units: TextUnits, count: int, length: int | None = None) -> list[list[int]]:
    """The first tokens of some documents, evenly spread; of one long text what stands behind line ends.

    Args:
        stream: A part.
        units: What it is cut into.
        count: How many.
        length: Tokens of each; a few when None.
    """
    length = length or _PROMPT[units.kind]
    if stream.documents >= count:
        chosen = np.unique(np.linspace(0, stream.documents - 1, count + 1).astype(np.int64)[:count])
        starts = [int(stream.offsets[number]) for number in chosen]
    else:
        starts = []
        for place in np.linspace(0, len(stream), count, endpoint=False).astype(np.int64).tolist():
            near = np.asarray(stream.ids[place : place + _NEAR])
            lines = np.flatnonzero(near[:-1] == units.line_id) if units.line_id is not None else near[:0]
            starts.append(place + int(lines[0]) + 1 if place and len(lines) else place)
    found = []
    for start in starts:
        last = int(stream.offsets[np.searchsorted(stream.offsets, start, side="right")])
        ids = [number for number in stream.ids[start : min(last, start + length)].tolist() if number != END_ID]
        if ids:
            found.append(ids)
    return found


def shown(token: str) -> str:
    """A token as it stands in a row of tokens: white space is seen."""
    return {" ": "▁", "\n": "↵", "\t": "⇥"}.get(token, token)


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise StudioError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")
    return float(value)


def _whole(name: str, value: Any, low: int) -> int:
    high = int(_MOST[name])
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise StudioError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
    return value
