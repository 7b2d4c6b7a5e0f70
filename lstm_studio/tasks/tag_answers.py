"""Tagging at work: spans on typed sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import RunConfig, TaggingData
from lstm_studio.data.encoded_words import EncodedSentences
from lstm_studio.data.guess import find_text
from lstm_studio.data.guess_tags import guess_tags, likely
from lstm_studio.data.prepare_tags import TagInventory, encode_parts, types_of
from lstm_studio.data.progress import Progress
from lstm_studio.data.remedies import mend_other_sentences
from lstm_studio.data.sentences import predicate_at, tagged_sentences
from lstm_studio.data.table import Table
from lstm_studio.data.tags import OUTSIDE, convert, spans
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.data.words import join_words, words_of
from lstm_studio.errors import StudioError
from lstm_studio.nn.tagger import SequenceTagger
from lstm_studio.tasks.answers import Inside, Question, batched, log_odds
from lstm_studio.tasks.check_texts import check_sentences
from lstm_studio.tasks.checked import Checking
from lstm_studio.tasks.tag_reading import SentenceReader, SentenceReading, WordBatch, batch_of
from lstm_studio.tasks.text_answers import no_column, same_column

_CELLS = 20_000


@dataclass(frozen=True)
class TagSpan:
    """Words ``start`` to ``end``, the last not included; ``probability`` is the lowest of its words'."""

    start: int
    end: int
    type: str
    probability: float


@dataclass(frozen=True)
class Frame:
    """The tags of a sentence: those for one predicate, where the run knows predicates.

    Attributes:
        predicate: Its place; None for a run without predicates.
        tags: One a word, as the training file writes them.
        spans: What they mark, in the order of the words.
    """

    predicate: int | None
    tags: tuple[str, ...]
    spans: tuple[TagSpan, ...]


@dataclass(frozen=True)
class TaggedText:
    """What the network says about one sentence.

    Attributes:
        text: As it was given.
        words: What was read.
        unknown: For each word whether the network never saw it in training.
        frames: One; for semantic roles one for each predicate, perhaps none.
        spaced: Whether words are parted by spaces.
        cut: Words left out because the text is too long.
    """

    text: str
    words: tuple[str, ...]
    unknown: tuple[bool, ...]
    frames: tuple[Frame, ...]
    spaced: bool = True
    cut: int = 0

    def part(self, span: TagSpan) -> str:
        """The words of a span as text."""
        return (" " if self.spaced else "").join(self.words[span.start : span.end])

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        found: dict[str, Any] = {"text": self.text, "words": list(self.words), "unknown": list(self.unknown)}
        if any(frame.predicate is not None for frame in self.frames) or not self.frames:
            frames = [{"predicate": frame.predicate, **self._frame(frame)} for frame in self.frames]
            return {**found, "frames": frames}
        return {**found, **self._frame(self.frames[0])}

    def _frame(self, frame: Frame) -> dict[str, Any]:
        return {
            "prediction": list(frame.tags),
            "spans": [
                {"start": s.start, "end": s.end, "type": s.type, "text": self.part(s), "probability": s.probability}
                for s in frame.spans
            ],
        }

    def lines(self) -> list[str]:
        """The text, and one line for each span."""
        found = [self.text]
        if not self.frames:
            found.append("  no verb was found; name its place with --predicate")
        for frame in self.frames:
            if frame.predicate is not None:
                found.append(f"  {self.words[frame.predicate]} (word {frame.predicate})")
            shown = [span for span in frame.spans if not span.start == frame.predicate == span.end - 1]
            width = max((len(span.type) for span in shown), default=0)
            found += [f"  {s.type:<{width}}  {self.part(s)}  {100 * s.probability:.1f} %" for s in shown]
            if not shown:
                found.append("  nothing was found")
        strange = [word for word, unknown in zip(self.words, self.unknown, strict=True) if unknown]
        if strange:
            found.append(f"  unknown to the network: {' '.join(dict.fromkeys(strange))}")
        if self.cut:
            found.append(f"  {self.cut:,} words beyond the longest sentence were not read")
        return found

    def cells(self, lines: bool) -> list[Any]:
        """Words, tags and spans; for several predicates a list of each."""
        plain = self.plain()
        frames = plain.get("frames")
        tags = [frame["prediction"] for frame in frames] if frames is not None else plain["prediction"]
        marked = (
            [{"predicate": frame["predicate"], "spans": frame["spans"]} for frame in frames]
            if frames is not None
            else plain["spans"]
        )
        if lines:
            return [list(self.words), tags, marked]
        written = json.dumps(tags) if frames is not None else join_words(tags)
        return [join_words(self.words), written, json.dumps(marked, ensure_ascii=False)]


class TagAnswers:
    """See ``tasks.answers.Answers``."""

    asked: ClassVar[tuple[str, ...]] = ("words", "predicate")

    def __init__(self, config: RunConfig, inventory: TagInventory) -> None:
        assert isinstance(config.data, TaggingData)
        self._data = config.data
        self.inventory = inventory
        self.classes = types_of(inventory.tags, inventory.learned)
        self._reader = SentenceReader(config.data, inventory)

    def read(self, text: str, **asked: Any) -> SentenceReading:
        """Words, ids and letters; ``words`` and ``predicate`` as of SentenceReader."""
        return self._reader.read(text, **asked)

    def batch(
        self, model: SequenceTagger, asked: Sequence[tuple[SentenceReading, int]], device: torch.device
    ) -> WordBatch:
        """Sentences with a predicate each as a batch."""
        return batch_of(asked, model.characters is not None, model.marks is not None, device)

    def answer(self, model: nn.Module, readings: Sequence[SentenceReading], device: torch.device) -> list[TaggedText]:
        """The best tags of each sentence, for each of its predicates."""
        network = cast("SequenceTagger", model)
        flat = [(place, predicate) for place, reading in enumerate(readings) for predicate in reading.predicates]
        frames: list[list[Frame]] = [[] for _ in readings]
        done: dict[int, Frame] = {}
        for rows in batched([readings[place] for place, _ in flat], _CELLS):
            chosen = [(readings[flat[row][0]], flat[row][1]) for row in rows]
            with torch.inference_mode():
                batch = self.batch(network, chosen, device)
                emissions = network(batch.ids, batch.lengths, batch.spelling, batch.marks).emissions
                best = network.decode(emissions, batch.lengths).cpu().numpy()
                shares = network.probabilities(emissions, batch.lengths).float().cpu().numpy()
            for number, row in enumerate(rows):
                length = len(chosen[number][0].tokens)
                done[int(row)] = self._frame(best[number, :length], shares[number, :length], chosen[number][1])
        for row, (place, _) in enumerate(flat):
            frames[place].append(done[row])
        return [
            TaggedText(
                reading.text,
                reading.tokens,
                tuple(not known for known in reading.known),
                tuple(own),
                reading.spaced,
                reading.cut,
            )
            for reading, own in zip(readings, frames, strict=True)
        ]

    def _frame(self, best: np.ndarray, shares: np.ndarray, predicate: int) -> Frame:
        inventory = self.inventory
        tags = [inventory.tags[number] for number in best]
        likely = shares[np.arange(len(best)), best]
        found = tuple(
            TagSpan(span.start, span.end, span.type, float(likely[span.start : span.end].min()))
            for span in spans(tags, inventory.learned)
        )
        written = convert(tags, inventory.learned, inventory.written)
        return Frame(predicate if predicate >= 0 else None, tuple(written), found)

    def inside(self, model: nn.Module, reading: SentenceReading, device: torch.device, *, steps: bool = True) -> Inside:
        """The probability of each type at each word; for the first predicate where there are several."""
        network = cast("SequenceTagger", model)
        predicate = reading.predicates[0] if reading.predicates else 0
        with torch.inference_mode():
            batch = self.batch(network, [(reading, predicate)], device)
            output = network(batch.ids, batch.lengths, batch.spelling, batch.marks, trace=True)
            best = network.decode(output.emissions, batch.lengths)[0].cpu().numpy()
            shares = network.probabilities(output.emissions, batch.lengths)[0].float().cpu().numpy()
        frame = self._frame(best, shares, predicate)
        names, columns = self._columns()
        each = np.stack([shares[:, own].sum(1) for own in columns], 1).astype(np.float32)
        glue = " " if reading.spaced else ""
        said = [f"{span.type}: {glue.join(reading.tokens[span.start : span.end])}" for span in frame.spans]
        return Inside(
            output.traces or (), " · ".join(said), names, each, "token", marked=predicate if predicate >= 0 else None
        )

    def _columns(self) -> tuple[tuple[str, ...], list[list[int]]]:
        """What is shown for each word: the types, then O; and the tags that belong to each."""
        tags = self.inventory.tags
        names = (*self.classes, *([OUTSIDE] if OUTSIDE in tags else []))
        if self.inventory.learned == "none":
            return names, [[tags.index(name)] for name in names]
        of: dict[str, list[int]] = {name: [] for name in names}
        for number, tag in enumerate(tags):
            of.setdefault(tag if tag == OUTSIDE else tag[2:], []).append(number)
        return names, [of[name] for name in names]

    def question(
        self, model: nn.Module, reading: SentenceReading, device: torch.device, label: str | None, word: int | None
    ) -> Question:
        """Log-odds of a tag at a word, by the scores that the network gives it there (before a CRF weighs the
        neighbours); the likeliest span's first word when none is named."""
        network = cast("SequenceTagger", model)
        predicate = reading.predicates[0] if reading.predicates else 0
        with torch.no_grad():
            batch = self.batch(network, [(reading, predicate)], device)
            vectors = network.vectors(batch.ids, batch.lengths, batch.spelling, batch.marks).float()
            emissions = network.tag(vectors, batch.lengths).emissions
            best = network.decode(emissions, batch.lengths)[0].cpu().numpy()
        tags = self.inventory.tags
        if word is None:
            told = [place for place, number in enumerate(best) if tags[number] != OUTSIDE and place != predicate]
            word = told[0] if told else 0
        if not 0 <= word < len(reading.tokens):
            raise StudioError(f"There is no word {word}", todo=f"Name one from 0 to {len(reading.tokens) - 1}")
        names, columns = self._columns()
        if label is None:
            number = int(best[word])
            label = next(name for name, own in zip(names, columns, strict=True) if number in own)
        elif label not in names:
            raise StudioError(f"There is no type {label}", todo=f"The types are {', '.join(names)}")
        position = names.index(label)
        own = columns[position]
        others = [number for number in range(len(tags)) if number not in own]
        at = word

        def odds(scores: Tensor) -> Tensor:
            here = scores[:, at].float()
            if not others:
                return log_odds(here, own[0])
            return here[:, own].logsumexp(1) - here[:, others].logsumexp(1)

        def score(points: Tensor) -> Tensor:
            return odds(network.tag(points, batch.lengths.expand(len(points))).emissions)

        def hide(hidden: Tensor) -> Tensor:
            ids = batch.ids.expand(len(hidden), -1).masked_fill(hidden, Vocabulary.UNKNOWN_ID)
            count = len(hidden)
            rows = network.encoder(ids)
            rest = vectors[:, :, rows.shape[2] :].expand(count, -1, -1)
            return odds(network.tag(torch.cat([rows, rest], -1), batch.lengths.expand(count)).emissions)

        return Question(vectors, score, hide, network.encoder.embedding is not None, label, position, word)

    def checked(self, model: nn.Module, part: EncodedSentences, device: torch.device) -> Checking:
        """Sentences whose tags are known, one by one."""
        return check_sentences(model, part, self.inventory, device)

    # -- files -----------------------------------------------------------------------------------------------

    def part(self, table: Table, notes: list[str], progress: Progress) -> Any:
        """Sentences with true tags, laid out like the training file."""
        data = self._data.model_copy(update={"scheme": self.inventory.written})
        found = mend_other_sentences(tagged_sentences(table, data, notes), data)
        progress(0.5, "Encoding the sentences")
        learned = self.inventory.learned
        tags = [convert(own, found.scheme, learned) if found.scheme != learned else own for own in found.tags]
        return encode_parts({"test": found}, {"test": tags}, self.inventory, self._data, notes)["test"]

    def column(self, table: Table, named: str | int | None) -> int:
        """Where the sentences are."""
        if named is not None:
            return table.position(named)
        if len(table.columns) == 1:
            return 0
        wanted = self._data.word
        try:
            found = same_column(table, wanted, self._data.header)
            if found is not None:
                return found
        except StudioError:
            pass
        if likely(table) > 0:
            return table.position(guess_tags(table).fields["word"])
        text = find_text(table)
        if text is not None:
            return text
        raise no_column(table, "It cannot be told which column holds the sentences")

    def rows(self, table: Table, place: int, first: int, last: int, **asked: Any) -> list[SentenceReading | None]:
        """Readings of the cells: words that the file has cut itself stay as they are."""
        name = self._data.predicate
        known = name is not None and str(name) in table.columns
        predicates = table.position(name) if known and name is not None else None
        found: list[SentenceReading | None] = []
        for number, row in enumerate(table.rows(first, last), first):
            text = row[place]
            if not text.strip():
                found.append(None)
                continue
            words = words_of(text) if table.format.kind in {"conll", "conllu"} or text.startswith("[") else None
            if words is None and self._data.tag is not None and str(self._data.tag) in table.columns:
                own = words_of(row[table.position(str(self._data.tag))])
                words = words_of(text) if len(own) == len(text.split()) else None
            predicate = None
            if predicates is not None:
                size = len(words) if words is not None else len(self._reader.read(text).tokens)
                at = predicate_at(row[predicates], size, table, number, name)
                predicate = at if at >= 0 else None
            found.append(self._reader.read(text, words=words, predicate=predicate))
        return found

    def columns(self, lines: bool) -> list[str]:
        """Words, their tags, what they mark."""
        return ["prediction_words", "prediction", "prediction_spans"]
