"""What opens beside a page: menus, boxes, dialogs, painted tooltips. Where the code makes them, and what each says."""

from __future__ import annotations

import ast
import functools
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)

import lstm_studio.gui
from lstm_studio.gui import i18n

from .reading import clipped, english, left_in_english

GUI = Path(lstm_studio.gui.__file__).parent
Site = tuple[str, str]
"""File and function in which something is made."""
TIPS = ("show_tip", "showText")


class _Calls(ast.NodeVisitor):
    """Calls of a file with the function around each; a function in a function has its own name."""

    def __init__(self, name: str) -> None:
        self.name, self.scopes, self.found = name, ["<module>"], list[tuple[Site, ast.Call]]()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scopes.append(node.name)
        self.generic_visit(node)
        self.scopes.pop()

    def visit_Call(self, node: ast.Call) -> None:
        self.found.append(((self.name, self.scopes[-1]), node))
        self.generic_visit(node)


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """A file of the code."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.lru_cache(1)
def calls() -> list[tuple[Site, ast.Call]]:
    """Every call in the window's rooms, the tour left out."""
    found: list[tuple[Site, ast.Call]] = []
    for path in sorted(GUI.rglob("*.py")):
        name = path.relative_to(GUI).as_posix()
        if not name.startswith("tour/"):
            reader = _Calls(name)
            reader.visit(tree_of(path))
            found += reader.found
    return found


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))


def sites(*names: str) -> set[Site]:
    """Where one of these is called."""
    return {site for site, node in calls() if called(node) in names}


def classes(base: type[QWidget]) -> dict[str, type[QWidget]]:
    """The window's own classes that derive from one of Qt's, by name."""
    found, todo = dict[str, Any](), [base]
    while todo:
        for kind in todo.pop().__subclasses__():
            if kind.__module__.startswith("lstm_studio.gui."):
                found[kind.__name__] = kind
            todo.append(kind)
    return found


def import_all() -> None:
    """Every module of the window, so that all classes are known."""
    for path in sorted(GUI.rglob("*.py")):
        if path.name != "__main__.py":
            parts = path.relative_to(GUI).with_suffix("").parts
            importlib.import_module(".".join(("lstm_studio.gui", *parts)).removesuffix(".__init__"))


class Walk:
    """Opens things, reads them, closes them, and keeps where they were made.

    Attributes:
        walked: Where that was made which was opened.
        wrong: What is wrong with it, each thing once.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.walked: set[Site] = set()
        self.wrong: list[str] = []
        self.data: set[str] = set()
        self._asked: set[tuple[type, str, type]] = set()
        import_all()
        self._watch(patch, QMenu)
        told = type("_Told", (), {"showText": staticmethod(self._told), "hideText": staticmethod(lambda: None)})
        for module in _modules("QToolTip"):
            patch.setattr(module, "QToolTip", told)

    @property
    def chinese(self) -> bool:
        """Whether the window speaks Chinese."""
        return i18n.language() == "zh_CN"

    def _watch(self, patch: pytest.MonkeyPatch, base: type[QWidget]) -> None:
        def made(widget: QWidget) -> None:
            frame: FrameType | None = sys._getframe(2)
            while frame is not None and frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is widget:
                frame = frame.f_back  # an own class of menus: whoever makes it counts
            widget.setProperty("site", _site(frame))

        class Seen(base):  # type: ignore[misc,valid-type]
            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__(*given, **named)
                made(self)

        for kind in classes(base).values():
            first = kind.__init__

            def init(widget: Any, *given: Any, first: Any = first, **named: Any) -> None:
                first(widget, *given, **named)
                made(widget)

            patch.setattr(kind, "__init__", init)
        for module in _modules(base.__name__):
            patch.setattr(module, base.__name__, Seen)

    def open(self, do: Callable[[], object], name: str = "") -> bool:
        """Do what opens something, which may not return before that is closed; whether something was there."""
        seen: list[bool] = []

        def look() -> None:
            top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if top is not None:
                seen.append(True)
                self.read(top, name)
                top.close()

        QTimer.singleShot(0, look)
        do()
        for _ in range(3):
            QApplication.processEvents()
        look()
        return bool(seen)

    def read(self, top: QWidget, name: str = "") -> None:
        """What a person reads in it."""
        site = top.property("site")
        if site is not None:
            self.walked.add(tuple(site))  # type: ignore[arg-type]
        name = name or (f"{site[0]} {site[1]}" if site is not None else type(top).__name__)
        found = clipped(top) | (left_in_english(top, self.data) if self.chinese else set())
        room = top.screen().availableGeometry()
        if not room.contains(top.geometry()):
            found.add(f"{top.geometry()} is not on the screen {room}")
        if isinstance(top, QMenu):
            found |= self._menu(top)
        self.note(name, found)

    def _menu(self, menu: QMenu) -> set[str]:
        found = set()
        for action in (action for action in menu.actions() if action.isVisible()):
            words = action.text().partition("\t")[0]
            place = menu.actionGeometry(action)
            if menu.fontMetrics().horizontalAdvance(action.text().replace("\t", " ")) > place.width():
                found.add(f"{words!r} has {place.width()} px")
            for text in (words, action.toolTip()):
                left = english(text.replace("&", "").partition("\t")[0], self.data) if self.chinese else []
                if left:
                    found.add(f"{text!r} {left}")
            if not action.isSeparator() and not words:
                found.add("an action without words")
        return found

    def note(self, name: str, found: set[str]) -> None:
        """Keep what is wrong."""
        self.wrong += [line for what in sorted(found) if (line := f"{name}: {what}") not in self.wrong]

    def context_menus(self, root: QWidget) -> None:
        """The context menu of each kind of thing that is shown, by a click in its middle."""
        for widget in [root, *(child for child in root.findChildren(QWidget) if not isinstance(child, QMenu))]:
            kind = (type(widget), widget.objectName(), type(widget.parent()))
            if kind in self._asked or not _has_menu(widget) or not widget.isVisible():
                continue
            self._asked.add(kind)
            target = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
            place = target.rect().center()
            event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, target.mapToGlobal(place))
            self.open(lambda target=target, event=event: QApplication.sendEvent(target, event))  # type: ignore[misc]

    def button_menus(self, root: QWidget) -> None:
        """The menus that buttons open, also of those that are hidden now."""
        for button in root.findChildren(QAbstractButton):
            menu = button.menu() if hasattr(button, "menu") and callable(button.menu) else None
            if isinstance(menu, QMenu):
                place = button.mapToGlobal(QPoint(0, button.height()))
                self.open(lambda menu=menu, place=place: menu.popup(place))  # type: ignore[misc]

    def tips(self, root: QWidget) -> None:
        """The tooltips of what is painted, on a grid of places."""
        for widget in root.findChildren(QWidget):
            if not widget.isVisible() or "event" not in _own(type(widget)):
                continue
            for down in range(1, 12):
                for right in range(1, 16):
                    place = QPoint(widget.width() * right // 16, widget.height() * down // 12)
                    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
                    QApplication.sendEvent(widget, event)

    def _told(self, place: QPoint, text: str, *_: Any) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.endswith("tips.py"):
            frame = frame.f_back
        site = _site(frame)
        if site is not None and text:
            self.walked.add(site)
            left = english(text, self.data) if self.chinese else []
            self.note(f"{site[0]} {site[1]}", {f"{text[:160]!r} {left}"} if left else set())


def _has_menu(widget: QWidget) -> bool:
    """Whether it has a context menu of its own, from us or from Qt."""
    if isinstance(widget, QLabel):
        return bool(widget.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse)
    qt = isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox | QScrollBar)
    return qt or "contextMenuEvent" in _own(type(widget))


def _own(kind: type) -> set[str]:
    return {name for base in kind.__mro__ if base.__module__.startswith("lstm_studio.") for name in vars(base)}


def _site(frame: FrameType | None) -> Site | None:
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(GUI) and frame.f_code.co_name != "<lambda>":
            return path.relative_to(GUI).as_posix(), frame.f_code.co_name
        frame = frame.f_back
    return None


def _modules(name: str) -> list[Any]:
    ours = [module for key, module in list(sys.modules.items()) if key.startswith("lstm_studio.gui.")]
    return [module for module in ours if name in vars(module)]


def dialogs() -> set[str]:
    """The window's own dialogs that are shown, by their classes' names."""
    import_all()
    own = classes(QDialog)
    return {name for name, kind in own.items() if not any(issubclass(o, kind) for o in own.values() if o is not kind)}
