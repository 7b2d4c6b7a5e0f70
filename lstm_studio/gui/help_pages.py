"""F1: which page of the handbook belongs to what has the focus, and how it is opened.

A widget carries a help id in a property; it is looked up from the focus upwards, and the page in front is the last
resort. All ids stand in ``HELP``. Settings need none there: ``setting:model.hidden_size`` leads to that setting.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from lstm_studio import resources
from lstm_studio.gui.folders import folders
from lstm_studio.gui.i18n import language, tr
from lstm_studio.gui.notify import Notice, hub

PROPERTY = "helpId"
SETTING = "setting:"
FIRST = "start"
"""The id that holds where nothing else is known."""


@dataclass(frozen=True)
class HelpPage:
    """A page of the handbook by its name without ending, and a place on it; "" for its top."""

    page: str
    place: str = ""


HELP: dict[str, HelpPage] = {
    "start": HelpPage("start"),
    "start.settings": HelpPage("start", "settings"),
    "data": HelpPage("data"),
    "data.corpora": HelpPage("data", "corpora"),
    "data.by-hand": HelpPage("data", "write-your-own"),
    "data.health": HelpPage("data", "health"),
    "model": HelpPage("model"),
    "model.find": HelpPage("learning-rate"),
    "train": HelpPage("train"),
    "train.curves": HelpPage("train", "curves"),
    "train.gates": HelpPage("train", "the-network-while-it-learns"),
    "train.remarks": HelpPage("inspection", "remarks"),
    "inspect": HelpPage("inspection"),
    "inspect.gates": HelpPage("inspection", "gates"),
    "inspect.anatomy": HelpPage("inspection", "anatomy"),
    "inspect.memory": HelpPage("inspection", "memory"),
    "inspect.attention": HelpPage("inspection", "attention"),
    "inspect.gradient": HelpPage("inspection", "gradient"),
    "inspect.why": HelpPage("inspection", "why"),
    "inspect.whatif": HelpPage("inspection", "what-if"),
    "inspect.results": HelpPage("inspection", "results"),
    "inspect.examples": HelpPage("inspection", "examples"),
    "inspect.compare": HelpPage("inspection", "compare"),
    "inspect.units": HelpPage("inspection", "units"),
    "predict": HelpPage("predict"),
    "predict.file": HelpPage("predict", "a-whole-file"),
    "runs": HelpPage("runs"),
    "runs.lab": HelpPage("inspection", "the-ablation-lab"),
    "runs.sweep": HelpPage("sweeps"),
    "runs.seeds": HelpPage("sweeps", "several-seeds"),
    "runs.report": HelpPage("runs", "a-report"),
    "runs.export": HelpPage("runs", "other-programs-and-machines"),
}


def mark(widget: QWidget, help_id: str) -> None:
    """Say which help belongs to a widget and all in it that says nothing else."""
    widget.setProperty(PROPERTY, help_id)


def help_of(widget: QWidget | None) -> str:
    """The help id of the nearest widget upwards that carries one; "" where none does."""
    while widget is not None:
        found = widget.property(PROPERTY)
        if isinstance(found, str) and found:
            return found
        widget = widget.parentWidget()
    return ""


def page_of(help_id: str, task: str = "") -> HelpPage:
    """Where an id leads. Of a setting the place of the task's own declaration is tried first, see ``places_of``."""
    if help_id.startswith(SETTING):
        return HelpPage("settings", places_of(help_id, task)[0])
    return HELP.get(help_id, HELP[FIRST])


def places_of(help_id: str, task: str = "") -> tuple[str, ...]:
    """Places on the page where it may stand, the best one first; empty for the top of the page."""
    if not help_id.startswith(SETTING):
        place = HELP.get(help_id, HELP[FIRST]).place
        return (place,) if place else ()
    section, _, name = help_id.removeprefix(SETTING).partition(".")
    plain = f"{section}-{name}".replace("_", "-")
    own = f"{section}-{task}-{name}".replace("_", "-")
    return (own, plain) if section == "data" and task else (plain,)


def find(help_id: str, task: str = "") -> tuple[Path, str] | None:
    """The file of the handbook and the place in it; the sources where nothing was built, None where there are none.

    In a Chinese window a Chinese page comes first; not every page has one.
    """
    wanted = page_of(help_id, task).page
    for path in _files(wanted):
        if path.is_file():
            if path.suffix == ".md":
                return path, ""
            text = path.read_text(encoding="utf-8", errors="replace")
            return path, next((place for place in places_of(help_id, task) if f'id="{place}"' in text), "")
    return None


def roots() -> tuple[Path, Path]:
    """Folders of the built handbook, with ``en`` and ``zh`` in it, and of its sources; either may be missing."""
    return resources.root() / "help", Path(__file__).resolve().parents[2] / "docs"


def _files(page: str) -> Iterator[Path]:
    chinese = language().startswith("zh")
    built, sources = roots()
    for folder in (built / "zh", built / "en") if chinese else (built / "en",):
        yield folder / f"{page}.html"
    for folder in (sources / "zh", sources) if chinese else (sources,):
        yield folder / f"{page}.md"


def open_help(help_id: str, task: str = "") -> bool:
    """Open the page in the system's browser; where that cannot be, say so in a sentence.

    Returns:
        Whether a page was opened.
    """
    found = find(help_id, task)
    if found is None:
        hub().say(Notice("warning", tr("The handbook is not part of this installation."), key="help"))
        return False
    path, place = found
    if QDesktopServices.openUrl(QUrl.fromLocalFile(str(_leading_to(path, place)))):
        return True
    hub().say(Notice("warning", tr("No browser could be opened. The page is {path}", path=path), key="help"))
    return False


def _leading_to(path: Path, place: str) -> Path:
    """A page that leads on to a place in another one: systems lose what stands behind # in the address of a file."""
    if not place:
        return path
    target = QUrl.fromLocalFile(str(path))
    target.setFragment(place)
    address = html.escape(bytes(target.toEncoded().data()).decode("ascii"))
    step = folders().cache / "help.html"
    try:
        step.parent.mkdir(parents=True, exist_ok=True)
        step.write_text(
            f'<!doctype html><meta charset="utf-8"><title>LSTM Studio</title>'
            f'<meta http-equiv="refresh" content="0; url={address}"><a href="{address}">LSTM Studio</a>\n',
            encoding="utf-8",
        )
    except OSError as error:
        logging.getLogger(__name__).warning("%s: %s", step, error)
        return path
    return step


def help_key(dialog: QWidget, help_id: str) -> None:
    """F1 in a dialog: the help of what has the focus in it, else the dialog's own."""
    mark(dialog, help_id)
    key = QShortcut(QKeySequence("F1"), dialog)
    key.activated.connect(lambda: open_help(help_of(dialog.focusWidget() or dialog)))
