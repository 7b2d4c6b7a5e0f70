"""Save what is shown: a button, and a menu that opens on anything that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QBuffer, QIODevice, QPoint, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from lstm_studio.errors import StudioError
from lstm_studio.gui import icons
from lstm_studio.gui.i18n import error_text, tr
from lstm_studio.gui.jobs import Progress
from lstm_studio.gui.notify import Notice, hub
from lstm_studio.gui.theme import theme
from lstm_studio.gui.widgets.basic import Button, describe
from lstm_studio.gui.widgets.saveable import Saved, file_stem, to_image, to_svg

if TYPE_CHECKING:
    from lstm_studio.gui.session import Session

Kind = Literal["png", "svg", "csv", "npz"]
Find = Callable[[], Saved | None]


class SaveMenu(QMenu):
    """Picture or numbers; what the thing does not have cannot be chosen."""

    asked = Signal(str)
    """A kind of file was chosen."""

    def __init__(self, session: Session, find: Find, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._find = session, find
        self.kinds: dict[str, QAction] = {}
        for kind, words, icon in (
            ("png", tr("Picture (PNG)"), "inspect"),
            ("svg", tr("Picture to scale (SVG)"), "inspect"),
            ("csv", tr("Numbers (table, CSV)"), "table"),
            ("npz", tr("Numbers (NumPy, npz)"), "table"),
        ):
            action = QAction(icons.icon(icon), words, self)
            action.triggered.connect(lambda _=False, kind=kind: self.asked.emit(kind))
            self.kinds[kind] = action
            self.addAction(action)
        self.addSeparator()
        self.white = QAction(tr("Pictures on white"), self)
        self.white.setCheckable(True)
        self.white.toggled.connect(self._white_chosen)
        self.addAction(self.white)
        self.asked.connect(self._ask_where)
        self.aboutToShow.connect(self.refresh)
        self.setToolTipsVisible(True)

    def refresh(self) -> None:
        """Follow what is shown now."""
        try:
            saved, why = self._find(), tr("There is nothing to save yet.")
        except StudioError as error:
            saved, why = None, error_text(error)
        for kind, action in self.kinds.items():
            there = saved is not None and (kind in ("png", "svg") or saved.numbers is not None)
            action.setEnabled(there)
            none = why if saved is None else tr("There are no numbers behind this.")
            action.setToolTip("" if there else none)
        self.white.blockSignals(True)
        self.white.setChecked(wants_white(self._session))
        self.white.blockSignals(False)
        self.white.setVisible(theme().dark and saved is not None and saved.recolours)

    def _white_chosen(self, on: bool) -> None:
        self._session.settings.note("saving", white=on)
        self._session.save_soon()

    def _ask_where(self, kind: Kind) -> None:
        saved = self._find()
        if saved is None:
            return
        folder = Path(str(self._session.settings.noted("saving", "folder", "") or Path.home()))
        start = (folder if folder.is_dir() else Path.home()) / f"{file_stem(saved.title)}.{kind}"
        title = tr("Save the picture") if kind in ("png", "svg") else tr("Save the numbers")
        name, _ = QFileDialog.getSaveFileName(self.parentWidget(), title, str(start), f"{kind.upper()} (*.{kind})")
        if name:
            path = Path(name)
            path = path if path.suffix.lower() == f".{kind}" else path.with_name(f"{path.name}.{kind}")
            self._session.settings.note("saving", folder=str(path.parent))
            save(self._session, saved, path)


class SaveButton(Button):
    """Saves what ``find`` finds."""

    def __init__(self, session: Session, find: Find, tip: str) -> None:
        super().__init__(tr("Save"), "save")
        self.setProperty("menu", "true")
        describe(self, tr("Save"), tip)
        self.menu_ = SaveMenu(session, find, self)
        self.setMenu(self.menu_)


def wants_white(session: Session) -> bool:
    """Whether pictures are to be on white though the window is dark."""
    return bool(session.settings.noted("saving", "white", True))


def save(session: Session, saved: Saved, path: Path) -> None:
    """Write a picture or numbers, as the ending says. Painting is done at once, the rest as a job."""
    ending, light = path.suffix.lower(), wants_white(session)
    if not saved.note and session.selected_run is not None:
        saved = saved.noted(session.run_name(session.selected_run))
    if ending == ".png":
        image = to_image(saved, light=light)

        def write() -> None:
            _write_image(image, path)

    elif ending == ".svg":
        content = to_svg(saved, light=light)

        def write() -> None:
            _write(content, path)

    else:
        numbers = (saved.columns or saved.numbers) if ending == ".csv" else saved.numbers
        arrays = dict(numbers()) if numbers is not None else {}

        def write() -> None:
            from lstm_studio.runs.numbers import save_numbers

            save_numbers(arrays, path)

    def work(progress: Progress) -> Path:
        write()
        return path

    def done(written: Path) -> None:
        session.notice.emit(Notice("success", tr("Saved as {file}.", file=str(written)), key="save"))

    def failed(error: Exception) -> None:
        if isinstance(error, StudioError):
            session.notice.emit(Notice("error", error_text(error), key="save"))
        else:
            hub().fail(error)

    session.jobs.start(work, done=done, failed=failed, channel="save")


class SaveAnywhere:
    """Offers to save whatever is drawn under the pointer, or has the focus, where nobody else has a menu to show.

    No event filter: the window passes on what it gets, so that nothing is asked of it while it is taken apart.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session, self._window = session, window
        self.menu: SaveMenu | None = None
        """The last one that was shown."""

    def offer_at(self, event: QContextMenuEvent) -> bool:
        """Show the menu for a context-menu event of the window; False where nothing can be saved."""
        # It knows all plots, which a window need not at its start.
        from lstm_studio.gui.widgets.saved_plots import saved_at

        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        widget = QApplication.focusWidget() if by_key else self._window.childAt(event.pos())
        if widget is None or saved_at(widget) is None:
            return False
        place = widget.mapToGlobal(widget.rect().center()) if by_key else event.globalPos()
        self._offer(lambda: saved_at(widget), place)
        return True

    def save_page(self) -> None:
        """Offer to save what has the focus, else all that the page shows."""
        from lstm_studio.gui.widgets.saved_plots import saved_in, saved_of

        focus, page = QApplication.focusWidget(), self._page()
        if focus is not None and saved_of(focus) is not None:
            self._offer(lambda: saved_of(focus), focus.mapToGlobal(focus.rect().center()))
        elif page is not None:
            self._offer(lambda: saved_in(page), page.mapToGlobal(QPoint(page.width() // 2, 80)))

    def _page(self) -> QWidget | None:
        pages = self._window.findChildren(QWidget, "page")
        return next((page for page in pages if page.isVisible()), None)

    def _offer(self, find: Find, place: QPoint) -> None:
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = SaveMenu(self._session, find, self._window)
        self.menu.setAccessibleName(tr("Save"))
        self.menu.popup(place)


def _write_image(image: QImage, path: Path) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    _write(bytes(buffer.data().data()), path)


def _write(content: bytes, path: Path) -> None:
    from lstm_studio.runs.files import replacing, writing_output

    with writing_output(path), replacing(path, "wb") as file:
        file.write(content)
