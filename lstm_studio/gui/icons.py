"""Icons from resources/icons, one stroke set, coloured by role and sharp at every pixel ratio."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from lstm_studio import resources
from lstm_studio.gui.theme import theme


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return resources.find("icons", f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))


class _Engine(QIconEngine):
    """Draws the SVG in the current theme's colour each time, so that icons follow a change of theme."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name, self._role = name, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        role = "text_disabled" if mode == QIcon.Mode.Disabled else self._role
        side = min(rect.width(), rect.height())
        square = QRectF(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side)
        _renderer(self._name, theme().hex(role)).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        image = QPixmap(size)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return image

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._role)


@lru_cache(maxsize=512)
def icon(name: str, role: str = "text") -> QIcon:
    """The icon ``resources/icons/<name>.svg`` in the colour of a role; it follows changes of theme.

    The same one each time, kept for the program's life: an engine written in Python must not be collected as garbage
    before the icon that it draws.

    Raises:
        StudioError: there is no such icon.
    """
    _source(name)
    return QIcon(_Engine(name, role))


def pixmap(name: str, size: int, role: str = "text", ratio: float = 1.0) -> QPixmap:
    """The icon as pixels of today's theme, ``size`` logical pixels wide."""
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    _renderer(name, theme().hex(role)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(resources.find("icons", "app.svg")))


def write_colored(name: str, color: str, folder: Path) -> str:
    """A coloured copy on disk, for style sheets, which can only name files. Returns its path with slashes."""
    path = folder / f"{name}-{color.lstrip('#').lower()}.svg"
    text = _source(name).replace("currentColor", color)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.as_posix()
