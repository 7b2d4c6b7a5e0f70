"""Corpora on this computer: where they lie, whether they are here, and the plain files that are made of them.

They are fetched by ``data.corpora_download``. What is made of a corpus is kept in the cache under the check sums of its
packages and the version of the conversion, so that another corpus or another program makes it anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lstm_studio.data.cache import Cache, digest, key_of
from lstm_studio.data.corpora_catalogue import Corpus, find
from lstm_studio.data.places import TRAIN, cache_folder, config_folder, corpus_path, data_folder
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError

_NLTK = "NLTK_DATA"
_SUBFOLDER = "corpora"


@dataclass(frozen=True)
class Choice:
    """What the person has set in the window: where corpora are kept, and from which address they are fetched."""

    folder: str = ""
    mirror: str = ""


def chosen() -> Choice:
    """The settings as they are written; nothing where there are none, or they cannot be read."""
    try:
        values = json.loads((config_folder() / "settings.json").read_text(encoding="utf-8"))
        return Choice(str(values.get("corpora_folder") or ""), str(values.get("corpora_mirror") or ""))
    except (OSError, ValueError, AttributeError):
        return Choice()


def folder() -> Path:
    """Where corpora are put: as the settings say, else the first folder of ``NLTK_DATA``, else the program's own."""
    if set_folder := chosen().folder:
        return Path(set_folder)
    named = _of_environment()
    return named[0] if named else data_folder() / "nltk"


def folders() -> list[Path]:
    """Where corpora are looked for: there, in those of ``NLTK_DATA``, in the program's own and in NLTK's usual one."""
    every = [folder(), *_of_environment(), data_folder() / "nltk"]
    if "LSTM_STUDIO_HOME" not in os.environ:
        every.append(Path("~/nltk_data").expanduser())
    return list(dict.fromkeys(every))


def _of_environment() -> list[Path]:
    return [Path(name) for name in os.environ.get(_NLTK, "").split(os.pathsep) if name]


def package_place(package: str, first: Path | None = None) -> Path | None:
    """The archive of a package, or where there is none its unpacked folder; None where it is not here.

    ``first`` is looked into before all other folders.
    """
    for base in folders() if first is None else [first, *folders()]:
        packed, unpacked = base / _SUBFOLDER / f"{package}.zip", base / _SUBFOLDER / package
        try:
            if packed.is_file():
                return packed
            if unpacked.is_dir():
                return unpacked
        except OSError:
            continue
    return None


def is_here(corpus: Corpus, first: Path | None = None) -> bool:
    """Whether all that a corpus is made of is on this computer; ``first`` as of ``package_place``."""
    return all(package_place(package, first) is not None for package in corpus.packages)


def remove(corpus: Corpus) -> None:
    """Delete a corpus from the folder of corpora, with all that was made of it. A package that is used by another
    corpus goes too.

    Raises:
        StudioError: it lies in another folder, or cannot be deleted.
    """
    for package in corpus.packages:
        place = package_place(package)
        if place is None:
            continue
        base = folder() / _SUBFOLDER
        if place.parent != base:
            raise StudioError(
                "This corpus is not in the program's folder of corpora",
                where=place,
                why="Other programs may use it",
                todo="Delete it there if nothing needs it any more",
            )
        store, key = _store(), _key(corpus)
        try:
            (base / f"{package}.zip").unlink(missing_ok=True)
            if (base / package).is_dir():
                shutil.rmtree(base / package)
        except OSError as error:
            raise StudioError("The corpus cannot be deleted", where=place, why=error.strerror or str(error)) from None
        store.remove(key)


def rows_of(corpus: Corpus) -> int | None:
    """Rows of all its parts: as they were counted when it was read, else as is known of it."""
    facts = _store().recall(_key(corpus)) if is_here(corpus) else None
    counts = (facts or {}).get("rows", {})
    found = [counts.get(part, known) for part, known in corpus.parts.items()]
    return None if any(count is None for count in found) else sum(found)


def converted(name: str, part: str, progress: Progress = silent) -> Path:
    """The file or folder of a part of a corpus; made when it is first asked for.

    Args:
        name: Of the corpus.
        part: Of its parts; the one to learn from where it is "".
        progress: May raise ``Cancelled``; nothing is left behind then.

    Raises:
        StudioError: there is no such corpus or part, it is not here, it is damaged, or the disk is full.
    """
    corpus = find(name)
    part = part or TRAIN
    if part not in corpus.parts:
        raise StudioError(
            f"The corpus {name} has no part called {part!r}",
            todo=f"Choose {' or '.join(corpus_path(name, known) for known in corpus.parts)}",
        )
    if not is_here(corpus):
        raise StudioError(
            f"The corpus {name} is not on this computer yet",
            todo=f"Get it with: lstm-studio corpora get {name} (in the window: Data, Corpora, Download)",
        )
    store, key = _store(), _key(corpus)
    opened = store.open(key) or _convert(corpus, store, key, progress)
    place, facts = opened
    return place / str(facts["files"][part])


def _store() -> Cache:
    return Cache(cache_folder() / "corpora")


def _key(corpus: Corpus) -> str:
    from lstm_studio.data.corpora_convert import VERSION

    return key_of([VERSION, corpus.name, [_checksum(package_place(package)) for package in corpus.packages]])


def _checksum(place: Path | None) -> str:
    """MD5 of an archive, as NLTK's index has it; another sum of a folder; "" of what is not there."""
    if place is None:
        return ""
    try:
        if place.is_dir():
            return digest(place)
        stat = place.stat()
        return _md5(str(place), stat.st_size, stat.st_mtime_ns)
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _md5(path: str, size: int, modified: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _convert(corpus: Corpus, store: Cache, key: str, progress: Progress) -> tuple[Path, dict[str, Any]]:
    from lstm_studio.data.corpora_convert import convert

    facts: dict[str, Any] = {"corpus": corpus.name, "files": {}, "rows": {}}
    met: list[OSError] = []
    words = f"Preparing {corpus.name}"
    expected = corpus.rows or 0

    def told(rows: int) -> None:
        done = sum(facts["rows"].values()) + rows
        progress(min(0.99, done / expected) if expected else -1.0, f"{words}: {done:,} rows")

    def fill(folder: Path) -> None:
        try:
            for part in corpus.parts:
                progress(-1.0, words)
                name, rows = convert(corpus, part, _root_of, folder, told)
                if rows == 0:
                    raise ValueError("nothing that can be read is in it")
                facts["files"][part], facts["rows"][part] = name, rows
        except OSError as error:
            met.append(error)
            raise

    try:
        written = store.write(key, facts, fill)
    except (ValueError, LookupError, AssertionError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(corpus, str(error)) from None
    opened = store.open(key) if written else None
    if opened is None:
        why = (met[0].strerror or str(met[0])) if met else "The cache cannot be written"
        if met and met[0].errno is None:  # NLTK refuses a file, or an archive ends early
            raise _damaged(corpus, why)
        raise StudioError(
            f"The corpus {corpus.name} could not be prepared",
            where=store.folder,
            why=why,
            todo="Make room there, or have the folder be writable",
        )
    store.remember(key, {"rows": facts["rows"]})
    return opened


def _damaged(corpus: Corpus, why: str) -> StudioError:
    places = [str(place) for package in corpus.packages if (place := package_place(package)) is not None]
    return StudioError(
        f"The corpus {corpus.name} is damaged",
        where=", ".join(places),
        why=f"NLTK cannot read it: {' '.join(why.split())[:300]}",
        todo=f"Get it anew with: lstm-studio corpora get {corpus.name} --again",
    )


def _root_of(path: str) -> Any:
    """NLTK's pointer to a folder of a package: "treebank/combined". The package is read from its archive, whose check
    sum is known, wherever there is one."""
    import nltk.data

    package, _, inner = path.partition("/")
    place = package_place(package)
    if place is None:
        raise ValueError(f"{package} is missing")
    base = str(place.parent.parent)
    if base not in nltk.data.path:
        nltk.data.path.append(base)  # NLTK reads nothing outside of its folders
    if place.is_dir():
        return nltk.data.FileSystemPathPointer(str(place / inner))
    return nltk.data.ZipFilePathPointer(str(place), f"{path}/")
