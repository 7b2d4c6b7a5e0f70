"""Pictures of the program in the forms that systems want, out of resources/icons/app.svg: PNG, .ico and .icns.

Run it with the Python of .venv: ``python packaging/icons.py FOLDER``.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "resources" / "icons" / "app.svg"
SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512, 1024)
"""Pixels; those of the hicolor theme, and 1024 for macOS."""
HICOLOR = SIZES[:-1]
ICO = (16, 24, 32, 48, 64, 128, 256)
ICNS = {b"icp4": 16, b"icp5": 32, b"ic12": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024}
"""Type of an entry of an .icns -> pixels; each entry holds a PNG."""


def make(folder: Path) -> None:
    """Write app-SIZE.png, app.ico and app.icns."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: draw(size) for size in SIZES}
    for size, data in pictures.items():
        (folder / f"app-{size}.png").write_bytes(data)
    (folder / "app.ico").write_bytes(ico({size: pictures[size] for size in ICO}))
    (folder / "app.icns").write_bytes(icns(pictures))


def draw(size: int) -> bytes:
    """The picture as PNG, ``size`` pixels wide and high."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """An icon of Windows: a directory of 16 bytes an entry, then PNGs; a width of 256 is written as 0."""
    place = 6 + 16 * len(pictures)
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    for size, data in sorted(pictures.items()):
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), place + len(body))
        body += data
    return head + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """An icon of macOS: type and length (with these eight bytes) before each PNG."""
    body = b"".join(kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size] for kind, size in ICNS.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


if __name__ == "__main__":
    make(Path(sys.argv[1]))
