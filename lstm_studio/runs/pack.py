"""A run as one file, to be carried to another machine: a ZIP of its files with a manifest of sizes and SHA-256 sums."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lstm_studio.data.progress import Progress, silent
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import replacing, with_ending, writing_output
from lstm_studio.runs.folder import CARD, CONFIG, INFO, METRICS, RESULTS, VOCABULARY, WEIGHTS, RunFolder
from lstm_studio.runs.pack_rules import AT_ONCE, FORMAT, MANIFEST, MOST_FILES, check_directory, folder_of, kind_of
from lstm_studio.version import __version__

ENDING = ".zip"
ALWAYS = (CONFIG, INFO, VOCABULARY, WEIGHTS, METRICS, RESULTS, CARD)
"""What is packed of every run, as far as it is there; the rest only where everything is wanted."""
_DATE = (1980, 1, 1, 0, 0, 0)


def pack_run(run: str | Path, path: str | Path, *, everything: bool = False, progress: Progress = silent) -> Path:
    """Write a run into one file.

    Args:
        run: The run's folder.
        path: The file to be, ending in ``.zip``.
        everything: Also what resuming needs (checkpoint/), the weights of kept epochs (epochs/) and, of language
            models, the text that was learned (training_text/).
        progress: May raise Cancelled; nothing is written then.

    Returns:
        The file.

    Raises:
        StudioError: another ending, a run that has no network yet, or a file that cannot be read or written.
    """
    path = with_ending(path, ENDING, "A run is packed as .zip")
    folder = RunFolder(run)
    if not folder.has_weights:
        raise StudioError(
            "The run has no trained network yet", where=folder.path, todo="Let it train for an epoch, or resume it"
        )
    files = _files(folder.path, everything)
    total, done = sum((folder.path / name).stat().st_size for name in files), 0
    entries = []
    with writing_output(path), replacing(path, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
        for name in files:
            summed, size = hashlib.sha256(), 0
            with _open(folder.path / name) as source, archive.open(_entry(name), "w", force_zip64=True) as target:
                # Summed up while it is packed: a run that trains writes its files meanwhile.
                while block := source.read(AT_ONCE):
                    progress(done / max(1, total), f"Packing {name}")
                    summed.update(block)
                    target.write(block)
                    size, done = size + len(block), done + len(block)
            entries.append({"path": name, "bytes": size, "sha256": summed.hexdigest()})
        manifest = {"format": FORMAT, "program": f"LSTM Studio {__version__}", "name": folder.name, "files": entries}
        archive.writestr(_entry(MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1))
    progress(1.0, "Packed")
    return path


def is_packed(path: str | Path) -> bool:
    """Whether a file looks like a packed run; says nothing about whether it is sound."""
    try:
        with Path(path).open("rb") as file:
            check_directory(file, Path(path))
            with zipfile.ZipFile(file) as archive:
                return MANIFEST in archive.namelist()
    except (StudioError, OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False


def _files(folder: Path, everything: bool) -> list[str]:
    found = [name for name in ALWAYS if (folder / name).is_file()]
    if everything:
        found += sorted(_further(folder))
    return found[: MOST_FILES - 1]


def _further(folder: Path) -> Iterator[str]:
    for path in folder.glob("*/*"):
        name = f"{path.parent.name}/{path.name}"
        if folder_of(name) and kind_of(name) is not None and path.is_file() and not path.is_symlink():
            yield name


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise StudioError("A file of the run cannot be read", where=path, why=error.strerror or str(error)) from None


def _entry(name: str) -> zipfile.ZipInfo:
    """Without time, so that the same run makes the same file; weights are not worth squeezing."""
    found = zipfile.ZipInfo(name, _DATE)
    found.compress_type = zipfile.ZIP_STORED if name.endswith(".safetensors") else zipfile.ZIP_DEFLATED
    found.external_attr = 0o644 << 16
    return found
