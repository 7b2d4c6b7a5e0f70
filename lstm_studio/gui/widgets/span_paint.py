"""How words and the stretches behind them are painted, for one sentence and for lists of them."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from lstm_studio.gui.theme import font, theme
from lstm_studio.gui.widgets.span_colors import SpanColors, readable
from lstm_studio.gui.widgets.span_flow import LABEL, Flow

_RADIUS = 5.0


def paint_pieces(painter: QPainter, flow: Flow, colors: SpanColors, clip: QRectF) -> None:
    """The stretches and their labels; the painter stands at the top left of the flow."""
    dark = theme().dark
    for piece in flow.pieces:
        if not piece.rect.adjusted(-2, -2, 2, LABEL).intersects(clip):
            continue
        mark = piece.mark
        ink = readable(mark.color, dark) if mark.color is not None else colors.of(mark.label, dark)
        left, right = (piece.last, piece.first) if flow.right_to_left else (piece.first, piece.last)
        rect = piece.rect.adjusted(0.75, 0.75, -0.75, -0.75)
        if mark.tone != "missed":
            tint = QColor(ink)
            tint.setAlphaF(0.08 + 0.18 * min(max(mark.strength, 0.0), 1.0))
            painter.fillPath(_outline(rect, left, right, closed=True), tint)
            if mark.tone == "plain":
                # a line of the full ink: tints of many labels are too pale to tell apart
                foot = QPainterPath()
                foot.addRect(QRectF(rect.left(), rect.bottom() - 2, rect.width(), 2))
                painter.fillPath(_outline(rect, left, right, closed=True).intersected(foot), ink)
            if mark.color is None and colors.hatched(mark.label):
                tint.setAlphaF(0.35)
                painter.fillPath(_outline(rect, left, right, closed=True), QBrush(tint, Qt.BrushStyle.BDiagPattern))
        pen = {
            "right": QPen(ink, 1.2),
            "wrong": QPen(theme().color("danger"), 1.5, Qt.PenStyle.CustomDashLine),
            "missed": QPen(theme().color("warning"), 1.6, Qt.PenStyle.DotLine),
        }.get(mark.tone)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if pen is not None:
            if mark.tone == "wrong":
                pen.setDashPattern([3.5, 2.0])
            painter.setPen(pen)
            painter.drawPath(_outline(rect, left, right, closed=False))
        if piece.label:
            small = font("small")
            small.setStrikeOut(mark.tone == "wrong")
            painter.setFont(small)
            painter.setPen(ink)
            place = QRectF(piece.rect.left(), piece.rect.bottom(), piece.rect.width(), LABEL)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), piece.label)


def paint_words(
    painter: QPainter, flow: Flow, clip: QRectF, *, bold: int | None = None, unknown: Collection[int] = ()
) -> None:
    """The words, unknown ones underlined with dots, and the dots of what was left out."""
    plain, heavy = font("body"), font("body", bold=True)
    ink = theme().color("text")
    for place in flow.words:
        if not place.rect.intersects(clip):
            continue
        painter.setFont(heavy if place.index == bold else plain)
        painter.setPen(ink)
        # a little wider than measured: hinted letters may need a pixel more
        painter.drawText(place.rect.adjusted(-4, 0, 4, 0), int(Qt.AlignmentFlag.AlignCenter), place.text)
        if place.index in unknown:
            painter.setPen(QPen(theme().color("warning"), 1.5, Qt.PenStyle.DotLine))
            base = place.rect.bottom() - 4
            painter.drawLine(QPointF(place.rect.left(), base), QPointF(place.rect.right(), base))
    if flow.more is not None:
        painter.setFont(plain)
        painter.setPen(theme().color("text_muted"))
        painter.drawText(flow.more, int(Qt.AlignmentFlag.AlignCenter), "…")


def _outline(rect: QRectF, left: bool, right: bool, *, closed: bool) -> QPainterPath:
    """A rounded stretch; a side that goes on in another line is straight, and open unless ``closed``."""
    path = QPainterPath()
    if left and right:
        path.addRoundedRect(rect, _RADIUS, _RADIUS)
        return path
    size = 2 * _RADIUS
    if left:
        path.moveTo(rect.topRight())
        path.arcTo(QRectF(rect.left(), rect.top(), size, size), 90, 90)
        path.arcTo(QRectF(rect.left(), rect.bottom() - size, size, size), 180, 90)
        path.lineTo(rect.bottomRight())
    elif right:
        path.moveTo(rect.topLeft())
        path.arcTo(QRectF(rect.right() - size, rect.top(), size, size), 90, -90)
        path.arcTo(QRectF(rect.right() - size, rect.bottom() - size, size, size), 0, -90)
        path.lineTo(rect.bottomLeft())
    else:
        path.moveTo(rect.topLeft())
        path.lineTo(rect.topRight())
        if closed:
            path.lineTo(rect.bottomRight())
        else:
            path.moveTo(rect.bottomRight())
        path.lineTo(rect.bottomLeft())
    if closed:
        path.closeSubpath()
    return path
