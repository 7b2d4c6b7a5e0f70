"""A button with the ways out of the program and into it: ONNX, one file for another machine, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu

from lstm_studio.gui import icons
from lstm_studio.gui.help_pages import mark
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.widgets.basic import Button, describe
from lstm_studio.gui.widgets.saveable import file_stem

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session
    from lstm_studio.runs.store import RunSummary


class MoveButton(Button):
    """Export and open runs; while a file is written or read, it says how far that is and offers to stop.

    Args:
        chosen: The one run that is selected; None where there is none.
    """

    def __init__(self, session: Session, chosen: Callable[[], RunSummary | None]) -> None:
        super().__init__(tr("Export"), "save")
        self._session, self._chosen = session, chosen
        self.setProperty("menu", "true")
        describe(self, tr("Export"), tr("Takes the selected run to another program or machine, or opens a packed one."))
        mark(self, "runs.export")
        self.menu_ = QMenu(self)
        self.menu_.setToolTipsVisible(True)
        self.network = self._action("model", tr("Network for ONNX Runtime…"), self._ask_network)
        self.whole = self._action("folder", tr("Whole run in one file…"), self._ask_whole)
        self.menu_.addSeparator()
        self.open = self._action("open", tr("Open a packed run…"), self.ask_packed)
        self.stop = self._action("stop", tr("Stop"), session.moves.cancel)
        self.menu_.aboutToShow.connect(self.refresh)
        self.setMenu(self.menu_)
        session.moves.changed.connect(self._follow)
        self._follow()

    def refresh(self) -> None:
        """Follow what is selected and what is under way."""
        run, moving = self._chosen(), self._session.moves.moving
        why = tr("Select one run first.") if run is None else tr("This run has no trained network yet.")
        ready = run is not None and run.has_weights
        for action, tip in (
            (self.network, tr("Weights, tokens and labels for any program with ONNX Runtime; no Python is needed.")),
            (self.whole, tr("For LSTM Studio on another machine: settings, words, weights, curves and results.")),
        ):
            action.setEnabled(ready and moving is None)
            action.setToolTip(tip if ready else why)
        self.open.setEnabled(moving is None)
        self.open.setToolTip(tr("A .zip that LSTM Studio has packed; nothing in it is ever run."))
        self.stop.setVisible(moving is not None)

    def ask_packed(self) -> None:
        """Let the person choose a packed run to open."""
        kinds = tr("Packed runs ({patterns})", patterns="*.zip")
        name, _ = QFileDialog.getOpenFileName(self, tr("Open a packed run"), str(self._folder()), kinds)
        if name:
            self._keep(Path(name))
            self._session.moves.unpack(Path(name))

    def _ask_network(self) -> None:
        self._ask(tr("Export the network"), ".onnx", self._session.moves.export_network)

    def _ask_whole(self) -> None:
        self._ask(tr("Pack the run"), ".zip", self._session.moves.pack)

    def _ask(self, title: str, ending: str, write: Callable[[Path, Path], None]) -> None:
        run = self._chosen()
        if run is None:
            return
        start = self._folder() / f"{file_stem(run.name)}{ending}"
        kind = f"{ending.removeprefix('.').upper()} (*{ending})"
        name, _ = QFileDialog.getSaveFileName(self, title, str(start), kind)
        if name:
            path = Path(name)
            path = path if path.suffix.lower() == ending else path.with_name(f"{path.name}{ending}")
            self._keep(path)
            write(run.path, path)

    def _folder(self) -> Path:
        folder = Path(str(self._session.settings.noted("saving", "folder", "") or Path.home()))
        return folder if folder.is_dir() else Path.home()

    def _keep(self, path: Path) -> None:
        self._session.settings.note("saving", folder=str(path.parent))

    def _follow(self) -> None:
        moving = self._session.moves.moving
        words = tr("Export")
        if moving is not None:
            words = tr("{what}, {percent} %", what=moving.words, percent=f"{100 * moving.share:.0f}")
        self.setText(words)
        self.setAccessibleName(words)

    def _action(self, icon: str, words: str, do: Callable[[], object]) -> QAction:
        action = QAction(icons.icon(icon), words, self)
        action.triggered.connect(lambda _=False: do())
        self.menu_.addAction(action)
        return action
