"""Texts with classes and sentences with tags, answered one by one; see ``tasks.checked``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lstm_studio.data.batches import bucketed, collate
from lstm_studio.data.encoded import EncodedTexts
from lstm_studio.data.encoded_words import EncodedSentences
from lstm_studio.data.prepare_tags import TagInventory, types_of
from lstm_studio.data.tags import Span, spans
from lstm_studio.data.vocabulary import Vocabulary
from lstm_studio.data.words import words_of
from lstm_studio.errors import StudioError
from lstm_studio.nn.classifier import TextClassifier
from lstm_studio.nn.tagger import SequenceTagger
from lstm_studio.tasks.checked import Cell, CheckedRow, Checking
from lstm_studio.tasks.tag_reading import collate as collate_words

BATCH = 128
"""Examples at once."""


def check_texts(model: nn.Module, part: EncodedTexts, classes: Sequence[str], device: torch.device) -> Checking:
    """Texts with one class each; the loss is plain cross-entropy, the confidence the likeliest class's probability.

    Raises:
        StudioError: the texts themselves are not known.
    """
    if part.texts is None or part.labels is None:
        raise StudioError("The texts of this part are not known", todo="Choose a run whose data file is still there")
    batches = bucketed(part.lengths, BATCH, 0, 0, shuffle=False)

    def ask(place: int) -> dict[str, Any]:
        return {"text": str(part.texts[place])}

    rows = _texts(cast("TextClassifier", model), part, classes, batches, device)
    return Checking("accuracy", rows, len(batches), ask, tuple(classes))


def _texts(
    network: TextClassifier,
    part: EncodedTexts,
    classes: Sequence[str],
    batches: Sequence[np.ndarray],
    device: torch.device,
) -> Iterator[list[CheckedRow]]:
    for handle in batches:
        batch = collate(part, handle)
        assert batch.targets is not None
        with torch.inference_mode():
            logits = network(torch.from_numpy(batch.inputs).to(device), torch.from_numpy(batch.lengths)).logits.float()
            losses = cross_entropy(logits, torch.from_numpy(batch.targets).to(device), reduction="none").cpu().numpy()
            shares = logits.softmax(1).cpu().numpy()
        read = shares.argmax(1)
        sure = shares.max(1)
        right = read == batch.targets
        unknown = (batch.inputs == Vocabulary.UNKNOWN_ID).sum(1)
        yield [
            CheckedRow(
                place,
                str(part.texts[place]),
                classes[batch.targets[row]],
                classes[read[row]],
                float(losses[row]),
                float(right[row]),
                right=bool(right[row]),
                confidence=float(sure[row]),
                length=int(part.token_lengths[place]),
                unknown=int(unknown[row]),
                cells=((int(batch.targets[row]), int(read[row])),),
                sure=sure[row : row + 1],
                hits=right[row : row + 1],
            )
            for row, place in enumerate(handle.tolist())
        ]


def check_sentences(
    model: nn.Module, part: EncodedSentences, inventory: TagInventory, device: torch.device
) -> Checking:
    """Sentences with tags: F1 of spans as ``tasks.entities`` counts it, loss a word, confidence the mean probability of
    the tags.

    The mean of the F1 of single sentences, weighted by how many spans are true and predicted, is the F1 of all.
    The predicate of a semantic frame counts as nothing: it is given.
    """
    batches = bucketed(part.lengths, BATCH, 0, 0, shuffle=False)
    # Tags of files that training has not seen are kept behind those of the run.
    names = dict.fromkeys(types_of(inventory.tags, inventory.learned))
    names |= dict.fromkeys(types_of(part.names, inventory.learned))
    classes = (*names, "")
    glue = " " if inventory.spaced else ""

    def ask(place: int) -> dict[str, Any]:
        words = words_of(str(part.texts[place]))
        predicate = int(part.predicates[place])
        return {"text": glue.join(words), "words": tuple(words), "predicate": predicate if predicate >= 0 else None}

    rows = _sentences(cast("SequenceTagger", model), part, inventory, classes, batches, device)
    return Checking("f1", rows, len(batches), ask, classes, "word")


def _sentences(
    network: SequenceTagger,
    part: EncodedSentences,
    inventory: TagInventory,
    classes: tuple[str, ...],
    batches: Sequence[np.ndarray],
    device: torch.device,
) -> Iterator[list[CheckedRow]]:
    number = {name: place for place, name in enumerate(classes)}
    for handle in batches:
        batch = collate_words(part, handle, network.characters is not None, network.marks is not None, device)
        with torch.inference_mode():
            emissions = network(batch.ids, batch.lengths, batch.spelling, batch.marks).emissions
            losses = np.full(len(handle), np.nan, np.float32)
            known = batch.known
            if bool(known.any()):
                on = known.to(device)
                found = network.negative_log_likelihood(emissions[on], batch.tags[on], batch.lengths[known])
                losses[known.numpy()] = (found.cpu() / batch.lengths[known]).numpy()
            best = network.decode(emissions, batch.lengths).cpu().numpy()
            shares = network.probabilities(emissions, batch.lengths).float().cpu().numpy()
        ids = batch.ids.cpu().numpy()
        found_rows = []
        for row, place in enumerate(handle.tolist()):
            one = _sentence(part, inventory, number, place, best[row], shares[row])
            one.loss = float(losses[row])
            one.unknown = int((ids[row, : one.length] == Vocabulary.UNKNOWN_ID).sum())
            found_rows.append(one)
        yield found_rows


def _sentence(
    part: EncodedSentences,
    inventory: TagInventory,
    number: dict[str, int],
    place: int,
    best: np.ndarray,
    shares: np.ndarray,
) -> CheckedRow:
    words, tags = part.words(place), part.tags_of(place)
    size, predicate = len(words), int(part.predicates[place])
    guessed = [inventory.tags[tag] for tag in best[:size]]
    sure = shares[np.arange(size), best[:size]].astype(np.float32)
    hits = np.array([one == other for one, other in zip(tags, guessed, strict=True)], bool)
    asked = np.arange(size) != predicate
    if predicate >= 0:
        tags[predicate] = guessed[predicate] = "O"
        words = [f"[{word}]" if at == predicate else word for at, word in enumerate(words)]
    there, said = spans(tags, inventory.learned), spans(guessed, inventory.learned)
    both = len(set(there) & set(said))
    glue = " " if inventory.spaced else ""
    return CheckedRow(
        place,
        glue.join(words),
        _named(there, words, glue),
        _named(said, words, glue),
        score=2 * both / (len(there) + len(said)) if there or said else 1.0,
        weight=float(len(there) + len(said)),
        right=there == said,
        confidence=float(sure[asked].mean()) if asked.any() else 1.0,
        length=size,
        cells=_cells(there, said, number),
        sure=sure[asked],
        hits=hits[asked],
    )


def _named(found: Sequence[Span], words: Sequence[str], glue: str) -> str:
    return " · ".join(f"{span.type}: {glue.join(words[span.start : span.end])}" for span in found)


def _cells(there: Sequence[Span], said: Sequence[Span], number: dict[str, int]) -> tuple[Cell, ...]:
    """What was taken for what, by spans with the same two ends."""
    true = {(span.start, span.end): span.type for span in there}
    read = {(span.start, span.end): span.type for span in said}
    nothing = number[""]
    found = {
        (number.get(true.get(ends, ""), nothing), number.get(read.get(ends, ""), nothing))
        for ends in true.keys() | read.keys()
    }
    return tuple(sorted(found))
