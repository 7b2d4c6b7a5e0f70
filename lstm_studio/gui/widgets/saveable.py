"""What can be saved of anything that is drawn: a picture, as pixels or as lines, and the numbers behind it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPaintEngine, QPainter, QPicture
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from lstm_studio.gui import theme as themes
from lstm_studio.gui.theme import font, theme

Arrays = Mapping[str, np.ndarray]
_MARGIN, _HEAD, _NOTE = 16, 28, 20
_MOST = 8_000
"""Pixels of a side; beyond them a picture gets less sharp rather than larger."""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML has no place for."""

_CRISP = 'style="image-rendering:optimizeSpeed;image-rendering:pixelated"'
"""Cells stay cells in old and new viewers."""

_FAMILY = re.compile(r'font-family="([^"]*)"')
_BEHIND = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
"""For letters that the first family lacks, on the machine where the picture is looked at."""


@dataclass(frozen=True)
class Saved:
    """A thing that can be saved.

    Attributes:
        title: What it is called: the heading of the picture, and the file's name.
        size: Of the picture.
        paint: Paints it from (0, 0) on, in the colours of ``theme()``.
        numbers: What is drawn, as arrays to compute with; None where there are no numbers.
        columns: The same as columns of a table, where that is laid out otherwise.
        note: A small line below the heading.
        recolours: Whether ``paint`` follows the palette; what is a copy of the screen does not.
    """

    title: str
    size: QSize
    paint: Callable[[QPainter], object]
    numbers: Callable[[], Arrays] | None = None
    columns: Callable[[], Arrays] | None = None
    note: str = ""
    recolours: bool = True

    def noted(self, note: str) -> Saved:
        """The same with another small line."""
        return replace(self, note=note)


@runtime_checkable
class Saveable(Protocol):
    """A widget that says how it is saved; others are known to ``saved_plots``."""

    def saveable(self) -> Saved | None:
        """What is shown now; None while nothing is."""


def to_image(saved: Saved, *, light: bool = True, scale: float = 2.0) -> QImage:
    """The picture under its heading, ``scale`` times as sharp. Window's thread only, as everything that paints.

    Args:
        saved: What to paint.
        light: On white, whatever palette is in force.
        scale: Pixels per unit.
    """
    size = _whole(saved)
    scale = min(scale, _MOST / max(1, size.width()), _MOST / max(1, size.height()))
    pixels = QSize(math.ceil(size.width() * scale), math.ceil(size.height() * scale))
    image = QImage(pixels, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    with _palette(light and saved.recolours):
        image.fill(theme().color("surface"))
        painter = QPainter(image)
        _compose(painter, saved)
        painter.end()
    return image


def to_svg(saved: Saved, *, light: bool = True) -> bytes:
    """The picture as SVG 1.1: lines and letters stay lines and letters, heatmaps are embedded as pixels."""
    size = _whole(saved)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the older kind does not clip
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle("")
    generator.setDescription("LSTM Studio")
    generator.setResolution(96)
    with _palette(light and saved.recolours):
        painter = QPainter(generator)
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), theme().color("surface"))
        _compose(painter, saved)
        painter.end()
    text = bytes(buffer.data().data()).decode("utf-8", "replace")
    text = text.replace('image-rendering="optimizeSpeed"', _CRISP)
    text = _FAMILY.sub(lambda found: f'font-family="{found[1]}, {_BEHIND}"', text)
    return _FORBIDDEN.sub("", text).encode("utf-8")


def render_widget(widget: QWidget, painter: QPainter, at: QPoint) -> None:
    """Paint a widget as it stands, without the style sheet's ground, with its corner at a point."""
    flags = QWidget.RenderFlag.DrawChildren
    if painter.paintEngine().type() == QPaintEngine.Type.Raster:
        widget.render(painter, at, renderFlags=flags)
        return
    # What a widget clips is misplaced in SVG unless it is played back: rendering moves the origin behind its back.
    picture = QPicture()
    widget.render(picture, QPoint(0, 0), renderFlags=flags)
    painter.drawPicture(at, picture)


def painter_of(widget: QWidget) -> Callable[[QPainter], None]:
    """Paints a widget as it stands from (0, 0) on."""
    return lambda painter: render_widget(widget, painter, QPoint(0, 0))


def file_stem(title: str) -> str:
    """A title as the beginning of a file's name."""
    return re.sub(r"[^\w.-]+", "-", title).strip("-._")[:80] or "picture"


def _whole(saved: Saved) -> QSize:
    head = _HEAD + (_NOTE if saved.note else 0)
    return QSize(max(320, saved.size.width()) + 2 * _MARGIN, saved.size.height() + head + 2 * _MARGIN)


def _compose(painter: QPainter, saved: Saved) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    width = max(320, saved.size.width())
    top = float(_MARGIN)
    lines = [(saved.title, "title", "text", _HEAD)]
    if saved.note:
        lines.append((saved.note, "small", "text_muted", _NOTE))
    for text, size, role, height in lines:
        painter.setFont(font(size))
        painter.setPen(theme().color(role))
        line = painter.fontMetrics().elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, width)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(_MARGIN, top - 4, width, height), int(flags), line)
        top += height
    painter.save()
    painter.translate(_MARGIN, top)
    saved.paint(painter)
    painter.restore()


@contextmanager
def _palette(light: bool) -> Iterator[None]:
    """Paint in the light palette meanwhile; the screen is painted later, in its own."""
    if not light or not theme().dark:
        yield
        return
    before = themes.lend("light")
    try:
        yield
    finally:
        themes.lend(before)
