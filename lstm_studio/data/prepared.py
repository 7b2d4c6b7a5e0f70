"""Data made ready for training and kept in a cache: what is the same for every task."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lstm_studio.config import DataConfig, RunConfig
from lstm_studio.config.run import LAYOUT
from lstm_studio.data.cache import Cache, digest, key_of
from lstm_studio.data.kinds import section_for
from lstm_studio.data.partners import label_of, partner_for, words_file
from lstm_studio.data.places import located, own_parts
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.version import __version__

_FORMAT = 3
"""Counted up when the same settings come to give other data."""


class Ready(Protocol):
    """What a recipe makes. ``notes`` begins with what was guessed; ``key`` is equal for equal data and settings."""

    @property
    def config(self) -> RunConfig:
        """The run, nothing left open in its data section."""

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence each."""

    @property
    def key(self) -> str:
        """Empty where nothing is known of the files."""

    def question(self, split: Any, index: int, /) -> dict[str, Any]:
        """A row as it is asked of a network: "text" and what the task reads besides."""


P = TypeVar("P", bound=Ready)


class Recipe(Protocol[P]):
    """How the data of one task is made ready.

    Attributes:
        task: Its name.
        settings: Fields of [data], besides the layout of the file and the split, on which the result depends.
    """

    task: str
    settings: tuple[str, ...]

    def build(self, config: RunConfig, progress: Progress) -> tuple[P, list[str]]:
        """Make it from the files, and say what was guessed. ``key`` is still empty."""

    def facts(self, prepared: P) -> dict[str, Any]:
        """What the cache keeps of it besides the files, as JSON can hold it."""

    def save(self, prepared: P, folder: Path) -> None:
        """Write its files."""

    def load(self, folder: Path, facts: dict[str, Any], config: RunConfig, notes: tuple[str, ...], key: str) -> P:
        """Read them back; ``config`` is complete.

        Raises:
            OSError, ValueError, KeyError, TypeError, StudioError: they are damaged.
        """

    def renewed(self, prepared: P, key: str) -> P:
        """The same under its key."""


def prepare(recipe: Recipe[P], config: RunConfig, progress: Progress = silent, cache: Path | None = None) -> P:
    """Read, split and encode the data of a run.

    The same file and settings give the same data to the last bit, on any machine.

    Args:
        recipe: Of the run's task.
        config: The run; what its data section leaves open is guessed.
        progress: Told how far it is; may raise ``Cancelled``.
        cache: Folder to keep the result in; None keeps it in memory only.

    Raises:
        StudioError: the data cannot be used; says what to do.
        Cancelled: ``progress`` asked for it.
    """
    data = own_parts(section_for(recipe.task, config.data))
    if data is not config.data:
        config = config.model_copy(update={"data": data})
    if not data.path:
        raise StudioError("No data is chosen", todo="Name a file in data.path, or open one in the window")
    progress(0.0, "Looking at the file")
    for path in (data.path, data.validation, data.test):
        if path is not None:
            located(path, progress)
    sources = _sources(config)
    store = Cache(Path(cache)) if cache is not None and sources is not None else None
    if store is not None and sources is not None and (found := _from_cache(recipe, store, config, sources)):
        progress(1.0, "Ready")
        return found
    prepared, guessed = recipe.build(config, progress)
    if sources is not None:
        prepared = recipe.renewed(prepared, _key(recipe, prepared.config, sources))
    # A file that was written to meanwhile must not be remembered under what it held before.
    if store is not None and sources is not None and _stamps(config) == sources["stamps"]:
        progress(0.97, "Keeping the prepared texts")
        kept = _into_cache(recipe, store, prepared, config, sources, guessed)
        if kept is not None:
            prepared = kept
    progress(1.0, "Ready")
    return prepared


def _sources(config: RunConfig) -> dict[str, Any] | None:
    """What the data depends on besides the settings; None where a file cannot be read (opening it says why)."""
    hashes: dict[str, Any] = {}
    try:
        stamps = _stamps(config)
        for name, path in files_of(config):
            # The ending of the name takes part in finding out the format.
            hashes[name] = [digest(path), path.suffix.lower(), path.is_dir()]
    except OSError:
        return None
    return {"hashes": hashes, "stamps": stamps}


def _stamps(config: RunConfig) -> list[tuple[int, int]]:
    try:
        return [(path.stat().st_size, path.stat().st_mtime_ns) for _, path in files_of(config)]
    except OSError:
        return []


def files_of(config: RunConfig) -> Iterable[tuple[str, Path]]:
    """What is read for a run, and as what: data files, those that belong to them line by line, vectors."""
    data = config.data
    named = [("train", data.path), ("validation", data.validation), ("test", data.test)]
    found = [(name, located(path)) for name, path in named if path is not None]
    for name, path in list(found):
        partner = partner_for(path, located(data.path), Path(data.parallel) if data.parallel is not None else None)
        beside = {"partner": partner, "labels": label_of(words_file(path)) if partner is not None else None}
        found += [(f"{name} {what}", other) for what, other in beside.items() if other is not None]
    return [*found, *((side, Path(path)) for side, path in config.model.vector_files.items())]


def _key(recipe: Recipe[Any], config: RunConfig, sources: dict[str, Any]) -> str:
    data = config.data
    settings = {name: getattr(data, name) for name in (*LAYOUT, *recipe.settings)}
    for name in ("path", "parallel"):
        del settings[name]  # their content is among the sources, wherever they lie
    if data.validation is None:
        settings["split"] = [data.validation_fraction, data.split_seed]
    if data.tokenizer == "chinese words":
        settings["dictionary"] = _version("rjieba")
    return key_of([_FORMAT, recipe.task, __version__, _version("nltk"), sources["hashes"], settings])


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "bundled"


def _from_cache(recipe: Recipe[P], store: Cache, config: RunConfig, sources: dict[str, Any]) -> P | None:
    key = _key(recipe, config, sources)
    guessed: Sequence[str] = ()
    answers = store.recall(key)
    if answers is not None:
        try:
            fields = {**config.data.model_dump(), **answers["fields"]}
            model = {**config.model.model_dump(), **answers["model"]}
            values = {**config.model_dump(), "data": fields, "model": model}
            config = RunConfig(**values)
            guessed = [str(note) for note in answers["notes"]]
        except (ValueError, KeyError, TypeError):
            return None
        key = _key(recipe, config, sources)
    opened = store.open(key)
    if opened is None:
        return None
    folder, facts = opened
    try:
        notes = (*guessed, *(str(note) for note in facts["notes"]))
        return recipe.load(folder, facts, config, notes, key)
    except (OSError, ValueError, KeyError, TypeError, StudioError):
        store.remove(key)
        return None


def _into_cache(
    recipe: Recipe[P], store: Cache, prepared: P, given: RunConfig, sources: dict[str, Any], guessed: list[str]
) -> P | None:
    """Write to disk and read back, so that the first run and the later ones read the same memory-mapped arrays."""
    chosen, key = prepared.config, prepared.key
    facts = {**recipe.facts(prepared), "notes": prepared.notes[len(guessed) :]}
    if not store.write(key, facts, lambda folder: recipe.save(prepared, folder)):
        return None
    given_key = _key(recipe, given, sources)
    if given_key != key or chosen.model != given.model:
        fields = {name: value for name, value in chosen.data.model_dump().items() if _open(given.data, name)}
        model = {name: value for name, value in chosen.model if value != getattr(given.model, name)}
        for name in ("validation", "test"):
            fields.pop(name, None)
        store.remember(given_key, {"fields": fields, "model": model, "notes": guessed})
    return _from_cache(recipe, store, given, sources)


def _open(data: DataConfig, name: str) -> bool:
    return getattr(data, name, None) is None
