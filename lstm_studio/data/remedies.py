"""The remedies of a run applied to its rows: in one order for every task, counted, the file never changed.

First texts are rewritten, in every part and in what the network is asked later; then rows of the training file are
dropped or get another label, in the order of ``config.remedies.REMEDIES``, before any are set aside for validation.
Rows of validation and test files are never dropped, but for those that hold nothing any more and those of dropped
classes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

import numpy as np

from lstm_studio.config import ClassificationData, DataConfig, GenerationData, TaggingData, TranslationData
from lstm_studio.config.remedies import parted
from lstm_studio.data.documents import Documents
from lstm_studio.data.health_types import Mended
from lstm_studio.data.mended_documents import MendedDocuments
from lstm_studio.data.mending import rewrites
from lstm_studio.data.pairs import Pairs, same_source
from lstm_studio.data.progress import Progress, silent
from lstm_studio.data.remedy_steps import OTHER, STEPS, Items
from lstm_studio.data.rows import Rows
from lstm_studio.data.sentences import Sentences
from lstm_studio.errors import StudioError


def mend_rows(
    rows: Rows,
    data: ClassificationData,
    others: Sequence[Rows] = (),
    progress: Progress = silent,
) -> tuple[Rows, list[Mended]]:
    """Labelled texts of a training file; ``others`` are the mended rows of the other files.

    Raises:
        StudioError: nothing is left.
    """
    if not data.remedies:
        return rows, []
    texts, told = _rewritten(rows.texts, data.remedies)
    others_of = [text for other in others for text in other.texts]
    items = Items(texts, list(texts), list(rows.labels), np.arange(len(texts)), others_of, progress)
    told += _applied(items, data.remedies, rows.table.path)
    labels = [str(label) for label in items.answers]
    return Rows(items.texts, labels, rows.rows[items.places], rows.table), told


def mend_other_rows(rows: Rows, data: DataConfig, classes: Sequence[str] | None) -> Rows:
    """Labelled texts of a validation or test file: texts rewritten; rows of classes that were dropped are left out, and
    labels that were merged are exchanged, once the classes are known.

    Raises:
        StudioError: nothing is left.
    """
    if not data.remedies:
        return rows
    texts, _ = _rewritten(rows.texts, data.remedies)
    labels = [*map(relabeller(data.remedies, classes), rows.labels)] if classes is not None else rows.labels
    kept = [place for place, (text, label) in enumerate(zip(texts, labels, strict=True)) if label and text.strip()]
    if not kept:
        raise nothing_left(rows.table.path)
    return Rows([texts[place] for place in kept], [labels[place] for place in kept], rows.rows[kept], rows.table)


def relabeller(remedies: Sequence[str], classes: Sequence[str]) -> Callable[[str], str]:
    """What the remedies of a run make of a label of another file: a label, or "" where its row is left out."""
    names = {text.partition(":")[0] for text in remedies}
    known = set(classes)
    alike = {name.casefold(): name for name in classes} if "merge_label_case" in names else {}
    other = OTHER if "merge_rare_classes" in names and OTHER in known else None

    def relabelled(label: str) -> str:
        label = label if label in known else alike.get(label.casefold(), label)
        if label in known:
            return label
        return other if other is not None else "" if "drop_rare_classes" in names else label

    return relabelled


def mend_sentences(
    found: Sentences, data: TaggingData, others: Sequence[Sentences] = (), progress: Progress = silent
) -> tuple[Sentences, list[Mended]]:
    """Tagged sentences of a training file; see ``mend_rows``."""
    if not data.remedies:
        return found, []
    found, told = _mended_words(found, data)
    texts = [" ".join(words) for words in found.words]
    verbs = found.predicates or [-1] * len(found)
    keys: list[Hashable] = list(zip(texts, verbs, strict=True))
    answers: list[Hashable] = [tuple(tags) for tags in found.tags]
    others_of = [" ".join(words) for other in others for words in other.words]
    items = Items(texts, keys, answers, np.arange(len(texts)), others_of, progress)
    told += _applied(items, data.remedies, found.table.path)
    return (found if len(items.places) == len(found) else found.take(items.places.tolist())), told


def mend_other_sentences(found: Sentences, data: DataConfig) -> Sentences:
    """Tagged sentences of another file, whose words are rewritten alike."""
    return _mended_words(found, data)[0] if data.remedies else found


def mend_pairs(
    pairs: Pairs, data: TranslationData, others: Sequence[Pairs] = (), progress: Progress = silent
) -> tuple[Pairs, list[Mended]]:
    """Pairs of texts of a training file; see ``mend_rows``. Both sides are rewritten; sources say what is dropped."""
    if not data.remedies:
        return pairs, []
    pairs, told = _mended_sides(pairs, data)
    keys: list[Hashable] = [same_source(source) for source in pairs.sources]
    others_of = [source for other in others for source in other.sources]
    items = Items(list(pairs.sources), keys, list(pairs.targets), np.arange(len(pairs)), others_of, progress)
    told += _applied(items, data.remedies, pairs.table.path)
    return (pairs if len(items.places) == len(pairs) else pairs.take(items.places)), told


def mend_other_pairs(pairs: Pairs, data: DataConfig) -> Pairs:
    """Pairs of another file, both sides rewritten alike."""
    return _mended_sides(pairs, data)[0] if data.remedies else pairs


def mend_documents(
    documents: Documents, data: GenerationData, others: Sequence[Documents] = (), progress: Progress = silent
) -> tuple[Documents, list[Mended]]:
    """Running text of a training file; see ``mend_rows``. What stands in memory is a mended copy."""
    if not data.remedies:
        return documents, []
    texts, told = _rewritten(list(documents), data.remedies)
    others_of = [text for other in others for text in other]
    items = Items(texts, list(texts), [None] * len(texts), np.arange(len(texts)), others_of, progress)
    told += _applied(items, data.remedies, documents.path)
    return MendedDocuments.of_pieces(documents, items.texts, items.places), told


def mend_other_documents(documents: Documents, data: DataConfig) -> Documents:
    """Running text of another file, rewritten alike."""
    if not rewrites(data.remedies):
        return documents
    texts, _ = _rewritten(list(documents), data.remedies)
    kept = np.flatnonzero([bool(text.strip()) for text in texts])
    if not len(kept):
        raise nothing_left(documents.path)
    return MendedDocuments.of_pieces(documents, [texts[place] for place in kept.tolist()], kept)


# -- texts -----------------------------------------------------------------------------------------------------


def _rewritten(texts: Sequence[str], remedies: Sequence[str]) -> tuple[list[str], list[Mended]]:
    """Texts as they are read, and how many each remedy changed."""
    rewriting = Rewriting(remedies)
    return [rewriting.text(place, text) for place, text in enumerate(texts)], rewriting.told()


class Rewriting:
    """Texts rewritten as ``mending.rewriter`` does it, place after place, with how many places each remedy changed."""

    def __init__(self, remedies: Sequence[str]) -> None:
        self.steps = rewrites(remedies)
        self._counts = {name: 0 for name, _ in self.steps}
        self._last = dict.fromkeys(self._counts, -1)

    def text(self, place: int, text: str) -> str:
        """A text of a place; several of one place follow each other."""
        for _ in range(4):
            before = text
            for name, step in self.steps:
                changed = step(text)
                if changed != text and self._last[name] != place:
                    self._last[name] = place
                    self._counts[name] += 1
                text = changed
            if text == before:
                break
        return text

    def told(self) -> list[Mended]:
        """What was done."""
        return [mended_words(name, count) for name, count in self._counts.items()]


def _mended_words(found: Sentences, data: DataConfig) -> tuple[Sentences, list[Mended]]:
    """Words rewritten one by one; one of which nothing would be left, or several words, stays."""
    rewriting = Rewriting(data.remedies)
    if not rewriting.steps:
        return found, []
    words = []
    for place, own in enumerate(found.words):
        fresh = [word if word.isascii() and word.isprintable() else rewriting.text(place, word) for word in own]
        words.append([new if len(new.split()) == 1 else old for new, old in zip(fresh, own, strict=True)])
    return replace(found, words=words), rewriting.told()


def _mended_sides(pairs: Pairs, data: DataConfig) -> tuple[Pairs, list[Mended]]:
    rewriting = Rewriting(data.remedies)
    if not rewriting.steps:
        return pairs, []
    sources, targets = [], []
    for place, (source, several) in enumerate(zip(pairs.sources, pairs.targets, strict=True)):
        sources.append(rewriting.text(place, source).strip())
        fresh = [rewriting.text(place, text).strip() for text in several]
        targets.append(tuple(text for text in fresh if text) or ("",))
    kept = np.flatnonzero([bool(source and targets[place][0]) for place, source in enumerate(sources)])
    if not len(kept):
        raise nothing_left(pairs.table.path)
    return Pairs(sources, targets, pairs.rows, pairs.table).take(kept), rewriting.told()


# -- rows ------------------------------------------------------------------------------------------------------


def _applied(items: Items, remedies: Sequence[str], path: object) -> list[Mended]:
    """All remedies that drop rows or change labels, one after the other; rows that became empty go first."""
    items.dropped(lambda text: not text.strip())
    told = []
    for text in remedies:
        remedy, argument = parted(text)
        if not remedy.rewrites:
            told.append(mended_words(text, STEPS[remedy.name](items, argument)))
    if not items.texts:
        raise nothing_left(path)
    return told


def mended_words(remedy: str, count: int) -> Mended:
    """A remedy and what it did, in words."""
    one, many = parted(remedy)[0].told
    return Mended(remedy, count, one if count == 1 else many.replace("{n}", f"{count:,}"))


def nothing_left(path: object) -> StudioError:
    """The error where remedies leave nothing."""
    return StudioError("The remedies leave no row", where=str(path), todo="Take one of data.remedies away")
