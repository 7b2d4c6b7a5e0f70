"""Tooltips of what is painted and not a widget of its own."""

from __future__ import annotations

import html

from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget


def plain_tip(text: str) -> str:
    """Words for a tooltip that wraps, in which signs of HTML stay what they are."""
    return f"<qt>{html.escape(text)}</qt>".replace("\n", "<br>")


def show_tip(event: QHelpEvent, said: str, widget: QWidget) -> None:
    """Show what is said of the place of a tooltip event, or nothing where there is nothing to say."""
    if said:
        QToolTip.showText(event.globalPos(), plain_tip(said), widget)
    else:
        QToolTip.hideText()
