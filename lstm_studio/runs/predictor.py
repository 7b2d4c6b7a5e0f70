"""A trained network at work: the window, the command line and a person's own Python all go through here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from lstm_studio.config import RunConfig
from lstm_studio.data.kinds import KINDS
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.rows import open_other
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.errors import StudioError
from lstm_studio.inspection.ablation import EXAMPLES as ABLATED
from lstm_studio.inspection.ablation import Ablation, Still, ablate_units
from lstm_studio.inspection.anatomy import Anatomy
from lstm_studio.inspection.attribution import Attribution, Method, attribute
from lstm_studio.inspection.decomposition import Phrase, phrase
from lstm_studio.inspection.dissect import dissect, tally
from lstm_studio.inspection.examples import Examples, collect
from lstm_studio.inspection.gradients import GradientFlow, gradient_flow
from lstm_studio.inspection.index import UnitIndex, Wanted
from lstm_studio.inspection.interventions import Clamp, Intervention, Spoken, intervene, spoken
from lstm_studio.inspection.memory import Tally
from lstm_studio.inspection.trace import TextTrace, trace_text
from lstm_studio.nn.blank import blank, furnish
from lstm_studio.nn.types import Direction
from lstm_studio.runs.examples import open_part
from lstm_studio.runs.folder import RunFolder, weights_of
from lstm_studio.runs.unit_index import reading_layers, unit_index
from lstm_studio.tasks import registry
from lstm_studio.tasks.answers import Answers
from lstm_studio.tasks.continued import Continuation, WrittenToken
from lstm_studio.tasks.text_answers import Prediction
from lstm_studio.training.device import resolve_device
from lstm_studio.training.events import LayerGates

if TYPE_CHECKING:
    from lstm_studio.training.live import LiveModel

__all__ = ["Prediction", "Predictor"]


class Predictor:
    """Opens a run folder, predicts, traces, explains. May be shared between threads.

    Args:
        run: The run's folder.
        device: "cpu", "cuda", "mps" or "auto".
        epoch: The weights as they were after this epoch, counted from 1, if the run has kept them
            (training.keep_epochs); the best ones when None.

    Attributes:
        config, vocabulary, classes: Of the run.
        path: The run's folder; None for a network in training.
        epoch: As it was given.

    Raises:
        StudioError: the run has no network yet or has not kept this epoch, its files are damaged or do not fit each
            other, or there is no such device.
    """

    epoch: int | None = None

    def __init__(self, run: str | Path, device: str = "cpu", *, epoch: int | None = None) -> None:
        folder = RunFolder(run)
        self.path: Path | None = folder.path
        self.epoch = epoch
        self.config: RunConfig = folder.config
        meta = folder.meta
        self._device = resolve_device(device)
        model = _load(folder, self.config, meta, epoch).to(self._device)
        self._set_up(model, meta, folder.path, live=False)

    @classmethod
    def from_live(cls, live: LiveModel) -> Predictor:
        """The network in training, as it is at this moment. Use it on the training thread only, inside a function
        given to ``RunControl.submit``; it sees to it that training does not notice."""
        predictor = cls.__new__(cls)
        predictor.path = None
        predictor.config = live.config
        predictor._device = live.device
        predictor._set_up(live.model, live.meta, live.folder, live=True)
        return predictor

    def _set_up(self, model: Any, meta: Any, folder: Path | None, *, live: bool) -> None:
        self._meta = meta
        self.classes: tuple[str, ...] = tuple(meta.classes)
        self.vocabulary: Vocabulary = meta.vocabulary
        self.answers: Answers = registry.get(self.config.task).answers(self.config, meta, folder)
        self._model: torch.nn.Module = model
        self._lock = threading.RLock()
        if not live:
            model.eval()
            model.requires_grad_(False)  # attribution then computes no gradients of weights
        # A network in training is in evaluation mode while questions are answered; the control sees to that.

    # -- texts -----------------------------------------------------------------------------------------------

    def predict(self, texts: Sequence[str], **asked: Any) -> list[Any]:
        """What the network says about each text.

        Args:
            texts: One or many; many are read in batches of similar length.
            asked: What the task takes besides the texts; tagging: ``words`` (of the one text), ``predicate``;
                translation: ``beams``, ``length_penalty``, ``best`` (versions wanted); generation: ``temperature``,
                ``top_k``, ``top_p``, ``longest``, ``seed``, ``until`` ("end", "line" or "never"), ``stop``.

        Returns:
            A ``Prediction`` each; in tagging a ``TaggedText``, in translation a ``WrittenText``, in generation a
            ``Continuation``.

        Raises:
            StudioError: a text is empty; says which.
        """
        if isinstance(texts, str):
            texts = [texts]
        if "words" in asked and len(texts) != 1:
            raise StudioError("Words were given for several texts", todo="Ask for one text at a time")
        readings = []
        for number, text in enumerate(texts, 1):
            try:
                readings.append(self._read(text, asked))
            except StudioError as error:
                where = f"text {number}" if len(texts) > 1 else ""
                raise StudioError(error.what, where=where, todo=error.todo) from None
        return self._answered(readings)

    @property
    def streams(self) -> bool:
        """Whether its answers are texts that can be watched while they are written."""
        return hasattr(self.answers, "write")

    def write(
        self, text: str, on_token: Callable[[WrittenToken], bool | None] | None = None, **asked: Any
    ) -> Continuation:
        """Write on from a beginning; for language models.

        Args:
            text: The beginning; empty to begin from nothing.
            on_token: Told each token as soon as it is there, on this thread; if it returns True, writing halts.
            asked: As of ``predict``.

        Raises:
            StudioError: the run does not write on, or a number is out of its bounds.
        """
        if not self.streams:
            raise StudioError(f"A {self.config.task} run does not write on", todo="Choose a run that generates text")
        reading = self._read(text, asked)
        with self._lock:
            found: Continuation = self.answers.write(self._model, reading, self._device, on_token)  # type: ignore[attr-defined]
            return found

    def trace(self, text: str, *, prefixes: bool = True, quick: bool = False, **asked: Any) -> TextTrace:
        """Everything that happens inside while the text is read: gates and states float32 [T, H] per layer and
        direction, and, unless ``prefixes`` is off, the verdict at each token; ``quick`` leaves verdicts out where they
        take long, as ``TextTrace.unfinished`` says.

        Raises:
            StudioError: the text is empty.
        """
        reading = self._read(text, asked)
        slow = getattr(self.answers, "slow_steps", None)
        with self._lock:
            if quick and slow is not None and slow(self._model, reading):
                prefixes = False
            return trace_text(self.answers, self._model, reading, self._device, prefixes=prefixes)

    def anatomy(self, text: str, layer: str, **asked: Any) -> Anatomy:
        """What every step of one layer and direction, "layer0.forward", is computed from.

        Raises:
            StudioError: the text is empty, or there is no such layer.
        """
        reading = self._read(text, asked)
        with self._lock:
            return dissect(self.answers, self._model, reading, self._device, layer)

    def tally(
        self,
        texts: Sequence[tuple[str, dict[str, Any]]],
        layer: str,
        carry_on: Callable[[], bool] = lambda: True,
    ) -> Tally:
        """How often the gates of a layer are saturated over many texts, and how much they keep.

        Args:
            texts: Each with what is asked besides, as of ``predict``.
            layer: "layer0.forward" and so on.
            carry_on: Asked before each text; what was read until it says no counts.

        Raises:
            StudioError: a text is empty, or there is no such layer.
        """
        readings = (self._read(text, asked) for text, asked in texts)
        with self._lock:
            return tally(self.answers, self._model, readings, self._device, layer, carry_on)

    def explain(self, text: str, **asked: Any) -> list[float]:
        """How much each token spoke for (above 0) or against (below 0) the answer; absolute values sum to 1.

        Raises:
            StudioError: the text is empty.
        """
        return [float(weight) for weight in self.attribution(text, **asked).weights]

    def attribution(
        self,
        text: str,
        label: str | None = None,
        word: int | None = None,
        method: Method | None = None,
        *,
        quick: bool = False,
        **asked: Any,
    ) -> Attribution:
        """The same with the tokens, the method and the figures behind it, for any class.

        Args:
            text: As it was typed.
            label: The class that is explained; None for the predicted one.
            word: In tagging the word whose class it is, in translation the written token; None for the first.
            method: "integrated gradients" or "occlusion"; None for the one that suits the network.
            quick: Integrate roughly; ``Attribution.rough`` says whether that was too rough.
            asked: As of ``predict``.

        Raises:
            StudioError: the text is empty, or there is no such class, word or method.
        """
        reading = self._read(text, asked)
        with self._lock:
            question = self.answers.question(self._model, reading, self._device, label, word)
            return attribute(question, reading.tokens, method, quick=quick, model=self._model)

    def phrase(
        self, text: str, start: int, end: int, label: str | None = None, word: int | None = None, **asked: Any
    ) -> Phrase:
        """What tokens ``start`` to ``end`` (excluded) contribute together, by contextual decomposition.

        Args:
            text, label, word, asked: As of ``attribution``.
            start, end: The phrase.

        Raises:
            StudioError: as of ``attribution``; there is no such phrase, or the cell cannot be decomposed.
        """
        reading = self._read(text, asked)
        with self._lock:
            question = self.answers.question(self._model, reading, self._device, label, word)
            return phrase(question, self._model, start, end, len(reading.tokens))

    def gradients(self, text: str, label: str | None = None, word: int | None = None, **asked: Any) -> GradientFlow:
        """How much of an answer's gradient comes back to each step; arguments and errors as of ``attribution``."""
        reading = self._read(text, asked)
        with self._lock:
            question = self.answers.question(self._model, reading, self._device, label, word)
            return gradient_flow(question, self._model, reading.tokens, self.config.model.cell)

    def reading_layers(self) -> tuple[LayerGates, ...]:
        """Layers and directions that read the text, without values."""
        return reading_layers(self._model)

    def unit_index(self, wanted: Wanted, *, build: bool = False, progress: Progress = silent) -> UnitIndex | None:
        """What the units of a layer do at up to 100,000 tokens of the run's data.

        Args:
            wanted: The layer, the direction, and the part of the data.
            build: Read the data where no index of just this network is kept yet; else None is returned then.
            progress: May raise Cancelled.

        Raises:
            StudioError: the data cannot be read or are other ones, or the disk is full.
        """
        return unit_index(
            self._model, self.config, self._meta, self._device, wanted, build=build, progress=progress, lock=self._lock
        )

    def spoken(self, text: str, **asked: Any) -> Spoken:
        """The answer to a text, and what happened inside; of a text that is written on its first tokens, the likeliest.

        Raises:
            StudioError: the text is empty.
        """
        reading = self._read(text, asked)
        with self._lock:
            return spoken(self.answers, self._model, reading, self._device)

    def predict_clamped(self, text: str, clamps: Sequence[Clamp], **asked: Any) -> Intervention:
        """The same as usual and with some gates or states held at a value.

        Raises:
            StudioError: the text is empty, or there is no such layer, gate, unit or token.
        """
        reading = self._read(text, asked)
        with self._lock:
            return intervene(self.answers, self._model, reading, self._device, clamps)

    def ablate(
        self,
        layer: int = 0,
        direction: Direction = "forward",
        part: str = "",
        *,
        still: Still = "zero",
        examples: int = ABLATED,
        progress: Progress = silent,
    ) -> Ablation:
        """What is lost on the validation part when each unit of a layer is held still in turn.

        Args:
            layer, direction, part: Whose units; ``part`` is "decoder" for layers that write.
            still: At 0 ("zero"), or at the unit's mean ("mean").
            examples: Read at most about so many.
            progress: May raise Cancelled. The network is free for other questions in between.

        Raises:
            StudioError: there is no such layer, or the data are gone or other ones now.
        """
        data, _ = open_part(
            self.config, self._meta, "validation", lambda share, words: progress(0.1 * max(0.0, share), words)
        )
        return ablate_units(
            registry.get(self.config.task),
            self._model,
            self._meta,
            data,
            self._device,
            layer,
            direction,
            part,
            still=still,
            examples=examples,
            progress=lambda share, words: progress(0.1 + 0.9 * share, words),
            lock=lambda: self._lock,
        )

    # -- files -----------------------------------------------------------------------------------------------

    def evaluate(self, path: str | Path, progress: Progress = silent) -> dict[str, Any]:
        """Figures over a file with true answers, laid out like the training file.

        Returns:
            The task's figures ("accuracy", "macro_f1"; "f1", "precision", "recall"; "loss"), "examples", "per_class"
            (class -> precision, recall, f1, support), "classes", "confusion" (rows are true classes), "notes" and what
            else the task tells, such as "worst".

        Raises:
            StudioError: the file cannot be read, lacks a column, or holds a label that training did not.
        """
        notes: list[str] = []
        table = open_other(self.config.data, str(path), lambda share, words: progress(max(0.0, share) * 0.2, words))
        part = self.answers.part(table, notes, lambda share, words: progress(0.2 + 0.2 * share, words))
        task = registry.get(self.config.task)
        done, last = 0, None
        batches = len(task.batches(part, 128, 0, 0, False))
        many = KINDS[self.config.task].example[1]
        with self._lock:
            for found in task.evaluate(self._model, self.config, part, self._meta, self._device):
                done, last = done + 1, found
                progress(0.4 + 0.6 * min(1.0, done / max(1, batches)), f"{len(part):,} {many}")
        assert last is not None
        return {**last.metrics, **last.details, "notes": notes}

    def examples(self, part: str = "validation", progress: Progress = silent) -> Examples:
        """All examples of a part of the run's data, each with what the network says of it. The network is free for
        other questions between two batches.

        Args:
            part: "validation" or "test".
            progress: Told how far it is; may raise Cancelled.

        Raises:
            StudioError: the data are gone, or other ones now, or have no such part.
        """
        found, parts = open_part(self.config, self._meta, part, lambda share, words: progress(0.2 * share, words))
        with self._lock:
            checking = self.answers.checked(self._model, found, self._device)
        return collect(checking, part, parts, lambda share, words: progress(0.2 + 0.8 * share, words), self._lock)

    def predict_file(
        self,
        source: str | Path,
        target: str | Path,
        progress: Progress = silent,
        column: str | int | None = None,
        **asked: Any,
    ) -> int:
        """Predict every row of a file of any readable format into a new file. See ``runs.batch``.

        Args:
            source: The texts.
            target: A .csv, .tsv or .jsonl file; it appears when all is done.
            progress: May raise Cancelled; nothing is written then.
            column: The column of texts; found out when None.
            asked: As of ``predict``, for all rows.

        Returns:
            How many rows were written.

        Raises:
            StudioError: the file cannot be read or written, or its text column cannot be told.
        """
        from lstm_studio.runs.batch import predict_file

        self._check(asked)
        return predict_file(self, Path(source), Path(target), progress, column, asked)

    def export_onnx(self, path: str | Path, progress: Progress = silent) -> list[Path]:
        """Write the network as one or several ONNX files; see ``runs.onnx_export``.

        Args:
            path: The file to be, ending in ``.onnx``.
            progress: May raise Cancelled; nothing is written then.

        Returns:
            What was written.

        Raises:
            StudioError: another ending, a file that cannot be written, or the package onnx is not installed.
        """
        from lstm_studio.runs import onnx_export

        path = onnx_export.checked(path)
        with self._lock:
            return onnx_export.write(path, self._model, self.config, self._meta, self.path, progress)

    def answer_rows(self, readings: Sequence[Any]) -> list[Any]:
        """Answers to what ``answers.rows`` read; None for None."""
        answered = iter(self._answered([reading for reading in readings if reading is not None]))
        return [next(answered) if reading is not None else None for reading in readings]

    # -- inside ----------------------------------------------------------------------------------------------

    def _read(self, text: str, asked: dict[str, Any]) -> Any:
        self._check(asked)
        return self.answers.read(text, **asked)

    def _check(self, asked: dict[str, Any]) -> None:
        unknown = [name for name in asked if name not in self.answers.asked]
        if unknown:
            raise StudioError(f"A {self.config.task} run cannot be told the {unknown[0].replace('_', ' ')}")

    def _answered(self, readings: Sequence[Any]) -> list[Any]:
        with self._lock:
            return self.answers.answer(self._model, readings, self._device) if readings else []


def _load(folder: RunFolder, config: RunConfig, meta: Any, epoch: int | None) -> torch.nn.Module:
    """The run's network with its best weights, or those of an epoch, on the CPU."""
    path = weights_of(folder.path, epoch)
    if not path.is_file():
        raise _absent(folder, epoch)
    try:
        weights = load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        if not path.is_file():  # a run in training lets go of an epoch
            raise _absent(folder, epoch) from None
        what = "The weights of the run are damaged" if epoch is None else f"The weights of epoch {epoch} are damaged"
        todo = "Train the run again" if epoch is None else "Choose another epoch"
        raise StudioError(what, where=path, why=str(error), todo=todo) from None
    with blank():
        model = registry.get(config.task).build_model(config, meta)
    furnish(model, "cpu")
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


def _absent(folder: RunFolder, epoch: int | None) -> StudioError:
    """Why there are no weights."""
    if epoch is None:
        return StudioError(
            "The run has no trained network yet", where=folder.path, todo="Let it train for an epoch, or resume it"
        )
    there = ", ".join(map(str, folder.epochs))
    return StudioError(
        f"The run has not kept epoch {epoch}",
        where=folder.path,
        todo=f"It has kept {there}" if there else "Leave the epoch out: it has kept its best weights alone",
    )
