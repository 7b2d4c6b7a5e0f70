"""A run that is to be trained on another machine: settings, data and vocabulary in one folder; and the way home.

The copies of the data lie in a folder whose name is a hash of them (data-1f2e3d4c). It stays in the paths that the run
keeps, wherever it was trained, so that the files are found again when the run comes back: beside it, or where they were
copied from, which is noted on this machine alone.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstm_studio.config import RunConfig, save
from lstm_studio.data.cache import digest, key_of
from lstm_studio.data.places import data_folder, is_corpus, located
from lstm_studio.data.prepared import files_of
from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, with_ending, write_text, writing_output
from lstm_studio.version import __version__

CONFIG, VOCABULARY, MANIFEST, HOW = "config.toml", "vocabulary.json", "prepared.json", "HOW.txt"
FORMAT = 1
_COPIES = re.compile(r"data-[0-9a-f]{8}")
_MOST_NOTED = 500
_WORDS = """\
A run of LSTM Studio, to be trained where this folder lies. No screen is needed, and no Qt:

    pip install lstm-studio=={version}
    lstm-studio train config.toml --out run

Then carry the folder "run" back, or this whole folder, and open it:

    lstm-studio run

For a single file: lstm-studio export run run.zip, and lstm-studio import run.zip where it is to be opened.
"""


@dataclass(frozen=True)
class Packed:
    """What was written: the folder or None, the ZIP file or None, and bytes in all."""

    folder: Path | None
    zip: Path | None
    bytes: int


def prepare_elsewhere(
    config: RunConfig,
    out: str | Path | None,
    zipped: str | Path | None = None,
    *,
    progress: Progress = silent,
    cache: Path | None = None,
) -> Packed:
    """Put all that a run needs into one folder, a ZIP file, or both.

    Trained there, on the same kind of machine, it gives the run that it would give here, to the last bit: whatever was
    left open is written down, the number of threads too.

    Args:
        out: A folder that does not exist or is empty.
        zipped: A file to be, ending in ``.zip``.
        progress: May raise Cancelled; nothing is left then.
        cache: Where prepared data is kept between runs.

    Raises:
        StudioError: the data cannot be used, the folder is not empty, or something cannot be written.
    """
    if out is None and zipped is None:
        raise StudioError("There is no place to write to", todo="Name a folder with --out, or a file with --zip")
    folder = None if out is None else Path(out).absolute()
    if zipped is not None:
        with_ending(zipped, ".zip", "A folder is packed as .zip")
    if folder is not None and (folder.is_file() or (folder.is_dir() and any(folder.iterdir()))):
        raise StudioError("The folder is not empty", where=folder, todo="Name a new folder")
    with writing_output(folder or Path(str(zipped))):
        parent = folder.parent if folder is not None else Path(str(zipped)).absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".preparing-", dir=parent))
        try:
            _fill(config, beside, progress, cache)
            size = sum(path.stat().st_size for path in _inside(beside))
            file = None
            if zipped is not None:
                name = folder.name if folder is not None else Path(zipped).stem
                file = _zip(beside, Path(zipped), name, progress)
            if folder is not None:
                if folder.is_dir():
                    folder.rmdir()
                beside.chmod(0o755)
                beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    progress(1.0, "Ready")
    return Packed(folder, file, size)


def _fill(config: RunConfig, folder: Path, progress: Progress, cache: Path | None) -> None:
    from lstm_studio.tasks import registry
    from lstm_studio.training.device import resolve_threads
    from lstm_studio.training.trainer import absolute

    task = registry.get(config.task)
    prepared = task.prepare(
        absolute(config), lambda share, words: progress(0.6 * share if share > 0 else share, words), cache
    )
    complete: RunConfig = prepared.config
    copies, names = _copies(complete)
    origin: dict[str, str] = {}
    for number, (path, name) in enumerate(copies.items()):
        progress(0.6 + 0.3 * number / len(copies), f"Copying {path.name}")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, target)
        origin[name.partition("/")[2]] = str(path)
    threads = resolve_threads(complete.training)
    save(complete.replace(**names, **{"training.threads": threads}), folder / CONFIG)
    write_text(folder / VOCABULARY, task.meta(prepared).to_json())
    write_text(folder / HOW, _WORDS.format(version=__version__))
    files = [
        {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": digest(path)}
        for path in _inside(folder)
    ]
    manifest = {"format": FORMAT, "program": f"LSTM Studio {__version__}", "files": files}
    write_text(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    _note(next(iter(copies.values())).partition("/")[0], origin)


def _copies(config: RunConfig) -> tuple[dict[Path, str], dict[str, str]]:
    """File -> name of its copy, relative to the folder, and option -> the same. Files that lay in one folder do so
    again, for some are found by their names beside others."""
    found = list(dict.fromkeys(path.resolve() for _, path in files_of(config)))
    mark = f"data-{key_of([digest(path) for path in found])[:8]}"
    parents = list(dict.fromkeys(path.parent for path in found))
    copies: dict[Path, str] = {}
    for path in found:
        place = parents.index(path.parent)
        copies[path] = f"{mark}/{path.name}" if place == 0 else f"{mark}/{place + 1}/{path.name}"
    names: dict[str, str] = {}
    for option, given in config.files.items():
        if (copy := copies.get(located(given).resolve())) is not None:
            names[option] = copy
        elif not is_corpus(given) and option.startswith("model."):
            names[option] = None  # type: ignore[assignment]  # of no effect here
    return copies, names


def _inside(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _zip(folder: Path, path: Path, name: str, progress: Progress) -> Path:
    files = list(_inside(folder))
    with replacing(path, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, file in enumerate(files):
            progress(0.9 + 0.1 * number / len(files), f"Packing {file.name}")
            archive.write(file, f"{name}/{file.relative_to(folder).as_posix()}")
    return path


# -- there ---------------------------------------------------------------------------------------------------


def is_prepared(folder: Path) -> bool:
    """Whether a folder is one that ``prepare_elsewhere`` has filled."""
    return (folder / MANIFEST).is_file()


def check_prepared(folder: Path) -> None:
    """Whether the folder has arrived whole.

    Raises:
        StudioError: a file is missing or of another size.
    """
    try:
        for item in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]:
            path = folder / str(item["path"])
            # The settings may have been edited.
            if not path.is_file() or (path.name != CONFIG and path.stat().st_size != item["bytes"]):
                raise StudioError("A file of the prepared run is missing or damaged", where=path, todo="Copy it again")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudioError(
            "The list of files of the prepared run is damaged", where=folder / MANIFEST, why=str(error),
            todo="Copy the folder again",
        ) from None  # fmt: skip


# -- home again ----------------------------------------------------------------------------------------------


def at_home(config: RunConfig, folder: Path) -> RunConfig:
    """The settings of a run that was trained elsewhere, with its data files as they are found here; those that are
    where they should be, and those that are nowhere, stay."""
    changes: dict[str, Any] = {}
    for option, given in config.files.items():
        if (found := _found(given, folder)) is not None:
            changes[option] = str(found)
    return config.replace(**changes) if changes else config


def _found(given: str, folder: Path) -> Path | None:
    parts = re.split(r"[\\/]", given)
    place = next((at for at in range(len(parts) - 1, -1, -1) if _COPIES.fullmatch(parts[at])), None)
    if place is None or ".." in parts or Path(given).exists():
        return None
    mark, rest = parts[place], "/".join(parts[place + 1 :])
    noted = _noted().get(mark, {}).get(rest)
    here = folder.absolute()
    for path in (here.parent / mark / rest, here.parent.parent / mark / rest, *([Path(noted)] if noted else ())):
        if path.exists():
            return path
    return None


def _record() -> Path:
    return data_folder() / "elsewhere.json"


def _noted() -> dict[str, dict[str, str]]:
    try:
        found = json.loads(_record().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note(mark: str, origin: dict[str, str]) -> None:
    """Remember where the data was copied from; a disk that refuses costs no more than the way home."""
    noted = {**{name: files for name, files in _noted().items() if name != mark}, mark: origin}
    try:
        write_text(_record(), json.dumps(dict(list(noted.items())[-_MOST_NOTED:]), ensure_ascii=False))
    except OSError:
        return
