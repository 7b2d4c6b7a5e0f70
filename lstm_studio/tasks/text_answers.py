"""Text classification at work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from lstm_studio.config import ClassificationData, RunConfig
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.guess import find_text
from lstm_studio.data.progress import Progress
from lstm_studio.data.remedies import mend_other_rows
from lstm_studio.data.rows import labelled_rows, numbered
from lstm_studio.data.table import Table
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.nn.classifier import ClassifierOutput, TextClassifier
from lstm_studio.tasks.answers import CELLS, WORK, Inside, Question, batched, log_odds
from lstm_studio.tasks.check_texts import check_texts
from lstm_studio.tasks.checked import Checking
from lstm_studio.tasks.reading import Reader, Reading

_SHOWN = 8


@dataclass(frozen=True)
class Prediction:
    """What the network says about one text.

    Attributes:
        text: As it was given.
        label: The most probable class.
        probabilities: Class -> probability; they sum to 1.
        tokens: What was read.
        unknown: For each token whether the network never saw it in training.
        cut: Tokens left out because the text is longer than the run reads.
    """

    text: str
    label: str
    probabilities: dict[str, float]
    tokens: list[str] = field(default_factory=list)
    unknown: list[bool] = field(default_factory=list)
    cut: int = 0

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "text": self.text,
            "prediction": self.label,
            "probability": self.probabilities[self.label],
            "probabilities": self.probabilities,
            "tokens": self.tokens,
            "unknown": self.unknown,
        }

    def lines(self) -> list[str]:
        """The text, the likeliest classes, what was unknown."""
        ranked = sorted(self.probabilities.items(), key=lambda pair: -pair[1])[:_SHOWN]
        found = [self.text, "  " + "  ".join(f"{name} {100 * share:.1f} %" for name, share in ranked)]
        strange = [token for token, unknown in zip(self.tokens, self.unknown, strict=True) if unknown]
        if strange:
            found.append(f"  unknown to the network: {' '.join(dict.fromkeys(strange))}")
        if self.cut:
            found.append(f"  {self.cut:,} tokens beyond the longest text were not read")
        return found

    def cells(self, lines: bool) -> list[Any]:
        """Class, its probability, those of all classes."""
        likely = self.probabilities[self.label]
        if lines:
            return [self.label, likely, self.probabilities]
        return [self.label, f"{likely:.6f}", *(f"{share:.6f}" for share in self.probabilities.values())]


class TextAnswers:
    """See ``tasks.answers.Answers``."""

    asked: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: RunConfig, vocabulary: Vocabulary, classes: tuple[str, ...]) -> None:
        assert isinstance(config.data, ClassificationData)
        self._data = config.data
        self._vocabulary = vocabulary
        self._reader = Reader(config.data, vocabulary)
        self.classes = classes

    def read(self, text: str, **asked: Any) -> Reading:
        """Tokens and ids."""
        return self._reader.read(text)

    def answer(self, model: nn.Module, readings: Sequence[Reading], device: torch.device) -> list[Prediction]:
        """The class probabilities of each text."""
        network = cast("TextClassifier", model)
        found = np.empty((len(readings), len(self.classes)), np.float32)
        lengths = np.array([len(reading.ids) for reading in readings], np.int64)
        for rows in batched(readings):
            ids = np.zeros((len(rows), int(lengths[rows].max())), np.int64)
            for place, row in enumerate(rows):
                ids[place, : lengths[row]] = readings[row].ids
            with torch.inference_mode():
                logits = network(torch.from_numpy(ids).to(device), torch.from_numpy(lengths[rows])).logits
                found[rows] = logits.float().softmax(-1).cpu().numpy()
        return [self.told(reading, row) for reading, row in zip(readings, found, strict=True)]

    def told(self, reading: Reading, row: np.ndarray) -> Prediction:
        """The answer that lies in the class probabilities, float32 [K]."""
        return Prediction(
            text=reading.text,
            label=self.classes[int(row.argmax())],
            probabilities={name: float(p) for name, p in zip(self.classes, row, strict=True)},
            tokens=list(reading.tokens),
            unknown=[not known for known in reading.known],
            cut=reading.cut,
        )

    def inside(self, model: nn.Module, reading: Reading, device: torch.device, *, steps: bool = True) -> Inside:
        """Class probabilities of the text, and had it ended after each token."""
        network = cast("TextClassifier", model)
        length, size = len(reading.tokens), len(reading.ids)
        with torch.inference_mode():
            ids = torch.from_numpy(reading.ids).to(device)
            output = network(ids.unsqueeze(0), torch.tensor([size]), trace=True)
            attention = network.pooling.weights
            shares = attention[0, :length].float().cpu().numpy() if attention is not None else None
            probabilities = output.logits[0].float().softmax(-1).cpu().numpy()
            after = np.empty((0, len(self.classes)), np.float32)
            if steps:
                after = _prefix_probabilities(network, ids, length, output)
        if steps and size == length:
            after[-1] = probabilities
        return Inside(
            output.traces or (),
            self.classes[int(probabilities.argmax())],
            self.classes,
            after,
            "prefix",
            probabilities,
            shares,
        )

    def slow_steps(self, model: nn.Module, reading: Reading) -> bool:
        """Whether it takes long to say what the answer had been at each token: where layers read from the end, each
        beginning is another text."""
        network = cast("TextClassifier", model)
        steps, reads_padding = len(reading.ids), len(reading.ids) > len(reading.tokens)
        if len(network.recurrent.directions) == 1 and not reads_padding:
            return False
        share = 1.0 if reads_padding else 0.3  # half of the steps, and some that are shared
        return share * steps**2 * sum(weights.numel() for weights in network.recurrent.parameters()) > WORK

    def question(
        self, model: nn.Module, reading: Reading, device: torch.device, label: str | None, word: int | None
    ) -> Question:
        """Log-odds of a class, the predicted one when None: which that is the first call tells."""
        network = cast("TextClassifier", model)
        if label is not None and label not in self.classes:
            raise StudioError(f"There is no class {label}", todo=f"The classes are {', '.join(self.classes)}")
        ids = torch.from_numpy(reading.ids).to(device).unsqueeze(0)
        size = ids.shape[1]
        with torch.no_grad():
            vectors = network.encoder(ids).float()

        def odds(logits: Tensor) -> Tensor:
            if question.position is None:
                question.position = int(logits[0].argmax())
                question.label = self.classes[question.position]
            return log_odds(logits.float(), question.position)

        def score(points: Tensor) -> Tensor:
            return odds(network.classify(points, torch.full((len(points),), size)).logits)

        def hide(hidden: Tensor) -> Tensor:
            rows = ids.expand(len(hidden), size).masked_fill(hidden, Vocabulary.UNKNOWN_ID)
            return odds(network(rows, torch.full((len(rows),), size)).logits)

        question = Question(
            vectors,
            score,
            hide,
            network.encoder.embedding is not None,
            label or "",
            None if label is None else self.classes.index(label),
        )
        return question

    def checked(self, model: nn.Module, part: EncodedTexts, device: torch.device) -> Checking:
        """Texts whose classes are known, one by one."""
        return check_texts(model, part, self.classes, device)

    # -- files -----------------------------------------------------------------------------------------------

    def part(self, table: Table, notes: list[str], progress: Progress) -> EncodedTexts:
        """Texts with labels, laid out like the training file."""
        read = labelled_rows(table, self._data, notes)
        rows = mend_other_rows(read, self._data, self.classes)
        if left := len(read.texts) - len(rows.texts):
            count = "One row was" if left == 1 else f"{left:,} rows were"
            notes.append(f"{count} left out by the remedies of the run.")
        labels = numbered(rows, self.classes)
        ids, ends = [], [0]
        for number, text in enumerate(rows.texts):
            tokens = self._reader.read(text).tokens
            ids.append(self._vocabulary.encode(tokens))
            ends.append(ends[-1] + len(tokens))
            if number % 500 == 0:
                progress(number / len(rows.texts), "Cutting texts into tokens")
        padded = self._data.max_length if self._data.pad_to_max_length else None
        return EncodedTexts(np.concatenate(ids), np.array(ends, np.int64), labels, padded_to=padded, texts=rows.texts)

    def column(self, table: Table, named: str | int | None) -> int:
        """Where the texts are."""
        if named is not None:
            return table.position(named)
        if len(table.columns) == 1:
            return 0
        wanted = self._data.text
        found = same_column(table, wanted, self._data.header)
        if found is not None:
            return found
        if table.format.header:
            text = find_text(table)
            if text is None:
                raise no_column(table, "It cannot be told which column holds the texts")
            return text
        raise no_column(table, f"There is no column {wanted!r}, from which the training texts came")

    def rows(self, table: Table, place: int, first: int, last: int, **asked: Any) -> list[Reading | None]:
        """Readings of the cells."""
        texts = (row[place] for row in table.rows(first, last))
        return [self._reader.read(text) if text.strip() else None for text in texts]

    def columns(self, lines: bool) -> list[str]:
        """Class and probabilities."""
        last = ["probabilities"] if lines else [f"probability_{name}" for name in self.classes]
        return ["prediction", "probability", *last]


def same_column(table: Table, wanted: str | int | None, header: bool | None) -> int | None:
    """The column of another file that is called as the training file's was, or stands where it stood.

    Raises:
        StudioError: the training file's columns had names, and this one has no such column.
    """
    # A training file without a header: its columns were named by their place.
    numbered_ = re.fullmatch(r"column (\d+)", wanted) if isinstance(wanted, str) and header is False else None
    if isinstance(wanted, str) and wanted in table.columns:
        return table.columns.index(wanted)
    if isinstance(wanted, str) and numbered_ is None:
        alike = [place for place, name in enumerate(table.columns) if name.strip().lower() == wanted.strip().lower()]
        if len(alike) == 1:
            return alike[0]
        raise no_column(table, f"There is no column {wanted!r}, from which the training texts came")
    place = int(numbered_[1]) - 1 if numbered_ else wanted
    if not table.format.header and isinstance(place, int) and 0 <= place < len(table.columns):
        return place
    return None


def likeliest_column(
    table: Table, named: str | int | None, wanted: str | int | None, header: bool | None, what: str
) -> int:
    """The column that is named, the only one, the one that the training file had, or the one that looks most like text.

    Args:
        named: By the person who asks.
        wanted, header: See ``same_column``.
        what: What the column holds, for the message.

    Raises:
        StudioError: it cannot be told.
    """
    if named is not None:
        return table.position(named)
    if len(table.columns) == 1:
        return 0
    try:
        found = same_column(table, wanted, header)
    except StudioError:
        found = None
    if found is None:
        found = find_text(table)
    if found is None:
        raise no_column(table, f"It cannot be told which column holds the {what}")
    return found


def no_column(table: Table, what: str) -> StudioError:
    """What is said where the texts cannot be found."""
    return StudioError(
        what,
        where=table.path,
        why=f"The file has the columns {', '.join(map(repr, table.columns[:20]))}",
        todo="Name the one that holds the texts",
    )


def _prefix_probabilities(model: TextClassifier, ids: Tensor, steps: int, known: ClassifierOutput) -> np.ndarray:
    """float32 [T, K]. A run that reads its padding reads it after each prefix, as it would after such a text.
    ``known`` is what it finds in the whole text."""
    size = len(ids)
    vectors = model.encoder(ids.unsqueeze(0))[0]
    found = []
    first = 0
    while first < steps:
        last = min(steps, first + max(1, CELLS // size))
        if size > steps:
            rows = ids.unsqueeze(0).repeat(last - first, 1)
            ends = torch.arange(first + 1, last + 1, device=ids.device)
            rows[torch.arange(size, device=ids.device).unsqueeze(0) >= ends.unsqueeze(1)] = 0
            logits = model(rows, torch.full((last - first,), size)).logits
        else:
            logits = model.prefix_logits(vectors, first, last, known)
        found.append(logits.float().softmax(-1).cpu().numpy())
        first = last
    return np.concatenate(found).astype(np.float32, copy=False)
