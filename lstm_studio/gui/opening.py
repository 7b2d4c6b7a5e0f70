"""Choosing what to open: one file, or two texts the lines of which belong together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from lstm_studio.data.places import is_corpus
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.session import Session

_PATTERNS = (
    "*.csv *.tsv *.tab *.jsonl *.ndjson *.json *.parquet *.txt *.text *.conll *.conllu *.conllx *.bio *.bioes *.iob "
    "*.iob2 *.bmes *.props *.in *.src *.source *.en *.de *.fr *.es *.it *.pt *.nl *.ru *.zh *.ja *.ko *.cs *.pl *.tr"
)
_ALONE = frozenset(
    "csv tsv tab jsonl ndjson json parquet conll conllu conllx bio bioes iob iob2 bmes props toml zip".split()
)
"""Endings of files that are a data set each."""


def ask_files(parent: QWidget, session: Session) -> list[str]:
    """Let the person choose a file, or two texts with lines that belong together; empty if they do not want to."""
    recent = [path for path in session.settings.recent if not is_corpus(path)]
    start = str(Path(recent[0]).parent) if recent else ""
    kinds = tr("Texts and data ({patterns})", patterns=_PATTERNS)
    title = tr("Open a file, or two texts with lines that belong together")
    names, _ = QFileDialog.getOpenFileNames(parent, title, start, f"{kinds};;{tr('All files')} (*)")
    return list(names)


def are_parallel(names: Sequence[str]) -> bool:
    """Whether files that were chosen together are two texts with lines that belong together."""
    paths = [Path(name) for name in names]
    return len(paths) == 2 and all(
        path.suffix.lower().removeprefix(".") not in _ALONE and not path.is_dir() for path in paths
    )


def open_files(session: Session, names: Sequence[str]) -> str:
    """Open what was chosen, dropped or given: a run is looked at, in its folder or packed; all else is a dataset.

    Returns:
        The page that shows it.
    """
    path = Path(names[0])
    if (path / "config.toml").is_file():
        session.select_run(path)
        return "train"
    if path.suffix.lower() == ".zip" and _is_packed(path):
        session.moves.unpack(path)
        return "runs"
    if are_parallel(names):
        session.open_file(path, names[1])
    else:
        session.open_file(path)
    return "data"


def _is_packed(path: Path) -> bool:
    from lstm_studio.runs.pack import is_packed

    return is_packed(path)
