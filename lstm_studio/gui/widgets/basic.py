"""The small parts that all pages are made of. See theme.py for colours and spacing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QSpacerItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lstm_studio.gui import icons
from lstm_studio.gui.i18n import tr
from lstm_studio.gui.tab_order import one_stop
from lstm_studio.gui.theme import S1, S2, font, theme, theme_notifier

Callback = Callable[[], object]


def describe(widget: QWidget, name: str, tooltip: str, key: str | None = None) -> None:
    """Give a control its accessible name, its one-sentence tooltip and its key.

    The key works while the control's window is active: it clicks a button and focuses anything else. It is shown at
    the end of the tooltip.
    """
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(tooltip)
    if not key:
        widget.setToolTip(tooltip)
        return
    shown = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    widget.setToolTip(f"{tooltip} ({shown})" if tooltip else f"{name} ({shown})")
    # An action, not a button's own shortcut: that one waits a tenth of a second to show the button pressed.
    action = widget.findChild(QAction, "key", Qt.FindChildOption.FindDirectChildrenOnly)
    if action is None:
        action = QAction(widget)
        action.setObjectName("key")
        action.triggered.connect(lambda: _use(widget))
        widget.addAction(action)
    action.setShortcut(QKeySequence(key))


def _use(widget: QWidget) -> None:
    if isinstance(widget, QAbstractButton):
        widget.click()
    else:
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)


def set_enabled(widget: QWidget, enabled: bool, why_not: str, tooltip: str | None = None) -> None:
    """Enable a control, or disable it with a tooltip that says why. Its own tooltip comes back by itself."""
    if enabled:
        kept = widget.property("ownToolTip")
        if tooltip is not None:
            widget.setToolTip(tooltip)
        elif kept is not None:
            widget.setToolTip(kept)
        widget.setProperty("ownToolTip", None)
    else:
        if widget.property("ownToolTip") is None:
            widget.setProperty("ownToolTip", tooltip if tooltip is not None else widget.toolTip())
        widget.setToolTip(why_not)
    widget.setEnabled(enabled)


def reachable(area: QWidget, name: str) -> None:
    """Name a part that scrolls, which the Tab key reaches so that it can be scrolled, and show when it is."""
    area.setAccessibleName(name)
    area.setAccessibleDescription(tr("Scrolls with the arrow keys."))
    area.setProperty("reachable", True)


def focus_ring(painter: QPainter, widget: QWidget) -> None:
    """Outline a widget that paints itself and has the focus with nothing in it marked."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().color("focus"), 1))
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def restyle(widget: QWidget, **properties: Any) -> None:
    """Set style-sheet properties and have the sheet applied again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def tidy(parent: QWidget) -> None:
    """Indent the text of all spin boxes below a widget as in line edits, which style sheets cannot do."""
    for box in parent.findChildren(QAbstractSpinBox):
        box.lineEdit().setTextMargins(6, 0, 0, 0)


class Label(QLabel):
    """Text of the type scale. ``tone``: "", muted, small, danger, warning, success, accent."""

    def __init__(
        self, text: str = "", size: str = "body", tone: str = "", *, tabular: bool = False, wrap: bool = False
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size, tabular=tabular))
        self.setWordWrap(wrap)
        if tone:
            self.setProperty("tone", tone)

    def set_tone(self, tone: str) -> None:
        """Change the colour."""
        if self.property("tone") != tone:
            restyle(self, tone=tone)


class Muted(Label):
    """A small explanatory line that wraps."""

    def __init__(self, text: str = "", wrap: bool = True) -> None:
        super().__init__(text, "small", "small", wrap=wrap)


class Headline(Label):
    """A page's headline."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text, "headline")


class Title(Label):
    """The title of a part of a page."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text, "title")


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis when it does not fit; the tooltip then holds all of it."""

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        *,
        size: str = "body",
        tone: str = "",
    ) -> None:
        super().__init__()
        self._full, self._mode = text, mode
        self.setFont(font(size))
        self.setTextFormat(Qt.TextFormat.PlainText)
        if tone:
            self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._elide()

    def setText(self, text: str) -> None:
        self._full = text
        self._elide()
        self.updateGeometry()

    def full_text(self) -> str:
        """The text before it was shortened."""
        return self._full

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._full) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(
            min(metrics.horizontalAdvance(self._full) + 2, metrics.averageCharWidth() * 6), metrics.height() + 2
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._full.replace("\n", " "), self._mode, max(0, self.width()))
        super().setText(shown)
        self.setToolTip(self._full if shown != self._full else "")
        self.setAccessibleName(self._full)


class Button(QPushButton):
    """An ordinary button: a verb, with or without an icon."""

    icon_role = "text"

    def __init__(self, text: str, icon: str | None = None, callback: Callback | None = None) -> None:
        super().__init__(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setAccessibleName(text)
        if icon:
            self.set_icon(icon)
        if callback is not None:
            self.clicked.connect(lambda: callback())

    def set_icon(self, name: str) -> None:
        """Another icon."""
        self.setIcon(icons.icon(name, self.icon_role))
        self.setIconSize(QSize(20, 16))  # wider than the drawing: air between icon and word


class PrimaryButton(Button):
    """The next step. At most one on a page."""

    icon_role = "accent_text"

    def __init__(
        self, text: str, icon: str | None = None, shortcut: str | None = None, callback: Callback | None = None
    ) -> None:
        super().__init__(text, icon, callback)
        self.setObjectName("primary")
        if shortcut:
            describe(self, text, "", shortcut)


class LinkButton(Button):
    """A quiet action inside a line of text."""

    icon_role = "accent"

    def __init__(self, text: str, icon: str | None = None, callback: Callback | None = None) -> None:
        super().__init__(text, icon, callback)
        self.setObjectName("link")


class IconButton(QToolButton):
    """A button that is only an icon; name and tooltip say what it does."""

    def __init__(
        self,
        icon: str,
        name: str,
        tooltip: str,
        key: str | None = None,
        callback: Callback | None = None,
        role: str = "text_muted",
    ) -> None:
        super().__init__()
        self._role = role
        self.set_icon(icon)
        self.setIconSize(QSize(18, 18))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        describe(self, name, tooltip, key)
        if callback is not None:
            self.clicked.connect(lambda: callback())

    def set_icon(self, icon: str, role: str | None = None) -> None:
        """Another icon or colour."""
        self._role = role or self._role
        self.setIcon(icons.icon(icon, self._role))


class IconLabel(QWidget):
    """An icon that does nothing but show."""

    def __init__(self, name: str, size: int = 16, role: str = "text_muted") -> None:
        super().__init__()
        self._name, self._role = name, role
        self.setFixedSize(size, size)
        theme_notifier().changed.connect(self.update)

    def set_icon(self, name: str, role: str) -> None:
        """Another icon or colour."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons.icon(self._name, self._role).paint(painter, self.rect())
        painter.end()


class Chip(QLabel):
    """A small rounded word. ``role``: "", accent, success, warning, danger."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self.setObjectName("chip")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_chip(self, text: str, role: str = "") -> None:
        """Another word or colour."""
        self.setText(text)
        if self.property("role") != role:
            restyle(self, role=role)


class Dot(QWidget):
    """A round mark of a state, in the colour of a role."""

    def __init__(self, role: str = "text_muted", size: int = 8) -> None:
        super().__init__()
        self._role = role
        self.setFixedSize(size, size)
        theme_notifier().changed.connect(self.update)

    def set_role(self, role: str) -> None:
        """Another colour."""
        if role != self._role:
            self._role = role
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(self._role))
        painter.drawEllipse(self.rect())
        painter.end()


class Card(QFrame):
    """A framed part of a page. Put widgets into ``body``; small controls beside the title into ``header``."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(S2, S2 - 4, S2, S2)
        outer.setSpacing(S1)
        self.header = QHBoxLayout()
        self.header.setSpacing(S1)
        self.title = Label(title)
        self.title.setFont(font("body", bold=True))
        if not title:  # it is never shown here: without a parent it would be a window for a moment
            self.title.hide()
        self.header.addWidget(self.title)
        self.header.addSpacerItem(QSpacerItem(0, 24 if title else 0, QSizePolicy.Policy.Expanding))
        outer.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setSpacing(S1)
        outer.addLayout(self.body, 1)
        if title:
            self.setAccessibleName(title)

    def set_title(self, title: str) -> None:
        """Another title."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.setAccessibleName(title)


class Banner(QFrame):
    """A sentence in the page. ``severity``: info, success, warning, error."""

    closed = Signal()

    def __init__(
        self,
        severity: str = "info",
        text: str = "",
        action_text: str = "",
        callback: Callback | None = None,
        closable: bool = False,
    ) -> None:
        super().__init__()
        self.setObjectName("banner")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, S1, S1, S1)
        row.setSpacing(S1)
        self._icon = IconLabel("info", 18)
        self.label = Label(text, wrap=True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = Button(action_text)
        self._callback: Callback | None = None
        self.button.clicked.connect(self._act)
        self._close = IconButton("close", tr("Close"), tr("Hide this message"), callback=self._dismiss)
        row.addWidget(self._icon)
        row.addWidget(self.label, 1)
        row.addWidget(self.button, 0)
        row.addWidget(self._close, 0)
        if not closable:
            self._close.hide()
        self.show_message(severity, text, action_text, callback)

    def show_message(self, severity: str, text: str, action_text: str = "", callback: Callback | None = None) -> None:
        """Say something else."""
        role = {"info": "accent", "success": "success", "warning": "warning", "error": "danger"}[severity]
        name = {"info": "info", "success": "check", "warning": "warning", "error": "error"}[severity]
        self._icon.set_icon(name, role)
        self.label.setText(text)
        self.setAccessibleName(text)
        self.button.setText(action_text)
        self.button.setAccessibleName(action_text)
        self.button.setToolTip(action_text)
        self.button.setVisible(bool(action_text))
        self._callback = callback
        restyle(self, severity=severity)

    def _act(self) -> None:
        if self._callback is not None:
            self._callback()

    def _dismiss(self) -> None:
        self.hide()
        self.closed.emit()


class EmptyState(QWidget):
    """What stands where nothing is yet: an icon, what will be here, and what to do about it."""

    def __init__(self, icon: str, title: str, text: str, actions: Sequence[tuple[str, Callback, bool]] = ()) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(S2, S2, S2, S2)
        column.setSpacing(S1)
        column.addStretch(2)
        column.addWidget(IconLabel(icon, 40), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(S1)
        self.title = Title(title)
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.title.setWordWrap(True)
        column.addWidget(self.title)
        self.text = Label(text, tone="muted", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.text.setMaximumWidth(520)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.text, 8)
        line.addStretch(1)
        column.addLayout(line)
        self.buttons: list[Button] = []
        if actions:
            column.addSpacing(S1)
            row = QHBoxLayout()
            row.setSpacing(S1)
            row.addStretch(1)
            for words, callback, primary in actions:
                button = PrimaryButton(words, callback=callback) if primary else Button(words, callback=callback)
                if not primary:
                    button.setMinimumHeight(36)
                button.setAccessibleDescription(text)
                self.buttons.append(button)
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(3)


class SegmentedControl(QFrame):
    """A few choices side by side, one of them chosen. ``options``: (value, words) or (value, words, tooltip)."""

    changed = Signal(object)

    def __init__(self, options: Sequence[tuple[Any, ...]], value: Any = None, name: str = "") -> None:
        super().__init__()
        self.setObjectName("segmented")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._values: list[Any] = []
        self.buttons: list[QToolButton] = []
        self._group.idClicked.connect(lambda index: self.changed.emit(self._values[index]))
        self._group.idToggled.connect(lambda _, on: one_stop(self._group) if on else None)
        self.set_options(options, value)

    def set_options(self, options: Sequence[tuple[Any, ...]], value: Any = None) -> None:
        """Other choices; nothing is emitted."""
        for button in self.buttons:
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons, self._values = [], []
        for index, option in enumerate(options):
            button = QToolButton()
            button.setText(option[1])
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            describe(button, option[1], option[2] if len(option) > 2 else "")
            self._group.addButton(button, index)
            self._row.addWidget(button)
            self.buttons.append(button)
            self._values.append(option[0])
        if self._values:
            self.set_value(value if value in self._values else self._values[0])

    def value(self) -> Any:
        """The chosen value."""
        index = self._group.checkedId()
        return self._values[index] if index >= 0 else None

    def set_value(self, value: Any) -> None:
        """Choose; nothing is emitted."""
        if value in self._values:
            self.buttons[self._values.index(value)].setChecked(True)


class Stat(QWidget):
    """A figure with its name above it; the figures do not jump."""

    def __init__(self, title: str, unit: str = "", tooltip: str = "", size: str = "title") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.title = Muted(title, wrap=False)
        self.value = Label("–", size, tabular=True)
        self._unit = unit
        column.addWidget(self.title)
        column.addWidget(self.value)
        self.setToolTip(tooltip)
        self.setAccessibleName(title)

    def set_value(self, text: str, tone: str = "") -> None:
        """Show a figure."""
        shown = f"{text} {self._unit}" if self._unit and text != "–" else text
        if shown != self.value.text():
            self.value.setText(shown)
            self.setAccessibleDescription(shown)
        self.value.set_tone(tone)


def empty(layout: QLayout) -> None:
    """Take all widgets out of a layout; they are gone at once for the eye, and soon for good."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def line() -> QFrame:
    """A horizontal one-pixel line."""
    frame = QFrame()
    frame.setObjectName("line")
    frame.setFixedHeight(1)
    return frame


def vertical_line() -> QFrame:
    """A vertical one-pixel line."""
    frame = QFrame()
    frame.setObjectName("vline")
    frame.setFixedWidth(1)
    return frame


def is_theme_event(event: QEvent) -> bool:
    """Whether a change event means that colours or fonts may be other ones."""
    return event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)
