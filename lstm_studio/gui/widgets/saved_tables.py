"""How tables and lists are saved: painted whole, not only what is in sight, and as columns of texts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QListView, QTableView, QWidget

from lstm_studio.gui.i18n import ntr, tr
from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.saveable import Arrays, Saved

MOST_ROWS = 5_000
"""Rows that are saved; reading more would hold the window up."""
_PAINTED = 200
_ROW, _LEAST, _WIDEST, _ALL = 24.0, 48.0, 360.0, 2_400.0


def saved_table(widget: QWidget) -> Saved | None:
    """How a table or list is saved; None for anything else, and for an empty one."""
    view = widget if isinstance(widget, (QTableView, QListView)) else None
    model = view.model() if view is not None else None
    if view is None or model is None or not model.rowCount(QModelIndex()):
        return None
    columns = _columns(view)
    names = [_name(model, number) for number in columns]
    every = model.rowCount(QModelIndex())
    cells = [[_cell(model.index(row, number)) for number in columns] for row in range(min(every, MOST_ROWS))]
    if not any(text for row in cells for text in row):
        return None
    widths = _widths(names, cells[:_PAINTED])
    headed = any(names)
    rows = cells[:_PAINTED]
    left_out = every - len(rows)

    def paint(painter: QPainter) -> None:
        y = 0.0
        if headed:
            _paint_row(painter, names, widths, y, header=True)
            y += _ROW
        for row in rows:
            _paint_row(painter, row, widths, y, header=False)
            y += _ROW
        if left_out:
            painter.setPen(theme().color("text_muted"))
            words = ntr("{n} row more", "{n} rows more", left_out)
            painter.drawText(QRectF(0, y, sum(widths), _ROW), int(Qt.AlignmentFlag.AlignVCenter), words)

    def numbers() -> Arrays:
        found: dict[str, np.ndarray] = {}
        for place, name in enumerate(names):
            key = name or str(place + 1)
            while key in found:
                key += "_"
            found[key] = np.array([row[place] for row in cells], np.str_)
        return found

    lines = len(rows) + headed + bool(left_out)
    title = view.accessibleName() or tr("Table")
    return Saved(title, QSize(int(sum(widths)), int(lines * _ROW)), paint, numbers)


def _columns(view: QTableView | QListView) -> list[int]:
    if isinstance(view, QListView):
        return [view.modelColumn()]
    count = view.model().columnCount(QModelIndex())
    return [number for number in range(count) if not view.isColumnHidden(number)]


def _name(model: QAbstractItemModel, column: int) -> str:
    found = model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
    return found if isinstance(found, str) else ""


def _cell(index: QModelIndex) -> str:
    """What is written there; where it is drawn by hand, what is read out."""
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
        found = index.data(role)
        if found is not None and found != "":
            return str(found)
    return ""


def _widths(names: list[str], rows: list[list[str]]) -> list[float]:
    bold, plain = QFontMetricsF(font("small", bold=True)), QFontMetricsF(font("small", tabular=True))
    widths = []
    for place, name in enumerate(names):
        longest = max((plain.horizontalAdvance(row[place][:200]) for row in rows), default=0.0)
        widths.append(min(max(_LEAST, longest, bold.horizontalAdvance(name)) + 20, _WIDEST))
    over = sum(widths) / _ALL
    return [width / over for width in widths] if over > 1 else widths


def _paint_row(painter: QPainter, cells: list[str], widths: list[float], y: float, *, header: bool) -> None:
    colours = theme()
    face = font("small", bold=header, tabular=True)
    painter.setFont(face)
    metrics = QFontMetricsF(face)
    x = 0.0
    painter.setPen(colours.color("text_muted" if header else "text"))
    for text, width in zip(cells, widths, strict=True):
        line = metrics.elidedText(" ".join(text[:400].split()), Qt.TextElideMode.ElideRight, width - 12)
        painter.drawText(QRectF(x, y, width - 8, _ROW), int(Qt.AlignmentFlag.AlignVCenter), line)
        x += width
    painter.setPen(QPen(colours.color("border" if header else "grid"), 1))
    painter.drawLine(0, int(y + _ROW - 1), int(sum(widths)), int(y + _ROW - 1))
