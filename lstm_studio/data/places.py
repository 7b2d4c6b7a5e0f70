"""Where data lie: the program's own folders, and what a path means that names a corpus instead of a file.

``nltk:conll2000/train`` is the training part of a corpus. It goes wherever the path of a file goes: configurations, the
command line, records of runs. Where bytes are read, ``located`` gives the file that holds them.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from lstm_studio.config import DataConfig
from lstm_studio.data.progress import Progress, silent

_NAME = "lstm-studio"
SCHEME = "nltk:"
TRAIN, VALIDATION, TEST = "train", "validation", "test"


def config_folder() -> Path:
    """Settings. ``LSTM_STUDIO_HOME`` moves everything into one folder."""
    home = os.environ.get("LSTM_STUDIO_HOME")
    return Path(home) / "config" if home else Path(platformdirs.user_config_dir(_NAME, appauthor=False))


def data_folder() -> Path:
    """The program's own data."""
    home = os.environ.get("LSTM_STUDIO_HOME")
    return Path(home) / "data" if home else Path(platformdirs.user_data_dir(_NAME, appauthor=False))


def cache_folder() -> Path:
    """What may be deleted at any time."""
    home = os.environ.get("LSTM_STUDIO_HOME")
    return Path(home) / "cache" if home else Path(platformdirs.user_cache_dir(_NAME, appauthor=False))


def runs_folder() -> Path:
    """Where runs are kept when nobody says otherwise."""
    return data_folder() / "runs"


def is_corpus(path: str | Path) -> bool:
    """Whether a path names a corpus."""
    return str(path).startswith(SCHEME)


def corpus_parts(path: str | Path) -> tuple[str, str]:
    """Name of the corpus and of its part: ("conll2000", "train"); the part is "" where none is named."""
    name, _, part = str(path).removeprefix(SCHEME).replace("\\", "/").partition("/")
    return name.strip(), part.strip().strip("/")


def corpus_path(name: str, part: str = "") -> str:
    """The path of a part of a corpus."""
    return f"{SCHEME}{name}/{part}" if part else f"{SCHEME}{name}"


def located(path: str | Path, progress: Progress = silent) -> Path:
    """The file or folder that a path means; a corpus is made into a plain file when it is first asked for.

    Raises:
        StudioError: there is no such corpus or part, or it is not on this computer; says how to get it.
        Cancelled: ``progress`` asked for it.
    """
    if not is_corpus(path):
        return Path(path)
    from lstm_studio.data.corpora import converted

    return converted(*corpus_parts(path), progress)


def is_there(path: str | Path) -> bool:
    """Whether a path can be opened, as far as can be told without reading anything."""
    if not is_corpus(path):
        return Path(path).exists()
    from lstm_studio.data import corpora, corpora_catalogue

    corpus = corpora_catalogue.BY_NAME.get(corpus_parts(path)[0])
    return corpus is not None and corpora.is_here(corpus)


def name_of(path: str | Path) -> str:
    """What to call a path in a title: the name of a file, or "conll2000 (train)"."""
    if not is_corpus(path):
        return Path(path).name
    name, part = corpus_parts(path)
    return f"{name} ({part})" if part else name


def own_parts(data: DataConfig) -> DataConfig:
    """[data] of a corpus that was named without a part: its own parts, unless other files are named for them.

    Raises:
        StudioError: there is no such corpus.
    """
    if not is_corpus(data.path) or corpus_parts(data.path)[1]:
        return data
    from lstm_studio.data.corpora_catalogue import find

    corpus = find(corpus_parts(data.path)[0])
    changes = {"path": corpus_path(corpus.name, TRAIN)}
    for field in (VALIDATION, TEST):
        if getattr(data, field) is None and field in corpus.parts:
            changes[field] = corpus_path(corpus.name, field)
    return data.model_copy(update=changes)
