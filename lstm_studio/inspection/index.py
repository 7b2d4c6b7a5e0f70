"""States of many tokens kept on disk, so that one can ask what a unit reacts to. Building and opening; needs no torch.

The idea of such an index is LSTMVis': Strobelt, Gehrmann, Pfister & Rush, "LSTMVis: a tool for visual analysis of
hidden state dynamics in recurrent neural networks", 2018 (https://arxiv.org/abs/1606.07461).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lstm_studio.data.cache import TextStore
from lstm_studio.data.encoded_words import check_offsets
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError

if TYPE_CHECKING:
    import torch

    from lstm_studio.nn.types import Direction
    from lstm_studio.tasks.corpus import Corpus, Meaning, Spacing

MOST_TOKENS = 100_000
FORMAT = 1
_ARRAYS = ("tokens", "labels", "offsets")
_TEXTS = ("words", "names", "questions")
_SAMPLE = 200_000
"""Numbers of a state that its scale is measured on."""


@dataclass(frozen=True)
class Wanted:
    """What an index is of: a layer and direction over a part of the run's data."""

    part: str = "validation"
    layer: int = 0
    direction: Direction = "forward"


@dataclass(frozen=True, eq=False)
class UnitIndex:
    """N tokens of E examples, and what H units did at each.

    Attributes:
        wanted: What it is of.
        states: "h", and "c" where the cell has one: float16 [H, N], mapped from disk; a unit's values lie together.
        tokens: Of each place which of ``words``: int32 [N].
        labels: Of each place which of ``names``: int32 [N].
        offsets: Example e stands at the places from ``offsets[e]`` to ``offsets[e + 1]``: int64 [E + 1].
        words, names: What is read, and what it can be labelled.
        questions: Each example as a network is asked about it, as JSON.
        meaning, spacing, running: As of ``tasks.corpus.Corpus``.
        whole: Whether it holds all of the part, not a sample or the beginning.
        key: Of the weights, the data and the layer.
    """

    wanted: Wanted
    states: dict[str, np.ndarray]
    tokens: np.ndarray
    labels: np.ndarray
    offsets: np.ndarray
    words: Sequence[str]
    names: Sequence[str]
    questions: Sequence[str]
    meaning: Meaning
    spacing: Spacing
    running: bool
    whole: bool
    key: str = ""

    def __len__(self) -> int:
        """Tokens."""
        return len(self.tokens)

    @property
    def units(self) -> int:
        """H."""
        return len(self.states["h"])

    @property
    def examples(self) -> int:
        """E."""
        return len(self.offsets) - 1

    @cached_property
    def example_of(self) -> np.ndarray:
        """Of each place, in which example it is: int32 [N]."""
        return np.repeat(np.arange(self.examples, dtype=np.int32), np.diff(self.offsets))

    def column(self, state: str, unit: int) -> np.ndarray:
        """A unit's values at all places: float32 [N].

        Raises:
            StudioError: there is no such state or unit.
        """
        if state not in self.states:
            raise StudioError(f"The layer has no state {state}", todo=f"It has {' and '.join(self.states)}")
        if not 0 <= unit < self.units:
            raise StudioError(f"There is no unit {unit}", todo=f"Name one from 0 to {self.units - 1}")
        return np.asarray(self.states[state][unit], np.float32)

    def words_at(self, start: int, stop: int) -> tuple[str, ...]:
        """The tokens from one place to another."""
        return tuple(self.words[token] for token in self.tokens[start:stop].tolist())

    def around(self, place: int, reach: int) -> tuple[int, int]:
        """The places up to so many before and behind one that belong to the same text."""
        low, high = 0, len(self)
        if not self.running:
            example = int(np.searchsorted(self.offsets, place, side="right")) - 1
            low, high = int(self.offsets[example]), int(self.offsets[example + 1])
        return max(low, place - reach), min(high, place + reach + 1)

    def question(self, place: int) -> dict[str, Any]:
        """The example in which a place is, as ``Predictor`` methods are asked about it."""
        example = int(np.searchsorted(self.offsets, place, side="right")) - 1
        found: dict[str, Any] = json.loads(self.questions[example])
        if "words" in found:
            found["words"] = tuple(found["words"])
        return found

    @cached_property
    def _scales(self) -> dict[str, tuple[float, float]]:
        found = {}
        for state, values in self.states.items():
            step = max(1, values.size // _SAMPLE)
            sample = np.abs(np.asarray(values[:, :: max(1, step)], np.float32))
            limit, usual = (float(np.quantile(sample, share)) for share in (0.995, 0.7)) if sample.size else (1.0, 0.3)
            found[state] = (max(limit, 1e-3), usual)
        return found

    def limit(self, state: str) -> float:
        """Almost all values of a state lie between plus and minus this."""
        return self._scales[state][0]

    def usual(self, state: str) -> float:
        """Three of ten absolute values of a state lie above this."""
        return self._scales[state][1]


def build_index(
    corpus: Corpus,
    model: torch.nn.Module,
    device: torch.device,
    wanted: Wanted,
    folder: Path,
    *,
    most: int = MOST_TOKENS,
    progress: Progress = silent,
    lock: AbstractContextManager[Any] | None = None,
) -> dict[str, Any]:
    """Read examples through a network and keep what a layer does.

    Args:
        corpus: The data.
        model: In evaluation mode.
        wanted: Layer and direction; ``part`` is written down only.
        folder: An empty one; gets .npy files, states as float16 [H, N].
        most: Tokens at most, but for the last example's.
        progress: Told how far it is; may raise Cancelled.
        lock: Held while the network computes, batch by batch.

    Returns:
        What ``open_index`` needs besides the files.

    Raises:
        StudioError: there is nothing to read, or no such layer.
    """
    picked = corpus.pick(most)
    if not len(picked):
        raise StudioError("There is nothing to read in this part of the data", todo="Choose another part")
    words: dict[str, int] = {}
    tokens: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    questions: list[str] = []
    for done, number in enumerate(picked.tolist()):
        example = corpus.example(number)
        tokens.append(np.array([words.setdefault(token, len(words)) for token in example.tokens], np.int32))
        labels.append(example.labels)
        questions.append(json.dumps(example.question, ensure_ascii=False))
        if done % 200 == 0:
            progress(0.2 * done / len(picked), f"Reading the texts: {done:,} of {len(picked):,}")
    offsets = np.cumsum([0, *map(len, tokens)]).astype(np.int64)
    names, numbers = _compact(np.concatenate(labels), corpus.labels, corpus.meaning == "next")
    for name, array in zip(_ARRAYS, (np.concatenate(tokens), numbers, offsets), strict=True):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    for name, texts in zip(_TEXTS, (list(words), names, questions), strict=True):
        TextStore.of(texts).save(folder, name)
    states = _keep_states(corpus, model, device, picked, wanted, folder, int(offsets[-1]), progress, lock)
    progress(1.0, "Ready")
    return {
        "format": FORMAT,
        "wanted": [wanted.part, wanted.layer, wanted.direction],
        "states": states,
        "meaning": corpus.meaning,
        "spacing": corpus.spacing,
        "running": corpus.running,
        "whole": int(offsets[-1]) < most,
    }


def _keep_states(
    corpus: Corpus,
    model: torch.nn.Module,
    device: torch.device,
    picked: np.ndarray,
    wanted: Wanted,
    folder: Path,
    total: int,
    progress: Progress,
    lock: AbstractContextManager[Any] | None,
) -> list[str]:
    kept: dict[str, np.ndarray] = {}
    walk = corpus.walk(model, picked, device)
    done = 0
    while True:
        with lock or nullcontext():
            batch = next(walk, None)
        if batch is None:
            break
        places, traces = batch
        trace = next((one for one in traces if (one.layer, one.direction) == (wanted.layer, wanted.direction)), None)
        if trace is None:
            raise StudioError(
                f"The network has no layer {wanted.layer + 1} that reads {wanted.direction}", todo="Choose another one"
            )
        there = places >= 0
        for state in ("h", "c"):
            if state not in trace.values:
                continue
            values = trace.values[state][:, : places.shape[1]].float().cpu().numpy()[there]
            if state not in kept:
                kept[state] = np.lib.format.open_memmap(
                    folder / f"{state}.npy", "w+", np.float16, (values.shape[1], total)
                )
            kept[state][:, places[there]] = np.clip(values.T, -65_000, 65_000).astype(np.float16)
        done += int(there.sum())
        progress(0.2 + 0.8 * done / total, f"Reading with the network: {done:,} of {total:,} tokens")
    for array in kept.values():
        array.flush()  # type: ignore[attr-defined]
    return list(kept)


def _compact(labels: np.ndarray, names: Sequence[str], sparse: bool) -> tuple[list[str], np.ndarray]:
    """Names and numbers; of the thousands of tokens of a vocabulary only those that are there."""
    if not sparse:
        return list(names), labels.astype(np.int32)
    there, numbers = np.unique(labels, return_inverse=True)
    return [names[label] for label in there.tolist()], numbers.reshape(-1).astype(np.int32)


def open_index(folder: Path, facts: dict[str, Any], key: str = "") -> UnitIndex:
    """Map what ``build_index`` wrote.

    Raises:
        OSError, ValueError, KeyError, TypeError: it is damaged.
    """
    if facts["format"] != FORMAT:
        raise ValueError("another format")
    part, layer, direction = facts["wanted"]
    arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
    check_offsets(arrays["offsets"], len(arrays["tokens"]))
    states = {state: np.load(folder / f"{state}.npy", mmap_mode="r", allow_pickle=False) for state in facts["states"]}
    # Words are few, and looked up all the time.
    words, names = (_texts(TextStore.load(folder, name)) for name in ("words", "names"))
    total = len(arrays["tokens"])
    if any(values.shape != states["h"].shape or values.shape[1] != total for values in states.values()):
        raise ValueError("the states do not fit the tokens")
    for numbers, limit in ((arrays["tokens"], len(words)), (arrays["labels"], len(names))):
        if len(numbers) != total or not 0 <= int(numbers.min()) <= int(numbers.max()) < limit:
            raise ValueError("numbers that mean nothing")
    questions = TextStore.load(folder, "questions")
    if len(questions) != len(arrays["offsets"]) - 1:
        raise ValueError("the examples do not fit the tokens")
    return UnitIndex(
        wanted=Wanted(part, int(layer), direction),
        states=states,
        words=words,
        names=names,
        questions=cast("Sequence[str]", questions),
        meaning=facts["meaning"],
        spacing=facts["spacing"],
        running=bool(facts["running"]),
        whole=bool(facts["whole"]),
        key=key,
        **arrays,
    )


def _texts(store: TextStore) -> tuple[str, ...]:
    return tuple(store[number] for number in range(len(store)))
