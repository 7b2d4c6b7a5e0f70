"""The data of each kind of task, to be walked over; see ``tasks.corpus``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from lstm_studio.data.batches import collate
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.encoded_pairs import EncodedPairs
from lstm_studio.data.encoded_words import EncodedSentences
from lstm_studio.data.prepare_tags import PreparedTags
from lstm_studio.data.streams import EncodedStream
from lstm_studio.data.stretches import read_stretch, stretches
from lstm_studio.data.text_units import TextUnits, shown
from lstm_studio.data.units import END_ID, UnitKind, Units
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.language_model import LanguageModel
from lstm_studio.nn.tagger import SequenceTagger
from lstm_studio.nn.translator import Translator
from lstm_studio.nn.types import LSTMState, LSTMTrace
from lstm_studio.tasks import tag_reading
from lstm_studio.tasks.corpus import THIRDS, Example, Meaning, Rows, Spacing

_PIECE: dict[UnitKind, int] = {"character": 200, "word": 50, "bpe": 60}
"""Tokens of the pieces that long documents are cut into."""
_ROWS, _STEPS, _EACH = 64, 64, 5_000
"""Rows of running text side by side at most, tokens of a step, and the least of a row."""
_SPACINGS: dict[UnitKind, Spacing] = {"character": "none", "word": "words", "bpe": "marks"}


class TextCorpus(Rows):
    """Texts; each token has the label of its text.

    Args:
        part: With its texts.
        vocabulary, classes: Of the run.
        tokens: How a text is cut, as far as it is read.
        spaced: Whether gaps part the tokens.
    """

    meaning: Meaning = "label"
    running = False

    def __init__(
        self,
        part: EncodedTexts,
        vocabulary: Vocabulary,
        classes: tuple[str, ...],
        tokens: Callable[[str], tuple[str, ...]],
        spaced: bool,
    ) -> None:
        self.part, self.labels = part, classes
        self.spacing: Spacing = "words" if spaced else "none"
        self.lengths, self.read_lengths = part.token_lengths, part.lengths
        self._vocabulary, self._tokens = vocabulary, tokens

    def example(self, number: int) -> Example:
        """See ``Corpus``."""
        part, text = self.part, str(self.part.texts[number])
        ids = part.ids[part.offsets[number] : part.offsets[number + 1]]
        # As they are written: the ids of unknown words all say the same.
        tokens = self._tokens(text)
        if len(tokens) != len(ids):
            tokens = tuple(self._vocabulary.decode(ids))
        label = 0 if part.labels is None else int(part.labels[number])
        return Example(tokens, np.full(len(ids), label, np.int32), {"text": text})

    def read(self, model: nn.Module, numbers: np.ndarray, device: torch.device) -> Sequence[LSTMTrace]:
        """See ``Rows``."""
        batch = collate(self.part, numbers)
        ids, lengths = torch.from_numpy(batch.inputs).to(device), torch.from_numpy(batch.lengths)
        return cast("TextClassifier", model)(ids, lengths, trace=True).traces or ()


class SentenceCorpus(Rows):
    """Sentences; each word has its tag."""

    meaning: Meaning = "tag"
    running = False

    def __init__(self, prepared: PreparedTags, name: Any, part: EncodedSentences) -> None:
        self.part, self.labels = part, part.names
        self.spacing: Spacing = "words" if prepared.inventory.spaced else "none"
        self.lengths = self.read_lengths = part.lengths
        self._prepared, self._name = prepared, name

    def example(self, number: int) -> Example:
        """See ``Corpus``."""
        part = self.part
        tags = np.array(part.tags[part.offsets[number] : part.offsets[number + 1]], np.int32)
        return Example(tuple(part.words(number)), tags, self._prepared.question(self._name, number))

    def read(self, model: nn.Module, numbers: np.ndarray, device: torch.device) -> Sequence[LSTMTrace]:
        """See ``Rows``."""
        network = cast("SequenceTagger", model)
        spelled, marked = network.characters is not None, network.marks is not None
        batch = tag_reading.collate(self.part, numbers, spelled, marked, device)
        return network(batch.ids, batch.lengths, batch.spelling, batch.marks, trace=True).traces or ()


class PairCorpus(Rows):
    """Sources of translations; a token is labelled with the third of its text in which it stands, since encoders
    are known to count (Shi, Knight & Yuret, "Why neural translations are the right length", 2016)."""

    meaning: Meaning = "place"
    running = False
    labels = THIRDS

    def __init__(self, part: EncodedPairs, units: Units) -> None:
        self.part, self._units = part, units
        self.spacing = _SPACINGS[units.kind]
        self.lengths = self.read_lengths = part.source_lengths

    def example(self, number: int) -> Example:
        """See ``Corpus``."""
        part, text = self.part, self.part.source(number)
        ids = part.source_ids[part.source_offsets[number] : part.source_offsets[number + 1]].tolist()
        tokens = self._units.cut(text)[: len(ids)]
        if len(tokens) != len(ids):
            tokens = self._units.tokens(ids)
        return Example(tuple(tokens), (3 * np.arange(len(ids)) // max(1, len(ids))).astype(np.int32), {"text": text})

    def read(self, model: nn.Module, numbers: np.ndarray, device: torch.device) -> Sequence[LSTMTrace]:
        """See ``Rows``."""
        source, lengths, _, _ = self.part.padded(numbers)
        read = cast("Translator", model).encode(torch.from_numpy(source).to(device), torch.from_numpy(lengths), True)
        return read.traces or ()


class StreamCorpus:
    """Running text in pieces; each token is labelled with the one that follows. Place p reads token p - 1 of the text,
    and place 0 the end mark, as in training."""

    meaning: Meaning = "next"
    running = True

    def __init__(self, stream: EncodedStream, units: TextUnits) -> None:
        self.stream, self._units = stream, units
        self.spacing = _SPACINGS[units.kind]
        self.labels = tuple(shown(piece) for piece in units.tokens(range(len(units))))
        self._bounds = np.zeros(1, np.int64)

    def pick(self, most: int) -> np.ndarray:
        """The beginning of the text."""
        size, found = _PIECE[self._units.kind], [0]
        for start, stop in zip(self.stream.offsets[:-1].tolist(), self.stream.offsets[1:].tolist(), strict=True):
            if found[-1] >= most:
                break
            pieces = -(-(stop - start) // size)
            found += [start + (stop - start) * piece // pieces for piece in range(1, pieces + 1)]
        bounds = np.array(found, np.int64)
        self._bounds = bounds[: int(np.searchsorted(bounds, most)) + 1]
        return np.arange(len(self._bounds) - 1)

    def example(self, number: int) -> Example:
        """See ``Corpus``; ``pick`` comes first."""
        first, last = (int(place) for place in self._bounds[number : number + 2])
        labels = np.array(self.stream.ids[first:last], np.int32)
        before = int(self.stream.ids[first - 1]) if first else END_ID
        text = self._units.decode(number for number in labels.tolist() if number != END_ID)
        tokens = tuple(self.labels[number] for number in (before, *labels[:-1].tolist()))
        return Example(tokens, labels, {"text": text})

    def walk(
        self, model: nn.Module, picked: np.ndarray, device: torch.device
    ) -> Iterator[tuple[np.ndarray, Sequence[LSTMTrace]]]:
        """Rows are read on from step to step; at their seams, of which there are few, they begin from nothing."""
        network, state = cast("LanguageModel", model), None
        total = int(self._bounds[len(picked)])
        for stretch in stretches(total, int(np.clip(total // _EACH, 1, _ROWS)), _STEPS):
            batch = read_stretch(self.stream.ids, stretch)
            columns = np.arange(batch.inputs.shape[1])
            places = np.where(columns < stretch.lengths[:, None], stretch.begins[:, None] + columns, -1)
            with torch.inference_mode():
                ids, lengths = torch.from_numpy(batch.inputs).to(device), torch.from_numpy(batch.lengths)
                carried: LSTMState | None = None if stretch.first else state
                read = network.read(ids, carried, lengths, trace=True)
            state = read.state
            yield places, read.traces or ()
