"""A trained network at work: the window, the command line and a person's own Python all go through here."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from lstm_studio.config import ClassificationData, RunConfig
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.rows import labelled_rows, numbered, open_other
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.inspection.attribution import Attribution, attribute
from lstm_studio.inspection.trace import TextTrace, trace_text
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.runs.folder import WEIGHTS, RunFolder
from lstm_studio.tasks import registry
from lstm_studio.tasks.reading import Reader, Reading
from lstm_studio.training.device import resolve_device

if TYPE_CHECKING:
    from lstm_studio.training.live import LiveModel

_CELLS = 40_000
"""Texts times steps of one batch, so that memory stays bounded however long the texts are."""
_ROWS = 256


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


class Predictor:
    """Opens a run folder, predicts, traces, explains. May be shared between threads.

    Args:
        run: The run's folder.
        device: "cpu", "cuda", "mps" or "auto".

    Attributes:
        config, vocabulary, classes: Of the run.
        path: The run's folder; None for a network in training.

    Raises:
        StudioError: the run has no network yet, its files are damaged or do not fit each other, or there is no such
            device.
    """

    def __init__(self, run: str | Path, device: str = "cpu") -> None:
        folder = RunFolder(run)
        self.path: Path | None = folder.path
        self.config: RunConfig = folder.config
        meta = folder.meta
        self._device = resolve_device(device)
        model = _load(folder, self.config, meta).to(self._device)
        self._set_up(model, meta, live=False)

    @classmethod
    def from_live(cls, live: LiveModel) -> Predictor:
        """The network in training, as it is at this moment. Use it on the training thread only, inside a function
        given to ``RunControl.submit``; it sees to it that training does not notice."""
        predictor = cls.__new__(cls)
        predictor.path = None
        predictor.config = live.config
        predictor._device = live.device
        predictor._set_up(live.model, live.meta, live=True)
        return predictor

    def _set_up(self, model: Any, meta: Any, *, live: bool) -> None:
        if not isinstance(model, TextClassifier):
            raise StudioError(f"A {self.config.task} run cannot classify texts")
        self._meta = meta
        self.classes: tuple[str, ...] = tuple(meta.classes)
        self.vocabulary: Vocabulary = meta.vocabulary
        self._model: TextClassifier = model
        self._reader = Reader(self.config.data, self.vocabulary)
        self._lock = threading.RLock()
        if not live:
            model.eval()
            model.requires_grad_(False)  # attribution then computes no gradients of weights
        # A network in training is in evaluation mode while questions are answered; the control sees to that.

    # -- texts -----------------------------------------------------------------------------------------------

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Say what each text is.

        Args:
            texts: One or many; many are read in batches of similar length.

        Raises:
            StudioError: a text is empty; says which.
        """
        if isinstance(texts, str):
            texts = [texts]
        readings = []
        for number, text in enumerate(texts, 1):
            try:
                readings.append(self._reader.read(text))
            except StudioError as error:
                where = f"text {number}" if len(texts) > 1 else ""
                raise StudioError(error.what, where=where, todo=error.todo) from None
        return [
            self._prediction(reading, row) for reading, row in zip(readings, self._probabilities(readings), strict=True)
        ]

    def trace(self, text: str) -> TextTrace:
        """Everything that happens inside while the text is read: gates and states float32 [T, H] per layer and
        direction, and the verdict after each token.

        Raises:
            StudioError: the text is empty.
        """
        reading = self._reader.read(text)
        with self._lock:
            return trace_text(self._model, reading, self.classes)

    def explain(self, text: str) -> list[float]:
        """How much each token spoke for (above 0) or against (below 0) the predicted class; absolute values sum to 1.

        Raises:
            StudioError: the text is empty.
        """
        return [float(weight) for weight in self.attribution(text).weights]

    def attribution(self, text: str, label: str | None = None) -> Attribution:
        """The same with the tokens, the method and the figures behind it, for any class.

        Raises:
            StudioError: the text is empty, or there is no such class.
        """
        target = None
        if label is not None:
            if label not in self.classes:
                raise StudioError(f"There is no class {label}", todo=f"The classes are {', '.join(self.classes)}")
            target = self.classes.index(label)
        reading = self._reader.read(text)
        with self._lock:
            return attribute(self._model, reading, target)

    # -- files -----------------------------------------------------------------------------------------------

    def evaluate(self, path: str | Path, progress: Progress = silent) -> dict[str, Any]:
        """Figures over a file with labels, laid out like the training file.

        Returns:
            "accuracy", "macro_f1", "loss", "examples", "per_class" (class -> precision, recall, f1, support),
            "classes", "confusion" (rows are true classes) and "notes".

        Raises:
            StudioError: the file cannot be read, lacks a column, or holds a label that training did not.
        """
        data = self._data()
        notes: list[str] = []
        table = open_other(data, str(path), lambda fraction, words: progress(max(0.0, fraction) * 0.2, words))
        rows = labelled_rows(table, data, notes)
        labels = numbered(rows, self.classes)
        part = self._encoded(rows.texts, labels, progress)
        task = registry.get(self.config.task)
        done, last = 0, None
        batches = len(task.batches(part, 128, 0, 0, False))
        with self._lock:
            for found in task.evaluate(self._model, part, self._meta, self._device):
                done, last = done + 1, found
                progress(0.4 + 0.6 * min(1.0, done / max(1, batches)), f"{len(rows.texts):,} texts")
        assert last is not None
        details = last.details
        support = np.asarray(details["confusion"]).sum(1).tolist()
        return {
            **last.metrics,
            "examples": len(rows.texts),
            "per_class": {
                name: {
                    "precision": details["precision"][k],
                    "recall": details["recall"][k],
                    "f1": details["f1"][k],
                    "support": support[k],
                }
                for k, name in enumerate(self.classes)
            },
            "classes": list(self.classes),
            "confusion": details["confusion"],
            "notes": notes,
        }

    def predict_file(
        self,
        source: str | Path,
        target: str | Path,
        progress: Progress = silent,
        column: str | int | None = None,
    ) -> int:
        """Predict every row of a file of any readable format into a new file. See ``runs.batch``.

        Args:
            source: The texts.
            target: A .csv, .tsv or .jsonl file; it appears when all is done.
            progress: May raise Cancelled; nothing is written then.
            column: The column of texts; found out when None.

        Returns:
            How many rows were written.

        Raises:
            StudioError: the file cannot be read or written, or its text column cannot be told.
        """
        from lstm_studio.runs.batch import predict_file

        return predict_file(self, Path(source), Path(target), progress, column)

    # -- inside ----------------------------------------------------------------------------------------------

    def _data(self) -> ClassificationData:
        data = self.config.data
        if not isinstance(data, ClassificationData):
            raise StudioError(f"A {self.config.task} run cannot be asked for classes")
        return data

    def _encoded(self, texts: list[str], labels: np.ndarray, progress: Progress) -> EncodedTexts:
        ids, ends = [], [0]
        for number, text in enumerate(texts):
            tokens = self._reader.read(text).tokens
            ids.append(self.vocabulary.encode(tokens))
            ends.append(ends[-1] + len(tokens))
            if number % 500 == 0:
                progress(0.2 + 0.2 * number / len(texts), "Cutting texts into tokens")
        padded = self.config.data.max_length if self.config.data.pad_to_max_length else None
        return EncodedTexts(np.concatenate(ids), np.array(ends, np.int64), labels, padded_to=padded)

    def _probabilities(self, readings: Sequence[Reading]) -> np.ndarray:
        """float32 [N, K]."""
        found = np.empty((len(readings), len(self.classes)), np.float32)
        lengths = np.array([len(reading.ids) for reading in readings], np.int64)
        order = np.argsort(-lengths, kind="stable")
        first = 0
        while first < len(order):
            longest = int(lengths[order[first]])
            rows = order[first : first + max(1, min(_ROWS, _CELLS // longest))]
            ids = np.zeros((len(rows), longest), np.int64)
            for place, row in enumerate(rows):
                ids[place, : lengths[row]] = readings[row].ids
            with self._lock, torch.inference_mode():
                batch = torch.from_numpy(ids).to(self._device)
                logits = self._model(batch, torch.from_numpy(lengths[rows])).logits
                found[rows] = logits.float().softmax(-1).cpu().numpy()
            first += len(rows)
        return found

    def _prediction(self, reading: Reading, row: np.ndarray) -> Prediction:
        return Prediction(
            text=reading.text,
            label=self.classes[int(row.argmax())],
            probabilities={name: float(p) for name, p in zip(self.classes, row, strict=True)},
            tokens=list(reading.tokens),
            unknown=[not known for known in reading.known],
            cut=reading.cut,
        )


def _load(folder: RunFolder, config: RunConfig, meta: Any) -> torch.nn.Module:
    """The run's network with its best weights, on the CPU."""
    path = folder.path / WEIGHTS
    if not path.is_file():
        raise StudioError(
            "The run has no trained network yet", where=folder.path, todo="Let it train for an epoch, or resume it"
        )
    try:
        weights = load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise StudioError(
            "The weights of the run are damaged", where=path, why=str(error), todo="Train the run again"
        ) from None
    # Built without numbers: drawing them would take from the generator of a run that trains at this moment.
    with torch.device("meta"):
        model = registry.get(config.task).build_model(config, meta)
    model.to_empty(device="cpu")
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        lines = str(error).splitlines()
        raise StudioError(
            "The weights do not fit the run's configuration and vocabulary",
            where=folder.path,
            why=lines[1].strip() if len(lines) > 1 else lines[0],
            todo="Put config.toml and vocabulary.json back as training wrote them",
        ) from None
    return model
