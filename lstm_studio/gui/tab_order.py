"""The way of the Tab key: through everything in the order in which it stands on the page, whenever it was built.

Qt follows the order in which widgets were made, which is another one where parts of a page are built when needed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QGridLayout,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)


def step(window: QWidget, forward: bool) -> bool:
    """Give the focus to the next or previous stop of a window, and scroll it into sight; whether there is one."""
    found = stops(window)
    if not found:
        return False
    now: QWidget | None = window.focusWidget()
    while now is not None and now is not window and now not in found:
        now = now.parentWidget()  # the field of a table's cell belongs to the table
    if now in found:
        place = (found.index(now) + (1 if forward else -1)) % len(found)
    else:
        place = 0 if forward else -1
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    target = found[place]
    target.setFocus(reason)
    around = target.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(target)
        around = around.parentWidget()
    return True


def stops(root: QWidget) -> list[QWidget]:
    """What the Tab key reaches below a widget now, in the order of the layouts."""
    found: list[QWidget] = []
    _collect(root, found, {})
    return found


def _collect(widget: QWidget, found: list[QWidget], seen: dict[int, QWidget]) -> None:
    if id(widget) in seen or not widget.isVisible():
        return
    seen[id(widget)] = widget  # kept alive, or another one might get its id
    stop = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    if stop and widget.isEnabled():
        found.append(widget)
    for child in _children(widget):
        _collect(child, found, seen)


def _children(widget: QWidget) -> list[QWidget]:
    """What is in a widget, in reading order: by its layout, then what has none, as it was made."""
    found: list[QWidget] = []
    layout = widget.layout()
    inside: list[QWidget | None] = []
    if isinstance(widget, QScrollArea):
        inside = [widget.widget()]
    elif isinstance(widget, QSplitter | QStackedWidget):
        inside = [widget.widget(index) for index in range(widget.count())]
    elif layout is not None:
        _in_layout(layout, found)
    found += [child for child in inside if child is not None]
    laid = {id(child) for child in found}
    rest = [child for child in widget.children() if isinstance(child, QWidget) and id(child) not in laid]
    return [*found, *(child for child in rest if not child.isWindow())]


def _in_layout(layout: QLayout, found: list[QWidget]) -> None:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        places.sort(key=lambda index: tuple(layout.getItemPosition(index)[:2]))  # type: ignore[index]
    turned = (QBoxLayout.Direction.RightToLeft, QBoxLayout.Direction.BottomToTop)
    if isinstance(layout, QBoxLayout) and layout.direction() in turned:
        places.reverse()
    for index in places:
        item = layout.itemAt(index)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            found.append(widget)
        elif inner is not None:
            _in_layout(inner, found)


def one_stop(group: QButtonGroup) -> None:
    """Of buttons of which one is chosen, only that one is a stop; the arrow keys lead to the others."""
    chosen = group.checkedButton()
    for button in group.buttons():
        policy = button.focusPolicy()
        stop = chosen is None or button is chosen
        wanted = policy | Qt.FocusPolicy.TabFocus if stop else policy & ~Qt.FocusPolicy.TabFocus
        if wanted != policy:
            button.setFocusPolicy(Qt.FocusPolicy(wanted))
